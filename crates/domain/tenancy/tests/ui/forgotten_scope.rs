use tenancy::{ChannelBinding, ChannelStore};

async fn every_binding(store: &dyn ChannelStore) -> Vec<ChannelBinding> {
    store.list().await.unwrap()
}

fn main() {}
