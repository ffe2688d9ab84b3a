use kernel::TenantId;
use tenancy::{Actor, TenantScope};

fn anybody(tenant: TenantId) -> TenantScope {
    TenantScope { tenant, actor: Actor::System }
}

fn main() {}
