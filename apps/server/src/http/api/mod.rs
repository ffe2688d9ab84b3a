//! The API under `/api/v1`: one file for each endpoint, with the shapes that it reads and writes.

mod address_query;
pub mod admin;
pub mod ai_profiles;
pub mod api_keys;
pub mod audit;
pub mod auth;
pub mod base_prompts;
pub mod channels;
pub mod chat;
pub mod consent;
pub mod contacts;
pub mod conversations;
pub mod events;
pub mod examples;
pub mod feature_flags;
pub mod leads;
pub mod members;
pub mod owner_tokens;
pub mod profile;
pub mod prompts;
pub mod provider_accounts;
pub mod tenant_limits;
pub mod tenants;
pub mod usage;
pub mod widget_tokens;
pub mod wire;
