//! The API under `/api/v1`: one file for each endpoint, with the shapes that it reads and writes.

mod address_query;
pub mod api_keys;
pub mod channels;
pub mod chat;
pub mod consent;
pub mod contacts;
pub mod conversations;
pub mod profile;
pub mod provider_accounts;
pub mod tenants;
pub mod widget_tokens;
pub mod wire;
