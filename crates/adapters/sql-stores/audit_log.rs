//! Tenants' audit log, as both databases keep it: written with each change, told as an event, shown by page.

use async_trait::async_trait;
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, QueryDsl as _, Queryable, Selectable,
    SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use kernel::{AuditEntryId, EventId, Page, PageRequest, StoreError, Timestamp};
use tenancy::{AuditAction, AuditDetail, AuditEntry, AuditFilter, AuditLog, PlatformScope, TenantScope};
use uuid::Uuid;

use crate::{
    Stores,
    conversation_store::{cursor, time_of},
    errors::store_error,
    event_rows::tell,
    platform_audit_log,
    schema::audit_log,
    types::{Conn, Id, Ts},
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = audit_log)]
struct LineRow {
    id: Id,
    at: Ts,
    actor: String,
    action: String,
    resource_id: String,
    detail: Option<String>,
}

impl LineRow {
    fn read(self) -> AuditEntry {
        AuditEntry {
            id: AuditEntryId::new(self.id.0),
            at: self.at.0,
            actor: self.actor,
            action: self.action,
            resource_id: self.resource_id,
            detail: self.detail.map(AuditDetail::from_stored),
        }
    }
}

/// Writes what the scope's actor does, in the transaction that does it.
pub(crate) async fn record(
    conn: &mut Conn,
    scope: &TenantScope,
    at: Timestamp,
    action: AuditAction,
    resource_id: &str,
) -> Result<(), StoreError> {
    write(conn, scope, at, (action, resource_id), None).await
}

/// Writes what the scope's actor changes, in the transaction that does it, unless that is nothing.
pub(crate) async fn record_change(
    conn: &mut Conn,
    scope: &TenantScope,
    at: Timestamp,
    what: (AuditAction, &str),
    detail: Option<&AuditDetail>,
) -> Result<(), StoreError> {
    if detail.is_none() { Ok(()) } else { write(conn, scope, at, what, detail).await }
}

async fn write(
    conn: &mut Conn,
    scope: &TenantScope,
    at: Timestamp,
    (action, resource_id): (AuditAction, &str),
    detail: Option<&AuditDetail>,
) -> Result<(), StoreError> {
    if action.is_told() {
        let id = EventId::new(Uuid::now_v7());
        tell(conn, scope.tenant_id(), (id, action.as_str(), at), &action.facts(resource_id)).await?;
    }
    if !scope.actor().is_audited() {
        return Ok(());
    }
    diesel::insert_into(audit_log::table)
        .values((
            audit_log::tenant_id.eq(Id(scope.tenant_id().uuid())),
            audit_log::id.eq(Id(Uuid::now_v7())),
            audit_log::at.eq(Ts(at)),
            audit_log::actor.eq(scope.actor().to_string()),
            audit_log::action.eq(action.as_str()),
            audit_log::resource_id.eq(resource_id),
            audit_log::detail.eq(detail.map(AuditDetail::as_str)),
        ))
        .execute(conn)
        .await
        .map_err(store_error)?;
    Ok(())
}

#[async_trait]
impl AuditLog for Stores {
    async fn list(
        &self,
        scope: &TenantScope,
        filter: &AuditFilter,
        page: &PageRequest,
    ) -> Result<Page<AuditEntry>, StoreError> {
        let mut tx = self.db.read(scope).await?;
        let mut query = audit_log::table
            .filter(audit_log::tenant_id.eq(Id(scope.tenant_id().uuid())))
            .select(LineRow::as_select())
            .into_boxed();
        if let Some(action) = filter.action {
            query = query.filter(audit_log::action.eq(action.as_str()));
        }
        if let Some(resource_id) = &filter.resource_id {
            query = query.filter(audit_log::resource_id.eq(resource_id.clone()));
        }
        if let Some(after) = page.after() {
            let (at, id) = (Ts(time_of(after)?), Id(after.id));
            query = query.filter(audit_log::at.le(at).and(audit_log::at.lt(at).or(audit_log::id.lt(id))));
        }
        let rows = query
            .order((audit_log::at.desc(), audit_log::id.desc()))
            .limit(i64::from(page.limit()) + 1)
            .load::<LineRow>(&mut *tx)
            .await
            .map_err(store_error)?;
        let lines = rows.into_iter().map(LineRow::read).collect();
        Ok(Page::from_rows(lines, page, |line| cursor(line.at, line.id.uuid())))
    }

    async fn list_platform(
        &self,
        platform: &PlatformScope,
        filter: &AuditFilter,
        page: &PageRequest,
    ) -> Result<Page<AuditEntry>, StoreError> {
        let mut tx = self.db.read_platform(platform).await?;
        platform_audit_log::list(&mut tx, filter, page).await
    }
}
