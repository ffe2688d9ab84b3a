//! The platform's audit log, as both databases keep it: what is done to something that is no tenant's.

use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, QueryDsl as _, Queryable, Selectable,
    SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use kernel::{AuditEntryId, Page, PageRequest, StoreError, Timestamp};
use tenancy::{AuditAction, AuditEntry, AuditFilter, PlatformScope};
use uuid::Uuid;

use crate::{
    conversation_store::{cursor, time_of},
    errors::store_error,
    schema::platform_audit_log,
    types::{Conn, Id, Ts},
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = platform_audit_log)]
struct LineRow {
    id: Id,
    at: Ts,
    actor: String,
    action: String,
    resource_id: String,
}

impl LineRow {
    fn read(self) -> AuditEntry {
        AuditEntry {
            id: AuditEntryId::new(self.id.0),
            at: self.at.0,
            actor: self.actor,
            action: self.action,
            resource_id: self.resource_id,
            detail: None,
        }
    }
}

/// Writes what the scope's actor does, in the transaction that does it, unless it is the server itself.
pub(crate) async fn record_platform(
    conn: &mut Conn,
    platform: &PlatformScope,
    at: Timestamp,
    action: AuditAction,
    resource_id: &str,
) -> Result<(), StoreError> {
    if !platform.actor().is_audited() {
        return Ok(());
    }
    diesel::insert_into(platform_audit_log::table)
        .values((
            platform_audit_log::id.eq(Id(Uuid::now_v7())),
            platform_audit_log::at.eq(Ts(at)),
            platform_audit_log::actor.eq(platform.actor().to_string()),
            platform_audit_log::action.eq(action.as_str()),
            platform_audit_log::resource_id.eq(resource_id),
        ))
        .execute(conn)
        .await
        .map_err(store_error)?;
    Ok(())
}

/// Returns lines, newest first.
pub(crate) async fn list(
    conn: &mut Conn,
    filter: &AuditFilter,
    page: &PageRequest,
) -> Result<Page<AuditEntry>, StoreError> {
    use platform_audit_log::{action, at, id, resource_id, table};
    let mut query = table.select(LineRow::as_select()).into_boxed();
    if let Some(asked) = filter.action {
        query = query.filter(action.eq(asked.as_str()));
    }
    if let Some(asked) = &filter.resource_id {
        query = query.filter(resource_id.eq(asked.clone()));
    }
    if let Some(after) = page.after() {
        let (last, last_id) = (Ts(time_of(after)?), Id(after.id));
        query = query.filter(at.lt(last).or(at.eq(last).and(id.lt(last_id))));
    }
    let rows = query
        .order((at.desc(), id.desc()))
        .limit(i64::from(page.limit()) + 1)
        .load::<LineRow>(conn)
        .await
        .map_err(store_error)?;
    let lines = rows.into_iter().map(LineRow::read).collect();
    Ok(Page::from_rows(lines, page, |line| cursor(line.at, line.id.uuid())))
}
