//! Keeping a turn, in a transaction that writes alone.

use conversation::{Claim, Direction, JobKind, TurnCommit};
use diesel::{ExpressionMethods as _, QueryDsl as _};
use diesel_async::RunQueryDsl as _;
use kernel::{ConversationId, StoreError, TenantId};
use tenancy::{TenantScope, TenantVault};

use crate::{
    Stores,
    conversation_rows::find_conversation,
    errors::store_error,
    event_rows::write_events,
    schema::{jobs, messages, turns},
    turn_commit::{check_fence, insert_outbound, want_job, write_besides},
    types::{Conn, Id, Ts},
    usage_rows,
};

impl Stores {
    /// Keeps a turn; see [`conversation::ConversationStore::commit_turn`].
    pub(crate) async fn keep_turn(
        &self,
        scope: &TenantScope,
        claim: &Claim,
        commit: &TurnCommit,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.write(scope).await?;
        let vault = self.db.keys.of(scope.tenant_id(), &mut tx).await?;
        write_turn(&mut tx, (scope.tenant_id(), &*vault), claim, commit).await?;
        tx.commit().await
    }
}

/// Writes a turn and ends its claim, or says [`StoreError::Conflict`].
async fn write_turn(
    conn: &mut Conn,
    (tenant, vault): (TenantId, &dyn TenantVault),
    claim: &Claim,
    commit: &TurnCommit,
) -> Result<(), StoreError> {
    let id = claim.conversation_id;
    check_fence(conn, tenant, claim).await?;
    let opened = find_conversation(conn, (tenant, vault), id).await?.ok_or(StoreError::Conflict)?;
    if opened.view.conversation.version != commit.read_version {
        return Err(StoreError::Conflict);
    }
    let turn = commit.turn.id.uuid();
    diesel::insert_into(turns::table)
        .values((
            turns::tenant_id.eq(Id(tenant.uuid())),
            turns::id.eq(Id(turn)),
            turns::conversation_id.eq(Id(id.uuid())),
            turns::outcome.eq(commit.turn.outcome.as_str()),
            turns::started_at.eq(Ts(commit.turn.started_at)),
            turns::committed_at.eq(Ts(commit.turn.committed_at)),
        ))
        .execute(conn)
        .await
        .map_err(store_error)?;
    // One by one: a list in a statement would have it planned anew each time.
    for message in &commit.answered {
        diesel::update(messages::table.find((Id(tenant.uuid()), Id(message.uuid()))))
            .filter(messages::conversation_id.eq(Id(id.uuid())))
            .filter(messages::turn_id.is_null())
            .set(messages::turn_id.eq(Id(turn)))
            .execute(conn)
            .await
            .map_err(store_error)?;
    }
    insert_outbound(conn, tenant, &opened, Some(turn), &commit.outbound).await?;
    write_events(conn, (tenant, vault), Some(id), &commit.events).await?;
    write_besides(conn, tenant, &opened, commit).await?;
    if commit.events.iter().any(|event| event.private.is_some()) {
        want_job(conn, tenant, (JobKind::Reaction, id.uuid(), false), commit.turn.committed_at).await?;
    }
    end_turn_job(conn, tenant, id).await?;
    for used in usage_rows::rows_of_turn(tenant, commit) {
        usage_rows::add(conn, used).await?;
    }
    Ok(())
}

/// The job goes, unless something was said that no turn has answered: then it is free again, due when that
/// asked for.
async fn end_turn_job(conn: &mut Conn, tenant: TenantId, id: ConversationId) -> Result<(), StoreError> {
    let unanswered = messages::table
        .filter(messages::tenant_id.eq(Id(tenant.uuid())))
        .filter(messages::conversation_id.eq(Id(id.uuid())))
        .filter(messages::direction.eq(Direction::Inbound.as_str()))
        .filter(messages::turn_id.is_null())
        .count()
        .get_result::<i64>(conn)
        .await
        .map_err(store_error)?;
    let job = jobs::table.find((Id(tenant.uuid()), JobKind::Turn.as_str(), Id(id.uuid())));
    if unanswered == 0 {
        diesel::delete(job).execute(conn).await.map_err(store_error)?;
    } else {
        diesel::update(job)
            .set((jobs::lease_until.eq(None::<Ts>), jobs::attempts.eq(0)))
            .execute(conn)
            .await
            .map_err(store_error)?;
    }
    Ok(())
}
