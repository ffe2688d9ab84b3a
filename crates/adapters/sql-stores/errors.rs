//! What a database's errors mean to the domain.

use diesel::result::{DatabaseErrorKind, Error};
use kernel::{BoxError, StoreError};
use tenancy::VaultError;

/// Says what a failed statement means.
pub(crate) fn store_error(error: Error) -> StoreError {
    match error {
        Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => StoreError::Duplicate,
        Error::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => StoreError::Conflict,
        Error::DeserializationError(source) | Error::SerializationError(source) => {
            StoreError::Corrupt(source)
        }
        other => StoreError::Unavailable(other.into()),
    }
}

/// Says what a failure of the vault means: the row is there and cannot be understood.
#[expect(clippy::needless_pass_by_value, reason = "the shape that `map_err` asks for")]
pub(crate) fn vault_error(error: VaultError) -> StoreError {
    StoreError::Corrupt(error.to_string().into())
}

/// Says that a row holds what this program never wrote.
pub(crate) fn corrupt(what: &'static str) -> StoreError {
    StoreError::Corrupt(BoxError::from(format!("a row holds an unknown {what}")))
}
