//! How people and the operator are let in. What is not set lets nobody in.

use tenancy::{AdminLogin, SecretText};

use super::reader::Reader;

pub(super) const MAKE_ADMIN_KEY: &str =
    "write 16 or more random characters, as `openssl rand -hex 32` prints";
pub(super) const MAKE_JWT_KEY: &str = "write 32 or more random characters, as `openssl rand -hex 32` prints";
const CHOOSE_PASSWORD: &str = "choose 12 or more characters";

/// How people and the operator are let in.
#[derive(Clone, Debug)]
pub struct AccessConfig {
    /// The operator's key. Unset only outside staging and production.
    pub admin_api_key: Option<SecretText>,
    /// What signs members' and visitors' tokens. Unset only outside staging and production.
    pub jwt_secret_key: Option<SecretText>,
    /// With what the operator signs in on a page.
    pub admin_login: Option<AdminLogin>,
    /// Checks the tokens that the operator's command line signs.
    pub admin_private_key: Option<SecretText>,
    /// Whether `X-Tenant-Id` or `X-Business-ID` alone names the tenant: for single-tenant, internal installations.
    pub trust_business_id: bool,
}

impl AccessConfig {
    pub(super) fn read(env: &mut Reader, deployed: bool) -> Self {
        let shortest = |length| if deployed { length } else { 1 };
        Self {
            admin_api_key: env.printable_secret("ADMIN_API_KEY", shortest(16), MAKE_ADMIN_KEY),
            jwt_secret_key: env.printable_secret("JWT_SECRET_KEY", shortest(32), MAKE_JWT_KEY),
            admin_login: admin_login(env, shortest(12)),
            admin_private_key: env.printable_secret("ADMIN_PRIVATE_KEY", shortest(32), MAKE_JWT_KEY),
            trust_business_id: env.flag("TRUST_BUSINESS_ID", false),
        }
    }
}

fn admin_login(env: &mut Reader, shortest: usize) -> Option<AdminLogin> {
    let username = env.text("ADMIN_USERNAME").unwrap_or("admin").to_owned();
    let password = env.secret("ADMIN_PASSWORD")?;
    if password.expose().chars().count() < shortest {
        env.fault("ADMIN_PASSWORD", format!("has fewer than {shortest} characters"), CHOOSE_PASSWORD);
    }
    Some(AdminLogin { username, password })
}
