//! Redis, where one is configured: whether it answers, which version it is, and whether it throws things away.

use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
};
use url::Url;

use super::{Finding, PATIENCE, Patient};

const CHECK: &str = "redis";
/// The first version that has all that is relied on.
const OLDEST: u32 = 6;
/// The longest answer that is read.
const LONGEST: usize = 1_024 * 1_024;
const MEND: &str =
    "see that Redis runs and that REDIS_URL names its host, port and password, or unset REDIS_URL";

/// Why Redis did not tell how it is.
enum Silence {
    Unreachable(std::io::Error),
    Refused(String),
}

impl From<std::io::Error> for Silence {
    fn from(error: std::io::Error) -> Self {
        Self::Unreachable(error)
    }
}

pub(super) async fn look(patient: &Patient) -> Option<Finding> {
    let url = patient.config.operations.redis.as_ref()?;
    let url = Url::parse(url.expose()).ok()?;
    if url.scheme() == "rediss" {
        return Some(Finding::skip(CHECK, "it speaks TLS, which is not looked into here"));
    }
    let asked = tokio::time::timeout(PATIENCE, ask(&url)).await;
    let at = url.host_str().unwrap_or_default();
    Some(match asked {
        Ok(Ok(told)) => judge(&told),
        Ok(Err(Silence::Unreachable(error))) => {
            Finding::fail(CHECK, format!("{at} cannot be reached: {error}"), MEND)
        }
        Ok(Err(Silence::Refused(said))) => Finding::fail(CHECK, format!("{at} refuses: {said}"), MEND),
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
            let detail =
                format!("its maxmemory-policy is {policy}: when memory runs out, it forgets calls under way");
            Finding::warn(CHECK, detail, "set maxmemory-policy to noeviction")
        }
    }
}

/// Returns what Redis says of itself.
async fn ask(url: &Url) -> Result<String, Silence> {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let mut redis = BufReader::new(TcpStream::connect((host, url.port().unwrap_or(6_379))).await?);
    if let Some(password) = url.password() {
        let password = percent_decoded(password);
        let user =
            if url.username().is_empty() { "default".to_owned() } else { percent_decoded(url.username()) };
        call(&mut redis, &["AUTH", &user, &password]).await?;
    }
    call(&mut redis, &["INFO"]).await
}

/// Sends a command and returns its answer, a line or a text.
async fn call(redis: &mut BufReader<TcpStream>, words: &[&str]) -> Result<String, Silence> {
    let words = words.iter().map(|word| format!("${}\r\n{word}\r\n", word.len())).collect::<Vec<_>>();
    let command = format!("*{}\r\n{}", words.len(), words.concat());
    redis.write_all(command.as_bytes()).await?;
    let mut line = String::new();
    (&mut *redis).take(1_024).read_line(&mut line).await?;
    let not_redis = || Silence::Refused("it does not speak as Redis does".to_owned());
    let (kind, rest) = line.trim_end().split_at_checked(1).ok_or_else(not_redis)?;
    match kind {
        "+" => Ok(rest.to_owned()),
        "-" => Err(Silence::Refused(rest.to_owned())),
        "$" => {
            let length = rest.parse().ok().filter(|length| *length <= LONGEST).ok_or_else(not_redis)?;
            let mut text = vec![0; length];
            redis.read_exact(&mut text).await?;
            Ok(String::from_utf8_lossy(&text).into_owned())
        }
        _ => Err(not_redis()),
    }
}

fn percent_decoded(text: &str) -> String {
    // These stand for themselves outside of queries.
    let escaped = text.replace('+', "%2B").replace('&', "%26").replace('=', "%3D");
    url::form_urlencoded::parse(escaped.as_bytes()).map(|(name, _)| name.into_owned()).collect()
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

    #[test]
    fn a_password_is_read_as_it_was_meant() {
        assert_eq!(percent_decoded("a%40b+c%2Fd=&"), "a@b+c/d=&");
    }
}
