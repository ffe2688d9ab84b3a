//! How much is allowed to whom.

use limits::{Quota, RouteClass};

use crate::config::TrustedProxies;

/// How much is allowed, and who is believed to say who asks.
#[derive(Clone, Debug, Default)]
pub struct LimitsSettings {
    /// How much is allowed.
    pub quotas: Quotas,
    /// Which proxies are believed when they say who has called them.
    pub trusted_proxies: TrustedProxies,
}

/// How much is allowed to each address, credential and tenant, of one class of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClassQuotas {
    /// To an address.
    pub address: Quota,
    /// To a credential.
    pub credential: Quota,
    /// To a tenant.
    pub tenant: Quota,
}

/// How much is allowed. The defaults are far above what people and programs do in earnest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quotas {
    /// The API. Reading and writing are counted apart, each with these.
    pub api: ClassQuotas,
    /// Writing in the chat on web pages. All visitors of a page share its token, so that only addresses are held to little.
    pub chat: ClassQuotas,
    /// Reading what was said in the chat, which pages do again and again while a visitor waits. Each visitor has a
    /// credential for it.
    pub chat_reads: ClassQuotas,
    /// Wrong credentials from an address.
    pub wrong_credentials: Quota,
    /// Attempts to sign in by one name, from wherever they come.
    pub sign_ins: Quota,
}

impl Quotas {
    /// Returns the quotas of a class.
    pub fn of(&self, class: RouteClass) -> &ClassQuotas {
        match class {
            RouteClass::Chat => &self.chat,
            RouteClass::ChatRead => &self.chat_reads,
            RouteClass::Read | RouteClass::Write | RouteClass::Webhook | RouteClass::Login => &self.api,
        }
    }
}

impl Default for Quotas {
    fn default() -> Self {
        let of = |address, credential, tenant| ClassQuotas {
            address: Quota::per_minute(address),
            credential: Quota::per_minute(credential),
            tenant: Quota::per_minute(tenant),
        };
        Self {
            api: of(600, 1_200, 3_000),
            chat: of(60, 3_000, 6_000),
            chat_reads: of(600, 1_200, 12_000),
            wrong_credentials: Quota::per_minute(30),
            sign_ins: Quota::per_hour(100),
        }
    }
}
