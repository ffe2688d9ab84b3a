//! Other names of paths: clients that were written for earlier systems find what they call under their own.
//!
//! A request under another name is served exactly as under the real one, which is the one in the documentation. Query
//! strings stay as they are. [docs/aliases.md](../../../../docs/aliases.md) lists them for people.

use actix_web::{
    HttpMessage as _, HttpRequest,
    dev::ServiceRequest,
    http::{Uri, uri::PathAndQuery},
};

/// Stands in a name for any one segment, which stands in the path then.
const PARAMETER: &str = "{tenant_id}";

/// Another name of a path and of all below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alias {
    /// The other name.
    pub name: &'static str,
    /// The real one.
    pub path: &'static str,
}

impl Alias {
    /// Returns the real path of one that is this name or lies below it.
    fn resolve(&self, asked: &str) -> Option<String> {
        let (before, after) = self.name.split_once(PARAMETER).unwrap_or((self.name, ""));
        let rest = asked.strip_prefix(before)?;
        let length = if before == self.name { 0 } else { rest.find('/').unwrap_or(rest.len()) };
        let (parameter, rest) = rest.split_at_checked(length)?;
        let rest = rest.strip_prefix(after)?;
        let is_whole = rest.is_empty() || rest.starts_with('/');
        is_whole.then(|| format!("{}{rest}", self.path.replace(PARAMETER, parameter)))
    }
}

/// All other names, the first that fits counts. Each has a test, which fails for a row that it does not know.
pub const ALIASES: &[Alias] = &[
    Alias { name: "/api/tenants/{tenant_id}/phone-numbers", path: "/api/v1/tenants/{tenant_id}/channels" },
    Alias { name: "/api/tenants", path: "/api/v1/tenants" },
    Alias { name: "/admin/tenants", path: "/api/v1/tenants" },
    Alias { name: "/v1/admin/businesses", path: "/api/v1/tenants" },
    Alias { name: "/api/controller/tenants", path: "/api/v1/tenants" },
    Alias { name: "/api/controller/auth", path: "/api/v1/admin/auth" },
    Alias { name: "/api/controller/logout", path: "/api/v1/admin/logout" },
    Alias { name: "/v1/crm/conversations", path: "/api/v1/conversations" },
    Alias { name: "/v1/crm/customers", path: "/api/v1/contacts" },
    Alias { name: "/twilio/sms", path: "/webhooks/twilio/sms" },
    Alias { name: "/twilio/webhook", path: "/webhooks/twilio/sms" },
];

/// What was asked for, where that was another name.
#[derive(Clone, Debug)]
struct AskedFor(Uri);

/// Gives a request the real name of what it asks for.
pub(super) fn resolve(mut request: ServiceRequest) -> ServiceRequest {
    let Some(real) = real_uri(request.uri()) else { return request };
    let asked = std::mem::replace(&mut request.head_mut().uri, real.clone());
    request.match_info_mut().get_mut().update(&real);
    request.extensions_mut().insert(AskedFor(asked));
    request
}

/// Returns the URI as it was asked for, under whatever name: it is what callers sign.
pub(super) fn asked_for(request: &HttpRequest) -> Uri {
    match request.extensions().get::<AskedFor>() {
        Some(AskedFor(uri)) => uri.clone(),
        None => request.uri().clone(),
    }
}

fn real_uri(uri: &Uri) -> Option<Uri> {
    let path = ALIASES.iter().find_map(|alias| alias.resolve(uri.path()))?;
    let query = uri.query().map_or(String::new(), |query| format!("?{query}"));
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(format!("{path}{query}")).ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn real(uri: &str) -> Option<String> {
        real_uri(&uri.parse().unwrap()).map(|uri| uri.to_string())
    }

    #[test]
    fn what_lies_below_a_name_lies_below_the_path_with_its_query() {
        assert_eq!(real("/admin/tenants/1/api-keys?limit=2").unwrap(), "/api/v1/tenants/1/api-keys?limit=2");
        assert_eq!(real("/v1/admin/businesses").unwrap(), "/api/v1/tenants");
    }

    #[test]
    fn what_stands_in_the_middle_of_a_name_stands_in_the_path() {
        assert_eq!(
            real("/api/tenants/7/phone-numbers?limit=2").unwrap(),
            "/api/v1/tenants/7/channels?limit=2"
        );
        assert_eq!(real("/api/tenants/7/phone-numbers/8").unwrap(), "/api/v1/tenants/7/channels/8");
        assert_eq!(real("/api/tenants/7/phone-numbers-8").unwrap(), "/api/v1/tenants/7/phone-numbers-8");
        assert_eq!(real("/api/tenants/7/8/phone-numbers").unwrap(), "/api/v1/tenants/7/8/phone-numbers");
    }

    #[test]
    fn what_only_begins_alike_is_something_else() {
        assert_eq!(real("/api/tenantship"), None);
        assert_eq!(real("/api/v1/tenants"), None);
        assert_eq!(real("/"), None);
    }
}
