//! Rotating the operator's key-encryption key: the ports to the wrapped keys, and the use case that wraps them anew.
//!
//! Only the wrapping changes. What the keys have sealed stays as it is, and whoever has a key unlocked goes on.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{StoreError, TenantId};

use crate::{PlatformScope, TenancyError, VaultError, WrappedKey};

/// How many keys one version of the key-encryption key wraps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyCount {
    /// The version.
    pub version: i32,
    /// The keys that it wraps.
    pub keys: u64,
}

/// A key as it was read, and as it is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RewrappedKey {
    /// Whose key it is; the nil id is the platform.
    pub owner: TenantId,
    /// What was read.
    pub old: WrappedKey,
    /// What takes its place.
    pub new: WrappedKey,
}

/// Keeps the wrapped keys of all tenants and the platform's own, under the nil id.
#[async_trait]
pub trait WrappedKeyStore: Send + Sync {
    /// Returns how many keys each version wraps, the lowest version first.
    ///
    /// # Errors
    /// When the store fails.
    async fn count_by_version(&self, platform: &PlatformScope) -> Result<Vec<KeyCount>, StoreError>;

    /// Returns up to `limit` keys that a version lower than `than` wraps, by rising owner, beginning behind `after`.
    ///
    /// # Errors
    /// When the store fails.
    async fn list_older(
        &self,
        platform: &PlatformScope,
        than: i32,
        after: Option<TenantId>,
        limit: u16,
    ) -> Result<Vec<(TenantId, WrappedKey)>, StoreError>;

    /// Writes the new keys in one transaction, and returns how many it wrote. A key that is no longer what was read
    /// MUST stay as it is, and hold back none of the others.
    ///
    /// # Errors
    /// When the store fails; then nothing was written.
    async fn replace(&self, platform: &PlatformScope, changes: &[RewrappedKey]) -> Result<u64, StoreError>;
}

/// Wraps keys by the newest key-encryption key.
pub trait KeyWrapper: Send + Sync {
    /// Returns the version that wraps.
    fn newest_version(&self) -> i32;

    /// Tells whether keys of this version can be opened.
    fn has_version(&self, version: i32) -> bool;

    /// Opens an owner's key and wraps it by the newest version.
    ///
    /// # Errors
    /// When the key's version is not configured, it was altered or is another owner's, or no randomness could be had.
    fn rewrap(&self, owner: TenantId, key: &WrappedKey) -> Result<WrappedKey, VaultError>;
}

/// How the keys are wrapped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyStatus {
    /// The version that wraps new keys.
    pub newest: i32,
    /// How many keys each version wraps, the lowest version first.
    pub counts: Vec<KeyCount>,
}

impl KeyStatus {
    /// Returns the versions before the newest that are still in use.
    pub fn older(&self) -> impl Iterator<Item = &KeyCount> {
        self.counts.iter().filter(|count| count.version < self.newest)
    }

    /// Returns the versions behind the newest that are in use: the newest that is configured here is an old one.
    pub fn newer(&self) -> impl Iterator<Item = &KeyCount> {
        self.counts.iter().filter(|count| count.version > self.newest)
    }

    /// Returns how many keys are still to be wrapped anew.
    pub fn outstanding(&self) -> u64 {
        self.older().map(|count| count.keys).sum()
    }
}

/// A key that could not be wrapped anew and was left as it was.
#[derive(Debug)]
pub struct UnopenedKey {
    /// Whose key it is; the nil id is the platform.
    pub owner: TenantId,
    /// The version that wraps it.
    pub version: i32,
    /// What is the matter with it.
    pub error: VaultError,
}

/// What a rotation has done.
#[derive(Debug, Default)]
pub struct KeyRotation {
    /// Keys that are wrapped anew, or would be.
    pub rewrapped: u64,
    /// Keys that were left as they were.
    pub unopened: Vec<UnopenedKey>,
}

/// Wraps the keys anew.
pub struct RotateKeys {
    store: Arc<dyn WrappedKeyStore>,
    wrapper: Arc<dyn KeyWrapper>,
}

