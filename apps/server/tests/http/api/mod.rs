//! The API under `/api/v1`.

mod channels;
mod chat;
mod contacts;
mod conversations;
mod credentials;
mod profile;
mod provider_accounts;
mod tenants;
