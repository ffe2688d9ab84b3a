//! What the HTTP side may call: the use cases, the gate, and the few settings that shape answers.

use std::sync::Arc;

use conversation::{AnswerChat, ManageContacts, ManageConversations, ReceiveMessage, RecordDelivery};
use lead::{ExportLeads, ManageLeads};
use prompt::{ManageAiProfiles, ManageBasePrompts, ManageExamples, ManagePrompts};
use tenancy::{
    AdminSignIn, AuditLog, FeatureFlags, Gate, ManageChannels, ManageCredentials, ManageMembers,
    ManageProviderAccounts, ManageTenants, OpenVisitorSession, SignIn,
};
use usage::{ReadUsage, SetLimits};

use crate::{
    compose::twilio_webhooks::TwilioAccounts, config::PublicBaseUrl, event_feed::EventFeed, limits::Limits,
    operations::Operations, try_prompts::TryPrompts,
};

/// What may be done with prompts, AI profiles and examples.
pub struct PromptServices {
    /// Tenants' versions.
    pub versions: ManagePrompts,
    /// The platform's versions.
    pub base: ManageBasePrompts,
    /// How models are used.
    pub profiles: ManageAiProfiles,
    /// Examples of what should be answered.
    pub examples: ManageExamples,
    /// Tries versions.
    pub tries: TryPrompts,
}

/// What may be done with usage and limits.
pub struct UsageServices {
    /// Shows what tenants have used, and how they stand with their limits.
    pub read: ReadUsage,
    /// Gives tenants limits of their own.
    pub limits: SetLimits,
}

/// What the HTTP side may call. Cheap to clone: everything in it is shared.
#[derive(Clone)]
pub struct Services {
    /// Verifies credentials and mints scopes.
    pub gate: Arc<Gate>,
    /// Members sign in and out.
    pub sign_in: Arc<SignIn>,
    /// The operator signs in and out.
    pub admin: Arc<AdminSignIn>,
    /// The people who work for tenants.
    pub members: Arc<ManageMembers>,
    /// Sessions of web pages' visitors.
    pub visitors: Arc<OpenVisitorSession>,
    /// What tenants have switched on.
    pub flags: Arc<FeatureFlags>,
    /// Who changed what.
    pub audit: Arc<dyn AuditLog>,
    /// Streams what happens.
    pub events: Arc<EventFeed>,
    /// Tenants and their profiles.
    pub tenants: Arc<ManageTenants>,
    /// API keys and widget tokens.
    pub credentials: Arc<ManageCredentials>,
    /// Tenants' addresses.
    pub channels: Arc<ManageChannels>,
    /// Tenants' accounts at carriers.
    pub accounts: Arc<ManageProviderAccounts>,
    /// What people do with conversations.
    pub conversations: Arc<ManageConversations>,
    /// What people do with contacts.
    pub contacts: Arc<ManageContacts>,
    /// What people and programs do with leads.
    pub leads: Arc<ManageLeads>,
    /// Gives out leads as one long table.
    pub lead_export: Arc<ExportLeads>,
    /// What the receptionist is told.
    pub prompts: Arc<PromptServices>,
    /// What tenants use, and how much they may.
    pub usage: Arc<UsageServices>,
    /// Answers web chat.
    pub chat: Arc<AnswerChat>,
    /// Takes messages in.
    pub receive: Arc<ReceiveMessage>,
    /// Records what carriers report.
    pub deliveries: Arc<RecordDelivery>,
    /// Whose account has signed a webhook of Twilio's.
    pub twilio: Arc<TwilioAccounts>,
    /// Whether webhooks must be signed. Only a local installation may say no.
    pub verify_twilio_signatures: bool,
    /// The address under which carriers reach this server; signatures are checked against it.
    pub public_base_url: PublicBaseUrl,
    /// How often somebody may ask, guess and sign in, and what a repeated request gets.
    pub limits: Arc<Limits>,
    /// What whoever runs the server looks at.
    pub operations: Operations,
}
