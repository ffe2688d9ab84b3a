//! From which address somebody calls.

use std::{
    net::IpAddr,
    sync::atomic::{AtomicBool, Ordering},
};

use actix_web::HttpRequest;

use super::caller::services;

const FORWARDED_FOR: &str = "X-Forwarded-For";

/// Said once: a header that anybody can send must not fill the log.
static IS_WARNED: AtomicBool = AtomicBool::new(false);

/// Returns the address from which a request comes: the peer's, or what a proxy says that `TRUSTED_PROXIES` names. What
/// came over no network has none.
pub(crate) fn calling_address(request: &HttpRequest) -> Option<IpAddr> {
    let peer = request.peer_addr()?.ip();
    let proxies = &services(request).ok()?.limits.proxies;
    let said: Vec<_> =
        request.headers().get_all(FORWARDED_FOR).filter_map(|value| value.to_str().ok()).collect();
    if proxies.is_empty() && !said.is_empty() && !IS_WARNED.swap(true, Ordering::Relaxed) {
        tracing::warn!(
            "requests come with X-Forwarded-For, and TRUSTED_PROXIES names no proxy: all who come through one share \
             the limits of its address"
        );
    }
    Some(proxies.caller(peer, said.into_iter()))
}
