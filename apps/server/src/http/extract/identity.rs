//! Who asks, by whichever credential a request presents. It is found out once for each request.

use std::rc::Rc;

use actix_web::{
    HttpMessage as _, HttpRequest,
    http::{
        Method,
        header::{AUTHORIZATION, HOST, ORIGIN},
    },
};
use kernel::TenantId;
use limits::CallerId;
use tenancy::{Actor, PlatformScope, Principal, SecretDigest};
use url::Url;
use uuid::Uuid;

use super::caller::services;
use crate::{
    http::problem::{Code, Problem},
    services::Services,
};

/// The header with a tenant's API key.
pub const API_KEY: &str = "X-API-Key";
/// The header with the owner's token.
pub const OWNER_TOKEN: &str = "X-Owner-Token";
/// The header with the operator's key.
pub const ADMIN_KEY: &str = "X-Admin-API-Key";
/// The header with a web page's token.
pub const WIDGET_TOKEN: &str = "X-Widget-Token";
/// The header with the token of a visitor's session.
pub const VISITOR_TOKEN: &str = "X-Visitor-Token";
/// The header by which a tenant is selected, by those who may.
pub const TENANT_ID: &str = "X-Tenant-Id";
/// The same, as internal callers write it.
pub const BUSINESS_ID: &str = "X-Business-ID";
/// The cookie of the operator who has signed in on a page.
pub const ADMIN_COOKIE: &str = "cheetah_admin";

/// Who asks.
#[derive(Debug)]
pub(crate) struct Identity {
    /// The caller.
    pub(crate) principal: Principal,
    /// The visitor's session, where a visitor has shown one.
    pub(crate) visitor: Option<String>,
    /// A name of the caller that stays the same from request to request, and tells nothing.
    pub(crate) caller: CallerId,
}

/// Returns who asks; `None` when the request presents no credential.
///
/// Of several credentials the first counts, in the order below, and the others are not looked at.
///
/// # Errors
/// When the credential is not good, or cannot be looked up.
pub(crate) async fn identify(request: &HttpRequest) -> Result<Option<Rc<Identity>>, Problem> {
    if let Some(known) = request.extensions().get::<Rc<Identity>>() {
        return Ok(Some(Rc::clone(known)));
    }
    let Some((principal, visitor)) = authenticate(request).await? else { return Ok(None) };
    let apart = match &principal {
        // Whoever is trusted presents nothing else to be told apart by.
        Principal::Tenant(scope) if matches!(scope.actor(), Actor::TrustedCaller) => {
            scope.tenant_id().to_string()
        }
        Principal::Tenant(_) | Principal::Platform(_) => visitor.clone().unwrap_or_default(),
    };
    let named = format!("{} {apart}", principal.actor());
    let caller = CallerId::credential(&SecretDigest::of(&named));
    let identity = Rc::new(Identity { principal, visitor, caller });
    request.extensions_mut().insert(Rc::clone(&identity));
    Ok(Some(identity))
}

type Found = (Principal, Option<String>);

async fn authenticate(request: &HttpRequest) -> Result<Option<Found>, Problem> {
    let services = services(request)?;
    let gate = &services.gate;
    let origin = header(request, ORIGIN.as_str());
    let found = if let Some(key) = header(request, API_KEY) {
        tenant(gate.by_api_key(key).await?)
    } else if let Some(bearer) = bearer(request)? {
        (gate.by_bearer(bearer).await?, None)
    } else if let Some(token) = header(request, OWNER_TOKEN) {
        tenant(gate.by_owner_token(token).await?)
    } else if let Some(key) = header(request, ADMIN_KEY) {
        (Principal::Platform(gate.by_admin_key(key)?), None)
    } else if let Some(cookie) = request.cookie(ADMIN_COOKIE) {
        (Principal::Platform(by_cookie(request, services, cookie.value()).await?), None)
    } else if let Some(token) = header(request, VISITOR_TOKEN) {
        let (scope, visitor) = gate.by_visitor_token(token, origin).await?;
        (Principal::Tenant(scope), Some(visitor))
    } else if let Some(token) = header(request, WIDGET_TOKEN) {
        tenant(gate.by_widget_token(token, origin).await?)
    } else if let (true, Some(named)) = (gate.trusts_business_id(), selected_tenant(request)) {
        tenant(gate.by_business_id(parse_tenant(named)?).await?)
    } else {
        return Ok(None);
    };
    Ok(Some(found))
}

fn tenant(scope: tenancy::TenantScope) -> Found {
    (Principal::Tenant(scope), None)
}

/// A browser sends its cookies whoever asks it to: what changes something must come from a page of this server.
async fn by_cookie(
    request: &HttpRequest,
    services: &Services,
    secret: &str,
) -> Result<PlatformScope, Problem> {
    let changes_nothing = [Method::GET, Method::HEAD, Method::OPTIONS].contains(request.method());
    if !changes_nothing && !comes_from_here(request, services) {
        return Err(Problem::new(Code::Forbidden, "the page that asks is not one of this server"));
    }
    Ok(services.gate.by_admin_session(secret).await?)
}

fn comes_from_here(request: &HttpRequest, services: &Services) -> bool {
    // What is no browser sends no origin, and no cookie unless somebody meant it to.
    let Some(origin) = header(request, ORIGIN.as_str()) else { return true };
    let Ok(origin) = Url::parse(origin) else { return false };
    let own = Url::parse(services.public_base_url.as_str()).ok();
    let is_public = own.is_some_and(|own| own.origin() == origin.origin());
    let authority = origin.host_str().map(|host| match origin.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    });
    is_public || (authority.is_some() && authority.as_deref() == header(request, HOST.as_str()))
}

/// Returns the bearer's token.
pub(super) fn bearer(request: &HttpRequest) -> Result<Option<&str>, Problem> {
    let Some(value) = header(request, AUTHORIZATION.as_str()) else { return Ok(None) };
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    if scheme.eq_ignore_ascii_case("bearer") {
        Ok(Some(token.trim()))
    } else {
        Err(Problem::of(Code::Unauthorized))
    }
}

pub(super) fn parse_tenant(text: &str) -> Result<TenantId, Problem> {
    Uuid::try_parse(text).map(TenantId::new).map_err(|_| Problem::not_found("tenant"))
}

/// Returns the tenant that a request selects by a header, for those who may.
pub(crate) fn selected_tenant(request: &HttpRequest) -> Option<&str> {
    header(request, TENANT_ID).or_else(|| header(request, BUSINESS_ID))
}

/// Returns a header's value. One that is no text is returned as a value that no credential has.
pub(crate) fn header<'request>(request: &'request HttpRequest, name: &str) -> Option<&'request str> {
    request.headers().get(name).map(|value| value.to_str().unwrap_or_default())
}
