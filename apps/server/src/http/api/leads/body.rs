//! A lead as lists show it.

use chrono::{DateTime, Utc};
use kernel::ConversationId;
use lead::{Field, Lead, Tag};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Somebody who may become a customer, with what is believed. What is not known is null.
#[derive(Debug, Serialize, ToSchema)]
pub struct LeadBody {
    /// The lead's id.
    id: Uuid,
    /// What they are called.
    name: Option<String>,
    /// Their e-mail address, in lower case.
    email: Option<String>,
    /// Their phone, in E.164.
    phone: Option<String>,
    /// `new`, `verified`, `qualified`, `won`, `lost` or `dismissed`.
    status: &'static str,
    /// How much it is worth looking at first, 0 to 100.
    score: i16,
    /// Where it was first heard of: `sms`, `whatsapp`, `voice`, `web_chat` or `api`.
    source: &'static str,
    /// The first conversation, if there was any.
    conversation_id: Option<Uuid>,
    /// When it was first heard of.
    created_at: DateTime<Utc>,
    /// When it was last changed.
    changed_at: DateTime<Utc>,
    /// What they want.
    need: Option<String>,
    /// How soon: `low`, `normal`, `high` or `emergency`.
    urgency: Option<String>,
    /// Their postal code.
    zip: Option<String>,
    /// Where the work is to be done.
    service_address: Option<String>,
    /// When it suits them, in their own words.
    preferred_time: Option<String>,
    /// What language they speak, as a BCP 47 tag.
    language: Option<String>,
    /// The words that were put on it, in the order of the alphabet.
    tags: Vec<String>,
}

impl From<&Lead> for LeadBody {
    fn from(lead: &Lead) -> Self {
        let facts = lead.facts();
        let value = |field| facts.believed(field).map(|fact| fact.value().to_owned());
        Self {
            id: lead.id().uuid(),
            name: value(Field::Name),
            email: value(Field::Email),
            phone: value(Field::Phone),
            status: lead.status().as_str(),
            score: lead.score().total(),
            source: lead.source().as_str(),
            conversation_id: lead.conversation_id().map(ConversationId::uuid),
            created_at: lead.created_at(),
            changed_at: lead.changed_at(),
            need: value(Field::Need),
            urgency: value(Field::Urgency),
            zip: value(Field::Zip),
            service_address: value(Field::ServiceAddress),
            preferred_time: value(Field::PreferredTime),
            language: value(Field::Language),
            tags: lead.tags().iter().map(Tag::as_str).map(str::to_owned).collect(),
        }
    }
}
