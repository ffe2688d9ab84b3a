//! What was found, and how it is told.

use serde::Serialize;

use crate::config::ConfigFaults;

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Well.
    Ok,
    /// It works, and will not always.
    Warn,
    /// It does not work.
    Fail,
    /// It was not looked at, because something else is not there.
    Skip,
}

impl Status {
    fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::Skip => "skip",
        }
    }
}

/// What was found of one thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at, in a word or two.
    pub check: &'static str,
    /// How it is.
    pub status: Status,
    /// What was seen. It holds no secret.
    pub detail: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mend: Option<String>,
}

impl Finding {
    /// Says that something is well.
    pub fn ok(check: &'static str, detail: impl Into<String>) -> Self {
        Self { check, status: Status::Ok, detail: detail.into(), mend: None }
    }

    /// Says that something works and will not always.
    pub fn warn(check: &'static str, detail: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { check, status: Status::Warn, detail: detail.into(), mend: Some(mend.into()) }
    }

    /// Says that something does not work.
    pub fn fail(check: &'static str, detail: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { check, status: Status::Fail, detail: detail.into(), mend: Some(mend.into()) }
    }

    /// Says that something was not looked at.
    pub fn skip(check: &'static str, because: impl Into<String>) -> Self {
        Self { check, status: Status::Skip, detail: because.into(), mend: None }
    }
}

/// Everything that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Whether nothing has failed.
    healthy: bool,
    /// What was found, in the order in which things are needed.
    findings: Vec<Finding>,
}

impl Report {
    /// Sums findings up.
    pub fn new(findings: Vec<Finding>) -> Self {
        let healthy = findings.iter().all(|finding| finding.status != Status::Fail);
        Self { healthy, findings }
    }

    /// Says what is wrong with the environment. Nothing else can be looked at then.
    pub(super) fn of_faults(faults: &ConfigFaults) -> Self {
        let fault = |fault: &crate::config::ConfigFault| {
            let detail = format!("{} {}", fault.variable, fault.problem);
            Finding::fail("configuration", detail, fault.remedy.clone())
        };
        let mut findings: Vec<_> = faults.list().iter().map(fault).collect();
        findings.push(Finding::skip("all else", "the configuration must be whole first"));
        Self::new(findings)
    }

    /// Returns what was found.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Returns how many things do not work.
    pub fn failures(&self) -> usize {
        self.findings.iter().filter(|finding| finding.status == Status::Fail).count()
    }

    /// Returns a line for each finding.
    pub fn to_lines(&self) -> String {
        let width = self.findings.iter().map(|finding| finding.check.len()).max().unwrap_or_default();
        let line = |finding: &Finding| {
            let Finding { check, status, detail, mend } = finding;
            let mend = mend.as_ref().map(|mend| format!(": {mend}")).unwrap_or_default();
            format!("{:<4}  {check:<width$}  {detail}{mend}\n", status.as_str())
        };
        self.findings.iter().map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_something_is_and_what_to_do() {
        let report = Report::new(vec![
            Finding::ok("database", "is there"),
            Finding::fail("clock", "is 9 s slow", "set it"),
        ]);
        assert_eq!(report.to_lines(), "ok    database  is there\nfail  clock     is 9 s slow: set it\n");
        assert_eq!(report.failures(), 1);
    }

    #[test]
    fn a_warning_is_no_failure() {
        let report = Report::new(vec![Finding::warn("clock", "is 9 s slow", "set it")]);
        assert_eq!((report.healthy, report.failures()), (true, 0));
    }
}
