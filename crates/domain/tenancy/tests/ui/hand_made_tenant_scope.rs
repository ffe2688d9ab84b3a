use kernel::TenantId;
use tenancy::TenantScope;

fn anybody(tenant: TenantId) -> TenantScope {
    TenantScope { tenant }
}

fn main() {}
