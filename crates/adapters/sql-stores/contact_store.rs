//! Contacts and consent, as both databases keep them.

use async_trait::async_trait;
use conversation::{
    Consent, ConsentAction, ConsentChange, ConsentSource, ConsentState, Contact, ContactStore, LedgerEntry,
};
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, Queryable,
    Selectable, SelectableHelper as _, upsert::excluded,
};
use diesel_async::RunQueryDsl as _;
use kernel::{ContactId, LedgerEntryId, MessageId, Page, PageRequest, StoreError, TenantId};
use tenancy::{Address, AuditAction, BlindIndex, Sealed, TenantScope, TenantVault};

use crate::{
    Stores,
    audit_log::record,
    conversation_rows::{open_language, open_name},
    conversation_store::{cursor, time_of},
    errors::{corrupt, store_error, vault_error},
    locks::hold_for_consent,
    schema::{consent_ledger, consents, contact_addresses, contacts},
    sealing::{address_index, contact_key, evidence_place, open_contact_address},
    types::{Conn, Id, Ts},
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = contacts)]
struct ContactRow {
    id: Id,
    key_wrapped: Vec<u8>,
    name_sealed: Option<Vec<u8>>,
    name_source: Option<String>,
    language: Option<String>,
    created_at: Ts,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = consent_ledger)]
struct LedgerRow {
    id: Id,
    action: String,
    source: String,
    evidence_sealed: Vec<u8>,
    message_id: Option<Id>,
    at: Ts,
}

#[async_trait]
impl ContactStore for Stores {
    async fn find(&self, scope: &TenantScope, id: ContactId) -> Result<Option<Contact>, StoreError> {
        let mut tx = self.db.read(scope).await?;
        let vault = self.db.keys.of(scope.tenant_id(), &mut tx).await?;
        let row = contacts::table
            .find((Id(scope.tenant_id().uuid()), Id(id.uuid())))
            .select(ContactRow::as_select())
            .first::<ContactRow>(&mut *tx)
            .await
            .optional()
            .map_err(store_error)?;
        let Some(row) = row else { return Ok(None) };
        open_contact(&mut tx, (scope.tenant_id(), &*vault), row).await.map(Some)
    }

    async fn find_by_address(
        &self,
        scope: &TenantScope,
        address: &Address,
    ) -> Result<Option<Contact>, StoreError> {
        let id = {
            let mut tx = self.db.read(scope).await?;
            let vault = self.db.keys.of(scope.tenant_id(), &mut tx).await?;
            contact_addresses::table
                .find((Id(scope.tenant_id().uuid()), address_index(&*vault, address).0.as_slice()))
                .select(contact_addresses::contact_id)
                .first::<Id>(&mut *tx)
                .await
                .optional()
                .map_err(store_error)?
        };
        match id {
            Some(id) => ContactStore::find(self, scope, ContactId::new(id.0)).await,
            None => Ok(None),
        }
    }

    async fn list(&self, scope: &TenantScope, page: &PageRequest) -> Result<Page<Contact>, StoreError> {
        let mut tx = self.db.read(scope).await?;
        let vault = self.db.keys.of(scope.tenant_id(), &mut tx).await?;
        let mut query = contacts::table
            .filter(contacts::tenant_id.eq(Id(scope.tenant_id().uuid())))
            .select(ContactRow::as_select())
            .into_boxed();
        if let Some(after) = page.after() {
            let (at, last) = (Ts(time_of(after)?), Id(after.id));
            query = query.filter(
                contacts::created_at.le(at).and(contacts::created_at.lt(at).or(contacts::id.lt(last))),
            );
        }
        let rows = query
            .order((contacts::created_at.desc(), contacts::id.desc()))
            .limit(i64::from(page.limit()) + 1)
            .load::<ContactRow>(&mut *tx)
            .await
            .map_err(store_error)?;
        let mut opened = Vec::with_capacity(rows.len());
        for row in rows {
            opened.push(open_contact(&mut tx, (scope.tenant_id(), &*vault), row).await?);
        }
        Ok(Page::from_rows(opened, page, |contact| cursor(contact.created_at, contact.id.uuid())))
    }

