//! Who did what to which resource, in a log of each tenant and one of the platform. Lines are added and never changed.

use async_trait::async_trait;
use kernel::{AuditEntryId, Page, PageRequest, StoreError, Timestamp};
use uuid::Uuid;

use crate::{AuditDetail, PlatformScope, TenantScope};

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $resource:literal . $done:literal;)+) => {
        /// What was done. A name is never used for anything else.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum AuditAction {
            $($(#[$doc])* $name,)+
        }

        impl AuditAction {
            /// Every action there is.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// Returns the name on the wire and in stores.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => concat!($resource, ".", $done)),+ }
            }

            /// Returns what kind of resource it was done to.
            pub fn resource(self) -> &'static str {
                match self { $(Self::$name => $resource),+ }
            }
        }
    };
}

actions! {
    /// The tenant was created.
    TenantCreated = "tenant"."created";
    /// The tenant's status or plan was changed.
    TenantChanged = "tenant"."changed";
    /// The business profile was replaced.
    ProfileReplaced = "profile"."replaced";
    /// An API key or owner token was made.
    ApiKeyCreated = "api_key"."created";
    /// An API key was exchanged for another; the resource is the old one, and the new one has a line of its own.
    ApiKeyRotated = "api_key"."rotated";
    /// An API key or owner token was revoked.
    ApiKeyRevoked = "api_key"."revoked";
    /// A widget token was made.
    WidgetTokenCreated = "widget_token"."created";
    /// A widget token was revoked.
    WidgetTokenRevoked = "widget_token"."revoked";
    /// An address was bound.
    ChannelBound = "channel"."bound";
    /// An address was switched on.
    ChannelSwitchedOn = "channel"."switched_on";
    /// An address was switched off.
    ChannelSwitchedOff = "channel"."switched_off";
    /// An account at a carrier was added.
    ProviderAccountAdded = "provider_account"."added";
    /// An account at a carrier was removed.
    ProviderAccountRemoved = "provider_account"."removed";
    /// A member was added.
    MemberAdded = "member"."added";
    /// A member's name, role, status or password was changed.
    MemberChanged = "member"."changed";
    /// A member has signed in.
    SessionOpened = "session"."opened";
    /// A member has signed out, or was.
    SessionEnded = "session"."ended";
    /// A refresh token came a second time; all that came of that sign-in was ended.
    SessionReused = "session"."reused";
    /// A feature flag was switched on; the resource is the tenant.
    FlagSwitchedOn = "feature_flag"."switched_on";
    /// A feature flag was switched off.
    FlagSwitchedOff = "feature_flag"."switched_off";
    /// A person has answered.
    ConversationAnswered = "conversation"."answered";
    /// A conversation was closed.
    ConversationClosed = "conversation"."closed";
    /// A conversation was opened again.
    ConversationReopened = "conversation"."reopened";
    /// The receptionist was told to be silent: a person has the conversation.
    ConversationPaused = "conversation"."paused";
    /// The receptionist was told to go on.
    ConversationResumed = "conversation"."resumed";
    /// It was recorded that somebody wants messages, or none; the resource is the line of the consent ledger.
    ConsentChanged = "consent"."changed";
    /// A lead was written by hand or by a program.
    LeadCreated = "lead"."created";
    /// What is known of a lead, or its tags, was changed.
    LeadChanged = "lead"."changed";
    /// A lead was given another status.
    LeadStatusChanged = "lead"."status_changed";
    /// Two leads were made one; the resource is the one that remains.
    LeadMerged = "lead"."merged";
    /// A merge was taken back; the resource is the lead that came out again.
    LeadUnmerged = "lead"."unmerged";
    /// All that was known of a lead was removed.
    LeadDeleted = "lead"."deleted";
    /// A note was added to a lead.
    LeadNoted = "lead"."noted";
    /// Leads were exported; the resource is the tenant.
    LeadsExported = "lead"."exported";
    /// A draft of a prompt was made.
    PromptDrafted = "prompt"."drafted";
    /// What a draft says was changed.
    PromptEdited = "prompt"."edited";
    /// A draft was handed over to be tried.
    PromptSubmitted = "prompt"."submitted";
    /// A version of a prompt came into production.
    PromptPublished = "prompt"."published";
    /// A retired version of a prompt came back into production.
    PromptRolledBack = "prompt"."rolled_back";
    /// An AI profile was made.
    AiProfileCreated = "ai_profile"."created";
    /// An AI profile was changed.
    AiProfileChanged = "ai_profile"."changed";
    /// An example was made.
    ExampleCreated = "example"."created";
    /// What an example says was changed.
    ExampleChanged = "example"."changed";
    /// An example was removed.
    ExampleRemoved = "example"."removed";
    /// An example was tried on a version of a prompt.
    ExampleRan = "example"."ran";
    /// The tenant was given limits of its own, or those of its plan again; the resource is the tenant.
    LimitsSet = "limits"."set";
    /// The operator has signed in on a page; the resource is [`SecretDigest::audit_id`](crate::SecretDigest::audit_id).
    AdminSessionOpened = "admin_session"."opened";
    /// The operator has signed out of a page.
    AdminSessionEnded = "admin_session"."ended";
}

