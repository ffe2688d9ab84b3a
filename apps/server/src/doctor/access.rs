//! Who is let in: what is meant for other places than production.

use super::{Finding, Patient};

const CHECK: &str = "access";

pub(super) fn look(patient: &Patient) -> Option<Finding> {
    let config = &patient.config;
    (config.environment.is_deployed() && config.access.trust_business_id).then(|| {
        let detail = "TRUST_BUSINESS_ID is true: whoever reaches the server acts for any tenant that X-Business-ID names";
        let mend = "unset it and give each program an API key, or see that only programs of your own reach the server";
        Finding::warn(CHECK, detail, mend)
    })
}
