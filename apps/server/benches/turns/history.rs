//! What earlier runs found. Only ratios are kept: they mean something on another day and on another machine.

use std::{collections::BTreeMap, fmt::Write as _, fs, path::PathBuf};

use anyhow::Context as _;
use chrono::Utc;

/// The ratios of this run.
#[derive(Default)]
pub(crate) struct History {
    found: Vec<(String, f64)>,
}

impl History {
    pub(crate) fn add(&mut self, what: String, ratio: f64) {
        self.found.push((what, ratio));
    }

    /// Prints each ratio next to that of the last run that had it, and appends this run's to the file.
    pub(crate) fn compare_and_keep(self) -> anyhow::Result<()> {
        if self.found.is_empty() {
            return Ok(());
        }
        let file = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/benchmarks.tsv"));
        let mut kept = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        // The last line that has it counts.
        let last: BTreeMap<String, (String, f64)> = kept.lines().filter_map(read).collect();
        println!("\nratios of this run, next to the last one's\n");
        let now = Utc::now().format("%Y-%m-%dT%H:%MZ").to_string();
        for (what, ratio) in self.found {
            match last.get(&what) {
                Some((at, before)) => {
                    println!("{ratio:>8.3}  {:>5.2} times {before:.3} of {at}  {what}", ratio / before);
                }
                None => println!("{ratio:>8.3}  for the first time  {what}"),
            }
            writeln!(kept, "{now}\t{what}\t{ratio:.3}")?;
        }
        Ok(fs::write(file, kept)?)
    }
}

/// Reads a line: when, what, and the ratio.
fn read(line: &str) -> Option<(String, (String, f64))> {
    let [at, what, ratio] = line.split('\t').collect::<Vec<_>>().try_into().ok()?;
    Some((what.to_owned(), (at.to_owned(), ratio.parse().ok()?)))
}
