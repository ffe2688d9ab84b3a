//! The API under `/api/v1`.

mod ai_profiles;
mod channels;
mod chat;
mod contacts;
mod conversations;
mod credentials;
mod events;
mod examples;
mod lead_export;
mod leads;
mod profile;
mod prompts;
mod provider_accounts;
mod rehearsals;
mod tenant_limits;
mod tenants;
mod usage;
