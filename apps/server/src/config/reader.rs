//! Reads variables one by one and collects what is wrong with them.

use std::collections::HashMap;

use tenancy::SecretText;

use super::faults::{ConfigFault, ConfigFaults};

/// The environment being read, with the faults found so far.
pub(super) struct Reader {
    values: HashMap<String, String>,
    faults: Vec<ConfigFault>,
}

impl Reader {
    /// Takes the variables in; of two with one name the later counts. An empty one is unset: that is how compose
    /// files pass on what nobody set.
    pub(super) fn new(vars: impl IntoIterator<Item = (String, String)>) -> Self {
        let trimmed = vars.into_iter().map(|(name, value)| (name, value.trim().to_owned()));
        let mut values: HashMap<_, _> = trimmed.collect();
        values.retain(|_, value| !value.is_empty());
        Self { values, faults: Vec::new() }
    }

    /// Returns a variable as it stands.
    pub(super) fn text(&self, name: &'static str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// Returns a secret.
    pub(super) fn secret(&self, name: &'static str) -> Option<SecretText> {
        self.text(name).map(SecretText::new)
    }

    /// Returns a secret that HTTP headers can carry, of at least `shortest` characters.
    pub(super) fn printable_secret(
        &mut self,
        name: &'static str,
        shortest: usize,
        remedy: &str,
    ) -> Option<SecretText> {
        let text = self.text(name)?.to_owned();
        if text.len() < shortest {
            self.fault(name, format!("has fewer than {shortest} characters"), remedy);
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            self.fault(
                name,
                "holds what no HTTP header can carry (spaces, or letters outside ASCII)",
                remedy,
            );
        }
        Some(SecretText::new(text))
    }

    /// Returns a variable that `parse` understands; otherwise notes that it does not, and shows its value.
    pub(super) fn parsed<T>(
        &mut self,
        name: &'static str,
        remedy: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.text(name)?.to_owned();
        let value = parse(&text);
        if value.is_none() {
            self.fault(name, format!("is `{text}`"), remedy);
        }
        value
    }

    /// As `parsed`, for where something is: that may hold a password, and not only in the place where one is looked for, so
    /// the value is never shown.
    pub(super) fn parsed_unseen<T>(
        &mut self,
        name: &'static str,
        remedy: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let value = parse(self.text(name)?);
        if value.is_none() {
            self.fault(name, "is not understood", remedy);
        }
        value
    }

    /// Returns a yes or no, `default` when unset.
    pub(super) fn flag(&mut self, name: &'static str, default: bool) -> bool {
        let parse = |text: &str| match text.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => Some(true),
            "false" | "0" | "no" | "off" => Some(false),
            _ => None,
        };
        self.parsed(name, "write true or false", parse).unwrap_or(default)
    }

    /// Notes a fault when a variable is missing.
    pub(super) fn require(&mut self, name: &'static str, because: &str, remedy: &str) {
        if self.text(name).is_none() {
            self.fault(name, format!("is not set, and {because} needs it"), remedy);
        }
    }

    /// Notes a fault.
    pub(super) fn fault(&mut self, variable: &'static str, problem: impl Into<String>, remedy: &str) {
        self.faults.push(ConfigFault { variable, problem: problem.into(), remedy: remedy.to_owned() });
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// When anything was found wrong.
    pub(super) fn finish(self) -> Result<(), ConfigFaults> {
        ConfigFaults::of(self.faults).map_or(Ok(()), Err)
    }
}
