//! Whether ten thousand tenants cost more than ten: the same work on databases that differ in nothing else.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use anyhow::{Context as _, bail, ensure};
use harness::postgres::PostgresCluster;

use crate::{
    operations::{CALLERS, Findings, ROUNDS},
    place::Place,
    population::populate,
    summary::Summary,
};

/// The argument by which this program measures one database.
pub(crate) const MEASURE: &str = "measure";
const FEW: usize = 10;
const MANY: usize = 10_000;
const FLOOR: usize = 500;

/// Measures both databases, each next to its floor.
pub(crate) async fn compare(cluster: &PostgresCluster) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let path = |name: &str| Place::Sqlite(folder.path().join(name));
    compare_on(&path("few.db"), &path("many.db"), &path("bare.db")).await?;
    let databases = [(), (), ()]
        .map(|()| cluster.server().empty_database())
        .into_iter()
        .collect::<Result<Vec<_>, _>>()?;
    let places: Vec<_> =
        databases.iter().map(|database| Place::Postgres(database.url().to_owned())).collect();
    let [few, many, bare] = places.as_slice() else { bail!("three databases were made") };
    compare_on(few, many, bare).await
}

/// Lets the two databases take turns in many short rounds. Whatever else the machine does meets both rounds of a pair, so
/// what counts is the ratio within each pair.
async fn compare_on(few: &Place, many: &Place, bare: &Place) -> anyhow::Result<()> {
    println!("\n{}, {CALLERS} callers, the same traffic on {FEW} and on {MANY} tenants\n", few.name());
    for (place, tenants) in [(few, FEW), (many, MANY)] {
        populate(&place.open().await?, tenants).await?;
        place.settle().await?;
    }
    let (mut on_few, mut on_many) = (Measuring::start(few, FEW)?, Measuring::start(many, MANY)?);
    let (mut floors, mut pairs) = (Vec::new(), Vec::new());
    for round in 0..2 * ROUNDS {
        few.forget_deliveries().await?;
        many.forget_deliveries().await?;
        floors.push(bare.commit_bare(CALLERS, FLOOR).await?);
        // Neither is always the first, who finds the machine as the floor left it.
        pairs.push(if round.is_multiple_of(2) {
            let found = on_few.round(round)?;
            (found, on_many.round(round)?)
        } else {
            let found = on_many.round(round)?;
            (on_few.round(round)?, found)
        });
    }
    on_few.end()?;
    on_many.end()?;
    let floor = Summary::median_of(&floors).context("no round")?;
    println!("{}\n", floor.line(&format!("floor: one-row insert and commit, {}", bare.writers(CALLERS))));
    let (first, later) = pairs.split_at(ROUNDS);
    for rounds in [first, later] {
        print_operations(rounds, floor)?;
    }
    for (tenants, rounds) in [
        (FEW, pairs.iter().map(|(few, _)| few).collect::<Vec<_>>()),
        (MANY, pairs.iter().map(|(_, many)| many).collect()),
    ] {
        print_memory(tenants, &rounds);
    }
    Ok(())
}

/// A process that measures one database, so that the memory it uses is its own.
struct Measuring {
    process: Child,
    rounds: ChildStdin,
    findings: BufReader<ChildStdout>,
}

impl Measuring {
    fn start(place: &Place, tenants: usize) -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args([MEASURE, &place.url(), &tenants.to_string()]);
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let rounds = process.stdin.take().context("no input")?;
        let findings = BufReader::new(process.stdout.take().context("no output")?);
        Ok(Self { process, rounds, findings })
    }

    fn round(&mut self, number: usize) -> anyhow::Result<Findings> {
        writeln!(self.rounds, "{number}")?;
        let mut line = String::new();
        self.findings.read_line(&mut line)?;
        serde_json::from_str(&line).with_context(|| format!("round {number} found nothing"))
    }

    fn end(self) -> anyhow::Result<()> {
        let Self { mut process, rounds, .. } = self;
        drop(rounds);
        ensure!(process.wait()?.success(), "who measured has failed");
        Ok(())
    }
}

fn print_operations(pairs: &[(Findings, Findings)], floor: &Summary) -> anyhow::Result<()> {
    let names = pairs.first().context("no round")?.0.operations.iter().map(|(name, _)| name.clone());
    for (place, name) in names.enumerate() {
        let of = |found: &Findings| found.operations.get(place).map(|(_, summary)| summary.clone());
        let pairs: Option<Vec<_>> = pairs.iter().map(|(few, many)| Some((of(few)?, of(many)?))).collect();
        print_operation(&name, &pairs.context("no such operation")?, floor)?;
    }
    Ok(())
}

fn print_operation(name: &str, pairs: &[(Summary, Summary)], floor: &Summary) -> anyhow::Result<()> {
    let (few, many): (Vec<_>, Vec<_>) = pairs.iter().cloned().unzip();
    for (tenants, rounds) in [(FEW, few), (MANY, many)] {
        let summary = Summary::median_of(&rounds).context("no round")?;
        let line = summary.line(&format!("{name}, {tenants} tenants"));
        println!("{line}   {:.2} of the floor", summary.ratio_to(floor));
    }
    let mut ratios: Vec<_> = pairs.iter().map(|(few, many)| many.ratio_to(few)).collect();
    ratios.sort_by(f64::total_cmp);
    let quarter = |quarters: usize| ratios.get(ratios.len() * quarters / 4).copied().unwrap_or(f64::NAN);
    let what = format!("  rate with {MANY} : rate with {FEW}");
    println!("{what:<56} {:>10.2}   half of the rounds {:.2} to {:.2}\n", quarter(2), quarter(1), quarter(3));
    Ok(())
}

fn print_memory(tenants: usize, rounds: &[&Findings]) {
    let (Some(first), Some(last)) = (rounds.first(), rounds.last()) else { return };
    let mib = |kib: u64| kib / 1_024;
    println!(
        "memory, resident, {tenants} tenants: {} MiB at the start, {} MiB at the end",
        mib(first.resident_kib.0),
        mib(last.resident_kib.1)
    );
}
