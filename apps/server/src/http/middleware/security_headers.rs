//! Headers that tell browsers what they must not do with our answers.

use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};

/// What an answer of the API may do in a browser: nothing.
const API_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";
/// What the page at `/` needs: its own style.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// What Swagger UI needs: its own scripts, styles that it writes itself, pictures as data, and this server's API.
const DOCS_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Adds what the answer to a request for `path` lacks.
pub(super) fn add(path: &str, headers: &mut HeaderMap) {
    let policy = match path {
        "/" => PAGE_POLICY,
        path if path.starts_with("/docs/") => DOCS_POLICY,
        _ => API_POLICY,
    };
    let cache = if path.starts_with("/docs/") { "no-cache" } else { "no-store" };
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::CACHE_CONTROL, cache),
    ] {
        set_if_absent(headers, name, value);
    }
}

fn set_if_absent(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    if !headers.contains_key(&name) {
        headers.insert(name, HeaderValue::from_static(value));
    }
}
