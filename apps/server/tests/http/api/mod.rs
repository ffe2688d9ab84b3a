//! The API under `/api/v1`.

mod channels;
mod chat;
mod contacts;
mod conversations;
mod credentials;
mod lead_export;
mod leads;
mod profile;
mod provider_accounts;
mod tenants;
