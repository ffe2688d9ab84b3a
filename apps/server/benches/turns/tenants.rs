//! Whether ten thousand tenants cost more than ten: the same work on databases that differ in nothing else.

use std::process::Command;

use anyhow::{Context as _, bail, ensure};
use harness::postgres::PostgresCluster;

use crate::{
    operations::{CALLERS, Findings},
    place::Place,
    population::populate,
    summary::Summary,
};

/// The argument by which this program measures one database.
pub(crate) const MEASURE: &str = "measure";
const FEW: usize = 10;
const MANY: usize = 10_000;
/// Each database is measured so often, in turns with its counterpart. The fastest round is shown: whatever else the machine
/// does only slows rounds down.
const ROUNDS: usize = 3;
const FLOOR: usize = 10_000;

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

async fn compare_on(few: &Place, many: &Place, bare: &Place) -> anyhow::Result<()> {
    println!("\n{}, {CALLERS} callers, the same traffic on {FEW} and on {MANY} tenants\n", few.name());
    for (place, tenants) in [(few, FEW), (many, MANY)] {
        populate(&place.open().await?, tenants).await?;
    }
    let (mut floors, mut on_few, mut on_many) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        floors.push(bare.commit_bare(CALLERS, FLOOR).await?);
        on_few.push(measure(few, FEW, round).await?);
        on_many.push(measure(many, MANY, round).await?);
    }
    let floor = fastest(floors.iter()).context("no round")?;
    println!("{}\n", floor.line(&format!("floor: one-row insert and commit, {}", bare.writers(CALLERS))));
    let names = on_few.first().context("no round")?.operations.iter().map(|(name, _)| name.clone());
    for (place, name) in names.enumerate() {
        let of = |rounds| fastest(operation(rounds, place)).context("no such operation");
        print_operation(&name, (of(&on_few)?, of(&on_many)?), floor);
    }
    print_memory(&on_few, &on_many);
    Ok(())
}

/// Runs one round in a process of its own, so that the memory it uses is its own.
async fn measure(place: &Place, tenants: usize, round: usize) -> anyhow::Result<Findings> {
    place.settle().await?;
    let mut command = Command::new(std::env::current_exe()?);
    command.args([MEASURE, &place.url(), &tenants.to_string(), &round.to_string()]);
    let output = command.stderr(std::process::Stdio::inherit()).output()?;
    ensure!(output.status.success(), "a round on {} with {tenants} tenants failed", place.name());
    serde_json::from_slice(&output.stdout).context("a round said nothing")
}

/// Returns what every round found of one operation.
fn operation(rounds: &[Findings], place: usize) -> impl Iterator<Item = &Summary> {
    rounds.iter().filter_map(move |round| Some(&round.operations.get(place)?.1))
}

fn fastest<'a>(rounds: impl Iterator<Item = &'a Summary>) -> Option<&'a Summary> {
    rounds.max_by(|one, other| one.per_second().total_cmp(&other.per_second()))
}

fn print_operation(name: &str, (few, many): (&Summary, &Summary), floor: &Summary) {
    for (tenants, summary) in [(FEW, few), (MANY, many)] {
        let line = summary.line(&format!("{name}, {tenants} tenants"));
        println!("{line}   {:.2} of the floor", summary.ratio_to(floor));
    }
    println!("{:<56} {:>10.2}\n", format!("  rate with {MANY} : rate with {FEW}"), many.ratio_to(few));
}

fn print_memory(few: &[Findings], many: &[Findings]) {
    for (tenants, rounds) in [(FEW, few), (MANY, many)] {
        let mut seen: Vec<_> = rounds.iter().map(|round| round.resident_kib).collect();
        seen.sort_by_key(|(before, after)| after.saturating_sub(*before));
        let Some((before, after)) = seen.get(seen.len() / 2) else { continue };
        println!(
            "memory, resident, {tenants} tenants: {} MiB at the start, {} MiB at the end",
            before / 1_024,
            after / 1_024
        );
    }
}
