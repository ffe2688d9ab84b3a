//! What is wrong with the environment, all of it at once, each with what to write instead.

use std::fmt;

/// One thing that is wrong with one variable. It never repeats a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigFault {
    /// The variable's name.
    pub variable: &'static str,
    /// What is wrong.
    pub problem: String,
    /// What to write instead.
    pub remedy: String,
}

/// Everything that is wrong with the environment; a line for each variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigFaults(Vec<ConfigFault>);

impl ConfigFaults {
    /// Wraps what was found; `None` when nothing was.
    pub(super) fn of(faults: Vec<ConfigFault>) -> Option<Self> {
        (!faults.is_empty()).then_some(Self(faults))
    }

    /// Returns the faults, in the order of the variables.
    pub fn list(&self) -> &[ConfigFault] {
        &self.0
    }
}

impl fmt::Display for ConfigFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.variable, self.problem, self.remedy)
    }
}

impl fmt::Display for ConfigFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the configuration cannot be used:")?;
        self.0.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
    }
}

impl std::error::Error for ConfigFaults {}
