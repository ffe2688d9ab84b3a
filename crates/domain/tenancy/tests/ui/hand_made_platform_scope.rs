use tenancy::{Actor, PlatformScope};

fn operator() -> PlatformScope {
    PlatformScope { actor: Actor::System }
}

fn main() {}
