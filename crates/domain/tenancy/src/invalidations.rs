//! Word of what has changed, and who must hear it.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use async_trait::async_trait;
use kernel::TenantId;

/// Tells the other processes what has changed here, and hears what has changed there.
#[async_trait]
pub trait Invalidations: Send + Sync {
    /// Tells whether word of every change is known to arrive. While it is not, no cache is used.
    fn is_heard(&self) -> bool;

    /// Has a holder forget what has changed, here or elsewhere.
    fn register(&self, holder: Weak<dyn Forgetful>);

    /// Forgets what has changed in this process, and has the others told.
    fn changed(&self, what: Changed);

    /// Waits until the others were told of all that has changed so far, or for a short while where that takes longer.
    async fn told(&self);
}

/// What has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// What a family of stores has of a tenant.
    OfTenant(&'static str, TenantId),
    /// More than one tenant's.
    Everything,
}

/// What must forget what it holds when somebody says that it has changed.
pub trait Forgetful: Send + Sync {
    /// Returns the name of the stores it holds something of.
    fn family(&self) -> &'static str;

    /// Forgets what is this tenant's, and what is known not to exist.
    fn forget(&self, tenant: TenantId);

    /// Forgets all it holds.
    fn forget_everything(&self);
}

/// Those who must hear of changes.
#[derive(Default)]
pub struct Holders(Mutex<Vec<Weak<dyn Forgetful>>>);

impl Holders {
    /// Adds one, for as long as it lives.
    pub fn register(&self, holder: Weak<dyn Forgetful>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(holder);
    }

    /// Has those of the family forget what is a tenant's.
    pub fn forget(&self, family: &str, tenant: TenantId) {
        for holder in self.living().iter().filter(|holder| holder.family() == family) {
            holder.forget(tenant);
        }
    }

    /// Has all forget all they hold.
    pub fn forget_everything(&self) {
        for holder in self.living() {
            holder.forget_everything();
        }
    }

    /// Has them forget what has changed.
    pub fn hear(&self, what: Changed) {
        match what {
            Changed::OfTenant(family, tenant) => self.forget(family, tenant),
            Changed::Everything => self.forget_everything(),
        }
    }

    fn living(&self) -> Vec<Arc<dyn Forgetful>> {
        let mut holders = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        holders.retain(|holder| holder.strong_count() > 0);
        holders.iter().filter_map(Weak::upgrade).collect()
    }
}
