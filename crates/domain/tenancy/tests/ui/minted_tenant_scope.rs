use kernel::TenantId;
use tenancy::{Actor, TenantScope};

fn anybody(tenant: TenantId) -> TenantScope {
    TenantScope::mint(tenant, Actor::System)
}

fn main() {}