    async fn consent(&self, scope: &TenantScope, address: &Address) -> Result<Consent, StoreError> {
        let mut tx = self.db.read(scope).await?;
        let vault = self.db.keys.of(scope.tenant_id(), &mut tx).await?;
        find_consent(&mut tx, scope.tenant_id(), &address_index(&*vault, address).0).await
    }

    async fn change_consent(
        &self,
        scope: &TenantScope,
        address: &Address,
        change: &ConsentChange,
    ) -> Result<Consent, StoreError> {
        let mut tx = self.db.write(scope).await?;
        let vault = self.db.keys.of(scope.tenant_id(), &mut tx).await?;
        let index = address_index(&*vault, address);
        hold_for_consent(&mut tx, scope.tenant_id(), &index.0).await?;
        write_consent(&mut tx, (scope.tenant_id(), &*vault), &index, change).await?;
        let entry = change.entry_id.to_string();
        record(&mut tx, scope, change.at, AuditAction::ConsentChanged, &entry).await?;
        let consent = find_consent(&mut tx, scope.tenant_id(), &index.0).await?;
        tx.commit().await?;
        Ok(consent)
    }

    async fn list_ledger(
        &self,
        scope: &TenantScope,
        address: &Address,
        page: &PageRequest,
    ) -> Result<Page<LedgerEntry>, StoreError> {
        let mut tx = self.db.read(scope).await?;
        let vault = self.db.keys.of(scope.tenant_id(), &mut tx).await?;
        let index = address_index(&*vault, address);
        let mut query = consent_ledger::table
            .filter(consent_ledger::tenant_id.eq(Id(scope.tenant_id().uuid())))
            .filter(consent_ledger::address_index.eq(index.0.as_slice()))
            .select(LedgerRow::as_select())
            .into_boxed();
        if let Some(after) = page.after() {
            let (at, last) = (Ts(time_of(after)?), Id(after.id));
            query = query.filter(
                consent_ledger::at.ge(at).and(consent_ledger::at.gt(at).or(consent_ledger::id.gt(last))),
            );
        }
        let rows = query
            .order((consent_ledger::at.asc(), consent_ledger::id.asc()))
            .limit(i64::from(page.limit()) + 1)
            .load::<LedgerRow>(&mut *tx)
            .await
            .map_err(store_error)?;
        let entries =
            rows.into_iter().map(|row| open_entry(&*vault, address, row)).collect::<Result<Vec<_>, _>>()?;
        Ok(Page::from_rows(entries, page, |entry| cursor(entry.change.at, entry.change.entry_id.uuid())))
    }
}

/// Returns what stands for an address; the default where nobody has said.
pub(crate) async fn find_consent(
    conn: &mut Conn,
    tenant: TenantId,
    index: &[u8],
) -> Result<Consent, StoreError> {
    let row = consents::table
        .find((Id(tenant.uuid()), index))
        .select(ConsentRow::as_select())
        .get_result::<ConsentRow>(conn)
        .await
        .optional()
        .map_err(store_error)?;
    read_consent(row)
}

/// What stands for an address.
#[derive(Queryable, Selectable)]
#[diesel(table_name = consents)]
pub(crate) struct ConsentRow {
    state: String,
    changed_at: Ts,
    confirmed_at: Option<Ts>,
    version: i64,
}

/// Reads what stands for an address; the default where nobody has said.
pub(crate) fn read_consent(row: Option<ConsentRow>) -> Result<Consent, StoreError> {
    let Some(row) = row else { return Ok(Consent::default()) };
    Ok(Consent {
        state: ConsentState::from_name(&row.state).ok_or_else(|| corrupt("consent"))?,
        changed_at: Some(row.changed_at.0),
        confirmed_at: row.confirmed_at.map(|at| at.0),
        version: row.version,
    })
}

