//! What people and programs do with leads: find, add, change and delete them.

use std::sync::Arc;

use kernel::{Clock, EventId, IdGenerator, LeadId, Page, PageRequest, StoreError, Timestamp};
use tenancy::{AuditAction, TenantScope};

use crate::{
    Confidence, Fact, FactSource, FactValue, Field, HeardBy, Identity, Lead, LeadChange, LeadError,
    LeadFilter, LeadSource, LeadStatus, LeadStore, Note, Strength, Tag, Told,
    arrival::{Arrival, Arrived},
    events::{Happened, event},
};

/// Lets people and programs work with leads.
pub struct ManageLeads {
    pub(crate) store: Arc<dyn LeadStore>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdGenerator>,
}

/// What somebody of the business changes of a lead, all or nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeadEdit {
    /// How far the business has come.
    pub status: Option<LeadStatus>,
    /// Fields as they are known; one without a value is forgotten, with all that was told of it.
    pub fields: Vec<(Field, Option<String>)>,
}

/// What a change of one lead was, part by part; nothing if it changed nothing.
type Done = Vec<(Happened, AuditAction)>;

impl ManageLeads {
    /// How often a change is tried again that others were faster than.
    pub(crate) const ATTEMPTS: usize = 8;

    /// Makes the use case.
    pub fn new(store: Arc<dyn LeadStore>, clock: Arc<dyn Clock>, ids: Arc<dyn IdGenerator>) -> Self {
        Self { store, clock, ids }
    }

    /// Returns a lead; one that was merged says into which.
    ///
    /// # Errors
    /// When the tenant has no such lead, or it is deleted, or the store fails.
    pub async fn get(&self, scope: &TenantScope, id: LeadId) -> Result<Lead, LeadError> {
        let lead = self.store.find(scope, id).await?;
        lead.filter(|lead| lead.deleted_at().is_none()).ok_or(LeadError::NotFound { what: "lead" })
    }

