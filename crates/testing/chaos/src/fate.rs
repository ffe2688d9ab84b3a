//! What is to go wrong, one thing after the other, as the seed decides.

use std::time::Duration;

use anyhow::Context as _;
use fake_carrier::Fault;
use fastrand::Rng;
use model_fakes::{FakeAnswer, HangsWhen};

/// Where a process may be told to die: all places of `failpoints.rs` of the server.
const POINTS: [&str; 8] = [
    "api.before_commit",
    "api.after_commit",
    "worker.claimed",
    "model.asked",
    "turn.before_commit",
    "turn.after_commit",
    "send.before",
    "send.after",
];
/// Where one may be slow while another takes over.
const SLOW_POINTS: [&str; 2] = ["model.asked", "turn.before_commit"];

/// Something that goes wrong with a process or what it stands on, or that it can hardly cope with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    Killed,
    Dies(&'static str),
    Dawdles(&'static str),
    Stopped,
    AllRestarted,
    DiskFull,
    Suspended,
    Flood,
    Redis(OfRedis),
    Postgres(OfPostgres),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OfRedis {
    Killed,
    Flushed,
    Hangs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OfPostgres {
    Killed,
    Hangs,
    CutsAllOff,
    HasNoRoom,
    HasNoRoomForTables,
}

/// What an installation consists of, besides its servers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parts {
    pub(crate) has_postgres: bool,
    pub(crate) has_redis: bool,
}

/// What happens next.
#[derive(Debug)]
pub(crate) struct Drawn {
    /// How long all is left alone before it.
    pub(crate) pause: Duration,
    /// A fault of the carrier, and how many requests meet it.
    pub(crate) carrier: Option<(Fault, usize)>,
    /// The same of the model.
    pub(crate) model: Option<(FakeAnswer, usize)>,
    pub(crate) trouble: Trouble,
    /// What decides how the trouble strikes. Its own, so that what comes next is the same whatever is drawn of this.
    pub(crate) rng: Rng,
}

/// What one seed lets go wrong, without end.
pub(crate) struct Fate {
    rng: Rng,
    troubles: Deck<Trouble>,
    carriers: Deck<Fault>,
    models: Deck<FakeAnswer>,
}

impl Fate {
    pub(crate) fn new(seed: u64, parts: Parts) -> Self {
        Self {
            rng: Rng::with_seed(seed),
            troubles: Deck::of(troubles_of(parts)),
            carriers: Deck::of(carrier_faults()),
            models: Deck::of(model_faults()),
        }
    }

    /// Draws what happens next.
    pub(crate) fn draw(&mut self) -> anyhow::Result<Drawn> {
        let Self { rng, troubles, carriers, models } = self;
        let pause = Duration::from_millis(rng.u64(300..1_500));
        // Only now and then, so that most customers are soon answered and write more.
        let carrier = if rng.u8(..3) == 0 { Some((carriers.draw(rng)?, rng.usize(1..4))) } else { None };
        let model = if rng.u8(..3) == 0 { Some((models.draw(rng)?, rng.usize(1..6))) } else { None };
        Ok(Drawn { pause, carrier, model, trouble: troubles.draw(rng)?, rng: rng.fork() })
    }
}

/// Cards in an order that chance decides; once all have been drawn they are shuffled anew. So a short run meets many kinds, and
/// a long one all of them equally often.
struct Deck<T> {
    cards: Vec<T>,
    left: Vec<T>,
}

impl<T: Clone> Deck<T> {
    fn of(cards: Vec<T>) -> Self {
        Self { cards, left: Vec::new() }
    }

    fn draw(&mut self, rng: &mut Rng) -> anyhow::Result<T> {
        if self.left.is_empty() {
            self.left.clone_from(&self.cards);
            rng.shuffle(&mut self.left);
        }
        self.left.pop().context("there are no cards")
    }
}

/// Returns what can go wrong with an installation, each as often as it is to come up.
fn troubles_of(parts: Parts) -> Vec<Trouble> {
    let mut troubles = vec![Trouble::AllRestarted, Trouble::Suspended, Trouble::Flood];
    troubles.extend([Trouble::Stopped; 2]);
    troubles.extend([Trouble::Killed; 4]);
    troubles.extend(POINTS.map(Trouble::Dies));
    if parts.has_postgres {
        // Where there is another worker to take over.
        troubles.extend(SLOW_POINTS.map(Trouble::Dawdles));
        let of_postgres = [
            OfPostgres::Killed,
            OfPostgres::Hangs,
            OfPostgres::CutsAllOff,
            OfPostgres::HasNoRoom,
            OfPostgres::HasNoRoomForTables,
        ];
        troubles.extend(of_postgres.map(Trouble::Postgres));
    } else {
        troubles.push(Trouble::DiskFull);
    }
    if parts.has_redis {
        troubles.extend([OfRedis::Killed, OfRedis::Flushed, OfRedis::Hangs].map(Trouble::Redis));
    }
    troubles
}

/// Half of them take the message and keep its sender from learning so.
fn carrier_faults() -> Vec<Fault> {
    vec![
        Fault::Status { status: 429, code: 20_429, retry_after: Some(Duration::from_secs(1)) },
        Fault::Status { status: 503, code: 20_503, retry_after: None },
        Fault::Hang(Duration::from_secs(3)),
        Fault::Garbage,
        Fault::AcceptThenStatus(500),
        Fault::AcceptThenHang(Duration::from_secs(3)),
        Fault::AcceptThenDrop,
        Fault::AcceptThenDrop,
    ]
}

fn model_faults() -> Vec<FakeAnswer> {
    vec![
        FakeAnswer::RateLimited { retry_after: Some(Duration::from_secs(1)) },
        FakeAnswer::ServerError,
        FakeAnswer::InvalidJson,
        FakeAnswer::Empty,
        FakeAnswer::Hangs(HangsWhen::BeforeFirstByte),
        FakeAnswer::Hangs(HangsWhen::AfterFirstPiece),
        FakeAnswer::CutInTheMiddle,
        FakeAnswer::Delayed { first: Duration::from_millis(700), between: Duration::from_millis(100) },
    ]
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    const BOTH: Parts = Parts { has_postgres: true, has_redis: true };

    #[test]
    fn the_points_are_those_of_the_server() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../apps/server/src/failpoints.rs");
        let text = std::fs::read_to_string(file).unwrap();
        let constants = text.lines().filter_map(|line| line.split_once(": &str = \""));
        let names: Vec<_> = constants.map(|(_, value)| value.trim_end_matches("\";")).collect();
        assert_eq!(names, POINTS);
        assert!(SLOW_POINTS.iter().all(|point| POINTS.contains(point)));
    }

    #[test]
    fn what_a_trouble_draws_for_itself_changes_nothing_of_the_next() {
        let (mut one, mut other) = (Fate::new(7, BOTH), Fate::new(7, BOTH));
        for _ in 0..100 {
            let (mut drawn, same) = (one.draw().unwrap(), other.draw().unwrap());
            drawn.rng.u64(..);
            assert_eq!((drawn.pause, drawn.trouble), (same.pause, same.trouble));
            assert_eq!((drawn.carrier, drawn.model), (same.carrier, same.model));
        }
    }

    #[test]
    fn a_deck_is_dealt_out_before_a_card_comes_again() {
        let cards = troubles_of(BOTH);
        let mut fate = Fate::new(1, BOTH);
        let mut drawn: Vec<_> = cards.iter().map(|_| format!("{:?}", fate.draw().unwrap().trouble)).collect();
        let mut expected: Vec<_> = cards.iter().map(|card| format!("{card:?}")).collect();
        drawn.sort_unstable();
        expected.sort_unstable();
        assert_eq!(drawn, expected);
    }
}
