use tenancy::PlatformScope;

fn operator() -> PlatformScope {
    PlatformScope { _minted: () }
}

fn main() {}
