//! The program `cheetah`.

use std::{ffi::OsString, io::Write as _};

use anyhow::Context as _;
use chrono::TimeDelta;
use clap::{Parser, Subcommand};
use server::{
    compose, compose::database, config::Config, demo, doctor, failpoints, health_command, http, keys_command,
    local_keys::LocalKeys, metrics, serve, telemetry,
};

const BAD_LINE: &str =
    "a line of .env cannot be read: write NAME=value, the value in quotes if it holds spaces or #";

/// Answers small businesses' customers by SMS and web chat.
#[derive(Parser)]
#[command(name = "cheetah", version)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API and answer (the default).
    Serve,
    /// Answer only: claim jobs of a database that another process serves.
    Worker,
    /// Bring the database to the newest schema. Several may run at once: one migrates, the others wait.
    Migrate {
        /// Say what would be run, and change nothing.
        #[arg(long)]
        dry_run: bool,
        /// Say what has been run and what has not, and change nothing; fails when something has not.
        #[arg(long, conflicts_with = "dry_run")]
        status: bool,
    },
    /// Look at the installation, and say of each thing whether it is well and how to mend it.
    Doctor {
        /// Print JSON, for programs.
        #[arg(long)]
        json: bool,
    },
    /// Ask the server beside this, on the same machine, whether it is ready; fails when it is not.
    Health {
        /// Ask at `METRICS_BIND`, where a worker answers.
        #[arg(long)]
        worker: bool,
    },
    /// Sign a short-lived token by which the operator is let in, with `ADMIN_PRIVATE_KEY`.
    AdminToken {
        /// Whom the audit log is to name.
        #[arg(long)]
        subject: String,
        /// How many minutes it is good: 1 to 60.
        #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u8).range(1..=60))]
        minutes: u8,
    },
    /// Change the key-encryption key: wrap the tenants' keys by the newest version that is configured.
    Keys {
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// Print the OpenAPI document.
    Openapi,
    /// Print the catalogue of problem codes.
    Problems,
    /// Print the list of metrics.
    Metrics,
    /// Text the demo business; without a message, hold a whole conversation at the prompt.
    Demo {
        /// The number to text from.
        #[arg(long, global = true, default_value = demo::CUSTOMER_NUMBER)]
        from: String,
        #[command(subcommand)]
        message: Option<DemoMessage>,
    },
}

#[derive(Subcommand)]
enum KeysCommand {
    /// Say which versions wrap how many keys.
    Status,
    /// Wrap every key by the newest version, while servers serve. It may be stopped and run again at any time.
    Rotate {
        /// Say what would be wrapped and whether it opens, and change nothing.
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Subcommand)]
enum DemoMessage {
    /// Text once and print the reply.
    Sms {
        /// What to text.
        text: String,
    },
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    failpoints::set_up();
    let cli = Cli::parse();
    match cli.command.unwrap_or(Command::Serve) {
        Command::Serve => {
            let config = configure()?;
            let telemetry = telemetry::init(&config)?;
            let served = serve::serve(config, say).await;
            telemetry.end().await;
            served
        }
        Command::Worker => {
            let config = configure()?;
            let telemetry = telemetry::init(&config)?;
            let worked = serve::work(config).await;
            telemetry.end().await;
            worked
        }
        Command::Migrate { dry_run, status } => migrate(&configure()?, dry_run, status).await,
        Command::Doctor { json } => examine(json).await,
        Command::Health { worker } => health_command::ask(&configure()?, worker, say).await,
        Command::AdminToken { subject, minutes } => {
            let lifetime = TimeDelta::minutes(minutes.into());
            let token = compose::admin_token(&configure()?, &subject, lifetime)?;
            say(&format!("{}\n", token.expose()));
            Ok(())
        }
        Command::Keys { command: KeysCommand::Status } => keys_command::status(&configure()?, say).await,
        Command::Keys { command: KeysCommand::Rotate { dry_run } } => {
            let config = configure()?;
            let telemetry = telemetry::init(&config)?;
            let rotated = keys_command::rotate(&config, dry_run, say).await;
            telemetry.end().await;
            rotated
        }
        Command::Openapi => {
            say(&format!("{}\n", http::openapi::document().to_pretty_json()?));
            Ok(())
        }
        Command::Problems => {
            say(&http::problem::catalogue());
            Ok(())
        }
        Command::Metrics => {
            say(&metrics::catalogue());
            Ok(())
        }
        Command::Demo { from, message } => {
            let keys = LocalKeys::open(&configure()?.data_dir)?;
            let phone = demo::Phone::new(&keys, &from)?;
            match message {
                Some(DemoMessage::Sms { text }) => demo::text_once(&phone, &text).await,
                None => demo::hold_conversation(&phone).await,
            }
        }
    }
}

/// Migrates the database, or says how it stands.
async fn migrate(config: &Config, dry_run: bool, status: bool) -> anyhow::Result<()> {
    if !dry_run && !status {
        let run = database::migrate(config).await?;
        say(&match run.len() {
            0 => "the database is up to date\n".to_owned(),
            _ => format!("ran {}\n", run.join(", ")),
        });
        return Ok(());
    }
    let found = database::migration_status(config).await?;
    if dry_run {
        say(&match found.pending.len() {
            0 => "nothing to run\n".to_owned(),
            _ => format!("would run {}\n", found.pending.join(", ")),
        });
        return Ok(());
    }
    let lines = [("applied", &found.applied), ("pending", &found.pending), ("unknown", &found.unknown)];
    for (state, names) in lines {
        for name in names {
            say(&format!("{state} {name}\n"));
        }
    }
    anyhow::ensure!(found.pending.is_empty(), "the database is behind: run `cheetah migrate`");
    Ok(())
}

/// Looks at the installation; fails when anything about it has failed.
async fn examine(json: bool) -> anyhow::Result<()> {
    let report = doctor::examine(Config::from_env(variables()?)).await;
    let text = if json { format!("{}\n", serde_json::to_string_pretty(&report)?) } else { report.to_lines() };
    say(&text);
    match report.failures() {
        0 => Ok(()),
        1 => anyhow::bail!("one thing does not work"),
        many => anyhow::bail!("{many} things do not work"),
    }
}

fn configure() -> anyhow::Result<Config> {
    Ok(Config::from_env(variables()?)?)
}

/// Reads the environment. A .env file is optional; variables that are set win over it.
fn variables() -> anyhow::Result<Vec<(String, String)>> {
    let mut vars = Vec::new();
    match dotenvy::dotenv_iter() {
        Ok(file) => {
            // The parser's own message quotes the line, which may hold a secret.
            let lines = file.collect::<Result<Vec<_>, _>>().map_err(|_| anyhow::anyhow!(BAD_LINE))?;
            vars.extend(lines);
        }
        Err(error) if error.not_found() => {}
        Err(error) => return Err(error).context(".env cannot be read"),
    }
    let text = |raw: OsString| raw.to_string_lossy().into_owned();
    vars.extend(std::env::vars_os().map(|(name, value)| (text(name), text(value))));
    Ok(vars)
}

/// Writes to standard output; a reader that has gone is no reason to stop.
fn say(text: &str) {
    let mut out = std::io::stdout();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
