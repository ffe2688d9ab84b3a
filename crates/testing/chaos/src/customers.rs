//! Customers who write, wait for their answers, and write again.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use fastrand::Rng;
use futures_util::{
    future::join_all,
    stream::{self, StreamExt as _},
};
use tokio::task::JoinSet;

use crate::{
    spans::Span,
    stage::{Stage, TENANTS},
};

/// Customers at once.
const CUSTOMERS: u64 = 40;
/// One customer writes at most so often: nobody writes like a machine for long.
const MOST_WRITINGS: u64 = 5;
/// Customers of one flood, each of whom writes once. A debug build answers some 25 to 50 a second, so all are answered in time.
const FLOOD: usize = 200;
/// How many of them write at the same moment.
const FLOOD_AT_ONCE: usize = 100;
/// How long a customer waits for an answer: leases end, look-ups are made, and models fail in the meantime.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long carriers wait before they post once more.
const POST_AGAIN: Duration = Duration::from_millis(200);
/// How long carriers go on posting.
const POSTING: Duration = Duration::from_secs(120);

/// What a customer writes at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// One message.
    Once,
    /// One message that the carrier posts fifty times, to all servers.
    FiftyTimes,
    /// Twenty messages, all at the same moment.
    Twenty,
    /// One message, and STOP while its answer may be on its way. This phone wants nothing any more.
    Leaves,
}

/// What a customer wrote at once, and what came of it.
#[derive(Clone, Debug)]
pub(crate) struct Writing {
    pub(crate) tenant: usize,
    pub(crate) phone: String,
    pub(crate) way: Way,
    /// The words of each message, which no other has. Those that were acknowledged.
    pub(crate) acked: Vec<String>,
    /// Those that were not, though they may be stored.
    pub(crate) unacked: Vec<String>,
    /// The carrier's ids of those that were acknowledged.
    pub(crate) sids: Vec<String>,
    /// When the first was posted. It may be stored long before whoever posts it learns so.
    pub(crate) posted_at: Instant,
    /// When the last was acknowledged.
    pub(crate) acked_at: Instant,
    /// How long the answer took after that; `None` when there was none.
    pub(crate) answered_in: Option<Duration>,
    /// When the STOP that followed was acknowledged.
    pub(crate) left_at: Option<Instant>,
}

impl Writing {
    /// Returns when its customer waits no longer.
    pub(crate) fn patience_ends_at(&self) -> Instant {
        self.acked_at + PATIENCE
    }

    /// Returns one message that was acknowledged at a moment, and not answered.
    #[cfg(test)]
    pub(crate) fn example(acked_at: Instant) -> Self {
        Self {
            tenant: 0,
            phone: "+17770000001".to_owned(),
            way: Way::Once,
            acked: vec!["w1r0m0e".to_owned()],
            unacked: Vec::new(),
            sids: vec!["SM1".to_owned()],
            posted_at: acked_at,
            acked_at,
            answered_in: None,
            left_at: None,
        }
    }
}

/// Lets customers write for so long, and waits for what they are owed.
pub(crate) async fn write(stage: Arc<Stage>, seed: u64, ends_in: Duration) -> Vec<Writing> {
    let ends_at = Instant::now() + ends_in;
    let mut tasks = JoinSet::new();
    for customer in 0..CUSTOMERS {
        let rng = Rng::with_seed(seed.wrapping_mul(1_000).wrapping_add(customer));
        tasks.spawn(live(Arc::clone(&stage), rng, ends_at));
    }
    tasks.join_all().await.into_iter().flatten().collect()
}

/// Lets many customers more write at once, waits for what they are owed, and returns with it the time until all were
/// acknowledged.
pub(crate) async fn flood(stage: Arc<Stage>, mut rng: Rng) -> (Span, Vec<Writing>) {
    let from = Instant::now();
    let posts = (0..FLOOD).map(|_| {
        let (number, tenant) = (stage.new_phone(), rng.usize(..TENANTS));
        let stage = Arc::clone(&stage);
        async move { post(&stage, (tenant, &phone_of(number)), (number, 0), Way::Once).await }
    });
    let mut posted = stream::iter(posts).buffer_unordered(FLOOD_AT_ONCE);
    let mut waits = JoinSet::new();
    while let Some(writing) = posted.next().await {
        let stage = Arc::clone(&stage);
        waits.spawn(async move {
            let answered_in = wait_for_answer(&stage, &writing, 0).await;
            Writing { answered_in, ..writing }
        });
    }
    (Span::since(from), waits.join_all().await)
}

fn phone_of(number: usize) -> String {
    format!("+1777{number:07}")
}

