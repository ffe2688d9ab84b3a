//! Signed webhooks, made before the clock runs.

use std::ops::Range;

use fake_carrier::{CustomerText, build_webhook};
use server::demo::BUSINESS_NUMBER;

/// Customers who write; each writes several messages, as customers do.
const CUSTOMERS: usize = 3_000;

/// Makes signed webhooks for one server.
pub(crate) struct Webhooks<'a> {
    base_url: &'a str,
    account: (&'a str, &'a str),
}

impl<'a> Webhooks<'a> {
    pub(crate) fn new(base_url: &'a str, account: (&'a str, &'a str)) -> Self {
        Self { base_url, account }
    }

    /// Makes whole requests, ready to be written to a connection.
    pub(crate) fn requests(&self, series: &str, numbers: Range<usize>) -> Vec<Vec<u8>> {
        numbers.map(|number| self.request(series, number)).collect()
    }

    fn request(&self, series: &str, number: usize) -> Vec<u8> {
        let path = "/webhooks/twilio/sms";
        let url = format!("{}{path}", self.base_url);
        let from = format!("+1555{:07}", number % CUSTOMERS);
        let text = CustomerText::new(from, BUSINESS_NUMBER, "What are your opening hours on Saturday?");
        let webhook = build_webhook(self.account, &url, &text, &format!("SM{series}{number}"), None);
        let host = self.base_url.trim_start_matches("http://");
        let mut request =
            format!("POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {}\r\n", webhook.body.len());
        for (name, value) in webhook.headers {
            request.extend([name.as_str(), ": ", value.as_str(), "\r\n"]);
        }
        request.push_str("\r\n");
        request.push_str(&webhook.body);
        request.into_bytes()
    }
}
