//! What shows how a promise was broken.

use std::{fs, path::Path};

use crate::{ledger::lines, stage::Stage};

/// The customers' and the businesses' messages, oldest first. What they say is sealed; the carrier's list has it. Ids are in
/// `ID(…)`, which each database spells in its own way.
const MESSAGES: &str = "SELECT ID(conversation_id) || ' ' || ID(id) || ' ' || direction || ' ' || delivery_state \
     || ' sid=' || coalesce(provider_message_id, '-') || ' turn=' || coalesce(ID(turn_id), '-') \
     || ' waits=' || CAST(waits AS text) || ' attempts=' || CAST(attempts AS text) \
     || ' attempted_at=' || coalesce(CAST(attempted_at AS text), '-') || ' look_ups=' || CAST(look_ups AS text) \
     || ' created_at=' || CAST(created_at AS text) AS line FROM messages ORDER BY created_at, id";

/// The conversations and their turns.
const TURNS: &str = "SELECT ID(conversation_id) || ' ' || ID(id) || ' ' || outcome || ' ' \
     || CAST(started_at AS text) || ' ' || CAST(committed_at AS text) AS line FROM turns ORDER BY committed_at";

/// Why messages were not sent.
const REFUSED: &str = "SELECT ID(conversation_id) || ' ' || coalesce(ID(message_id), '-') || ' ' || reason \
     || ' ' || CAST(at AS text) AS line FROM refused_sends ORDER BY at";

/// What is left to do.
const JOBS: &str = "SELECT ID(conversation_id) || ' ' || kind || ' run_at=' || CAST(run_at AS text) \
     || ' lease_until=' || coalesce(CAST(lease_until AS text), '-') || ' attempts=' || CAST(attempts AS text) AS line \
     FROM jobs";

/// Who is connected to Postgres, and what they wait for.
const CONNECTIONS: &str = "SELECT pid || ' ' || coalesce(usename, '-') || ' ' || coalesce(state, '-') || ' ' \
     || coalesce(wait_event, '-') || ' since=' || coalesce(CAST(xact_start AS text), '-') || ' ' \
     || translate(query, E'\\n', ' ') AS line FROM pg_stat_activity ORDER BY xact_start";

/// Copies the logs of the servers and of Postgres into a folder, and writes there what the database and the carrier have.
pub(crate) fn keep(stage: &Stage, folder: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder)?;
    let id = if stage.database.is_some() { "text(" } else { "hex(" };
    for (name, sql) in [("messages", MESSAGES), ("turns", TURNS), ("refused", REFUSED), ("jobs", JOBS)] {
        let rows = lines(stage, &sql.replace("ID(", id))?;
        fs::write(folder.join(format!("{name}.txt")), rows.join("\n"))?;
    }
    if stage.database.is_some() {
        fs::write(folder.join("connections.txt"), lines(stage, CONNECTIONS)?.join("\n"))?;
    }
    let brought = stage.carrier.carrier().history();
    let told: Vec<_> = brought.iter().map(|message| format!("{message:?}")).collect();
    fs::write(folder.join("carrier.txt"), told.join("\n"))?;
    if let Some(postgres) = stage.postgres.as_ref().and_then(|postgres| postgres.try_lock().ok()) {
        fs::copy(postgres.folder().join("log"), folder.join("postgres.log"))?;
    }
    for entry in fs::read_dir(stage.folder())? {
        let entry = entry?;
        if entry.path().extension().is_some_and(|extension| extension == "log") {
            fs::copy(entry.path(), folder.join(entry.file_name()))?;
        }
    }
    Ok(())
}
