//! Who asks, on paths that name a tenant: the operator, or that tenant's own program. To everybody else the tenant
//! does not exist.

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use futures_util::future::LocalBoxFuture;
use kernel::TenantId;
use tenancy::{PlatformScope, Principal, TenantScope};

use super::{
    caller::{ADMIN_KEY, API_KEY, act_for, header, select, services},
    path_id::in_path,
};
use crate::http::problem::{Code, Problem};

/// A caller that may work on what belongs to the path's tenant, which is not deleted.
#[derive(Debug)]
pub struct TenantPath(pub TenantScope);

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
            Principal::Tenant(_) => Err(Problem::new(Code::Forbidden, "only the operator may do this")),
        }
    }
}

impl FromRequest for TenantRecord {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { admit(&request).await })
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
                    select(services(&request)?, &platform, record.tenant).await?.0
                }
            };
            act_for(&request, &scope);
            Ok(Self(scope))
        })
    }
}

async fn admit(request: &HttpRequest) -> Result<TenantRecord, Problem> {
    let gate = &services(request)?.gate;
    if let Some(key) = header(request, API_KEY) {
        let scope = gate.by_api_key(key).await?;
        let tenant = in_path::<TenantId>(request)?;
        let is_own = scope.tenant_id() == tenant;
        let record = TenantRecord { tenant, principal: Principal::Tenant(scope) };
        return is_own.then_some(record).ok_or_else(|| Problem::not_found("tenant"));
    }
    let key = header(request, ADMIN_KEY).ok_or_else(|| Problem::of(Code::Unauthorized))?;
    let platform = gate.by_admin_key(key)?;
    Ok(TenantRecord { tenant: in_path(request)?, principal: Principal::Platform(platform) })
}
