//! How fast messages are acknowledged, answered and listed on both databases, next to floors of the same run, and
//! whether that depends on how many tenants there are; and what a long prompt costs a turn, and a turn its model's answer.
//!
//! Figures of a shared machine are noisy: read the ratios, not the numbers.
#![expect(clippy::print_stdout, reason = "a bench's job is to print")]

mod answering;
mod archive;
mod bare_commit;
mod bare_transaction;
mod history;
mod lengths;
mod load;
mod operations;
mod place;
mod population;
mod process;
mod prompts;
mod streams;
mod summary;
mod tenants;
mod web;
mod webhooks;

use anyhow::bail;
use harness::postgres::{Durability, PostgresCluster};
use history::History;
use place::Place;

const SECTIONS: &[&str] = &["web", "tenants", "messages", "lengths", "prompts", "streams"];

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    // Cargo adds an option of its own.
    let arguments: Vec<_> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let sections: &[&str] = match arguments.as_slice() {
        [tenants::MEASURE, url, count] => {
            return operations::measure(&Place::parse(url), count.parse()?).await;
        }
        [] => SECTIONS,
        some => some,
    };
    let cluster = PostgresCluster::start(Durability::On)?;
    let mut history = History::default();
    for section in sections {
        match *section {
            "web" => web::compare(&cluster, &mut history).await?,
            "tenants" => tenants::compare(&cluster, &mut history).await?,
            "messages" => tenants::compare_messages(&cluster, &mut history).await?,
            "lengths" => lengths::compare(&cluster, &mut history).await?,
            "prompts" => prompts::compare(&cluster).await?,
            "streams" => streams::compare(&cluster).await?,
            other => bail!(
                "there is no section {other}: write some of {}, or nothing for all",
                SECTIONS.join(", ")
            ),
        }
    }
    history.compare_and_keep()
}
