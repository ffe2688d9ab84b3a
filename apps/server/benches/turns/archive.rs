//! A million messages that have been there for long: closed conversations of the customers that there are.

use crate::place::Place;

/// Messages in each of the closed conversations.
const EACH: usize = 10;
/// Conversations that there are before, each with one message.
const OPEN: usize = 4_000;

const COLUMNS_OF_CONVERSATION: &str =
    "contact_id, binding_id, channel, address_index, status, owner, created_at,
    last_message_at, version";
const COPIED_OF_CONVERSATION: &str =
    "c.contact_id, c.binding_id, c.channel, c.address_index, 'closed', c.owner,
    c.created_at, c.last_message_at, c.version";
const COLUMNS_OF_MESSAGE: &str =
    "direction, author, body_sealed, intent, carrier_answered, provider, delivery_state, turn_id,
    segments, waits, attempts, look_ups, created_at";
const COPIED_OF_MESSAGE: &str =
    "m.direction, m.author, m.body_sealed, m.intent, m.carrier_answered, m.provider,
    m.delivery_state, c.id, m.segments, m.waits, m.attempts, m.look_ups, m.created_at";

/// Writes so many messages by the database itself, in closed conversations that nothing reads but by going past them.
pub(crate) async fn archive(place: &Place, messages: usize) -> anyhow::Result<()> {
    if messages == 0 {
        return Ok(());
    }
    let copies = messages / EACH / OPEN;
    let conversation = id(place, "1600000000000");
    place
        .execute(&format!(
            "INSERT INTO conversations (tenant_id, id, {COLUMNS_OF_CONVERSATION})
             SELECT c.tenant_id, {conversation}, {COPIED_OF_CONVERSATION} FROM conversations c, {}",
            series(place, copies)
        ))
        .await?;
    let message = id(place, "1610000000000");
    place
        .execute(&format!(
            "INSERT INTO messages (tenant_id, id, conversation_id, provider_message_id, {COLUMNS_OF_MESSAGE})
             SELECT c.tenant_id, {message}, c.id, 'SMarchived' || row_number() OVER (), {COPIED_OF_MESSAGE}
             FROM conversations c, {}, (SELECT * FROM messages LIMIT 1) m WHERE c.status = 'closed'",
            series(place, EACH)
        ))
        .await
}

/// An id that begins with a time, each a millisecond later than the one before.
fn id(place: &Place, since: &str) -> String {
    match place {
        Place::Sqlite(_) => {
            format!("unhex(printf('%012x%s', {since} + row_number() OVER (), hex(randomblob(10))))")
        }
        Place::Postgres(_) => {
            format!(
                "(lpad(to_hex({since} + row_number() OVER ()), 12, '0') || left(md5(random()::text), 20))::uuid"
            )
        }
    }
}

/// So many rows.
fn series(place: &Place, count: usize) -> String {
    match place {
        Place::Sqlite(_) => format!(
            "(WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) SELECT i FROM n) series"
        ),
        Place::Postgres(_) => format!("generate_series(1, {count}) series"),
    }
}
