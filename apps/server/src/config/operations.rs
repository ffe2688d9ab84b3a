//! What whoever runs the server decides about watching it and stopping it.

use std::{net::SocketAddr, time::Duration};

use tenancy::SecretText;
use url::Url;

use super::{reader::Reader, web_url};

const GIVE_METRICS_BIND: &str = "write an IP address and a port of their own, as in 127.0.0.1:9464";
const GIVE_REDIS: &str = "write redis://:password@host:6379/0, or leave it unset";
const GIVE_OTLP: &str = "write the collector's address, as in http://127.0.0.1:4318";

/// What whoever runs the server decides about watching it and stopping it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperationsConfig {
    /// Where the metrics are served openly; without it only the operator gets them, on the main address.
    pub metrics_bind: Option<SocketAddr>,
    /// How many tenants get a label of their own in the metrics; the others are counted together.
    pub metrics_tenants: usize,
    /// How long a server that was told to stop goes on serving, so that no balancer sends to one that has gone.
    pub drain: Duration,
    /// Where Redis is, when there is one.
    pub redis: Option<SecretText>,
    /// Where spans are sent, when they are.
    pub otlp_endpoint: Option<Url>,
}

impl OperationsConfig {
    pub(super) fn read(env: &mut Reader) -> Self {
        let up_to_a_minute = |text: &str| text.parse().ok().filter(|millis| *millis <= 60_000_u64);
        let drain = env.parsed("DRAIN_MS", "write milliseconds from 0 to 60000", up_to_a_minute);
        let tenants = "write how many tenants get a label of their own, from 0 to 100000";
        let up_to_many = |text: &str| text.parse().ok().filter(|count| *count <= 100_000_usize);
        Self {
            metrics_bind: env.parsed("METRICS_BIND", GIVE_METRICS_BIND, |text| text.parse().ok()),
            metrics_tenants: env.parsed("METRICS_TENANTS", tenants, up_to_many).unwrap_or(1_000),
            drain: Duration::from_millis(drain.unwrap_or(0)),
            redis: redis(env),
            otlp_endpoint: env.parsed_unseen("OTEL_EXPORTER_OTLP_ENDPOINT", GIVE_OTLP, web_url),
        }
    }
}

fn redis(env: &mut Reader) -> Option<SecretText> {
    let is_enabled = env.flag("REDIS_ENABLED", true);
    let name = if env.text("REDIS_URL").is_some() { "REDIS_URL" } else { "REDIS_CONN_URL" };
    let is_redis = |url: &Url| matches!(url.scheme(), "redis" | "rediss") && url.has_host();
    let parse = |text: &str| Url::parse(text).ok().filter(is_redis).map(|_| SecretText::new(text));
    env.parsed_unseen(name, GIVE_REDIS, parse).filter(|_| is_enabled)
}
