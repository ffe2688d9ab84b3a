//! What a tenant has switched on. Nobody said, or nobody can be asked: the safest value.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{Clock, StoreError, Timestamp};

use crate::{TenancyError, TenantScope};

/// Something that can be switched on for a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FeatureFlag {
    /// The receptionist may book appointments by itself.
    AllowAiBooking,
    /// The receptionist may answer from the tenant's documents.
    EnableRag,
    /// A person looks at what the receptionist would do before it is done.
    RequireHumanReview,
}

impl FeatureFlag {
    /// Every flag there is.
    pub const ALL: [Self; 3] = [Self::AllowAiBooking, Self::EnableRag, Self::RequireHumanReview];

    /// Returns the name on the wire and in stores.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AllowAiBooking => "allow_ai_booking",
            Self::EnableRag => "enable_rag",
            Self::RequireHumanReview => "require_human_review",
        }
    }

    /// Reads a name on the wire or in a store.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|flag| flag.as_str() == name)
    }

    /// Returns the value with which the least can go wrong.
    pub fn safest(self) -> bool {
        match self {
            Self::AllowAiBooking | Self::EnableRag => false,
            Self::RequireHumanReview => true,
        }
    }
}

/// Keeps feature flags.
#[async_trait]
pub trait FlagStore: Send + Sync {
    /// Returns the flags that were ever set, in the order of their names.
    ///
    /// # Errors
    /// When the store fails.
    async fn list(&self, scope: &TenantScope) -> Result<Vec<(FeatureFlag, bool)>, StoreError>;

    /// Sets a flag, and records `feature_flag.switched_on` or `feature_flag.switched_off` where the flag had another
    /// value or none.
    ///
    /// # Errors
    /// When the store fails.
    async fn set(
        &self,
        scope: &TenantScope,
        flag: FeatureFlag,
        value: bool,
        at: Timestamp,
    ) -> Result<(), StoreError>;
}

/// A flag as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlagState {
    /// The flag.
    pub flag: FeatureFlag,
    /// Its value.
    pub value: bool,
    /// Whether somebody has set it; otherwise the value is the safest one.
    pub is_set: bool,
}

/// What was found out about one flag.
#[derive(Debug)]
pub struct FlagValue {
    /// The value to go by.
    pub value: bool,
    /// Why the store could not be asked, for the log; the value is the safest one then.
    pub failure: Option<StoreError>,
}

/// Reads and sets feature flags.
pub struct FeatureFlags {
    store: Arc<dyn FlagStore>,
    clock: Arc<dyn Clock>,
}

impl FeatureFlags {
    /// Makes the use case.
    pub fn new(store: Arc<dyn FlagStore>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }

    /// Returns the value to go by. It never fails: a flag that nobody has set, or that cannot be read, has the safest
    /// value.
    pub async fn value(&self, scope: &TenantScope, flag: FeatureFlag) -> FlagValue {
        match self.store.list(scope).await {
            Ok(flags) => FlagValue { value: state_of(flag, &flags).value, failure: None },
            Err(error) => FlagValue { value: flag.safest(), failure: Some(error) },
        }
    }

    /// Returns every flag as it stands.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn list(&self, scope: &TenantScope) -> Result<Vec<FlagState>, TenancyError> {
        let flags = self.store.list(scope).await?;
        Ok(FeatureFlag::ALL.into_iter().map(|flag| state_of(flag, &flags)).collect())
    }

    /// Sets a flag.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn set(
        &self,
        scope: &TenantScope,
        flag: FeatureFlag,
        value: bool,
    ) -> Result<FlagState, TenancyError> {
        self.store.set(scope, flag, value, self.clock.now()).await?;
        Ok(FlagState { flag, value, is_set: true })
    }
}

fn state_of(flag: FeatureFlag, set: &[(FeatureFlag, bool)]) -> FlagState {
    let found = set.iter().find(|(name, _)| *name == flag).map(|(_, value)| *value);
    FlagState { flag, value: found.unwrap_or(flag.safest()), is_set: found.is_some() }
}
