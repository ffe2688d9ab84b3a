//! What a process does beside its work so that it can be watched: it keeps its metrics up, and serves them and its
//! readiness openly where it is told to.

use std::{net::SocketAddr, sync::Arc};

use actix_web::{
    App, HttpServer,
    dev::ServerHandle,
    web::{Data, get, resource},
};
use anyhow::Context as _;
use tokio_util::sync::CancellationToken;

use super::HEAD_TIMEOUT;
use crate::{
    http::{metrics::open_metrics, readiness::open_readyz},
    operations::Operations,
};

/// Begins to keep the metrics up, and to serve them at `bind` if it is given, until told to stop.
///
/// # Errors
/// When the address is taken.
pub(super) fn begin(
    operations: &Operations,
    bind: Option<SocketAddr>,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    let open = bind.map(|bind| serve_openly(operations, bind)).transpose()?;
    let (metrics, stop) = (Arc::clone(&operations.metrics.metrics), stop.clone());
    tokio::spawn(async move {
        metrics.keep_up(stop).await;
        if let Some(open) = open {
            open.stop(true).await;
        }
    });
    Ok(())
}

fn serve_openly(operations: &Operations, bind: SocketAddr) -> anyhow::Result<ServerHandle> {
    let (page, readiness) = (Arc::clone(&operations.metrics), Arc::clone(&operations.readiness));
    let server = HttpServer::new(move || {
        App::new()
            .app_data(Data::from(Arc::clone(&page)))
            .app_data(Data::from(Arc::clone(&readiness)))
            .service(resource("/metrics").route(get().to(open_metrics)))
            .service(resource("/readyz").route(get().to(open_readyz)))
    });
    let server =
        server.workers(1).client_request_timeout(HEAD_TIMEOUT).disable_signals().bind(bind).with_context(
            || format!("cannot listen on {bind}: set METRICS_BIND to an address that is free"),
        )?;
    for address in server.addrs() {
        tracing::info!("metrics at http://{address}/metrics");
    }
    let server = server.run();
    let handle = server.handle();
    tokio::spawn(server);
    Ok(handle)
}
