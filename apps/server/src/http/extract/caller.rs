//! Who asks: the operator, somebody who acts for a tenant, a member, or a visitor of a tenant's web page. Each is held to
//! what the operation needs.

use std::rc::Rc;

use actix_web::{FromRequest, HttpMessage as _, HttpRequest, dev::Payload, web};
use futures_util::future::LocalBoxFuture;
use kernel::TenantId;
use tenancy::{AccessError, Actor, PlatformScope, Principal, Tenant, TenantScope, TenantStatus};

use super::identity::{Identity, TENANT_ID, bearer, identify, parse_tenant, selected_tenant};
use crate::{
    http::{
        access::{Needs, needs_of, permit},
        middleware::ActingTenant,
        problem::{Code, Problem},
    },
    services::Services,
};

/// The operator.
#[derive(Debug)]
pub struct PlatformCaller(pub PlatformScope);

/// Somebody who acts for a tenant, or the operator for a tenant.
#[derive(Debug)]
pub struct TenantCaller(pub TenantScope);

/// A member who has signed in.
#[derive(Debug)]
pub struct MemberCaller(pub TenantScope);

/// A member who signs out, which those of a suspended tenant may too.
#[derive(Debug)]
pub struct LeavingMember(pub TenantScope);

/// A visitor of a tenant's web page.
#[derive(Debug)]
pub struct Visitor {
    /// The page's tenant.
    pub scope: TenantScope,
    /// The session that was opened for the visitor, where the visitor has shown it.
    pub session: Option<String>,
}

impl FromRequest for PlatformCaller {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            match &known_for(&request, &[Needs::Operator]).await?.principal {
                Principal::Platform(platform) => Ok(Self(platform.clone())),
                Principal::Tenant(_) => Err(AccessError::OperatorOnly.into()),
            }
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
            permit(&request, &scope)?;
            Ok(Self(scope))
        })
    }
}

impl FromRequest for MemberCaller {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            match &known_for(&request, &[Needs::Member]).await?.principal {
                Principal::Tenant(scope) if matches!(scope.actor(), Actor::Member { .. }) => {
                    act_for(&request, scope);
                    Ok(Self(scope.clone()))
                }
                _ => Err(Problem::new(Code::Forbidden, "only members who have signed in may do this")),
            }
        })
    }
}

impl FromRequest for LeavingMember {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let refused = match MemberCaller::extract(&request).await {
                Ok(MemberCaller(scope)) => return Ok(Self(scope)),
                Err(refused) => refused,
            };
            let Some(bearer) = bearer(&request)?.filter(|_| refused.code() == Code::TenantSuspended) else {
                return Err(refused);
            };
            let scope = services(&request)?.gate.by_bearer_to_sign_out(bearer).await?;
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
            let identity = known_for(&request, &[Needs::Visitor, Needs::VisitorSession]).await?;
            match &identity.principal {
                Principal::Tenant(scope) if matches!(scope.actor(), Actor::Visitor { .. }) => {
                    act_for(&request, scope);
                    Ok(Self { scope: scope.clone(), session: identity.visitor.clone() })
                }
                _ => Err(Problem::new(Code::Forbidden, "only a web page's visitors may do this")),
            }
        })
    }
}

/// A tenant's own credential names the tenant, whatever other headers say; the operator names one.
async fn tenant_scope(request: &HttpRequest) -> Result<TenantScope, Problem> {
    match &known(request).await?.principal {
        Principal::Tenant(scope) => Ok(scope.clone()),
        Principal::Platform(platform) => {
            let named = selected_tenant(request)
                .ok_or_else(|| Problem::invalid_field(TENANT_ID, "name the tenant that you act for"))?;
            Ok(select(services(request)?, platform, parse_tenant(named)?).await?)
        }
    }
}

/// Finds a tenant that is not deleted.
pub(super) async fn select(
    services: &Services,
    platform: &PlatformScope,
    tenant: TenantId,
) -> Result<TenantScope, Problem> {
    let (scope, tenant) = select_any(services, platform, tenant).await?;
    if tenant.status() == TenantStatus::Deleted { Err(Problem::not_found("tenant")) } else { Ok(scope) }
}

/// Finds a tenant, even a deleted one.
pub(super) async fn select_any(
    services: &Services,
    platform: &PlatformScope,
    tenant: TenantId,
) -> Result<(TenantScope, Tenant), Problem> {
    services.gate.select(platform, tenant).await?.ok_or_else(|| Problem::not_found("tenant"))
}

/// Returns who asks, where somebody must.
pub(super) async fn known(request: &HttpRequest) -> Result<Rc<Identity>, Problem> {
    identify(request).await?.ok_or_else(|| Problem::of(Code::Unauthorized))
}

/// Returns who asks for an operation that is for a kind of caller, as any of the needs says.
async fn known_for(request: &HttpRequest, any: &[Needs]) -> Result<Rc<Identity>, Problem> {
    let identity = known(request).await?;
    if any.contains(&needs_of(request)?) {
        return Ok(identity);
    }
    Err(Problem::internal("the operation takes other callers than its row in the table says"))
}

/// Returns what the request may call.
pub(crate) fn services(request: &HttpRequest) -> Result<&web::Data<Services>, Problem> {
    request.app_data().ok_or_else(|| Problem::internal("the services are not registered"))
}

/// Leaves the tenant with the request, for the log.
pub(crate) fn act_for(request: &HttpRequest, scope: &TenantScope) {
    request.extensions_mut().insert(ActingTenant(scope.tenant_id()));
}
