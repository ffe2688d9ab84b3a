//! Listens to the channel, and notices when it hears nothing any more.

use std::{sync::Arc, time::Duration};

use deadpool_redis::redis::aio::PubSub;
use futures_util::StreamExt as _;
use tokio::time::{Instant, sleep, timeout_at};

use super::{Shared, message::Message};

const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Listens until it is aborted. A connection that breaks, or over which nothing is heard for too long, is given up
/// and made anew, with longer and longer pauses.
pub(super) async fn listen(shared: Arc<Shared>) {
    let mut pause = SHORTEST_PAUSE;
    loop {
        if let Ok(pubsub) = shared.client.listen(&shared.channel).await {
            // What was said before is lost; what is read from now on may be kept.
            shared.holders.forget_everything();
            shared.outbox.nudge();
            if hear(&shared, pubsub).await {
                pause = SHORTEST_PAUSE;
            }
            shared.hearing.lost();
            shared.holders.forget_everything();
            tracing::warn!("word of changes does not arrive; caches are not used");
        }
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Hears what is said until nothing is, and tells whether anything was.
async fn hear(shared: &Shared, pubsub: PubSub) -> bool {
    let began = Instant::now();
    let mut was_good = false;
    let mut said = pubsub.into_on_message();
    while let Ok(Some(message)) = timeout_at(shared.hearing.deadline(began), said.next()).await {
        match message.get_payload::<String>() {
            Ok(text) => text.lines().for_each(|line| understand(shared, line)),
            Err(_) => shared.holders.forget_everything(),
        }
        if !was_good && shared.hearing.is_good() {
            was_good = true;
            tracing::info!("word of changes arrives; caches are used");
        }
    }
    was_good
}

fn understand(shared: &Shared, line: &str) {
    match Message::parse(line) {
        Some(Message::Beat { process, sent }) if process == shared.process => shared.hearing.heard(sent),
        Some(Message::Beat { .. }) => {}
        Some(Message::Changed { family, tenant }) => shared.holders.forget(&family, tenant),
        // Perhaps a later version says something that this one cannot follow: better forget too much.
        Some(Message::Everything) | None => shared.holders.forget_everything(),
    }
}
