//! What a tenant has used, and what that cost.

pub mod export;
mod query;
pub mod show;

pub use query::UsageQuery;