/// One person after the other, each with a phone of their own.
async fn live(stage: Arc<Stage>, mut rng: Rng, ends_at: Instant) -> Vec<Writing> {
    let mut written = Vec::new();
    while Instant::now() < ends_at {
        let number = stage.new_phone();
        let (tenant, phone) = (rng.usize(..TENANTS), phone_of(number));
        let mut has_written_twenty = false;
        for round in 0..rng.u64(1..=MOST_WRITINGS) {
            if Instant::now() >= ends_at {
                break;
            }
            let way = match rng.u8(..100) {
                0..3 => Way::FiftyTimes,
                // So many once more would be a loop between machines, which is not answered.
                3..6 if !has_written_twenty => Way::Twenty,
                6..11 => Way::Leaves,
                _ => Way::Once,
            };
            has_written_twenty |= way == Way::Twenty;
            let pause = rng.u64(..600);
            let writing = write_once(&stage, (tenant, &phone), (number, round), way, pause).await;
            let goes_on = writing.answered_in.is_some() && writing.left_at.is_none();
            written.push(writing);
            if !goes_on {
                break;
            }
        }
    }
    written
}

async fn write_once(
    stage: &Stage,
    (tenant, phone): (usize, &str),
    (number, round): (usize, u64),
    way: Way,
    pause: u64,
) -> Writing {
    let before = stage.heard.by(phone).len();
    let mut writing = post(stage, (tenant, phone), (number, round), way).await;
    if way == Way::Leaves {
        // While the reply is being waited for, found, about to be sent, or sent.
        tokio::time::sleep(Duration::from_millis(pause)).await;
        let sid = format!("SM{}", uuid::Uuid::now_v7().simple());
        let is_acked = post_until_acked(stage, number, (tenant, phone), ("STOP", &sid)).await;
        writing.left_at = is_acked.then(Instant::now);
        return writing;
    }
    writing.answered_in = wait_for_answer(stage, &writing, before).await;
    writing
}

/// Posts what a customer writes at once, and waits for no answer to it.
async fn post(
    stage: &Stage,
    (tenant, phone): (usize, &str),
    (number, round): (usize, u64),
    way: Way,
) -> Writing {
    let posted_at = Instant::now();
    let count = if way == Way::Twenty { 20 } else { 1 };
    let words: Vec<_> = (0..count).map(|one| format!("w{number}r{round}m{one}e")).collect();
    let copies = if way == Way::FiftyTimes { 50 } else { 1 };
    let posts = words.iter().map(async |word| {
        let sid = format!("SM{}", uuid::Uuid::now_v7().simple());
        let posted =
            (0..copies).map(|copy| post_until_acked(stage, copy + number, (tenant, phone), (word, &sid)));
        (word.clone(), sid.clone(), join_all(posted).await.into_iter().all(|acked| acked))
    });
    let posted = join_all(posts).await;
    let (acked, unacked): (Vec<_>, Vec<_>) = posted.into_iter().partition(|(_, _, acked)| *acked);
    let sids = acked.iter().map(|(_, sid, _)| sid.clone()).collect();
    let of = |all: Vec<(String, String, bool)>| all.into_iter().map(|(word, ..)| word).collect::<Vec<_>>();
    Writing {
        tenant,
        phone: phone.to_owned(),
        way,
        acked: of(acked),
        unacked: of(unacked),
        sids,
        posted_at,
        acked_at: Instant::now(),
        answered_in: None,
        left_at: None,
    }
}

/// Posts as carriers do: again and again, to the other server next, until somebody acknowledges it.
async fn post_until_acked(
    stage: &Stage,
    first: usize,
    who: (usize, &str),
    (word, sid): (&str, &str),
) -> bool {
    let began = Instant::now();
    let mut server = first;
    while began.elapsed() < POSTING {
        if stage.post(server, who, word, sid).await == Some(200) {
            return true;
        }
        server += 1;
        tokio::time::sleep(POST_AGAIN).await;
    }
    false
}

/// Waits until each message that was acknowledged is answered: by its own words, or by the fallback for all of them.
async fn wait_for_answer(stage: &Stage, writing: &Writing, before: usize) -> Option<Duration> {
    let mut now = writing.acked_at;
    while now < writing.patience_ends_at()
        && !stage.suspensions.may_be_silent(writing.tenant, writing.posted_at, now)
    {
        let new: Vec<_> = stage.heard.by(&writing.phone).into_iter().skip(before).collect();
        let is_told = |word: &String| new.iter().any(|got| got.body.contains(word.as_str()));
        let has_own_words = new.iter().any(|got| !got.body.contains("You wrote:"));
        if writing.acked.iter().all(is_told) || has_own_words {
            return Some(writing.acked_at.elapsed());
        }
        let _ = tokio::time::timeout(Duration::from_secs(1), stage.heard.more()).await;
        now = Instant::now();
    }
    None
}
