//! How the program logs in at Postgres: whether somebody could read along, and whether the login may do more than serve.

use super::{Finding, PATIENCE, Patient};
use crate::compose::inspection::{LoginExcess, is_readable_on_the_way, login_excess};

const CHECK: &str = "database login";

pub(super) async fn look(patient: &Patient) -> Vec<Finding> {
    let config = &patient.config;
    let mut findings = Vec::new();
    if is_readable_on_the_way(config) {
        let detail = "it goes over a network without TLS, where its password and all rows can be read";
        findings.push(Finding::warn(CHECK, detail, "add sslmode=require to DATABASE_URL"));
    }
    if !config.environment.is_deployed() {
        return findings;
    }
    let asked = tokio::time::timeout(PATIENCE, login_excess(config)).await;
    // What does not answer is said of the database.
    let Ok(Ok(Some(excess))) = asked else { return findings };
    let detail = match excess {
        LoginExcess::Superuser => "it is superuser, or bypasses row-level security",
        LoginExcess::OwnsTables => "it owns the tables",
    };
    let mend = "serve as a login of its own that is a member of cheetah_app and cheetah_platform and nothing else, and name the \
                owner in DATABASE_MIGRATION_URL";
    findings.push(Finding::warn(CHECK, format!("{detail}: whoever gets hold of it sees every tenant"), mend));
    findings
}
