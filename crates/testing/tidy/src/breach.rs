//! What a rule found, and how a failing test shows it.

/// One place that breaks one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// The file, relative to the repository, with a line number where there is one.
    pub file: String,
    /// What is wrong there, naming the rule.
    pub rule: String,
    /// What to do about it.
    pub mend: String,
}

impl Breach {
    /// Returns a breach.
    pub fn new(file: impl Into<String>, rule: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { file: file.into(), rule: rule.into(), mend: mend.into() }
    }
}

/// Returns a message for people: each breach with its file, its rule and its remedy.
pub fn report(breaches: &[Breach]) -> String {
    let one =
        |breach: &Breach| format!("\n{}\n  rule: {}\n  mend: {}", breach.file, breach.rule, breach.mend);
    let all: Vec<String> = breaches.iter().map(one).collect();
    format!("{} breach(es) of the architecture's rules:{}", breaches.len(), all.join(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_says_file_rule_and_remedy() {
        let report = report(&[Breach::new("a.rs:3", "no gold", "use brass")]);

        assert!(report.ends_with("\na.rs:3\n  rule: no gold\n  mend: use brass"), "{report}");
    }
}
