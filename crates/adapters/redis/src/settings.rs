//! Where Redis is, what our keys there begin with, and how patient we are with it.

use std::time::Duration;

/// Where Redis is and how patient we are with it. The defaults suit a Redis in the same data centre.
#[derive(Clone)]
pub struct RedisSettings {
    pub(crate) url: String,
    pub(crate) namespace: String,
    /// The longest a command may take.
    pub command_timeout: Duration,
    /// The longest that making a connection may take.
    pub connect_timeout: Duration,
    /// The most connections for commands; one more listens for invalidations.
    pub connections: usize,
    /// How long Redis is left alone after a first failure; with each further one twice as long.
    pub shortest_absence: Duration,
    /// The longest that Redis is left alone before it is tried again.
    pub longest_absence: Duration,
}

impl RedisSettings {
    /// Makes settings with the defaults. Installations that share a Redis each have a namespace of their own.
    pub fn new(url: &str, namespace: &str) -> Self {
        Self {
            url: url.to_owned(),
            namespace: namespace.to_owned(),
            command_timeout: Duration::from_millis(50),
            connect_timeout: Duration::from_millis(250),
            connections: 8,
            shortest_absence: Duration::from_millis(100),
            longest_absence: Duration::from_secs(5),
        }
    }

    /// Returns a key or a channel's name in this installation's namespace.
    pub(crate) fn name(&self, parts: &str) -> String {
        format!("cheetah:{}:{parts}", self.namespace)
    }
}

/// Shows nothing of the URL: it can hold a password.
impl std::fmt::Debug for RedisSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RedisSettings").field("namespace", &self.namespace).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_shows_no_password() {
        let settings = RedisSettings::new("redis://:hunter2@localhost", "main");
        assert!(!format!("{settings:?}").contains("hunter2"));
    }

    #[test]
    fn two_installations_share_no_key() {
        let name = |namespace| RedisSettings::new("redis://localhost", namespace).name("x");
        assert_eq!(name("blue"), "cheetah:blue:x");
        assert_ne!(name("blue"), name("green"));
    }
}
