use tenancy::PlatformScope;

fn operator() -> PlatformScope {
    PlatformScope::mint()
}

fn main() {}
