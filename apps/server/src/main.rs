//! The program `cheetah`.

use std::io::Write as _;

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use server::{
    compose, config::{Config, ConfigFaults}, demo, http, local_keys::LocalKeys, serve, telemetry,
};

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
    /// Bring the database to the newest schema.
    Migrate,
    /// Print the OpenAPI document.
    Openapi,
    /// Print the catalogue of problem codes.
    Problems,
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
enum DemoMessage {
    /// Text once and print the reply.
    Sms {
        /// What to text.
        text: String,
    },
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    // A .env file is optional; variables that are set win over it.
    let _ = dotenvy::dotenv();
    match cli.command.unwrap_or(Command::Serve) {
        Command::Serve => {
            let config = configure()?;
            telemetry::init(&config)?;
            serve::serve(config, |lines| say(lines)).await
        }
        Command::Worker => {
            let config = configure()?;
            telemetry::init(&config)?;
            serve::work(config).await
        }
        Command::Migrate => {
            let run = compose::migrate(&configure()?)?;
            say(&match run.len() {
                0 => "the database is up to date\n".to_owned(),
                _ => format!("ran {}\n", run.join(", ")),
            });
            Ok(())
        }
        Command::Openapi => {
            say(&format!("{}\n", http::openapi::document().to_pretty_json()?));
            Ok(())
        }
        Command::Problems => {
            say(&http::problem::catalogue());
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

fn configure() -> anyhow::Result<Config> {
    Config::from_env(std::env::vars()).map_err(|faults: ConfigFaults| anyhow::anyhow!("{faults}"))
        .context("the configuration cannot be used")
}

/// Writes to standard output; a reader that has gone is no reason to stop.
fn say(text: &str) {
    let mut out = std::io::stdout();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
