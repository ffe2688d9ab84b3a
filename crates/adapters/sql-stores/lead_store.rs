//! Leads, as both databases keep them: what is known sealed, and found by blind indexes.

use std::collections::BTreeMap;

use async_trait::async_trait;
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, JoinOnDsl as _, OptionalExtension as _,
    QueryDsl as _, SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use kernel::{LeadId, Page, PageRequest, StoreError, TenantId};
use lead::{Clues, Lead, LeadChange, LeadFilter, LeadStore, Recognised};
use tenancy::{TenantScope, TenantVault};

use crate::{
    Stores,
    audit_log::record,
    conversation_store::{cursor, time_of},
    credential_store::own,
    errors::store_error,
    event_rows::write_events,
    lead_links::Links,
    lead_rows::{LeadRow, identity_key, tag_index},
    locks::version_of_lead,
    schema::{lead_conversations, lead_events_handled, lead_identities, lead_tags, leads},
    types::{Conn, Id, Ts},
};

#[async_trait]
impl LeadStore for Stores {
    async fn find(&self, scope: &TenantScope, id: LeadId) -> Result<Option<Lead>, StoreError> {
        let mut tx = self.db.read(scope).await?;
        let vault = self.db.keys.of(scope.tenant_id(), &mut tx).await?;
        let row = leads::table
            .find((Id(scope.tenant_id().uuid()), Id(id.uuid())))
            .select(LeadRow::as_select())
            .get_result::<LeadRow>(&mut *tx)
            .await
            .optional()
            .map_err(store_error)?;
        row.map(|row| row.open(&*vault)).transpose()
    }

    async fn recognise(&self, scope: &TenantScope, clues: &Clues) -> Result<Recognised, StoreError> {
        let tenant = Id(scope.tenant_id().uuid());
        let mut tx = self.db.read(scope).await?;
        let mut known = Recognised::default();
        if let Some(event) = clues.event {
            let handled = lead_events_handled::table.find((tenant, Id(event.uuid())));
            let found = handled.select(lead_events_handled::event_id).get_result::<Id>(&mut *tx).await;
            known.was_handled = found.optional().map_err(store_error)?.is_some();
        }
        if known.was_handled {
            return Ok(known);
        }
        let vault = self.db.keys.of(scope.tenant_id(), &mut tx).await?;
        if let Some(conversation) = clues.conversation {
            let row = lead_conversations::table
                .inner_join(
                    leads::table.on(leads::tenant_id
                        .eq(lead_conversations::tenant_id)
                        .and(leads::id.eq(lead_conversations::lead_id))),
                )
                .filter(lead_conversations::tenant_id.eq(tenant))
                .filter(lead_conversations::conversation_id.eq(Id(conversation.uuid())))
                .select(LeadRow::as_select())
                .get_result::<LeadRow>(&mut *tx)
                .await
                .optional()
                .map_err(store_error)?;
            known.by_conversation = row.map(|row| row.open(&*vault)).transpose()?;
        }
        for identity in &clues.identities {
            let (kind, index) = identity_key(&*vault, identity);
            let row = lead_identities::table
                .inner_join(
                    leads::table.on(leads::tenant_id
                        .eq(lead_identities::tenant_id)
                        .and(leads::id.eq(lead_identities::lead_id))),
                )
                .filter(lead_identities::tenant_id.eq(tenant))
                .filter(lead_identities::kind.eq(kind.as_str()))
                .filter(lead_identities::value_index.eq(index))
                .select(LeadRow::as_select())
                .get_result::<LeadRow>(&mut *tx)
                .await
                .optional()
                .map_err(store_error)?;
            known.by_identity.push(row.map(|row| row.open(&*vault)).transpose()?);
        }
        Ok(known)
    }

