//! Who asks: the operator, a tenant's program, or a visitor of a tenant's web page.

use actix_web::{FromRequest, HttpMessage as _, HttpRequest, dev::Payload, http::header::ORIGIN, web};
use futures_util::future::LocalBoxFuture;
use kernel::TenantId;
use tenancy::{PlatformScope, Tenant, TenantScope, TenantStatus};
use uuid::Uuid;

use crate::{
    http::{
        middleware::ActingTenant,
        problem::{Code, Problem},
    },
    services::Services,
};

/// The header with a tenant's API key.
pub const API_KEY: &str = "X-API-Key";
/// The header with the operator's key.
pub const ADMIN_KEY: &str = "X-Admin-API-Key";
/// The header with a web page's token.
pub const WIDGET_TOKEN: &str = "X-Widget-Token";
/// The header by which the operator selects a tenant.
pub const TENANT_ID: &str = "X-Tenant-Id";
/// The same, as internal callers write it.
pub const BUSINESS_ID: &str = "X-Business-ID";

/// The operator.
#[derive(Debug)]
pub struct PlatformCaller(pub PlatformScope);

/// A tenant's program, or the operator for a tenant.
#[derive(Debug)]
pub struct TenantCaller(pub TenantScope);

/// A visitor of a tenant's web page.
#[derive(Debug)]
pub struct Visitor(pub TenantScope);

impl FromRequest for PlatformCaller {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            if let Some(key) = header(&request, ADMIN_KEY) {
                return Ok(Self(services(&request)?.gate.by_admin_key(key)?));
            }
            let key = header(&request, API_KEY).ok_or_else(|| Problem::of(Code::Unauthorized))?;
            services(&request)?.gate.by_api_key(key).await?;
            Err(Problem::new(Code::Forbidden, "only the operator may do this"))
        })
    }
}

impl FromRequest for TenantCaller {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let scope = tenant_scope(&request).await?;
            act_for(&request, &scope);
            Ok(Self(scope))
        })
    }
}

impl FromRequest for Visitor {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let token = header(&request, WIDGET_TOKEN).ok_or_else(|| Problem::of(Code::Unauthorized))?;
            let origin = header(&request, ORIGIN.as_str());
            let scope = services(&request)?.gate.by_widget_token(token, origin).await?;
            act_for(&request, &scope);
            Ok(Self(scope))
        })
    }
}

/// With an API key the tenant is the key's, whatever other headers say.
async fn tenant_scope(request: &HttpRequest) -> Result<TenantScope, Problem> {
    let services = services(request)?;
    if let Some(key) = header(request, API_KEY) {
        return Ok(services.gate.by_api_key(key).await?);
    }
    if let Some(key) = header(request, ADMIN_KEY) {
        let platform = services.gate.by_admin_key(key)?;
        let named = header(request, TENANT_ID).or_else(|| header(request, BUSINESS_ID));
        let named =
            named.ok_or_else(|| Problem::invalid_field(TENANT_ID, "name the tenant that you act for"))?;
        return Ok(select(services, &platform, parse_tenant(named)?).await?.0);
    }
    match (&services.trusted_callers, header(request, BUSINESS_ID)) {
        (Some(platform), Some(named)) => {
            let (scope, tenant) = select(services, platform, parse_tenant(named)?).await?;
            let is_suspended = tenant.status() == TenantStatus::Suspended;
            if is_suspended { Err(Problem::of(Code::TenantSuspended)) } else { Ok(scope) }
        }
        _ => Err(Problem::of(Code::Unauthorized)),
    }
}

/// Finds a tenant that is not deleted.
pub(super) async fn select(
    services: &Services,
    platform: &PlatformScope,
    tenant: TenantId,
) -> Result<(TenantScope, Tenant), Problem> {
    let found = services.gate.select(platform, tenant).await?;
    found
        .filter(|(_, tenant)| tenant.status() != TenantStatus::Deleted)
        .ok_or_else(|| Problem::not_found("tenant"))
}

fn parse_tenant(text: &str) -> Result<TenantId, Problem> {
    Uuid::try_parse(text).map(TenantId::new).map_err(|_| Problem::not_found("tenant"))
}

/// Returns a header's value. One that is no text is returned as a value that no credential has.
pub(super) fn header<'request>(request: &'request HttpRequest, name: &str) -> Option<&'request str> {
    request.headers().get(name).map(|value| value.to_str().unwrap_or_default())
}

/// Returns what the request may call.
pub(crate) fn services(request: &HttpRequest) -> Result<&web::Data<Services>, Problem> {
    request.app_data().ok_or_else(|| Problem::internal("the services are not registered"))
}

/// Leaves the tenant with the request, for the log.
pub(crate) fn act_for(request: &HttpRequest, scope: &TenantScope) {
    request.extensions_mut().insert(ActingTenant(scope.tenant_id()));
}
