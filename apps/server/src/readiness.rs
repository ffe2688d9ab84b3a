//! Whether the server can do its work: what it needs is asked, each thing within a time and not too often.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use async_trait::async_trait;
use futures_util::future::join_all;
use kernel::BoxError;
use tokio::sync::Mutex;

use crate::telemetry::with_sources;

/// How long one check may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether the server can work without what is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Without it nothing can be taken in.
    Required,
    /// Without it messages are still taken in, and are answered or sent later.
    Optional,
}

impl Need {
    /// How long a result is taken for the present one. What lies outside is asked less often.
    fn fresh_for(self) -> Duration {
        match self {
            Self::Required => Duration::from_secs(1),
            Self::Optional => Duration::from_secs(30),
        }
    }
}

/// Why a check failed.
#[derive(Debug, thiserror::Error)]
#[error("{detail}")]
pub struct Unready {
    /// What anybody may read: it holds no secret and no address.
    pub detail: &'static str,
    /// What lies beneath, for the log.
    #[source]
    pub source: Option<BoxError>,
}

impl Unready {
    /// Says that something cannot be used, with what lies beneath.
    pub fn because(detail: &'static str, source: impl Into<BoxError>) -> Self {
        Self { detail, source: Some(source.into()) }
    }
}

/// Checks one thing that the server needs. A check MUST change nothing and cost nothing.
#[async_trait]
pub trait ReadinessCheck: Send + Sync {
    /// Returns what is checked, in one word.
    fn name(&self) -> &'static str;

    /// Returns whether the server can work without it.
    fn need(&self) -> Need;

    /// Checks it.
    ///
    /// # Errors
    /// When it cannot be used.
    async fn check(&self) -> Result<(), Unready>;
}

/// What was found of one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckResult {
    /// What was checked.
    pub name: &'static str,
    /// Whether the server can work without it.
    pub need: Need,
    /// What is wrong; `None` when nothing is.
    pub fault: Option<&'static str>,
}

/// How the server stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Everything is there.
    Ready,
    /// Something is missing without which the server still takes messages in.
    Degraded,
    /// Something is missing without which nothing can be taken in.
    Unready,
    /// It was told to stop.
    Stopping,
}

/// Everything that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// What follows from it.
    pub standing: Standing,
    /// Each check.
    pub checks: Vec<CheckResult>,
}

/// Knows whether the server can do its work.
pub struct Readiness {
    watched: Vec<Watched>,
    is_stopping: AtomicBool,
}

struct Watched {
    check: Arc<dyn ReadinessCheck>,
    /// The last result. Held while checking, so that many who ask at once cause one check.
    last: Mutex<Option<(Instant, CheckResult)>>,
}

impl Readiness {
    /// Takes the checks, in the order in which they are shown.
    pub fn new(checks: Vec<Arc<dyn ReadinessCheck>>) -> Self {
        let watched = checks.into_iter().map(|check| Watched { check, last: Mutex::default() }).collect();
        Self { watched, is_stopping: AtomicBool::new(false) }
    }

    /// Says from now on that the server is stopping.
    pub fn stop(&self) {
        self.is_stopping.store(true, Ordering::Relaxed);
    }

    /// Returns how the server stands. Nothing that was found a moment ago is asked again.
    pub async fn summary(&self) -> Summary {
        let checks = join_all(self.watched.iter().map(Watched::result)).await;
        let misses = |need: Need| checks.iter().any(|found| found.need == need && found.fault.is_some());
        let standing = if self.is_stopping.load(Ordering::Relaxed) {
            Standing::Stopping
        } else if misses(Need::Required) {
            Standing::Unready
        } else if misses(Need::Optional) {
            Standing::Degraded
        } else {
            Standing::Ready
        };
        Summary { standing, checks }
    }
}

impl Watched {
    async fn result(&self) -> CheckResult {
        let mut last = self.last.lock().await;
        let need = self.check.need();
        if let Some((at, result)) = &*last
            && at.elapsed() < need.fresh_for()
        {
            return result.clone();
        }
        let outcome = tokio::time::timeout(PATIENCE, self.check.check()).await;
        let outcome = outcome.unwrap_or(Err(Unready { detail: "does not answer in time", source: None }));
        let (name, fault) = (self.check.name(), outcome.as_ref().err().map(|error| error.detail));
        let fault_before = last.as_ref().and_then(|(_, result)| result.fault);
        match &outcome {
            Err(error) if fault_before != fault => {
                tracing::warn!(check.name = name, error = with_sources(error), "a check fails");
            }
            Ok(()) if fault_before.is_some() => {
                tracing::info!(check.name = name, "a check that failed is passed again");
            }
            Ok(()) | Err(_) => {}
        }
        let result = CheckResult { name, need, fault };
        *last = Some((Instant::now(), result.clone()));
        result
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    /// A check that fails or hangs as it is told, and counts how often it is asked.
    struct Told {
        need: Need,
        outcome: Option<bool>,
        asked: AtomicUsize,
    }

    impl Told {
        fn new(need: Need, outcome: Option<bool>) -> Arc<Self> {
            Arc::new(Self { need, outcome, asked: AtomicUsize::new(0) })
        }
    }

    #[async_trait]
    impl ReadinessCheck for Told {
        fn name(&self) -> &'static str {
            "told"
        }

        fn need(&self) -> Need {
            self.need
        }

        async fn check(&self) -> Result<(), Unready> {
            self.asked.fetch_add(1, Ordering::Relaxed);
            match self.outcome {
                Some(true) => Ok(()),
                Some(false) => Err(Unready::because("is down", "db.internal refused")),
                None => std::future::pending().await,
            }
        }
    }

    async fn standing(checks: Vec<Arc<dyn ReadinessCheck>>) -> Standing {
        Readiness::new(checks).summary().await.standing
    }

    #[tokio::test]
    async fn what_is_missing_decides_how_the_server_stands() {
        let (need, want) = (Told::new(Need::Required, Some(true)), Told::new(Need::Optional, Some(true)));
        let (no_need, no_want) =
            (Told::new(Need::Required, Some(false)), Told::new(Need::Optional, Some(false)));
        assert_eq!(standing(vec![need.clone(), want]).await, Standing::Ready);
        assert_eq!(standing(vec![need, no_want.clone()]).await, Standing::Degraded);
        assert_eq!(standing(vec![no_need, no_want]).await, Standing::Unready);
    }

    #[tokio::test(start_paused = true)]
    async fn what_does_not_answer_is_given_up() {
        let readiness = Readiness::new(vec![Told::new(Need::Required, None)]);
        let summary = readiness.summary().await;
        assert_eq!(summary.checks[0].fault, Some("does not answer in time"));
    }

    #[tokio::test]
    async fn many_who_ask_at_once_cause_one_check() {
        let check = Told::new(Need::Optional, Some(true));
        let readiness = Readiness::new(vec![check.clone()]);
        join_all((0..20).map(|_| readiness.summary())).await;
        assert_eq!(check.asked.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn a_server_that_was_told_to_stop_says_so() {
        let readiness = Readiness::new(vec![Told::new(Need::Required, Some(true))]);
        readiness.stop();
        assert_eq!(readiness.summary().await.standing, Standing::Stopping);
    }
}