/// Writes a change of consent with its ledger line.
pub(crate) async fn write_consent(
    conn: &mut Conn,
    (tenant, vault): (TenantId, &dyn TenantVault),
    index: &BlindIndex,
    change: &ConsentChange,
) -> Result<(), StoreError> {
    diesel::insert_into(consents::table)
        .values((
            consents::tenant_id.eq(Id(tenant.uuid())),
            consents::address_index.eq(index.0.as_slice()),
            consents::state.eq(change.action.leads_to().as_str()),
            consents::changed_at.eq(Ts(change.at)),
            consents::version.eq(1_i64),
        ))
        .on_conflict((consents::tenant_id, consents::address_index))
        .do_update()
        .set((
            consents::state.eq(excluded(consents::state)),
            consents::changed_at.eq(excluded(consents::changed_at)),
            consents::version.eq(consents::version + 1),
        ))
        .execute(conn)
        .await
        .map_err(store_error)?;
    let evidence = vault
        .seal(evidence_place(change.entry_id.uuid()), change.evidence.as_bytes())
        .map_err(vault_error)?;
    diesel::insert_into(consent_ledger::table)
        .values((
            consent_ledger::tenant_id.eq(Id(tenant.uuid())),
            consent_ledger::id.eq(Id(change.entry_id.uuid())),
            consent_ledger::address_index.eq(index.0.as_slice()),
            consent_ledger::action.eq(change.action.as_str()),
            consent_ledger::source.eq(change.source.as_str()),
            consent_ledger::evidence_sealed.eq(evidence.0),
            consent_ledger::message_id.eq(change.message_id.map(|id| Id(id.uuid()))),
            consent_ledger::at.eq(Ts(change.at)),
        ))
        .execute(conn)
        .await
        .map_err(store_error)?;
    Ok(())
}

async fn open_contact(
    conn: &mut Conn,
    (tenant, vault): (TenantId, &dyn TenantVault),
    row: ContactRow,
) -> Result<Contact, StoreError> {
    let id = ContactId::new(row.id.0);
    let vault = vault.unlock_contact(id, &contact_key(row.key_wrapped)).map_err(vault_error)?;
    let addresses = contact_addresses::table
        .filter(contact_addresses::tenant_id.eq(Id(tenant.uuid())))
        .filter(contact_addresses::contact_id.eq(row.id))
        .order((contact_addresses::created_at.asc(), contact_addresses::address_index.asc()))
        .select(contact_addresses::address_sealed)
        .load::<Vec<u8>>(conn)
        .await
        .map_err(store_error)?;
    Ok(Contact {
        id,
        name: open_name(&*vault, row.id.0, row.name_sealed, row.name_source.as_deref())?,
        language: open_language(row.language.as_deref())?,
        addresses: addresses
            .into_iter()
            .map(|sealed| open_contact_address(&*vault, row.id.0, sealed))
            .collect::<Result<_, _>>()?,
        created_at: row.created_at.0,
    })
}

fn open_entry(vault: &dyn TenantVault, address: &Address, row: LedgerRow) -> Result<LedgerEntry, StoreError> {
    let evidence = vault.open(evidence_place(row.id.0), &Sealed(row.evidence_sealed)).map_err(vault_error)?;
    Ok(LedgerEntry {
        address: address.clone(),
        change: ConsentChange {
            entry_id: LedgerEntryId::new(row.id.0),
            action: ConsentAction::from_name(&row.action).ok_or_else(|| corrupt("consent action"))?,
            source: ConsentSource::from_name(&row.source).ok_or_else(|| corrupt("consent source"))?,
            evidence: String::from_utf8(evidence).map_err(|_| corrupt("evidence"))?,
            message_id: row.message_id.map(|id| MessageId::new(id.0)),
            at: row.at.0,
        },
    })
}