impl AuditAction {
    /// Finds the action of a name; `None` for one that only a newer program knows.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|action| action.as_str() == name)
    }

    /// Returns whether it is told as an event, of the same name. Keys, tokens and sessions are for the log alone: who gets in
    /// and when is no business of everybody who may follow events. Of leads their own domain tells.
    pub fn is_told(self) -> bool {
        let untold = ["api_key", "widget_token", "session", "admin_session", "lead"];
        !untold.contains(&self.resource())
    }

    /// Returns what an event says of it: which one it was done to. Ids and names of flags need no escaping in JSON.
    pub fn facts(self, resource_id: &str) -> String {
        let name = match Uuid::try_parse(resource_id) {
            Ok(_) => format!("{}_id", self.resource()),
            Err(_) => self.resource().to_owned(),
        };
        format!("{{\"{name}\":\"{resource_id}\"}}")
    }
}

/// A line of an audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// The line's id.
    pub id: AuditEntryId,
    /// When it was done.
    pub at: Timestamp,
    /// Who did it, as in `member:0190…`.
    pub actor: String,
    /// What was done, by an [`AuditAction`]'s name: perhaps one that only a newer program knows, which runs beside this one.
    pub action: String,
    /// To which one, by its id; of a feature flag, its name.
    pub resource_id: String,
    /// What of it was changed, where the action alone does not say.
    pub detail: Option<AuditDetail>,
}

impl AuditEntry {
    /// Returns what kind of resource it was done to.
    pub fn resource(&self) -> &str {
        self.action.split_once('.').map_or(&self.action, |(resource, _)| resource)
    }
}

/// Which lines are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Only this action.
    pub action: Option<AuditAction>,
    /// Only what was done to the resource with this id.
    pub resource_id: Option<String>,
}

/// Shows a tenant's audit log, and the platform's: what is done to something that is no tenant's.
///
/// Lines are written by the stores, each in the transaction of the change that it tells of: an adapter MUST write the
/// line that the method's documentation names, with the scope's actor, unless [`Actor::is_audited`](crate::Actor::is_audited)
/// says no; and MUST leave no way to change or remove one. What is in the platform's log is told as no event.
#[async_trait]
pub trait AuditLog: Send + Sync {
    /// Returns lines of a tenant's log, newest first.
    ///
    /// # Errors
    /// When the store fails.
    async fn list(
        &self,
        scope: &TenantScope,
        filter: &AuditFilter,
        page: &PageRequest,
    ) -> Result<Page<AuditEntry>, StoreError>;

    /// Returns lines of the platform's log, newest first.
    ///
    /// # Errors
    /// When the store fails.
    async fn list_platform(
        &self,
        platform: &PlatformScope,
        filter: &AuditFilter,
        page: &PageRequest,
    ) -> Result<Page<AuditEntry>, StoreError>;
}
