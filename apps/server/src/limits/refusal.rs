//! That somebody has to wait, how long, and why.

use std::time::Duration;

/// How long somebody has to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RetryAfter(pub Duration);

impl RetryAfter {
    /// Returns whole seconds, at least one: who comes back after them does not come too early.
    pub fn seconds(self) -> u16 {
        let seconds = self.0.as_secs().saturating_add(u64::from(self.0.subsec_nanos() > 0));
        u16::try_from(seconds).unwrap_or(u16::MAX).max(1)
    }
}

/// Whose allowance is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitReason {
    /// The address has asked too often.
    Address,
    /// The credential has.
    Credential,
    /// All credentials of the tenant together have.
    Tenant,
    /// The address has presented wrong credentials too often.
    WrongCredentials,
    /// Somebody has tried too often to sign in by one name.
    SignIn,
}

impl LimitReason {
    /// Returns the name that metrics carry.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Credential => "credential",
            Self::Tenant => "tenant",
            Self::WrongCredentials => "wrong_credentials",
            Self::SignIn => "sign_in",
        }
    }
}

/// That a request is not served because of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Whose allowance is used up.
    pub reason: LimitReason,
    /// When the next request may come.
    pub retry_after: RetryAfter,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_rounded_up_and_never_none() {
        let seconds = |millis| RetryAfter(Duration::from_millis(millis)).seconds();
        assert_eq!([0, 1, 1_000, 1_001, 90_000].map(seconds), [1, 1, 1, 2, 90]);
        assert_eq!(RetryAfter(Duration::MAX).seconds(), u16::MAX);
    }
}
