//! The stores on SQLite, embedded: nothing to install, one file, one writer.
//!
//! What both databases can say alike lies in `../sql-stores` and is compiled into this crate; what SQLite
//! does in its own way (the transaction of an inbound message, the job queue) lies here.

mod addresses;
mod checkpoint;
mod connection;
mod db;
mod event_log;
mod invalidations;
mod job_queue;
mod locks;
mod migrate;
mod receive;
mod runtime;
#[cfg(test)]
mod shared_commit_tests;
mod turns;
mod types;
mod writer;

#[path = "../../sql-stores/admin_session_store.rs"]
mod admin_session_store;
#[path = "../../sql-stores/ai_profile_store.rs"]
mod ai_profile_store;
#[path = "../../sql-stores/attempt_rows.rs"]
mod attempt_rows;
#[path = "../../sql-stores/audit_log.rs"]
mod audit_log;
#[path = "../../sql-stores/channel_store.rs"]
mod channel_store;
#[path = "../../sql-stores/contact_store.rs"]
mod contact_store;
#[path = "../../sql-stores/conversation_rows.rs"]
mod conversation_rows;
#[path = "../../sql-stores/conversation_store.rs"]
mod conversation_store;
#[path = "../../sql-stores/credential_store.rs"]
mod credential_store;
#[path = "../../sql-stores/delivery_jobs.rs"]
mod delivery_jobs;
#[path = "../../sql-stores/delivery_ledger.rs"]
mod delivery_ledger;
#[path = "../../sql-stores/delivery_rows.rs"]
mod delivery_rows;
#[path = "../../sql-stores/errors.rs"]
mod errors;
#[path = "../../sql-stores/event_rows.rs"]
mod event_rows;
#[path = "../../sql-stores/example_rows.rs"]
mod example_rows;
#[path = "../../sql-stores/example_store.rs"]
mod example_store;
#[path = "../../sql-stores/flag_store.rs"]
mod flag_store;
#[path = "../../sql-stores/handoff_rows.rs"]
mod handoff_rows;
#[path = "../../sql-stores/idempotency_rows.rs"]
mod idempotency_rows;
#[path = "../../sql-stores/idempotency_store.rs"]
mod idempotency_store;
#[path = "../../sql-stores/keys.rs"]
mod keys;
#[path = "../../sql-stores/lead_links.rs"]
mod lead_links;
#[path = "../../sql-stores/lead_rows.rs"]
mod lead_rows;
#[path = "../../sql-stores/lead_store.rs"]
mod lead_store;
#[path = "../../sql-stores/member_rows.rs"]
mod member_rows;
#[path = "../../sql-stores/member_store.rs"]
mod member_store;
#[path = "../../sql-stores/message_rows.rs"]
mod message_rows;
#[path = "../../sql-stores/planned.rs"]
mod planned;
#[path = "../../sql-stores/platform_audit_log.rs"]
mod platform_audit_log;
#[path = "../../sql-stores/prompt_rows.rs"]
mod prompt_rows;
#[path = "../../sql-stores/prompt_schema.rs"]
mod prompt_schema;
#[path = "../../sql-stores/prompt_store.rs"]
mod prompt_store;
#[path = "../../sql-stores/provider_account_store.rs"]
mod provider_account_store;
#[path = "../../sql-stores/reactions.rs"]
mod reactions;
#[path = "../../sql-stores/schema.rs"]
mod schema;
#[path = "../../sql-stores/sealing.rs"]
mod sealing;
#[path = "../../sql-stores/submitted_contents.rs"]
mod submitted_contents;
#[path = "../../sql-stores/summaries.rs"]
mod summaries;
#[path = "../../sql-stores/tenant_store.rs"]
mod tenant_store;
#[path = "../../sql-stores/turn_commit.rs"]
mod turn_commit;
#[path = "../../sql-stores/usage_rows.rs"]
mod usage_rows;
#[path = "../../sql-stores/usage_schema.rs"]
mod usage_schema;
#[path = "../../sql-stores/usage_store.rs"]
mod usage_store;
#[path = "../../sql-stores/vault_key_store.rs"]
mod vault_key_store;
#[path = "../../sql-stores/version_rows.rs"]
mod version_rows;

use std::{path::Path, sync::Arc};

use tenancy::Vault;

use db::Database;
pub use db::{OpenError, ReaderFigures};
pub use migrate::{MigrationStatus, migrate, migration_status};
use submitted_contents::SubmittedContents;

/// Every store port on one SQLite database. Cloning shares it.
#[derive(Clone)]
pub struct Stores {
    db: Arc<Database>,
    contents: Arc<SubmittedContents>,
}

impl Stores {
    /// Opens a database file, making and migrating it as needed.
    ///
    /// Blocks: call it at start-up, before requests are served.
    ///
    /// # Errors
    /// As [`OpenError`] says.
    pub fn open(path: &Path, vault: Arc<dyn Vault>) -> Result<Self, OpenError> {
        Ok(Self { db: Arc::new(Database::open(path, vault)?), contents: Arc::default() })
    }

    /// Says how much of the connections that read is in use.
    pub fn reader_figures(&self) -> ReaderFigures {
        self.db.reader_figures()
    }

    /// Opens a database that is gone when the last clone is dropped.
    ///
    /// # Errors
    /// As [`OpenError`] says.
    pub fn temporary(vault: Arc<dyn Vault>) -> Result<Self, OpenError> {
        Ok(Self { db: Arc::new(Database::temporary(vault)?), contents: Arc::default() })
    }
}
