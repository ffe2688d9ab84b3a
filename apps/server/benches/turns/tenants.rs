//! Whether many tenants cost more than ten, and a million messages more than four thousand: the same work on databases that
//! differ in nothing else.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use anyhow::{Context as _, bail, ensure};
use harness::postgres::PostgresCluster;

use crate::{
    archive::archive,
    history::History,
    operations::{CALLERS, Findings, ROUNDS},
    place::Place,
    population::populate,
    summary::Summary,
};

/// The argument by which this program measures one database.
pub(crate) const MEASURE: &str = "measure";
const FLOOR: usize = 500;

/// What a database holds before anything is measured.
#[derive(Clone, Copy)]
struct Holds {
    tenants: usize,
    /// Messages of closed conversations.
    archived: usize,
}

impl Holds {
    const fn tenants(tenants: usize) -> Self {
        Self { tenants, archived: 0 }
    }

    fn name(self) -> String {
        match self.archived {
            0 => format!("{} tenants", self.tenants),
            archived => format!("{} tenants, {archived} messages", self.tenants),
        }
    }
}

/// Compares ten tenants with a thousand and with ten thousand, on both databases.
pub(crate) async fn compare(cluster: &PostgresCluster, history: &mut History) -> anyhow::Result<()> {
    for many in [1_000, 10_000] {
        compare_both(cluster, history, [Holds::tenants(10), Holds::tenants(many)]).await?;
    }
    Ok(())
}

/// Compares a database of ten thousand tenants with one that also holds a million messages.
pub(crate) async fn compare_messages(cluster: &PostgresCluster, history: &mut History) -> anyhow::Result<()> {
    let full = Holds { tenants: 10_000, archived: 1_000_000 };
    compare_both(cluster, history, [Holds::tenants(10_000), full]).await
}

async fn compare_both(
    cluster: &PostgresCluster,
    history: &mut History,
    holds: [Holds; 2],
) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let path = |name: &str| Place::Sqlite(folder.path().join(name));
    compare_on([&path("few.db"), &path("many.db"), &path("bare.db")], holds, history).await?;
    let databases = [(), (), ()]
        .map(|()| cluster.server().empty_database())
        .into_iter()
        .collect::<Result<Vec<_>, _>>()?;
    let places: Vec<_> =
        databases.iter().map(|database| Place::Postgres(database.url().to_owned())).collect();
    let [few, many, bare] = places.as_slice() else { bail!("three databases were made") };
    compare_on([few, many, bare], holds, history).await
}

/// Lets the two databases take turns in many short rounds. Whatever else the machine does meets both rounds of a pair, so
/// what counts is the ratio within each pair.
async fn compare_on(
    [few, many, bare]: [&Place; 3],
    holds: [Holds; 2],
    history: &mut History,
) -> anyhow::Result<()> {
    let names = holds.map(Holds::name);
    let [of_few, of_many] = holds;
    println!(
        "\n{}, {CALLERS} callers, the same traffic: {} and {}\n",
        few.name(),
        of_few.name(),
        of_many.name()
    );
    for (place, holds) in [(few, of_few), (many, of_many)] {
        populate(&place.open().await?, holds.tenants).await?;
        archive(place, holds.archived).await?;
        place.settle().await?;
    }
    let (mut first_database, mut second_database) =
        (Measuring::start(few, of_few.tenants)?, Measuring::start(many, of_many.tenants)?);
    let (mut floors, mut pairs) = (Vec::new(), Vec::new());
    for round in 0..2 * ROUNDS {
        few.forget_deliveries().await?;
        many.forget_deliveries().await?;
        floors.push(bare.commit_bare(CALLERS, FLOOR).await?);
        // Neither is always the first, who finds the machine as the floor left it.
        pairs.push(if round.is_multiple_of(2) {
            let found = first_database.round(round)?;
            (found, second_database.round(round)?)
        } else {
            let found = second_database.round(round)?;
            (first_database.round(round)?, found)
        });
    }
    first_database.end()?;
    second_database.end()?;
    let floor = Summary::median_of(&floors).context("no round")?;
    println!("{}\n", floor.line(&format!("floor: one-row insert and commit, {}", bare.writers(CALLERS))));
    let (first, later) = pairs.split_at(ROUNDS);
    let mut print = Printing { database: few.name(), names: &names, floor, history };
    for rounds in [first, later] {
        print.operations(rounds)?;
    }
    let rounds: Vec<_> = pairs.iter().map(|(few, many)| [few, many]).collect();
    print.memory(&rounds);
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

/// Prints what was found.
struct Printing<'a> {
    database: &'static str,
    names: &'a [String; 2],
    floor: &'a Summary,
    history: &'a mut History,
}

impl Printing<'_> {
    fn operations(&mut self, pairs: &[(Findings, Findings)]) -> anyhow::Result<()> {
        let names = pairs.first().context("no round")?.0.operations.iter().map(|(name, _)| name.clone());
        for (place, name) in names.enumerate() {
            let of = |found: &Findings| found.operations.get(place).map(|(_, summary)| summary.clone());
            let pairs: Option<Vec<_>> = pairs.iter().map(|(few, many)| Some((of(few)?, of(many)?))).collect();
            self.operation(&name, &pairs.context("no such operation")?)?;
        }
        Ok(())
    }

    fn operation(&mut self, name: &str, pairs: &[(Summary, Summary)]) -> anyhow::Result<()> {
        let (few, many): (Vec<_>, Vec<_>) = pairs.iter().cloned().unzip();
        for (holds, rounds) in self.names.iter().zip([few, many]) {
            let summary = Summary::median_of(&rounds).context("no round")?;
            let of_floor = summary.ratio_to(self.floor);
            println!("{}   {of_floor:.2} of the floor", summary.line(&format!("{name}, {holds}")));
            self.history.add(format!("{}: {name}, {holds}, of the floor", self.database), of_floor);
        }
        let mut ratios: Vec<_> = pairs.iter().map(|(few, many)| many.ratio_to(few)).collect();
        ratios.sort_by(f64::total_cmp);
        let quarter = |quarters: usize| ratios.get(ratios.len() * quarters / 4).copied().unwrap_or(f64::NAN);
        let what = "  rate of the second : rate of the first";
        println!(
            "{what:<56} {:>10.2}   half of the rounds {:.2} to {:.2}\n",
            quarter(2),
            quarter(1),
            quarter(3)
        );
        let [few, many] = self.names;
        self.history.add(format!("{}: {name}, {many} : {few}", self.database), quarter(2));
        Ok(())
    }

    fn memory(&mut self, rounds: &[[&Findings; 2]]) {
        let (Some(first), Some(last)) = (rounds.first(), rounds.last()) else { return };
        let mib = |kib: u64| kib / 1_024;
        let mut at_the_end = Vec::new();
        for ((holds, first), last) in self.names.iter().zip(first).zip(last) {
            let (began, ended) = (first.resident_kib.0, last.resident_kib.1);
            println!(
                "memory, resident, {holds}: {} MiB at the start, {} MiB at the end",
                mib(began),
                mib(ended)
            );
            at_the_end.push(u32::try_from(ended).map_or(f64::NAN, f64::from));
        }
        if let ([few, many], [of_few, of_many]) = (self.names, at_the_end.as_slice()) {
            self.history
                .add(format!("{}: memory at the end, {many} : {few}", self.database), of_many / of_few);
        }
    }
}
