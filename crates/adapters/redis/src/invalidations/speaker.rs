//! Says what has changed, and a beat: at once when something has, otherwise every second.

use std::{sync::Arc, time::Duration};

use deadpool_redis::redis::cmd;
use tokio::time::{sleep, timeout};

use super::{Shared, message::Message, outbox::Letter};
use crate::RedisFailure;

const SHORTEST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Speaks until it is aborted. What could not be said is tried again, with longer and longer pauses.
pub(super) async fn speak(shared: Arc<Shared>) {
    let mut pause = SHORTEST_PAUSE;
    loop {
        let letter = shared.outbox.take();
        if say(&shared, &letter).await.is_ok() {
            shared.outbox.said(&letter);
            pause = SHORTEST_PAUSE;
            // When the time is up it is time for a beat.
            let _ = timeout(shared.timing.beat, shared.outbox.filled()).await;
        } else {
            shared.outbox.failed(&letter);
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE).min(shared.timing.beat);
        }
    }
}

async fn say(shared: &Shared, letter: &Letter) -> Result<(), RedisFailure> {
    let beat = Message::Beat { process: shared.process, sent: shared.hearing.now() };
    let lines: Vec<_> = letter.messages.iter().chain([&beat]).map(ToString::to_string).collect();
    shared.client.command(cmd("PUBLISH").arg(&shared.channel).arg(lines.join("\n"))).await
}
