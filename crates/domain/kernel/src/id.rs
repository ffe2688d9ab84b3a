//! One id type per entity, so that one can never stand where another belongs.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! typed_ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Names the entity that has this `UUIDv7`.
            pub const fn new(id: Uuid) -> Self {
                Self(id)
            }

            /// Returns the bare UUID, for stores and the wire.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )+};
}

typed_ids! {
    /// A business on this installation.
    TenantId,
    /// A tenant's API key (not the secret itself).
    ApiKeyId,
    /// A tenant's widget token (not the secret itself).
    WidgetTokenId,
    /// A person who works for a tenant.
    MemberId,
    /// A sign-in of a member, with all refresh tokens that came of it.
    SessionId,
    /// A line of the audit log.
    AuditEntryId,
    /// A tenant's address on a channel.
    BindingId,
    /// A tenant's credentials at a carrier.
    ProviderAccountId,
    /// An end customer of a tenant.
    ContactId,
    /// A thread between a contact and a tenant's address.
    ConversationId,
    /// One message in a conversation.
    MessageId,
    /// One reply to what has been said.
    TurnId,
    /// A message that the send gate did not let out.
    RefusedSendId,
    /// A line of the consent ledger.
    LedgerEntryId,
    /// A conversation handed to a person.
    HandoffId,
    /// Something that has happened.
    EventId,
    /// One numbered version of a prompt.
    PromptVersionId,
    /// A named way of using a model.
    AiProfileId,
    /// An example that a prompt is tested by.
    ExampleId,
    /// One try of an example on a prompt.
    ExampleRunId,
    /// Somebody who may become a customer.
    LeadId,
}
