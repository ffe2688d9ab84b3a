//! What is said on the channel, a line each.

use kernel::TenantId;
use uuid::Uuid;

/// One line on the channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Message {
    /// A process makes sure that it hears itself.
    Beat {
        /// The process.
        process: Uuid,
        /// When it said so, in microseconds by its own count.
        sent: u64,
    },
    /// What is a tenant's has changed in a family of stores.
    Changed {
        /// The family.
        family: String,
        /// The tenant.
        tenant: TenantId,
    },
    /// Anything may have changed.
    Everything,
}

impl Message {
    /// Reads one line; `None` when it is none of ours.
    pub(super) fn parse(line: &str) -> Option<Self> {
        let mut words = line.split(' ');
        let message = match words.next()? {
            "beat" => Self::Beat { process: words.next()?.parse().ok()?, sent: words.next()?.parse().ok()? },
            "changed" => {
                Self::Changed { family: words.next()?.to_owned(), tenant: words.next()?.parse().ok()? }
            }
            "everything" => Self::Everything,
            _ => return None,
        };
        words.next().is_none().then_some(message)
    }
}

impl std::fmt::Display for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Beat { process, sent } => write!(f, "beat {process} {sent}"),
            Self::Changed { family, tenant } => write!(f, "changed {family} {tenant}"),
            Self::Everything => f.write_str("everything"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_understood() {
        for message in [
            Message::Beat { process: Uuid::from_u128(7), sent: 1_000_000 },
            Message::Changed { family: "tenants".into(), tenant: TenantId::new(Uuid::from_u128(9)) },
            Message::Everything,
        ] {
            assert_eq!(Message::parse(&message.to_string()), Some(message));
        }
    }

    #[test]
    fn anything_else_is_not() {
        for line in ["", "everything else", "changed tenants", "changed tenants me", "beat 1", "hello"] {
            assert_eq!(Message::parse(line), None, "{line}");
        }
    }
}
