//! Redis, where one is configured: whether it answers, which version it is, and whether it throws things away.

use url::Url;

use super::{Finding, PATIENCE, Patient};
use crate::compose::inspection::{RedisSilence, ask_redis};

const CHECK: &str = "redis";
/// The first version that has all that is relied on.
const OLDEST: u32 = 6;
const MEND: &str =
    "see that Redis runs and that REDIS_URL names its host, port and password, or unset REDIS_URL";

pub(super) async fn look(patient: &Patient) -> Option<Finding> {
    let url = patient.config.operations.redis.as_ref()?;
    let asked = tokio::time::timeout(PATIENCE, ask_redis(url, PATIENCE)).await;
    let url = Url::parse(url.expose()).ok()?;
    let at = url.host_str().unwrap_or_default();
    Some(match asked {
        Ok(Ok(told)) => judge(&told),
        Ok(Err(RedisSilence::Unreachable(why))) => {
            Finding::fail(CHECK, format!("{at} cannot be reached: {why}"), MEND)
        }
        Ok(Err(RedisSilence::Refused(said))) => Finding::fail(CHECK, format!("{at} refuses: {said}"), MEND),
        Err(_) => Finding::fail(CHECK, format!("{at} does not answer in time"), MEND),
    })
}

fn judge(told: &str) -> Finding {
    let value =
        |name: &str| told.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim);
    let version = value("redis_version").unwrap_or("unknown");
    let major = version.split('.').next().and_then(|major| major.parse().ok());
    if major.is_none_or(|major: u32| major < OLDEST) {
        let mend = format!("install Redis {OLDEST} or later");
        return Finding::warn(CHECK, format!("its version is {version}"), mend);
    }
    match value("maxmemory_policy") {
        Some("noeviction") => Finding::ok(CHECK, format!("version {version} answers")),
        policy => {
            let policy = policy.unwrap_or("unknown");
            let detail = format!(
                "its maxmemory-policy is {policy}: when memory runs out, it forgets what processes have counted together"
            );
            Finding::warn(CHECK, detail, "set maxmemory-policy to noeviction")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Status;

    #[test]
    fn an_old_version_and_one_that_forgets_are_named() {
        let found = |version: &str, policy: &str| {
            let finding =
                judge(&format!("# Server\r\nredis_version:{version}\r\nmaxmemory_policy:{policy}\r\n"));
            (finding.status, finding.detail)
        };
        assert_eq!(found("7.2.4", "noeviction"), (Status::Ok, "version 7.2.4 answers".into()));
        assert_eq!(found("5.0.14", "noeviction"), (Status::Warn, "its version is 5.0.14".into()));
        let (status, detail) = found("7.2.4", "allkeys-lru");
        assert!(status == Status::Warn && detail.contains("allkeys-lru"), "{detail}");
    }
}
