//! The words that every other crate speaks: typed ids, phone numbers, time, randomness, errors and
//! paging. It does no I/O and knows no clock of its own.

mod clock;
mod csv;
mod entropy;
mod error;
mod event;
mod id;
mod model_provider;
mod page;
mod person_name;
mod phone;
#[cfg(feature = "testing")]
pub mod testing;
mod workload;

pub use clock::{Clock, Timestamp};
pub use csv::{csv_field, csv_line};
pub use entropy::{Entropy, IdGenerator};
pub use error::{BoxError, GatewayError, StoreError};
pub use event::{DomainEvent, EventFact, EventName};
pub use id::{
    AiProfileId, ApiKeyId, AuditEntryId, BindingId, ContactId, ConversationId, EventId, ExampleId,
    ExampleRunId, HandoffId, LeadId, LedgerEntryId, MemberId, MessageId, PromptVersionId, ProviderAccountId,
    RefusedSendId, SessionId, TenantId, TurnId, WidgetTokenId,
};
pub use model_provider::ModelProvider;
pub use page::{Cursor, Page, PageRequest};
pub use person_name::{names_somebody, plain_words};
pub use phone::{PhoneNumber, PhoneNumberError};
pub use workload::Workload;
