//! What must hold for every input from outside, as functions of bytes that panic where it does not. The fuzzer calls
//! them with bytes of its own (`crates/testing/fuzz`), and the tests with the corpus that is kept there.

mod form;
mod input;
mod json_webhook;
mod keyword;
mod phone;
mod signature;
mod template;
mod twiml;

pub use form::check_form;
pub use json_webhook::check_json_webhook;
pub use keyword::check_keyword;
pub use phone::check_phone;
pub use signature::check_signature;
pub use template::check_template;
pub use twiml::check_twiml;

/// One of the checks.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// What its fuzz target and the folder of its corpus are called.
    pub name: &'static str,
    /// Panics when something does not hold for these bytes.
    pub run: fn(&[u8]),
}

/// Every check there is.
pub const CHECKS: [Check; 7] = [
    Check { name: "form", run: check_form },
    Check { name: "json_webhook", run: check_json_webhook },
    Check { name: "keyword", run: check_keyword },
    Check { name: "phone", run: check_phone },
    Check { name: "signature", run: check_signature },
    Check { name: "template", run: check_template },
    Check { name: "twiml", run: check_twiml },
];
