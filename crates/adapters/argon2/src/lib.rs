//! Passwords hashed with argon2id at its defaults (19 MiB, two passes, one lane), on threads that may block and few at
//! once: whoever must wait too long for a turn is told that it is busy.

use std::{sync::Arc, time::Duration};

use argon2::{
    Argon2,
    password_hash::{self, PasswordHasher as _, PasswordVerifier as _, phc},
};
use async_trait::async_trait;
use kernel::Entropy;
use tenancy::{HashError, PasswordHash, PasswordHasher, SecretText};
use tokio::{sync::Semaphore, task::spawn_blocking, time::timeout};

const SALT_BYTES: usize = 16;
/// What nobody's password is hashed with: only the time it takes counts.
const NOBODYS_SALT: [u8; SALT_BYTES] = [0; SALT_BYTES];

/// How much is hashed at once, and how long others wait for their turn.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// So many passwords at once; each takes 19 MiB and a core.
    pub at_once: usize,
    /// So long a caller waits for a turn.
    pub wait: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { at_once: 2, wait: Duration::from_secs(3) }
    }
}

/// Hashes passwords with argon2id.
pub struct Argon2Hasher {
    entropy: Arc<dyn Entropy>,
    turns: Arc<Semaphore>,
    wait: Duration,
}

impl Argon2Hasher {
    /// Makes a hasher that takes its salts from `entropy`.
    pub fn new(entropy: Arc<dyn Entropy>, bounds: Bounds) -> Self {
        Self { entropy, turns: Arc::new(Semaphore::new(bounds.at_once)), wait: bounds.wait }
    }

    /// Does something slow, when it is its turn. It keeps the turn to its end even if the caller goes away.
    async fn in_turn<R: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<R, HashError> + Send + 'static,
    ) -> Result<R, HashError> {
        let turn = timeout(self.wait, Arc::clone(&self.turns).acquire_owned()).await;
        let turn = turn.map_err(|_| HashError::Busy)?.map_err(|_| HashError::Busy)?;
        let done = spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        done.await.map_err(|error| HashError::Failed(error.into()))?
    }
}

#[async_trait]
impl PasswordHasher for Argon2Hasher {
    async fn hash(&self, password: &SecretText) -> Result<PasswordHash, HashError> {
        let mut salt = [0; SALT_BYTES];
        self.entropy.fill(&mut salt).map_err(HashError::Failed)?;
        let password = password.clone();
        self.in_turn(move || {
            let hash = Argon2::default().hash_password_with_salt(password.expose().as_bytes(), &salt);
            hash.map(|hash| PasswordHash::new(hash.to_string())).map_err(failed)
        })
        .await
    }

    async fn verify(&self, password: &SecretText, hash: &PasswordHash) -> Result<bool, HashError> {
        let (password, hash) = (password.clone(), hash.clone());
        self.in_turn(move || {
            let hash = phc::PasswordHash::new(hash.expose()).map_err(|error| failed(error.into()))?;
            if hash.hash.is_none() {
                return Err(failed(password_hash::Error::EncodingInvalid));
            }
            match Argon2::default().verify_password(password.expose().as_bytes(), &hash) {
                Ok(()) => Ok(true),
                Err(password_hash::Error::PasswordInvalid) => Ok(false),
                Err(error) => Err(failed(error)),
            }
        })
        .await
    }

    async fn verify_nobody(&self, password: &SecretText) -> Result<(), HashError> {
        let password = password.clone();
        self.in_turn(move || {
            let hash = Argon2::default().hash_password_with_salt(password.expose().as_bytes(), &NOBODYS_SALT);
            hash.map(|_| ()).map_err(failed)
        })
        .await
    }
}

fn failed(error: password_hash::Error) -> HashError {
    HashError::Failed(error.to_string().into())
}
