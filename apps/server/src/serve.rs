//! Serving: the HTTP side and the worker in one process, started together and stopped in order.

mod watch;

use std::{net::TcpListener, sync::Arc, time::Duration};

use actix_web::{App as HttpApp, HttpServer, dev::ServerHandle, web};
use anyhow::Context as _;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::{
    compose::{self, App, BOXED_CARRIER_PATH, Ports, Settings, carrier_in_a_box::FakeCarrier},
    config::{Config, Environment, PublicBaseUrl},
    demo, http,
    local_keys::LocalKeys,
    readiness::Readiness,
    services::Services,
};

/// How long the head of a request may take to arrive.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);
/// How long requests under way may take to end when the server stops.
const STOP_TIMEOUT_SECONDS: u64 = 30;

/// Serves until the process is told to stop. `announce` gets the lines to show once requests are answered.
///
/// # Errors
/// When the address is taken, the database does not open, or serving fails.
pub async fn serve(config: Config, announce: impl FnOnce(&str)) -> anyhow::Result<()> {
    let signals = StopSignals::listen()?;
    let (listener, config) = listen(config)?;
    let keys = LocalKeys::open(&config.data_dir)?;
    let (app, carrier) = open(&config, &keys).await?;
    let local_url = PublicBaseUrl::of_socket(config.bind);
    let stop = CancellationToken::new();
    let operations = app.services.operations.clone();
    let events = Arc::clone(&app.services.events);
    watch::begin(&operations, config.operations.metrics_bind, &stop)?;
    let server = start(listener, app.services.clone(), carrier)?;
    let handle = server.handle();
    let serving = tokio::spawn(server);
    let working = tokio::spawn(Arc::clone(&app.worker).run(stop.clone()));
    tracing::info!(
        app.name = config.app_name,
        environment = config.environment.as_str(),
        "serving at {local_url}"
    );
    if config.environment == Environment::Local {
        let own_number = config.twilio.as_ref().and_then(|account| account.phone_number.clone());
        let demo = demo::seed(&app.services, &keys, local_url.as_str(), own_number).await?;
        let admin_key = compose::admin_key(&config, &keys)?;
        let admin_key = admin_key.as_ref().map_or("", |key| key.expose());
        announce(&demo::guide(&demo, admin_key, keys.folder(), &program()));
    }
    drain(signals, &operations.readiness, config.operations.drain).await;
    events.stop();
    stop_in_order(handle, &stop).await;
    serving.await?.context("serving failed")?;
    working.await.context("the worker failed")
}

/// Works without serving, until the process is told to stop.
///
/// # Errors
/// When the database does not open.
pub async fn work(config: Config) -> anyhow::Result<()> {
    let mut signals = StopSignals::listen()?;
    let keys = LocalKeys::open(&config.data_dir)?;
    // The carrier in the box belongs to the serving process; this one only sends to it.
    let boxed = if config.twilio.is_some() || config.environment.is_deployed() {
        None
    } else {
        Some(compose::boxed_account(&config, &keys)?)
    };
    let settings = Settings::from_config(&config, &keys, None, boxed)?;
    let app = Ports::open(&config, &keys).await?.compose(&settings)?;
    let stop = CancellationToken::new();
    watch::begin(&app.services.operations, config.operations.metrics_bind, &stop)?;
    let working = tokio::spawn(Arc::clone(&app.worker).run(stop.clone()));
    signals.told().await;
    stop.cancel();
    working.await.context("the worker failed")
}

/// Takes the port first: with port 0 only the system knows the address that everything else is built from.
fn listen(mut config: Config) -> anyhow::Result<(TcpListener, Config)> {
    let listener = TcpListener::bind(config.bind)
        .with_context(|| format!("cannot listen on {}: set BIND to an address that is free", config.bind))?;
    let address = listener.local_addr()?;
    if config.public_base_url == PublicBaseUrl::of_socket(config.bind) {
        config.public_base_url = PublicBaseUrl::of_socket(address);
    }
    config.bind = address;
    Ok((listener, config))
}

async fn open(config: &Config, keys: &LocalKeys) -> anyhow::Result<(App, Option<FakeCarrier>)> {
    let carrier = compose::boxed_carrier(config, keys)?;
    let boxed = carrier.as_ref().map(|_| compose::boxed_account(config, keys)).transpose()?;
    let settings = Settings::from_config(config, keys, compose::admin_key(config, keys)?, boxed)?;
    let app = Ports::open(config, keys).await?.compose(&settings)?;
    Ok((app, carrier))
}

fn start(
    listener: TcpListener,
    services: Services,
    carrier: Option<FakeCarrier>,
) -> anyhow::Result<actix_web::dev::Server> {
    let server = HttpServer::new(move || {
        let carrier = carrier.clone();
        let boxed = web::scope(BOXED_CARRIER_PATH).configure(|config| {
            if let Some(carrier) = &carrier {
                carrier.configure(config);
            }
        });
        // The carrier speaks Twilio's errors, not ours, so it stands outside our middleware.
        HttpApp::new().service(boxed).service(http::service(&services))
    });
    Ok(server
        .client_request_timeout(HEAD_TIMEOUT)
        .shutdown_timeout(STOP_TIMEOUT_SECONDS)
        .disable_signals()
        .listen(listener)
        .context("cannot listen")?
        .run())
}

/// Serves until told to stop, then goes on for a while, so that balancers see that this server is going before it has
/// gone. Who says it twice means at once.
async fn drain(mut signals: StopSignals, readiness: &Readiness, patience: Duration) {
    signals.told().await;
    tracing::info!(drain_ms = patience.as_millis(), "stopping");
    readiness.stop();
    tokio::select! {
        () = tokio::time::sleep(patience) => {}
        () = signals.told() => {}
    }
}

/// Requests end first: a chat's turn runs inside one. Then claimed turns finish.
async fn stop_in_order(handle: ServerHandle, stop: &CancellationToken) {
    stop.cancel();
    handle.stop(true).await;
}

/// The signals that tell the process to stop. From when they are listened for, none is lost and none kills.
struct StopSignals {
    interrupt: Signal,
    terminate: Signal,
}

impl StopSignals {
    fn listen() -> anyhow::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn told(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// How this program was called, for the lines that say how to call it again.
fn program() -> String {
    std::env::args().next().unwrap_or_else(|| "cheetah".to_owned())
}
