//! The API under `/api/v1`: one file for each endpoint, with the shapes that it reads and writes.

mod address_query;
pub mod admin;
pub mod api_keys;
pub mod audit;
pub mod auth;
pub mod channels;
pub mod chat;
pub mod consent;
pub mod contacts;
pub mod conversations;
pub mod feature_flags;
pub mod leads;
pub mod members;
pub mod owner_tokens;
pub mod profile;
pub mod provider_accounts;
pub mod tenants;
pub mod widget_tokens;
pub mod wire;
