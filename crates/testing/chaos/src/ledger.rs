//! What the database holds in the end.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use anyhow::Context as _;
use diesel::{Connection as _, QueryableByName, RunQueryDsl as _, SqliteConnection, sql_types::Text};

use crate::stage::Stage;

/// How long everything that is under way may take to end.
const QUIET_WITHIN: Duration = Duration::from_secs(180);

/// What the database holds once nothing is left to do.
pub(crate) struct Ledger {
    /// The carrier's ids of the messages that came in, and how many rows there are.
    pub(crate) taken_in: HashSet<String>,
    pub(crate) rows_taken_in: usize,
    /// Messages that no turn has answered.
    pub(crate) unanswered: usize,
    /// The carrier's ids of messages whose answer has failed for a person to look at: three times nobody knew whether it had left,
    /// and each time the carrier did not have it.
    pub(crate) given_up: HashSet<String>,
    /// Outbound messages of each state.
    pub(crate) outbound: Vec<(String, usize)>,
    /// The carrier's ids of outbound messages, with the state of each.
    pub(crate) sent: HashMap<String, String>,
    /// Jobs that are left.
    pub(crate) jobs: usize,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

impl Ledger {
    /// Waits until nothing is left to do, and reads.
    pub(crate) async fn read(stage: &Stage) -> anyhow::Result<Self> {
        let began = std::time::Instant::now();
        loop {
            let ledger = Self::now(stage)?;
            if ledger.jobs == 0 || began.elapsed() > QUIET_WITHIN {
                return Ok(ledger);
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    fn now(stage: &Stage) -> anyhow::Result<Self> {
        let lines = |sql: &str| lines(stage, sql);
        let number =
            |sql: &str| -> anyhow::Result<usize> { Ok(lines(sql)?.first().context("no count")?.parse()?) };
        let ids = lines("SELECT provider_message_id AS line FROM messages WHERE direction = 'inbound'")?;
        let states = lines(
            "SELECT delivery_state || ' ' || CAST(count(*) AS text) AS line FROM messages \
             WHERE direction = 'outbound' GROUP BY delivery_state ORDER BY delivery_state",
        )?;
        let outbound = states.iter().map(|line| {
            let (name, count) = line.split_once(' ').context("no state")?;
            Ok((name.to_owned(), count.parse()?))
        });
        let sent = lines(
            "SELECT provider_message_id || ' ' || delivery_state AS line FROM messages \
             WHERE direction = 'outbound' AND provider_message_id IS NOT NULL",
        )?;
        let sent = sent.iter().map(|line| {
            let (id, state_of_it) = line.split_once(' ').context("no state")?;
            Ok((id.to_owned(), state_of_it.to_owned()))
        });
        let given_up = lines(
            "SELECT asked.provider_message_id AS line FROM messages asked JOIN messages answer \
             ON answer.tenant_id = asked.tenant_id AND answer.turn_id = asked.turn_id \
             WHERE asked.direction = 'inbound' AND answer.direction = 'outbound' \
             AND answer.delivery_state = 'failed' AND answer.error_code = 'never_accepted'",
        )?;
        Ok(Self {
            given_up: given_up.into_iter().collect(),
            outbound: outbound.collect::<anyhow::Result<_>>()?,
            sent: sent.collect::<anyhow::Result<_>>()?,
            rows_taken_in: ids.len(),
            taken_in: ids.into_iter().collect(),
            unanswered: number(
                "SELECT CAST(count(*) AS text) AS line FROM messages WHERE direction = 'inbound' AND turn_id IS NULL",
            )?,
            jobs: number("SELECT CAST(count(*) AS text) AS line FROM jobs")?,
        })
    }
}

/// Asks the database for lines of text, each called `line`.
pub(crate) fn lines(stage: &Stage, sql: &str) -> anyhow::Result<Vec<String>> {
    if let Some(database) = &stage.database {
        return Ok(database.query(sql)?.lines().map(str::to_owned).filter(|line| !line.is_empty()).collect());
    }
    let file = stage.folder().join("cheetah.db");
    let mut conn = SqliteConnection::establish(&file.to_string_lossy())?;
    diesel::sql_query("PRAGMA busy_timeout = 5000").execute(&mut conn)?;
    let lines = diesel::sql_query(sql).load::<Line>(&mut conn)?;
    Ok(lines.into_iter().map(|one| one.line).collect())
}
