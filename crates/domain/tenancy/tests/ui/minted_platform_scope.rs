use tenancy::{Actor, PlatformScope};

fn operator() -> PlatformScope {
    PlatformScope::mint(Actor::System)
}

fn main() {}
