//! The port to leads.

use async_trait::async_trait;
use kernel::{ConversationId, DomainEvent, EventId, LeadId, Page, PageRequest, StoreError, Timestamp};
use tenancy::{AuditAction, TenantScope};
use uuid::Uuid;

use crate::{Identity, Lead, LeadSource, LeadStatus, Tag};

/// Which leads are asked for. Every condition that is there must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeadFilter {
    /// Only with this status.
    pub status: Option<LeadStatus>,
    /// Only with this tag.
    pub tag: Option<Tag>,
    /// Only first heard of there.
    pub source: Option<LeadSource>,
    /// Only recognised by this.
    pub identity: Option<Identity>,
    /// Only with this score or a greater one.
    pub min_score: Option<i16>,
}

/// What is written in one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeadChange {
    /// Leads that are new.
    pub inserts: Vec<Lead>,
    /// Leads that were read, with the version that was read.
    pub updates: Vec<Lead>,
    /// The event that is handled by this, if it was one.
    pub handled: Option<EventId>,
    /// What has happened.
    pub events: Vec<DomainEvent>,
    /// The lines for the audit log: what was done to which resource.
    pub audit: Vec<(AuditAction, Uuid)>,
    /// When.
    pub at: Timestamp,
}

/// By what somebody may be recognised of whom something is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clues {
    /// The event that tells of them, if it was one.
    pub event: Option<EventId>,
    /// The conversation that they speak in.
    pub conversation: Option<ConversationId>,
    /// Their identities.
    pub identities: Vec<Identity>,
}

/// What is known of whoever was asked for by [`Clues`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recognised {
    /// Whether the event was handled before. Then nothing else is looked for.
    pub was_handled: bool,
    /// The lead that the conversation belongs to, also a deleted one.
    pub by_conversation: Option<Lead>,
    /// The lead of each identity, in the order in which they were asked for.
    pub by_identity: Vec<Option<Lead>>,
}

impl LeadChange {
    /// Begins a change that changes nothing yet.
    pub fn at(at: Timestamp) -> Self {
        Self {
            inserts: Vec::new(),
            updates: Vec::new(),
            handled: None,
            events: Vec::new(),
            audit: Vec::new(),
            at,
        }
    }
}

/// Keeps leads.
///
/// An adapter MUST keep [`Lead::document`] sealed, beside the plain [`Lead::columns`], and MUST find identities and tags
/// by a blind index. It MUST make (tenant, kind and value of an identity), (tenant, conversation) and (tenant, event
/// handled) unique in the database itself. Rows of identities, conversations and tags are those of [`Lead::identities`],
/// [`Lead::conversations`] and [`Lead::tags`] where the lead [is current](Lead::is_current), and none where it is not, but
/// those of the conversations of a deleted lead: what was said in them is not told anew.
#[async_trait]
pub trait LeadStore: Send + Sync {
    /// Returns one of the tenant's leads, also a merged or deleted one.
    ///
    /// # Errors
    /// When the store fails.
    async fn find(&self, scope: &TenantScope, id: LeadId) -> Result<Option<Lead>, StoreError>;

    /// Returns whom the tenant knows by any of these.
    ///
    /// # Errors
    /// When the store fails.
    async fn recognise(&self, scope: &TenantScope, clues: &Clues) -> Result<Recognised, StoreError>;

    /// Returns the lead that is recognised by an identity.
    ///
    /// # Errors
    /// When the store fails.
    async fn find_by_identity(
        &self,
        scope: &TenantScope,
        identity: &Identity,
    ) -> Result<Option<Lead>, StoreError> {
        let clues = Clues { identities: vec![identity.clone()], ..Clues::default() };
        Ok(self.recognise(scope, &clues).await?.by_identity.pop().flatten())
    }

    /// Returns the lead that a conversation belongs to, also a deleted one.
    ///
    /// # Errors
    /// When the store fails.
    async fn find_by_conversation(
        &self,
        scope: &TenantScope,
        conversation: ConversationId,
    ) -> Result<Option<Lead>, StoreError> {
        let clues = Clues { conversation: Some(conversation), ..Clues::default() };
        Ok(self.recognise(scope, &clues).await?.by_conversation)
    }

    /// Returns current leads, by falling time of their making and id.
    ///
    /// # Errors
    /// When the store fails.
    async fn list(
        &self,
        scope: &TenantScope,
        filter: &LeadFilter,
        page: &PageRequest,
    ) -> Result<Page<Lead>, StoreError>;

    /// Writes a change: leads with their rows, the event handled, the events that it tells of, and the lines of the audit
    /// log that the change names, with the scope's actor unless [`Actor::is_audited`](tenancy::Actor::is_audited) says
    /// no. All or nothing. The version of each updated lead rises by one; a new one keeps the version that it has.
    ///
    /// An identity or conversation may go from one updated lead to another: an adapter MUST remove the rows of all before
    /// it writes those of any. A change without leads MUST be written too.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] unless every updated lead has the version that was read, and every lead is the scope's
    /// tenant's; [`StoreError::Duplicate`] when a new lead's id, an identity, a conversation or the event is there already.
    async fn save(&self, scope: &TenantScope, change: &LeadChange) -> Result<(), StoreError>;
}
