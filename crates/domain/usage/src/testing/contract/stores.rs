//! The store under test, with what it needs of others: two tenants, an audit log, and somebody who uses something.

use std::{any::Any, future::Future, pin::Pin, sync::Arc};

use chrono::NaiveDate;
use kernel::{IdGenerator as _, TenantId, Timestamp, testing::CountingIds};
use tenancy::{
    Actor, AuditLog, OperatorAccess, TenantScope,
    testing::{MemoryAuditLog, scope, scope_of},
};

use crate::{Counts, UsageLine, UsageStore, testing::MemoryUsageStore};

/// What somebody uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Used {
    /// A turn answers one message with one, written by a model.
    Turn {
        /// The model; empty for the one in the box.
        model: &'static str,
        /// Tokens read and written.
        tokens: (u32, u32),
        /// Micro-dollars, and tokens without a price.
        cost: (u64, u64),
    },
    /// A turn takes one message up and says nothing.
    SilentTurn,
    /// A person answers with one message.
    PersonsReply,
}

/// The end of using something.
pub type UsedThen<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Uses something in a tenant at a time.
pub type Use = Box<dyn for<'a> Fn(&'a TenantScope, Timestamp, Used) -> UsedThen<'a> + Send + Sync>;

/// A store of usage, fresh for one test, with two tenants.
pub struct UsageStores {
    /// Shows usage, and keeps limits.
    pub usage: Arc<dyn UsageStore>,
    /// Shows what the store has recorded.
    pub audit: Arc<dyn AuditLog>,
    /// The server itself, in a tenant.
    pub tenant: TenantScope,
    /// The server itself, in another tenant.
    pub other: TenantScope,
    /// Uses something.
    pub using: Use,
    /// What must live as long as the store, such as a folder that is removed when dropped.
    pub keep: Box<dyn Any + Send + Sync>,
}

impl UsageStores {
    /// Makes a fake.
    pub fn memory() -> Self {
        let (ids, audit) = (CountingIds::new(1), MemoryAuditLog::default());
        let usage = Arc::new(MemoryUsageStore::recording_in(&audit));
        let writes = Arc::clone(&usage);
        Self {
            usage,
            audit: Arc::new(audit),
            tenant: scope(TenantId::new(ids.next())),
            other: scope(TenantId::new(ids.next())),
            using: Box::new(move |scope, at, used| {
                writes.add(scope, line(at.date_naive(), &used));
                Box::pin(std::future::ready(()))
            }),
            keep: Box::new(()),
        }
    }

    /// The operator, in the first tenant.
    pub(super) fn operator(&self) -> TenantScope {
        scope_of(self.tenant.tenant_id(), Actor::Operator(OperatorAccess::Key))
    }
}

/// Returns the line that something alone makes.
pub(super) fn line(day: NaiveDate, used: &Used) -> UsageLine {
    let none = Counts::default();
    let (model, counts) = match used {
        Used::Turn { model, tokens, cost } => {
            let counts = Counts {
                turns: 1,
                turns_answered: 1,
                messages_in: 1,
                messages_out: 1,
                tokens_in: tokens.0.into(),
                tokens_out: tokens.1.into(),
                cost_micros: cost.0,
                unpriced_tokens: cost.1,
            };
            (*model, counts)
        }
        Used::SilentTurn => ("", Counts { turns: 1, messages_in: 1, ..none }),
        Used::PersonsReply => ("", Counts { messages_out: 1, ..none }),
    };
    UsageLine { day, model: model.to_owned(), counts }
}
