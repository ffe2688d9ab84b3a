//! A business's desk: the use cases, wired to one fake store.

use std::sync::Arc;

use kernel::{
    Cursor, LeadId, PageRequest, TenantId,
    testing::{CountingIds, ManualClock},
};
use lead::{
    Arrived, CaptureLead, CapturedFact, Confidence, ExportLeads, Field, Heard, HeardBy, Lead, LeadEdit,
    LeadFilter, LeadStatus, ManageLeads, Region,
    testing::{MemoryLeadStore, Samples},
};
use tenancy::{Actor, Channel, TenantScope, testing};

pub(crate) struct Desk {
    pub(crate) store: Arc<MemoryLeadStore>,
    pub(crate) capture: CaptureLead,
    pub(crate) manage: ManageLeads,
    pub(crate) export: ExportLeads,
    pub(crate) samples: Samples,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) scope: TenantScope,
    pub(crate) person: TenantScope,
    pub(crate) other: TenantScope,
    pub(crate) audit: testing::MemoryAuditLog,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let (samples, audit) = (Samples::default(), testing::MemoryAuditLog::default());
        let (tenant, other) = (samples.id(TenantId::new), samples.id(TenantId::new));
        let store = Arc::new(MemoryLeadStore::recording_in(&audit));
        let (clock, ids) = (Arc::new(ManualClock::default()), Arc::new(CountingIds::new(9)));
        Self {
            capture: CaptureLead::new(store.clone(), ids.clone()),
            manage: ManageLeads::new(store.clone(), clock.clone(), ids),
            export: ExportLeads::new(store.clone(), clock.clone()),
            clock,
            store,
            samples,
            scope: testing::scope(tenant),
            person: testing::scope_of(tenant, Actor::TrustedCaller),
            other: testing::scope(other),
            audit,
        }
    }

    pub(crate) fn sms(&self, phone: &str, text: &str) -> Heard {
        Heard { texts: vec![self.samples.said(text)], ..self.samples.heard(Channel::Sms, phone) }
    }

    pub(crate) fn chat(&self, text: &str) -> Heard {
        Heard {
            address: None,
            texts: vec![self.samples.said(text)],
            ..self.samples.heard(Channel::WebChat, "")
        }
    }

    /// What a conversation tells next: of one that cannot be reached also what came before.
    pub(crate) fn next(&self, heard: &Heard, text: &str) -> Heard {
        let next = Heard { conversation_id: heard.conversation_id, ..self.chat(text) };
        let before = heard.earlier.iter().chain(&heard.texts).filter(|_| heard.address.is_none());
        Heard {
            address: heard.address.clone(),
            channel: heard.channel,
            contact_name: heard.contact_name.clone(),
            earlier: before.cloned().collect(),
            ..next
        }
    }

    pub(crate) async fn hear(&self, heard: &Heard) -> Arrived {
        self.capture.hear(&self.scope, heard).await.unwrap()
    }

    /// Hears, and returns the lead of it.
    pub(crate) async fn lead_of(&self, heard: &Heard) -> Lead {
        match self.hear(heard).await {
            Arrived::Captured(id) | Arrived::Updated(id) | Arrived::Unchanged(id) => self.get(id).await,
            nothing => panic!("no lead came of it: {nothing:?}"),
        }
    }

    pub(crate) async fn get(&self, id: LeadId) -> Lead {
        self.manage.get(&self.scope, id).await.unwrap()
    }

    pub(crate) async fn leads(&self) -> Vec<Lead> {
        self.page(&LeadFilter::default(), None).await
    }

    pub(crate) async fn page(&self, filter: &LeadFilter, after: Option<Cursor>) -> Vec<Lead> {
        let request = PageRequest::new(200, after).unwrap();
        self.manage.list(&self.scope, filter, &request).await.unwrap().items
    }

    pub(crate) async fn create(&self, fields: &[(Field, &str)]) -> Result<Lead, lead::LeadError> {
        let fields: Vec<_> = fields.iter().map(|(field, text)| (*field, (*text).to_owned())).collect();
        let business = HeardBy { region: Region::from_country("US"), ..HeardBy::default() };
        let created = self.manage.create(&self.person, &fields, &business).await?;
        Ok(created.0)
    }

    pub(crate) async fn edit(
        &self,
        id: LeadId,
        fields: &[(Field, Option<String>)],
    ) -> Result<Lead, lead::LeadError> {
        let edit = LeadEdit { fields: fields.to_vec(), ..LeadEdit::default() };
        self.manage.edit(&self.person, id, &edit, &HeardBy::default()).await
    }

    pub(crate) async fn set_status(&self, id: LeadId, to: LeadStatus) -> Result<Lead, lead::LeadError> {
        let edit = LeadEdit { status: Some(to), ..LeadEdit::default() };
        self.manage.edit(&self.person, id, &edit, &HeardBy::default()).await
    }

    /// The names of the events so far.
    pub(crate) fn events(&self) -> Vec<&'static str> {
        self.store.events(&self.scope).iter().map(|event| event.name.name).collect()
    }
}

pub(crate) fn model(field: Field, value: &str) -> CapturedFact {
    CapturedFact { field, value: value.into(), confidence: Confidence::new(90) }
}

pub(crate) fn names(lead: &Lead) -> Vec<String> {
    lead.names().iter().map(|fact| fact.value().to_owned()).collect()
}
