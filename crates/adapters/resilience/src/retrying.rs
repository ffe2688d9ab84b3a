//! Asks a model again when it fails in a way that may pass, for as long as an answer is of use.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use conversation::{Deltas, LanguageModel, ModelError, ModelReply, ModelRequest};
use kernel::{Clock, Entropy};
use tokio::time::{Instant, timeout_at};

use crate::heard::Heard;

/// A shorter time than this is no time at all: no service answers within it, so that it is nobody's fault.
const SHORTEST: Duration = Duration::from_millis(100);

/// The service was not asked, because its answer could not come in time any more.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("no time was left")]
pub struct NoTimeLeft;

/// Tells whether a model was not asked for want of time.
pub(crate) fn was_too_late(error: &ModelError) -> bool {
    matches!(error, ModelError::Unavailable(why) if why.is::<NoTimeLeft>())
}

/// How often and how soon a model is asked again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryingSettings {
    /// How often it is asked at most, the first time included.
    pub attempts: u32,
    /// How long is waited before the second time; twice as long before each further one.
    pub base_delay: Duration,
    /// The longest wait that a model may ask for. One that asks for more has failed.
    pub patience: Duration,
}

impl Default for RetryingSettings {
    fn default() -> Self {
        Self { attempts: 2, base_delay: Duration::from_millis(200), patience: Duration::from_secs(3) }
    }
}

/// A model that is asked again when it fails in a way that may pass. One that has not answered when its answer is of no
/// use any more has timed out; where that is so before it is asked, it is not. It is asked again in the first half of that
/// time only, so that another model can be asked in the rest.
pub struct RetryingModel {
    model: Arc<dyn LanguageModel>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    settings: RetryingSettings,
}

impl RetryingModel {
    /// Wraps a model. The waits are spread by chance, so that many who failed together do not come back together.
    pub fn new(
        model: Arc<dyn LanguageModel>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        settings: RetryingSettings,
    ) -> Self {
        Self { model, clock, entropy, settings }
    }

    /// Returns how long is waited after so many failures; `None` when it is not asked again.
    fn wait_after(&self, error: &ModelError, failures: u32) -> Option<Duration> {
        if failures >= self.settings.attempts || !error.may_pass() {
            return None;
        }
        let growth = 2_u32.saturating_pow(failures.saturating_sub(1));
        let own = self.spread(self.settings.base_delay.saturating_mul(growth));
        match error {
            ModelError::RateLimited { retry_after: Some(asked) } => {
                (*asked <= self.settings.patience).then(|| own.max(*asked))
            }
            _ => Some(own),
        }
    }

    /// Adds up to half of a wait to it, by chance. Without chance it stays as it is.
    fn spread(&self, wait: Duration) -> Duration {
        let mut byte = [0_u8];
        match self.entropy.fill(&mut byte) {
            Ok(()) => wait.saturating_add(wait / 2 * u32::from(byte[0]) / 255),
            Err(_) => wait,
        }
    }
}

#[async_trait]
impl LanguageModel for RetryingModel {
    async fn reply(&self, request: &ModelRequest, deltas: &dyn Deltas) -> Result<ModelReply, ModelError> {
        let heard = Heard::by(deltas);
        let left = (request.answer_by - self.clock.now()).to_std().unwrap_or_default();
        if left < SHORTEST {
            return Err(ModelError::Unavailable(NoTimeLeft.into()));
        }
        let (half, end) = (Instant::now() + left / 2, Instant::now() + left);
        let mut failures = 0;
        loop {
            let error = match timeout_at(end, self.model.reply(request, &heard)).await {
                Ok(Ok(reply)) => return Ok(reply),
                Ok(Err(error)) => error,
                Err(_) => return Err(ModelError::TimedOut("it ended")),
            };
            failures += 1;
            let Some(wait) = self.wait_after(&error, failures).filter(|wait| Instant::now() + *wait < half)
            else {
                return Err(error);
            };
            heard.restart_if_heard();
            tokio::time::sleep(wait).await;
        }
    }
}
