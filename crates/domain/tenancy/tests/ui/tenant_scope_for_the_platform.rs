use tenancy::{Address, Channel, ChannelStore, TenantScope};

async fn anybodys(store: &dyn ChannelStore, scope: &TenantScope, address: &Address) {
    let _ = store.find_by_address(scope, Channel::Sms, address).await;
}

fn main() {}