    async fn list(
        &self,
        scope: &TenantScope,
        filter: &LeadFilter,
        page: &PageRequest,
    ) -> Result<Page<Lead>, StoreError> {
        let tenant = Id(scope.tenant_id().uuid());
        let mut tx = self.db.read(scope).await?;
        let vault = self.db.keys.of(scope.tenant_id(), &mut tx).await?;
        let mut query = leads::table
            .filter(leads::tenant_id.eq(tenant))
            .filter(leads::merged_into.is_null())
            .filter(leads::deleted_at.is_null())
            .select(LeadRow::as_select())
            .into_boxed();
        if let Some(status) = filter.status {
            query = query.filter(leads::status.eq(status.as_str()));
        }
        if let Some(source) = filter.source {
            query = query.filter(leads::source.eq(source.as_str()));
        }
        if let Some(least) = filter.min_score {
            query = query.filter(leads::score.ge(i32::from(least)));
        }
        if let Some(identity) = &filter.identity {
            let (kind, index) = identity_key(&*vault, identity);
            let recognised = lead_identities::table.find((tenant, kind.as_str(), index));
            query = query.filter(leads::id.eq_any(recognised.select(lead_identities::lead_id)));
        }
        if let Some(tag) = &filter.tag {
            let tagged = lead_tags::table
                .filter(lead_tags::tenant_id.eq(tenant))
                .filter(lead_tags::tag_index.eq(tag_index(&*vault, tag)));
            query = query.filter(leads::id.eq_any(tagged.select(lead_tags::lead_id)));
        }
        if let Some(after) = page.after() {
            let (at, id) = (Ts(time_of(after)?), Id(after.id));
            query = query.filter(leads::created_at.le(at).and(leads::created_at.lt(at).or(leads::id.lt(id))));
        }
        let rows = query
            .order((leads::created_at.desc(), leads::id.desc()))
            .limit(i64::from(page.limit()) + 1)
            .load::<LeadRow>(&mut *tx)
            .await
            .map_err(store_error)?;
        let opened = rows.into_iter().map(|row| row.open(&*vault)).collect::<Result<Vec<_>, _>>()?;
        Ok(Page::from_rows(opened, page, |lead| cursor(lead.created_at(), lead.id().uuid())))
    }

    async fn save(&self, scope: &TenantScope, change: &LeadChange) -> Result<(), StoreError> {
        let tenant = scope.tenant_id();
        change.inserts.iter().chain(&change.updates).try_for_each(|lead| own(scope, lead.tenant_id()))?;
        let mut tx = self.db.write(scope).await?;
        let vault = self.db.keys.of(tenant, &mut tx).await?;
        write_leads(&mut tx, (tenant, &*vault), change).await?;
        if let Some(event) = change.handled {
            let row = (
                lead_events_handled::tenant_id.eq(Id(tenant.uuid())),
                lead_events_handled::event_id.eq(Id(event.uuid())),
                lead_events_handled::at.eq(Ts(change.at)),
            );
            let inserted = diesel::insert_into(lead_events_handled::table).values(row);
            inserted.execute(&mut *tx).await.map_err(store_error)?;
        }
        write_events(&mut tx, (tenant, &*vault), None, &change.events).await?;
        for (action, resource) in &change.audit {
            record(&mut tx, scope, change.at, *action, &resource.to_string()).await?;
        }
        tx.commit().await
    }
}

/// Writes leads and the rows by which they are found. Everybody holds leads in the order of their ids, and then writes
/// rows in the order of their keys: so nobody waits in a circle.
async fn write_leads(
    conn: &mut Conn,
    (tenant, vault): (TenantId, &dyn TenantVault),
    change: &LeadChange,
) -> Result<(), StoreError> {
    let updates = by_id(&change.updates)?;
    let mut now = Links::default();
    for lead in updates.values() {
        if version_of_lead(conn, tenant, lead.id()).await? != Some(lead.version()) {
            return Err(StoreError::Conflict);
        }
    }
    for lead in by_id(&change.inserts)?.values() {
        let row = LeadRow::seal(vault, lead)?;
        diesel::insert_into(leads::table).values(row).execute(conn).await.map_err(store_error)?;
    }
    for lead in updates.values() {
        now.read_of(conn, tenant, lead.id().uuid()).await?;
        update(conn, tenant, LeadRow::seal(vault, lead)?, lead).await?;
    }
    let wanted = Links::of(vault, change.inserts.iter().chain(&change.updates))?;
    now.become_in(&wanted, conn, tenant).await
}

/// Puts leads in the order of their ids. One that comes twice is refused: the second would be written over the first.
fn by_id(leads: &[Lead]) -> Result<BTreeMap<LeadId, &Lead>, StoreError> {
    let ordered: BTreeMap<_, _> = leads.iter().map(|lead| (lead.id(), lead)).collect();
    if ordered.len() == leads.len() { Ok(ordered) } else { Err(StoreError::Conflict) }
}

async fn update(conn: &mut Conn, tenant: TenantId, row: LeadRow, lead: &Lead) -> Result<(), StoreError> {
    diesel::update(leads::table.find((Id(tenant.uuid()), Id(lead.id().uuid()))))
        .set((
            leads::status.eq(row.status),
            leads::score.eq(row.score),
            leads::conversation_id.eq(row.conversation_id),
            leads::changed_at.eq(row.changed_at),
            leads::version.eq(lead.version() + 1),
            leads::merged_into.eq(row.merged_into),
            leads::deleted_at.eq(row.deleted_at),
            leads::document_sealed.eq(row.document_sealed),
        ))
        .execute(conn)
        .await
        .map_err(store_error)?;
    Ok(())
}
