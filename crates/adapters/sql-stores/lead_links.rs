//! The rows by which leads are found: identities, conversations and tags.
//!
//! What a change takes from one lead and gives to another is moved. All rows of a kind are written in the order of their
//! keys, so that two changes at once wait for one another in one direction only.

use std::collections::BTreeMap;

use diesel::{ExpressionMethods as _, QueryDsl as _};
use diesel_async::RunQueryDsl as _;
use kernel::{StoreError, TenantId};
use lead::{Field, Lead};
use tenancy::TenantVault;
use uuid::Uuid;

use crate::{
    errors::{corrupt, store_error},
    lead_rows::{identity_key, tag_index},
    schema::{lead_conversations, lead_identities, lead_tags},
    types::{Conn, Id},
};

/// Which lead is found by what: by the kind and digest of an identity, by a conversation, by a tag.
#[derive(Default)]
pub(crate) struct Links {
    identities: BTreeMap<(Field, Vec<u8>), Uuid>,
    conversations: BTreeMap<Uuid, Uuid>,
    tags: BTreeMap<(Uuid, Vec<u8>), Uuid>,
}

/// What makes one row as it should be.
enum Step {
    Insert(Uuid),
    Move(Uuid),
    Remove,
}

impl Links {
    /// Returns by what leads should be found.
    ///
    /// # Errors
    /// [`StoreError::Duplicate`] when two of them should be found by the same.
    pub(crate) fn of<'a>(
        vault: &dyn TenantVault,
        leads: impl Iterator<Item = &'a Lead>,
    ) -> Result<Self, StoreError> {
        let mut links = Self::default();
        for lead in leads.filter(|lead| lead.merged_into().is_none()) {
            let id = lead.id().uuid();
            for identity in lead.identities() {
                put(&mut links.identities, identity_key(vault, &identity), id)?;
            }
            for conversation in lead.conversations() {
                put(&mut links.conversations, conversation.uuid(), id)?;
            }
            for tag in lead.tags() {
                put(&mut links.tags, (id, tag_index(vault, &tag)), id)?;
            }
        }
        Ok(links)
    }

    /// Adds by what a lead is found now.
    pub(crate) async fn read_of(
        &mut self,
        conn: &mut Conn,
        tenant: TenantId,
        lead: Uuid,
    ) -> Result<(), StoreError> {
        let identities = lead_identities::table
            .filter(lead_identities::tenant_id.eq(Id(tenant.uuid())))
            .filter(lead_identities::lead_id.eq(Id(lead)))
            .select((lead_identities::kind, lead_identities::value_index))
            .load::<(String, Vec<u8>)>(conn)
            .await
            .map_err(store_error)?;
        for (kind, index) in identities {
            let kind = Field::from_name(&kind).ok_or_else(|| corrupt("kind of an identity"))?;
            self.identities.insert((kind, index), lead);
        }
        let conversations = lead_conversations::table
            .filter(lead_conversations::tenant_id.eq(Id(tenant.uuid())))
            .filter(lead_conversations::lead_id.eq(Id(lead)))
            .select(lead_conversations::conversation_id)
            .load::<Id>(conn)
            .await
            .map_err(store_error)?;
        self.conversations.extend(conversations.into_iter().map(|id| (id.0, lead)));
        let tags = lead_tags::table
            .filter(lead_tags::tenant_id.eq(Id(tenant.uuid())))
            .filter(lead_tags::lead_id.eq(Id(lead)))
            .select(lead_tags::tag_index)
            .load::<Vec<u8>>(conn)
            .await
            .map_err(store_error)?;
        self.tags.extend(tags.into_iter().map(|index| ((lead, index), lead)));
        Ok(())
    }

    /// Makes the rows as they should be.
    ///
    /// # Errors
    /// [`StoreError::Duplicate`] when another lead is found by one of these.
    pub(crate) async fn become_in(
        &self,
        wanted: &Self,
        conn: &mut Conn,
        tenant: TenantId,
    ) -> Result<(), StoreError> {
        let tenant = Id(tenant.uuid());
        for ((kind, index), step) in steps(&self.identities, &wanted.identities) {
            write_identity(conn, tenant, (kind.as_str(), index), step).await?;
        }
        for (conversation, step) in steps(&self.conversations, &wanted.conversations) {
            write_conversation(conn, tenant, Id(*conversation), step).await?;
        }
        for ((lead, index), step) in steps(&self.tags, &wanted.tags) {
            write_tag(conn, tenant, (Id(*lead), index), step).await?;
        }
        Ok(())
    }
}

