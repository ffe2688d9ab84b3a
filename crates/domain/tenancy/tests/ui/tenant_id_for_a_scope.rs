use kernel::TenantId;
use tenancy::{ChannelBinding, ChannelStore};

async fn bindings(store: &dyn ChannelStore, tenant: TenantId) -> Vec<ChannelBinding> {
    store.list(&tenant).await.unwrap()
}

fn main() {}
