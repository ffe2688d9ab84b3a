//! Keeping a turn, in one round trip once its conversation is found.

use conversation::{Claim, TurnCommit};
use diesel::sql_types::{Array, BigInt, Binary, Bool, Integer, Nullable, Text, Timestamptz, Uuid as UuidSql};
use diesel_async::RunQueryDsl as _;
use kernel::{StoreError, TenantId};
use tenancy::{TenantScope, TenantVault};

use crate::{
    Stores,
    conversation_rows::{OpenedConversation, find_parts, open_parts},
    errors::{corrupt, store_error},
    event_rows::{facts_text, seal_private},
    message_rows::OutboundRow,
    turn_commit::write_besides,
    types::{Conn, Id, Ts},
    usage_rows::{UsageRow, rows_of_turn},
};

/// So often a turn is sealed anew, because its contact's key has become another meanwhile.
const MOST_TRIES: usize = 4;

mod in_database {
    #![expect(clippy::too_many_arguments, reason = "one round trip takes everything along")]
    //! The function as the migration makes it.

    use super::{Array, BigInt, Binary, Bool, Integer, Nullable, Text, Timestamptz, UuidSql};

    diesel::define_sql_function! {
        /// Keeps a turn, or says why it cannot.
        fn commit_turn(
            tenant: UuidSql, conversation: UuidSql, kind: Text, fence: BigInt, version: BigInt, contact: UuidSql,
            contact_key: Binary, turn: UuidSql, outcome: Text, started_at: Timestamptz, committed_at: Timestamptz,
            answered: Array<UuidSql>,
            said_ids: Array<UuidSql>, said_authors: Array<Text>, said_bodies: Array<Binary>,
            said_intents: Array<Text>, said_purposes: Array<Nullable<Text>>, said_states: Array<Text>,
            said_segments: Array<Integer>, said_waits: Array<Bool>, said_ats: Array<Timestamptz>,
            event_ids: Array<UuidSql>, event_names: Array<Text>, event_versions: Array<Integer>,
            event_ats: Array<Timestamptz>, event_facts: Array<Text>, event_privates: Array<Nullable<Binary>>,
            usage_day: Integer, usage_models: Array<Text>, usage_counts: Array<BigInt>,
        ) -> Text;
    }
}

impl Stores {
    /// Keeps a turn; see [`conversation::ConversationStore::commit_turn`].
    pub(crate) async fn keep_turn(
        &self,
        scope: &TenantScope,
        claim: &Claim,
        commit: &TurnCommit,
    ) -> Result<(), StoreError> {
        let tenant = scope.tenant_id();
        for _ in 0..MOST_TRIES {
            let mut tx = self.db.write(scope).await?;
            let vault = self.db.keys.of(tenant, &mut tx).await?;
            let found = find_parts(&mut tx, tenant, claim.conversation_id).await?;
            let parts = found.ok_or(StoreError::Conflict)?;
            let key = parts.contact.key_wrapped.clone();
            let opened = open_parts(&*vault, parts)?;
            match call(&mut tx, (tenant, &*vault), (&opened, &key), (claim, commit)).await?.as_str() {
                "committed" => {
                    write_besides(&mut tx, tenant, &opened, commit).await?;
                    return tx.commit().await;
                }
                "conflict" => return Err(StoreError::Conflict),
                "other_key" => {}
                _ => return Err(corrupt("verdict")),
            }
        }
        Err(StoreError::Conflict)
    }
}

async fn call(
    conn: &mut Conn,
    (tenant, vault): (TenantId, &dyn TenantVault),
    (opened, contact_key): (&OpenedConversation, &[u8]),
    (claim, commit): (&Claim, &TurnCommit),
) -> Result<String, StoreError> {
    let (turn, conversation) = (&commit.turn, &opened.view.conversation);
    let said = said(tenant, opened, commit)?;
    let events = &commit.events;
    let usage = rows_of_turn(tenant, commit);
    diesel::select(in_database::commit_turn(
        Id(tenant.uuid()),
        Id(conversation.id.uuid()),
        claim.kind.as_str(),
        claim.fence,
        commit.read_version,
        Id(conversation.contact_id.uuid()),
        contact_key,
        Id(turn.id.uuid()),
        turn.outcome.as_str(),
        Ts(turn.started_at),
        Ts(turn.committed_at),
        column(&commit.answered, |message| Id(message.uuid())),
        column(&said, |row| row.id),
        column(&said, |row| row.author),
        column(&said, |row| row.body_sealed.as_slice()),
        column(&said, |row| row.intent),
        column(&said, |row| row.purpose),
        column(&said, |row| row.delivery_state),
        column(&said, |row| row.segments),
        column(&said, |row| row.waits),
        column(&said, |row| row.created_at),
        column(events, |event| Id(event.id.uuid())),
        column(events, |event| event.name.name),
        column(events, |event| i32::from(event.name.version)),
        column(events, |event| Ts(event.at)),
        column(events, facts_text),
        events.iter().map(|event| seal_private(vault, event)).collect::<Result<Vec<_>, _>>()?,
        usage.as_slice().first().map_or(0, |row| row.day),
        column(&usage, |row| row.model.as_str()),
        usage.iter().flat_map(counts).collect::<Vec<_>>(),
    ))
    .get_result::<String>(conn)
    .await
    .map_err(store_error)
}

fn said(
    tenant: TenantId,
    opened: &OpenedConversation,
    commit: &TurnCommit,
) -> Result<Vec<OutboundRow>, StoreError> {
    let (conversation, turn) = (opened.view.conversation.id.uuid(), commit.turn.id.uuid());
    let place = (tenant.uuid(), conversation, Some(turn));
    let seal = |message| OutboundRow::seal(place, opened.provider, &*opened.vault, message);
    commit.outbound.iter().map(seal).collect()
}

/// Returns counts in the order of their columns.
fn counts(row: &UsageRow) -> [i64; 8] {
    [
        row.turns,
        row.turns_answered,
        row.messages_in,
        row.messages_out,
        row.tokens_in,
        row.tokens_out,
        row.cost_micros,
        row.unpriced_tokens,
    ]
}

fn column<'a, T, V>(rows: &'a [T], value: impl Fn(&'a T) -> V) -> Vec<V> {
    rows.iter().map(value).collect()
}
