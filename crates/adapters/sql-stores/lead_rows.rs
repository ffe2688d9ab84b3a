//! The rows of leads: what is sealed in them, and how they are read.

use diesel::{Insertable, Queryable, Selectable};
use kernel::{LeadId, StoreError, TenantId};
use lead::{Field, Identity, Lead, LeadColumns, LeadDocument, LeadSource, Tag};
use tenancy::{BlindIndex, IndexKind, Place, Sealed, TenantVault};
use uuid::Uuid;

use crate::{
    errors::{corrupt, vault_error},
    schema::leads,
    types::{Id, Ts},
};

/// A lead as a row holds it.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = leads)]
pub(crate) struct LeadRow {
    tenant_id: Id,
    id: Id,
    pub(crate) status: String,
    source: String,
    pub(crate) score: i32,
    pub(crate) conversation_id: Option<Id>,
    created_at: Ts,
    pub(crate) changed_at: Ts,
    version: i64,
    pub(crate) merged_into: Option<Id>,
    pub(crate) deleted_at: Option<Ts>,
    pub(crate) document_sealed: Vec<u8>,
}

impl LeadRow {
    /// Seals a lead, with the tenant's key: it joins what several contacts have told.
    pub(crate) fn seal(vault: &dyn TenantVault, lead: &Lead) -> Result<Self, StoreError> {
        let columns = lead.columns();
        let plain =
            serde_json::to_vec(&lead.document()).map_err(|error| StoreError::Corrupt(error.into()))?;
        let sealed = vault.seal(document_place(columns.id.uuid()), &plain).map_err(vault_error)?;
        Ok(Self {
            tenant_id: Id(columns.tenant_id.uuid()),
            id: Id(columns.id.uuid()),
            status: lead.status().as_str().to_owned(),
            source: columns.source.as_str().to_owned(),
            score: i32::from(lead.score().total()),
            conversation_id: lead.conversation_id().map(|id| Id(id.uuid())),
            created_at: Ts(columns.created_at),
            changed_at: Ts(columns.changed_at),
            version: columns.version,
            merged_into: columns.merged_into.map(|id| Id(id.uuid())),
            deleted_at: columns.deleted_at.map(Ts),
            document_sealed: sealed.0,
        })
    }

    /// Opens a lead.
    pub(crate) fn open(self, vault: &dyn TenantVault) -> Result<Lead, StoreError> {
        let place = document_place(self.id.0);
        let plain = vault.open(place, &Sealed(self.document_sealed)).map_err(vault_error)?;
        let document: LeadDocument =
            serde_json::from_slice(&plain).map_err(|_| corrupt("document of a lead"))?;
        let columns = LeadColumns {
            id: LeadId::new(self.id.0),
            tenant_id: TenantId::new(self.tenant_id.0),
            source: LeadSource::from_name(&self.source).ok_or_else(|| corrupt("source of a lead"))?,
            created_at: self.created_at.0,
            changed_at: self.changed_at.0,
            version: self.version,
            merged_into: self.merged_into.map(|id| LeadId::new(id.0)),
            deleted_at: self.deleted_at.map(|at| at.0),
        };
        Ok(Lead::from_stored(columns, document))
    }
}

fn document_place(lead: Uuid) -> Place {
    Place { table: "leads", column: "document_sealed", row: lead }
}

/// Returns the kind of an identity, and the digest by which it is found.
pub(crate) fn identity_key(vault: &dyn TenantVault, identity: &Identity) -> (Field, Vec<u8>) {
    let kind = match identity {
        Identity::Phone(_) => IndexKind::Phone,
        Identity::Email(_) => IndexKind::Email,
    };
    let BlindIndex(digest) = vault.blind_index(kind, identity.as_str());
    (identity.field(), digest.to_vec())
}

/// Returns the digest by which a tag is found.
pub(crate) fn tag_index(vault: &dyn TenantVault, tag: &Tag) -> Vec<u8> {
    let BlindIndex(digest) = vault.blind_index(IndexKind::Tag, tag.as_str());
    digest.to_vec()
}