/// Two leads of one change with one key is what the database would refuse too.
fn put<K: Ord>(links: &mut BTreeMap<K, Uuid>, key: K, lead: Uuid) -> Result<(), StoreError> {
    match links.insert(key, lead) {
        Some(other) if other != lead => Err(StoreError::Duplicate),
        _ => Ok(()),
    }
}

/// Returns what makes some rows others, in the order of their keys.
fn steps<'a, K: Ord>(now: &'a BTreeMap<K, Uuid>, wanted: &'a BTreeMap<K, Uuid>) -> BTreeMap<&'a K, Step> {
    let gone = now.keys().filter(|key| !wanted.contains_key(*key)).map(|key| (key, Step::Remove));
    let kept = wanted.iter().filter_map(|(key, lead)| match now.get(key) {
        None => Some((key, Step::Insert(*lead))),
        Some(owner) if owner != lead => Some((key, Step::Move(*lead))),
        Some(_) => None,
    });
    gone.chain(kept).collect()
}

async fn write_identity(
    conn: &mut Conn,
    tenant: Id,
    (kind, index): (&str, &[u8]),
    step: Step,
) -> Result<(), StoreError> {
    let row = lead_identities::table.find((tenant, kind, index));
    match step {
        Step::Insert(lead) => {
            let values = (
                lead_identities::tenant_id.eq(tenant),
                lead_identities::kind.eq(kind),
                lead_identities::value_index.eq(index),
                lead_identities::lead_id.eq(Id(lead)),
            );
            diesel::insert_into(lead_identities::table).values(values).execute(conn).await
        }
        Step::Move(lead) => {
            diesel::update(row).set(lead_identities::lead_id.eq(Id(lead))).execute(conn).await
        }
        Step::Remove => diesel::delete(row).execute(conn).await,
    }
    .map_err(store_error)?;
    Ok(())
}

async fn write_conversation(
    conn: &mut Conn,
    tenant: Id,
    conversation: Id,
    step: Step,
) -> Result<(), StoreError> {
    let row = lead_conversations::table.find((tenant, conversation));
    match step {
        Step::Insert(lead) => {
            let values = (
                lead_conversations::tenant_id.eq(tenant),
                lead_conversations::conversation_id.eq(conversation),
                lead_conversations::lead_id.eq(Id(lead)),
            );
            diesel::insert_into(lead_conversations::table).values(values).execute(conn).await
        }
        Step::Move(lead) => {
            diesel::update(row).set(lead_conversations::lead_id.eq(Id(lead))).execute(conn).await
        }
        Step::Remove => diesel::delete(row).execute(conn).await,
    }
    .map_err(store_error)?;
    Ok(())
}

/// The lead is part of a tag's key, so a tag comes and goes and is never moved.
async fn write_tag(
    conn: &mut Conn,
    tenant: Id,
    (lead, index): (Id, &[u8]),
    step: Step,
) -> Result<(), StoreError> {
    let row = lead_tags::table.find((tenant, lead, index));
    match step {
        Step::Insert(_) | Step::Move(_) => {
            let values = (
                lead_tags::tenant_id.eq(tenant),
                lead_tags::lead_id.eq(lead),
                lead_tags::tag_index.eq(index),
            );
            diesel::insert_into(lead_tags::table).values(values).execute(conn).await
        }
        Step::Remove => diesel::delete(row).execute(conn).await,
    }
    .map_err(store_error)?;
    Ok(())
}
