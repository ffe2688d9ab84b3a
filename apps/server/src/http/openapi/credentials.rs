//! What callers present, and what of it each operation takes: worked out from the table of access, nowhere else.

use actix_web::http::Method;
use tenancy::{Permission, Permissions};
use utoipa::{
    Modify,
    openapi::{
        OpenApi as Document,
        path::{Operation as Described, PathItem},
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    },
};

use crate::http::{
    access::{Needs, OPERATIONS, Operation},
    extract::{
        ADMIN_COOKIE, ADMIN_KEY, API_KEY, BUSINESS_ID, OWNER_TOKEN, TENANT_ID, VISITOR_TOKEN, WIDGET_TOKEN,
    },
};

const OPERATOR: [&str; 3] = ["admin_key", "admin_session", "admin_token"];

/// Describes what callers present.
pub(super) struct Schemes;

impl Modify for Schemes {
    fn modify(&self, document: &mut Document) {
        let schemes = [
            ("admin_key", header(ADMIN_KEY, "The operator's key")),
            ("api_key", header(API_KEY, "A tenant's API key")),
            (
                "tenant_id",
                header(TENANT_ID, "The tenant that the operator acts for; ignored with an API key"),
            ),
            (
                "business_id",
                header(
                    BUSINESS_ID,
                    "Names the tenant, alone, from the operator's own network and only where the server has \
                     `TRUST_BUSINESS_ID=true`. From the operator the same as `X-Tenant-Id`",
                ),
            ),
            ("widget_token", header(WIDGET_TOKEN, "A web page's token")),
            ("visitor_token", header(VISITOR_TOKEN, "The token of a visitor's session")),
            ("owner_token", header(OWNER_TOKEN, "A token by which the owner looks, and changes nothing")),
            ("member", bearer("The access token of a member who has signed in")),
            ("admin_token", bearer("A short-lived token that `cheetah admin-token` signs")),
            ("admin_session", cookie(ADMIN_COOKIE, "The operator has signed in on a page")),
            (
                "twilio_signature",
                header("X-Twilio-Signature", "The carrier's signature of the whole request"),
            ),
        ];
        let components = document.components.get_or_insert_default();
        components.security_schemes.extend(schemes.map(|(name, scheme)| (name.to_owned(), scheme.into())));
    }
}

fn header(name: &str, description: &str) -> SecurityScheme {
    SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description(name, description)))
}

fn cookie(name: &str, description: &str) -> SecurityScheme {
    SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(name, description)))
}

fn bearer(description: &str) -> SecurityScheme {
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT");
    SecurityScheme::Http(bearer.description(Some(description)).build())
}

/// Says of each operation what its callers present.
pub(super) struct TakenByOperations;

impl Modify for TakenByOperations {
    fn modify(&self, document: &mut Document) {
        for row in OPERATIONS {
            let item = document.paths.paths.get_mut(row.path);
            if let Some(described) = item.and_then(|item| described(item, &row.method)) {
                described.security = Some(taken(row));
            }
        }
    }
}

fn described<'item>(item: &'item mut PathItem, method: &Method) -> Option<&'item mut Described> {
    match *method {
        Method::GET => item.get.as_mut(),
        Method::POST => item.post.as_mut(),
        Method::PUT => item.put.as_mut(),
        Method::PATCH => item.patch.as_mut(),
        Method::DELETE => item.delete.as_mut(),
        _ => None,
    }
}

/// Returns what lets a caller in, any of it.
fn taken(row: &Operation) -> Vec<SecurityRequirement> {
    match row.needs {
        Needs::Nothing => vec![SecurityRequirement::default()],
        Needs::Signature => any_of(&["twilio_signature"]),
        Needs::Operator => any_of(&OPERATOR),
        Needs::Member => any_of(&["member"]),
        Needs::Visitor => any_of(&["widget_token", "visitor_token"]),
        Needs::VisitorSession => any_of(&["visitor_token"]),
        Needs::Has(permission) => with_permission(permission, row.path.contains("{tenant_id}")),
    }
}

fn any_of(schemes: &[&str]) -> Vec<SecurityRequirement> {
    schemes.iter().map(|scheme| alone(scheme)).collect()
}

fn alone(scheme: &str) -> SecurityRequirement {
    SecurityRequirement::new(scheme, Vec::<String>::new())
}

fn with_permission(permission: Permission, path_names_tenant: bool) -> Vec<SecurityRequirement> {
    let mut taken = any_of(&["member"]);
    if Permissions::of_programs().contains(permission) {
        taken.extend(any_of(&["api_key", "business_id"]));
    }
    if Permissions::of_owner_tokens().contains(permission) {
        taken.extend(any_of(&["owner_token"]));
    }
    taken.extend(OPERATOR.map(|scheme| {
        let operator = alone(scheme);
        if path_names_tenant { operator } else { operator.add("tenant_id", Vec::<String>::new()) }
    }));
    taken
}
