//! Every metric there is: its name, its labels and what it means. docs/operations-metrics.md keeps the list.

use std::fmt::Write as _;

/// What a metric does over time.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// It only rises.
    Counter,
    /// It is what it is at the moment.
    Gauge,
    /// It counts durations by how long they are, within these upper bounds in seconds.
    Histogram(&'static Buckets),
}

/// Upper bounds of durations, in seconds.
pub type Buckets = [f64];

/// A metric.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// Its name, with its unit.
    pub name: &'static str,
    /// What it does over time.
    pub kind: Kind,
    /// The labels that every series of it has.
    pub labels: &'static [&'static str],
    /// What it means.
    pub meaning: &'static str,
}

/// What is over in a moment: requests, calls.
const MOMENTS: &Buckets =
    &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];
/// What a customer waits for.
const WAITS: &Buckets = &[
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 900.0,
];

macro_rules! metrics {
    ($($constant:ident = $name:literal, $kind:expr, [$($label:literal),*], $meaning:literal;)+) => {
        $(#[doc = $meaning]
        pub(crate) const $constant: Metric =
            Metric { name: $name, kind: $kind, labels: &[$($label),*], meaning: $meaning };)+

        /// Every metric there is.
        pub const ALL: &[Metric] = &[$($constant),+];
    };
}

metrics! {
    BUILD = "cheetah_build_info", Kind::Gauge, ["version"],
        "Always 1; the label is the server's version.";
    HTTP_REQUESTS = "cheetah_http_requests_total", Kind::Counter, ["route", "method", "status"],
        "Requests served. `route` is the pattern, as in docs/openapi.json; `unmatched` when there is none or the request was given up.";
    HTTP_DURATION = "cheetah_http_request_duration_seconds", Kind::Histogram(MOMENTS), ["route", "method"],
        "How long requests took.";
    HTTP_TURNED_AWAY = "cheetah_http_turned_away_total", Kind::Counter, ["lane", "reason"],
        "Requests answered 503 by their lane (`webhooks`, `chat`, `api`): `busy` when no place came free in time, `timed_out` when one took too long.";
    HTTP_PLACES = "cheetah_http_places", Kind::Gauge, ["lane", "state"],
        "Places for requests at once: `in_use` and `free`.";
    HTTP_LIMITED = "cheetah_http_limited_total", Kind::Counter, ["class", "reason"],
        "Requests answered 429, by class (`read`, `write`, `chat`, `chat_read`, `login`) and whose allowance was used up: `address`, `credential`, `tenant`, `wrong_credentials` (of an address), `sign_in` (of a name).";
    REDIS_COMMANDS = "cheetah_redis_commands_total", Kind::Counter, ["outcome"],
        "Commands for Redis, where one is configured: `answered`, `failed`, and `spared`, which were not sent because it had just failed.";
    REDIS_HEARD = "cheetah_redis_changes_heard", Kind::Gauge, [],
        "1 while word of changes arrives through Redis, so that caches are used; otherwise 0, and every read goes to the database.";
    WEBHOOK_DURATION = "cheetah_webhook_duration_seconds", Kind::Histogram(MOMENTS), ["webhook"],
        "How long carriers waited for our acknowledgement.";
    WEBHOOK_REFUSALS = "cheetah_webhook_refusals_total", Kind::Counter, ["webhook", "reason"],
        "Webhooks of which nothing was stored. `reason` is a code of docs/problems.md, or `unknown_number` (acknowledged: nobody here has the number), `own_number` (from one of our own), `unknown_message` (a report about a message that the tenant does not have).";
    TURN_STAGE = "cheetah_turn_stage_seconds", Kind::Histogram(WAITS), ["stage"],
        "How long each stage of an answer took: `queued` from the oldest message that is answered until its turn was claimed, the wait for more messages included; `generated` until the words were there; `committed` until they were kept; `delivered` from then until the carrier had them; `whole` from the first to the last, where one process did both.";
    TURNS = "cheetah_turns_total", Kind::Counter, ["outcome"],
        "Turns that were claimed: `replied`, `silent`, `nothing_to_answer`, `postponed` (the model failed and is asked again), `lost_claim`.";
    JOBS_CLAIMED = "cheetah_jobs_claimed_total", Kind::Counter, ["kind"],
        "Jobs taken up: `turn`, `delivery`, `reconciliation`, `reaction`.";
    JOBS_FINISHED = "cheetah_jobs_finished_total", Kind::Counter, ["kind"],
        "Jobs ended, but for turns, which end with their commit.";
    JOBS_GIVEN_BACK = "cheetah_jobs_given_back_total", Kind::Counter, ["kind"],
        "Jobs given back to be tried later.";
    JOBS_FAILED = "cheetah_jobs_failed_total", Kind::Counter, ["kind"],
        "Jobs that ended in a failure of the store.";
    QUEUE_AGE = "cheetah_queue_oldest_due_seconds", Kind::Gauge, [],
        "For how long the oldest job that nobody holds has been due; 0 when none is, NaN when the database does not say. If it rises, no worker works or there are too few.";
    SENDS_REFUSED = "cheetah_sends_refused_total", Kind::Counter, ["reason"],
        "Messages that were not sent, by the reason that `refused-sends` shows.";
    MODEL_CALLS = "cheetah_model_calls_total", Kind::Counter, ["outcome"],
        "Questions to the language model, whichever provider answered in the end: `ok`, `rejected`, `rate_limited`, `timed_out`, `unavailable`, `blocked`, `empty`.";
    MODEL_DURATION = "cheetah_model_call_duration_seconds", Kind::Histogram(MOMENTS), [],
        "How long the language model took.";
    MODEL_PROVIDER_CALLS = "cheetah_model_provider_calls_total", Kind::Counter, ["provider", "outcome"],
        "Questions to each provider (`gemini`, `openai`, `offline`), of which one question may need several: outcomes as above, and `spared`, which were not sent because it had just failed or no time was left. A second try belongs to the same question.";
    CARRIER_CALLS = "cheetah_carrier_calls_total", Kind::Counter, ["call", "outcome"],
        "Calls of the carrier: `send` and `look_up`, with outcomes `ok`, `rejected`, `rate_limited`, `timed_out`, `ambiguous`, `unavailable` and `opted_out`.";
    CARRIER_DURATION = "cheetah_carrier_call_duration_seconds", Kind::Histogram(MOMENTS), ["call"],
        "How long the carrier took.";
    STORE_ERRORS = "cheetah_store_errors_total", Kind::Counter, ["place", "kind"],
        "Failures of the database that were met by a request (`http`) or a job (`worker`): `unavailable`, `corrupt`, `conflict`, `duplicate`.";
    TENANT_MESSAGES = "cheetah_tenant_messages_total", Kind::Counter, ["tenant", "direction"],
        "Messages taken in (`inbound`) and brought out (`outbound`) by tenant. Only so many tenants as `METRICS_TENANTS` says get a label; the others are `other`.";
    TENANT_TURNS = "cheetah_tenant_turns_total", Kind::Counter, ["tenant"],
        "Turns committed by tenant, with labels as above.";
    POOL = "cheetah_pool_connections", Kind::Gauge, ["pool", "state"],
        "Database connections: `in_use`, `free`, and requests `waiting` for one. On Postgres each kind of work has two pools, such as `api` and, for what precedes a tenant, `api_platform`.";
    PROCESS_MEMORY = "process_resident_memory_bytes", Kind::Gauge, [],
        "Memory of the process.";
    PROCESS_START = "process_start_time_seconds", Kind::Gauge, [],
        "When the process started, in seconds since 1970.";
}

