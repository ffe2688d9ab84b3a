//! Who asks, on paths that name a tenant: the operator, or somebody who acts for that tenant. To everybody else
//! the tenant does not exist.

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use futures_util::future::LocalBoxFuture;
use kernel::TenantId;
use tenancy::{AccessError, PlatformScope, Principal, TenantScope};

use super::{
    caller::{act_for, known, select, select_any, services},
    path_id::in_path,
};
use crate::http::{
    access::{Needs, needs_of, permit},
    problem::Problem,
};

/// A caller that may work on what belongs to the path's tenant, which is not deleted.
#[derive(Debug)]
pub struct TenantPath(pub TenantScope);

/// A caller that may see what became of the path's tenant and all that is its own, even of a deleted one.
#[derive(Debug)]
pub struct TenantHistory(pub TenantScope);

/// A caller that may see the path's tenant itself, even a deleted one.
#[derive(Debug)]
pub struct TenantRecord {
    /// The tenant that the path names.
    pub tenant: TenantId,
    /// Who asks.
    pub principal: Principal,
}

impl TenantRecord {
    /// Returns the operator's scope.
    ///
    /// # Errors
    /// When the caller is the tenant itself.
    pub fn platform(&self) -> Result<&PlatformScope, Problem> {
        match &self.principal {
            Principal::Platform(platform) => Ok(platform),
            Principal::Tenant(_) => Err(AccessError::OperatorOnly.into()),
        }
    }
}

impl FromRequest for TenantRecord {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let record = admit(&request).await?;
            match (&record.principal, needs_of(&request)?) {
                (Principal::Tenant(scope), _) => permit(&request, scope)?,
                (Principal::Platform(_), Needs::Operator | Needs::Has(_)) => {}
                (Principal::Platform(_), _) => {
                    return Err(Problem::internal("the operation takes other callers"));
                }
            }
            Ok(record)
        })
    }
}

impl FromRequest for TenantPath {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let record = admit(&request).await?;
            let scope = match record.principal {
                Principal::Tenant(scope) => scope,
                Principal::Platform(platform) => {
                    select(services(&request)?, &platform, record.tenant).await?
                }
            };
            act_for(&request, &scope);
            permit(&request, &scope)?;
            Ok(Self(scope))
        })
    }
}

impl FromRequest for TenantHistory {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let record = admit(&request).await?;
            let scope = match record.principal {
                Principal::Tenant(scope) => scope,
                Principal::Platform(platform) => {
                    select_any(services(&request)?, &platform, record.tenant).await?.0
                }
            };
            act_for(&request, &scope);
            permit(&request, &scope)?;
            Ok(Self(scope))
        })
    }
}

async fn admit(request: &HttpRequest) -> Result<TenantRecord, Problem> {
    let principal = known(request).await?.principal.clone();
    let tenant = in_path::<TenantId>(request)?;
    match &principal {
        Principal::Tenant(scope) if scope.tenant_id() != tenant => Err(Problem::not_found("tenant")),
        Principal::Tenant(_) | Principal::Platform(_) => Ok(TenantRecord { tenant, principal }),
    }
}