    /// Returns leads, newest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn list(
        &self,
        scope: &TenantScope,
        filter: &LeadFilter,
        page: &PageRequest,
    ) -> Result<Page<Lead>, LeadError> {
        Ok(self.store.list(scope, filter, page).await?)
    }

    /// Adds a lead from the fields of a form or another program. Where a lead has the phone or e-mail address already,
    /// that one is returned, with its blanks filled. Beside the lead stands what came of it.
    ///
    /// # Errors
    /// [`LeadError::Invalid`] when a field cannot be read, or there is no phone, e-mail address or name; or when the store
    /// fails.
    pub async fn create(
        &self,
        scope: &TenantScope,
        fields: &[(Field, String)],
        business: &HeardBy,
    ) -> Result<(Lead, Arrived), LeadError> {
        let told = Told { at: self.clock.now(), conversation_id: None };
        let facts = fields.iter().map(|(field, text)| {
            let value = read(*field, text, business)?;
            let strength = strength_of(*field, &value, FactSource::Supplied);
            Ok(Fact::new(*field, value, FactSource::Supplied, Confidence::FULL, told).with_strength(strength))
        });
        let facts = facts.collect::<Result<Vec<_>, LeadError>>()?;
        let arrival = Arrival {
            facts,
            earlier: Vec::new(),
            conversation: None,
            source: LeadSource::Api,
            handled: None,
            at: told.at,
        };
        if !arrival.is_of_worth() {
            let message = "give a phone, an e-mail address, or a name with a need".into();
            return Err(LeadError::Invalid { field: "phone", message });
        }
        for _ in 0..Self::ATTEMPTS {
            match arrival.arrive(&*self.store, &*self.ids, scope).await {
                Ok(arrived @ (Arrived::Captured(id) | Arrived::Updated(id) | Arrived::Unchanged(id))) => {
                    return Ok((self.get(scope, id).await?, arrived));
                }
                Ok(Arrived::Repeated | Arrived::Nothing)
                | Err(StoreError::Conflict | StoreError::Duplicate) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Conflict.into())
    }

    /// Changes a lead as somebody of the business knows better: a status to which the present one may go, and fields that
    /// nothing else overwrites.
    ///
    /// # Errors
    /// [`LeadError::Transition`] when there is no such step; [`LeadError::Taken`] when another lead has the phone or e-mail
    /// address; when a field cannot be read, there is no such lead, or the store fails.
    pub async fn edit(
        &self,
        scope: &TenantScope,
        id: LeadId,
        edit: &LeadEdit,
        business: &HeardBy,
    ) -> Result<Lead, LeadError> {
        let read_one = |(field, text): &(Field, Option<String>)| {
            Ok((*field, text.as_ref().map(|text| read(*field, text, business)).transpose()?))
        };
        let fields = edit.fields.iter().map(read_one).collect::<Result<Vec<_>, LeadError>>()?;
        for _ in 0..Self::ATTEMPTS {
            self.ensure_free(scope, id, &fields).await?;
            let outcome = self.change(scope, id, |lead, at| {
                let mut done = edit.status.map_or(Ok(Vec::new()), |to| set_status(lead, to))?;
                done.extend(apply(lead, &fields, at));
                Ok(done)
            });
            match outcome.await {
                // Somebody else got the identity meanwhile; the next look finds out who.
                Err(LeadError::Store(StoreError::Duplicate)) => {}
                outcome => return outcome,
            }
        }
        Err(StoreError::Conflict.into())
    }

    /// Adds a note in the name of whoever acts.
    ///
    /// # Errors
    /// When the text is not usable, there is no such lead, it has too many notes, or the store fails.
    pub async fn note(&self, scope: &TenantScope, id: LeadId, text: &str) -> Result<Lead, LeadError> {
        self.change(scope, id, |lead, at| {
            lead.note(Note::write(scope.actor(), at, text)?)?;
            Ok(vec![(Happened::Updated(Vec::new()), AuditAction::LeadNoted)])
        })
        .await
    }

    /// Puts a tag on a lead.
    ///
    /// # Errors
    /// When there is no such lead, it has too many tags, or the store fails.
    pub async fn tag(&self, scope: &TenantScope, id: LeadId, tag: &Tag) -> Result<Lead, LeadError> {
        self.change(scope, id, |lead, _| Ok(changed(lead.tag(tag.clone())?))).await
    }

    /// Takes a tag off a lead.
    ///
    /// # Errors
    /// When there is no such lead, or the store fails.
    pub async fn untag(&self, scope: &TenantScope, id: LeadId, tag: &Tag) -> Result<Lead, LeadError> {
        self.change(scope, id, |lead, _| Ok(changed(lead.untag(tag)))).await
    }

    /// Reads a lead, changes it and writes it; again, where others were faster.
    async fn change(
        &self,
        scope: &TenantScope,
        id: LeadId,
        apply: impl Fn(&mut Lead, Timestamp) -> Result<Done, LeadError> + Send + Sync,
    ) -> Result<Lead, LeadError> {
        for _ in 0..Self::ATTEMPTS {
            let mut lead = self.get(scope, id).await?;
            lead.ensure_current()?;
            let at = self.clock.now();
            let done = apply(&mut lead, at)?;
            if done.is_empty() {
                return Ok(lead);
            }
            lead.changed_at = at;
            let tell = |(happened, _): &_| event(EventId::new(self.ids.next()), at, &lead, happened);
            let events = done.iter().map(tell).collect();
            let audit = done.iter().map(|(_, action)| (*action, id.uuid())).collect();
            let change = LeadChange { updates: vec![lead.clone()], events, audit, ..LeadChange::at(at) };
            match self.store.save(scope, &change).await {
                Ok(()) => return Ok(lead.saved()),
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Conflict.into())
    }

    async fn ensure_free(
        &self,
        scope: &TenantScope,
        id: LeadId,
        edits: &[(Field, Option<FactValue>)],
    ) -> Result<(), LeadError> {
        for (field, value) in edits {
            let told = Told { at: self.clock.now(), conversation_id: None };
            let identity = value.clone().and_then(|value| typed(*field, value, told).identity());
            let Some(identity) = identity else { continue };
            if self.store.find_by_identity(scope, &identity).await?.is_some_and(|owner| owner.id() != id) {
                return Err(LeadError::Taken { what: field.as_str() });
            }
        }
        Ok(())
    }
}

impl Lead {
    /// Returns the lead as it is after a save.
    pub(crate) fn saved(self) -> Self {
        Self { version: self.version + 1, ..self }
    }
}

impl LeadFilter {
    /// Looks for a lead by what people type: a whole phone with its country code, or a whole e-mail address.
    ///
    /// # Errors
    /// [`LeadError::Invalid`] when it is neither.
    pub fn search(self, text: &str) -> Result<Self, LeadError> {
        let identity = Identity::read(text).ok_or_else(|| LeadError::Invalid {
            field: "q",
            message: "write a whole phone number as +15551230000, or a whole e-mail address".into(),
        })?;
        Ok(Self { identity: Some(identity), ..self })
    }
}

fn changed(is_changed: bool) -> Done {
    if is_changed { vec![(Happened::Updated(Vec::new()), AuditAction::LeadChanged)] } else { Vec::new() }
}

fn set_status(lead: &mut Lead, to: LeadStatus) -> Result<Done, LeadError> {
    let from = lead.status();
    let is_changed = lead.set_status(to)?;
    let step = (Happened::StatusChanged(from), AuditAction::LeadStatusChanged);
    Ok(if is_changed { vec![step] } else { Vec::new() })
}

fn apply(
    lead: &mut Lead,
    edits: &[(Field, Option<FactValue>)],
    at: Timestamp,
) -> Option<(Happened, AuditAction)> {
    let mut fields = Vec::new();
    for (field, value) in edits {
        let is_changed = match value {
            None => lead.forget(*field, at),
            Some(value) => {
                let fact = typed(*field, value.clone(), Told { at, conversation_id: None });
                let is_recognised_anew =
                    fact.identity().is_some_and(|identity| lead.be_recognised_by(identity));
                !lead.learn([fact]).is_empty() || is_recognised_anew
            }
        };
        if is_changed {
            fields.push(*field);
        }
    }
    (!fields.is_empty()).then_some((Happened::Updated(fields), AuditAction::LeadChanged))
}

fn typed(field: Field, value: FactValue, told: Told) -> Fact {
    Fact::new(field, value, FactSource::Person, Confidence::FULL, told)
}

fn strength_of(field: Field, value: &FactValue, source: FactSource) -> Strength {
    if field == Field::Name { Strength::of_name(value.as_str(), source, "") } else { Strength::Strong }
}

fn read(field: Field, text: &str, business: &HeardBy) -> Result<FactValue, LeadError> {
    let refused = |message| LeadError::Invalid { field: field.as_str(), message };
    let usable = format!("write a {} that can be used, or leave it out", field.as_str());
    let value = field.read(text, business.region).ok_or_else(|| refused(usable))?;
    let is_own = field == Field::Phone && business.phones.iter().any(|own| own.as_str() == value.as_str());
    if is_own { Err(refused("write their phone, not one of the business".into())) } else { Ok(value) }
}