impl RotateKeys {
    /// Keys that one transaction writes: few, since servers wait for it on the embedded database.
    const BATCH: u16 = 200;
    /// How often to look again. More are needed only while others go on making keys with an old version.
    const MOST_PASSES: usize = 10;

    /// Makes the use case.
    pub fn new(store: Arc<dyn WrappedKeyStore>, wrapper: Arc<dyn KeyWrapper>) -> Self {
        Self { store, wrapper }
    }

    /// Returns how the keys are wrapped.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn status(&self, platform: &PlatformScope) -> Result<KeyStatus, TenancyError> {
        let counts = self.store.count_by_version(platform).await?;
        Ok(KeyStatus { newest: self.wrapper.newest_version(), counts })
    }

    /// Tells whether keys of this version can be opened.
    pub fn has_version(&self, version: i32) -> bool {
        self.wrapper.has_version(version)
    }

    /// Wraps every key by the newest version that an older one wraps, and tells `progress` after each batch how many it
    /// has done. Whoever is stopped in the middle goes on by beginning again; two at once do each other no harm.
    ///
    /// # Errors
    /// When the store fails or there is no randomness; what was done until then stays.
    pub async fn rotate(
        &self,
        platform: &PlatformScope,
        progress: &mut (dyn FnMut(u64) + Send),
    ) -> Result<KeyRotation, TenancyError> {
        let mut whole = KeyRotation::default();
        for _ in 0..Self::MOST_PASSES {
            let done = whole.rewrapped;
            let pass = self.pass(platform, Mode::Write, &mut |keys| progress(done + keys)).await?;
            whole.rewrapped += pass.rotation.rewrapped;
            whole.unopened = pass.rotation.unopened;
            // Keys that servers made behind the pass, by an old version, are found by the next.
            if pass.found_only_unopened {
                break;
            }
        }
        Ok(whole)
    }

    /// Opens every key that [`RotateKeys::rotate`] would wrap anew, and changes nothing.
    ///
    /// # Errors
    /// When the store fails or there is no randomness.
    pub async fn rehearse(&self, platform: &PlatformScope) -> Result<KeyRotation, TenancyError> {
        Ok(self.pass(platform, Mode::Rehearse, &mut |_| ()).await?.rotation)
    }

    /// Goes once over all owners.
    async fn pass(
        &self,
        platform: &PlatformScope,
        mode: Mode,
        progress: &mut (dyn FnMut(u64) + Send),
    ) -> Result<Pass, TenancyError> {
        let mut pass = Pass { rotation: KeyRotation::default(), found_only_unopened: true };
        let mut after = None;
        loop {
            let newest = self.wrapper.newest_version();
            let keys = self.store.list_older(platform, newest, after, Self::BATCH).await?;
            let Some((last, _)) = keys.last() else { return Ok(pass) };
            after = Some(*last);
            let (changes, unopened) = self.wrap(keys)?;
            pass.found_only_unopened &= changes.is_empty();
            pass.rotation.unopened.extend(unopened);
            pass.rotation.rewrapped += match mode {
                Mode::Write => self.store.replace(platform, &changes).await?,
                Mode::Rehearse => u64::try_from(changes.len()).unwrap_or(u64::MAX),
            };
            progress(pass.rotation.rewrapped);
        }
    }

    fn wrap(
        &self,
        keys: Vec<(TenantId, WrappedKey)>,
    ) -> Result<(Vec<RewrappedKey>, Vec<UnopenedKey>), TenancyError> {
        let (mut changes, mut unopened) = (Vec::with_capacity(keys.len()), Vec::new());
        for (owner, old) in keys {
            match self.wrapper.rewrap(owner, &old) {
                Ok(new) => changes.push(RewrappedKey { owner, old, new }),
                Err(error @ VaultError::Entropy(_)) => return Err(error.into()),
                Err(error @ (VaultError::UnknownKeyVersion(_) | VaultError::DoesNotOpen)) => {
                    unopened.push(UnopenedKey { owner, version: old.kek_version, error });
                }
            }
        }
        Ok((changes, unopened))
    }
}

#[derive(Clone, Copy)]
enum Mode {
    Write,
    Rehearse,
}

struct Pass {
    rotation: KeyRotation,
    found_only_unopened: bool,
}
