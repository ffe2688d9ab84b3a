//! What shows how a promise was broken.

use std::{fs, path::Path};

use crate::{ledger::lines, stage::Stage};

/// The customers' and the businesses' messages, oldest first. What they say is sealed; the carrier's list has it.
const MESSAGES: &str = "SELECT conversation_id || ' ' || id || ' ' || direction || ' ' || delivery_state \
     || ' sid=' || coalesce(provider_message_id, '-') || ' turn=' || coalesce(CAST(turn_id AS text), '-') \
     || ' waits=' || CAST(waits AS text) || ' attempts=' || CAST(attempts AS text) \
     || ' attempted_at=' || coalesce(CAST(attempted_at AS text), '-') || ' look_ups=' || CAST(look_ups AS text) \
     || ' created_at=' || CAST(created_at AS text) AS line FROM messages ORDER BY created_at, id";

/// The conversations and their turns.
const TURNS: &str = "SELECT turns.conversation_id || ' ' || turns.id || ' ' || outcome || ' ' \
     || CAST(started_at AS text) || ' ' || CAST(committed_at AS text) AS line FROM turns ORDER BY committed_at";

/// Why messages were not sent.
const REFUSED: &str = "SELECT conversation_id || ' ' || coalesce(CAST(message_id AS text), '-') || ' ' || reason \
     || ' ' || CAST(at AS text) AS line FROM refused_sends ORDER BY at";

/// What is left to do.
const JOBS: &str = "SELECT conversation_id || ' ' || kind || ' run_at=' || CAST(run_at AS text) || ' lease_until=' \
     || coalesce(CAST(lease_until AS text), '-') || ' attempts=' || CAST(attempts AS text) AS line FROM jobs";

/// Copies the servers' logs into a folder, and writes there what the database and the carrier have.
pub(crate) fn keep(stage: &Stage, folder: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder)?;
    for (name, sql) in [("messages", MESSAGES), ("turns", TURNS), ("refused", REFUSED), ("jobs", JOBS)] {
        // Where a column is bytes, SQLite makes no text of it that can be read: ids are then shown as they come.
        let rows = lines(stage, &hexed(stage, sql))?;
        fs::write(folder.join(format!("{name}.txt")), rows.join("\n"))?;
    }
    let brought = stage.carrier.carrier().history();
    let told: Vec<_> = brought.iter().map(|message| format!("{message:?}")).collect();
    fs::write(folder.join("carrier.txt"), told.join("\n"))?;
    for entry in fs::read_dir(stage.folder())? {
        let entry = entry?;
        if entry.path().extension().is_some_and(|extension| extension == "log") {
            fs::copy(entry.path(), folder.join(entry.file_name()))?;
        }
    }
    Ok(())
}

/// Returns a statement in which SQLite shows ids as digits, as Postgres does by itself.
fn hexed(stage: &Stage, sql: &str) -> String {
    if stage.database.is_some() {
        return sql.to_owned();
    }
    let mut sql = sql.replace("CAST(turn_id AS text)", "hex(turn_id)");
    sql = sql.replace("CAST(message_id AS text)", "hex(message_id)");
    for id in ["turns.conversation_id", "turns.id", "conversation_id", "id"] {
        for (before, after) in [("SELECT ", " ||"), ("|| ' ' || ", " ||")] {
            sql = sql.replace(&format!("{before}{id}{after}"), &format!("{before}hex({id}){after}"));
        }
    }
    sql
}