/// Returns the list of metrics as Markdown, as docs/operations-metrics.md keeps it.
pub fn catalogue() -> String {
    let mut page = String::from(
        "# Metrics\n\n\
         `GET /metrics` answers in Prometheus' text format to the operator (`X-Admin-API-Key`). With `METRICS_BIND` set, \
         as in `METRICS_BIND=127.0.0.1:9464`, the same page is served at `/metrics` on that address besides, to whoever \
         reaches it: keep it on a private network. `cheetah worker` has no other address and serves its metrics only \
         there.\n\n\
         Durations are in seconds and sizes in bytes. A series is there from when it was first counted. `METRICS_TENANTS` \
         (1000) bounds how many tenants get a label of their own.\n\n\
         This page is written by `cargo run -p server -- metrics > docs/operations-metrics.md`.\n\n\
         | metric | kind | labels | meaning |\n| --- | --- | --- | --- |\n",
    );
    for metric in ALL {
        let kind = match metric.kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram(_) => "histogram",
        };
        let labels: Vec<_> = metric.labels.iter().map(|label| format!("`{label}`")).collect();
        // Writing to a `String` does not fail.
        let _ = writeln!(page, "| `{}` | {kind} | {} | {} |", metric.name, labels.join(", "), metric.meaning);
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_in_docs_is_current() {
        let kept = include_str!("../../../../docs/operations-metrics.md");
        assert_eq!(
            kept,
            catalogue(),
            "run `cargo run -p server -- metrics > docs/operations-metrics.md` and look at the change"
        );
    }

    #[test]
    fn names_tell_the_unit_and_bounds_rise() {
        for metric in ALL {
            match metric.kind {
                Kind::Counter => assert!(metric.name.ends_with("_total"), "{}", metric.name),
                Kind::Gauge => assert!(!metric.name.ends_with("_total"), "{}", metric.name),
                Kind::Histogram(bounds) => {
                    assert!(metric.name.ends_with("_seconds"), "{}", metric.name);
                    assert!(bounds.is_sorted() && bounds.len() < 20, "{}", metric.name);
                }
            }
        }
    }
}
