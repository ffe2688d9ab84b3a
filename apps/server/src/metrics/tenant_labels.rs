//! Which tenants get a label of their own: the first so many that do anything. Every label is a series for ever, so
//! their number has a bound.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use kernel::TenantId;

/// The label of tenants without one of their own.
const OTHER: &str = "other";

/// Which tenants get a label of their own.
pub(super) struct TenantLabels {
    most: usize,
    known: Mutex<HashMap<TenantId, Arc<str>>>,
}

impl TenantLabels {
    pub(super) fn new(most: usize) -> Self {
        Self { most, known: Mutex::default() }
    }

    /// Returns the label of a tenant.
    pub(super) fn of(&self, tenant: TenantId) -> Arc<str> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(label) = known.get(&tenant) {
            return Arc::clone(label);
        }
        if known.len() >= self.most {
            return OTHER.into();
        }
        let label: Arc<str> = tenant.to_string().into();
        known.insert(tenant, Arc::clone(&label));
        label
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn so_many_tenants_have_a_label_and_the_rest_share_one() {
        let labels = TenantLabels::new(2);
        let [first, second, third] = [1, 2, 3].map(|number| TenantId::new(Uuid::from_u128(number)));
        assert_eq!(*labels.of(first), *first.to_string());
        assert_eq!(*labels.of(second), *second.to_string());
        assert_eq!(&*labels.of(third), "other");
        assert_eq!(*labels.of(first), *first.to_string(), "who has one keeps it");
    }
}
