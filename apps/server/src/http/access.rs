//! Which operation asks what of its caller: the one table. An operation that is in no row answers nobody.

use actix_web::{HttpRequest, http::Method};
use tenancy::{AccessError, Permission};

use super::problem::Problem;

/// What an operation asks of its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Nothing: it shows what everybody may know, or is how one gets a credential.
    Nothing,
    /// A carrier's signature.
    Signature,
    /// To be the operator.
    Operator,
    /// To be a member who has signed in.
    Member,
    /// To be a visitor of a tenant's page.
    Visitor,
    /// To be a visitor, and to show the session that was opened for them.
    VisitorSession,
    /// To have a permission, in the tenant at hand.
    Has(Permission),
}

/// What an operation asks of its caller, by its method and its path as the API description has it.
pub struct Operation {
    /// The method.
    pub method: Method,
    /// The path.
    pub path: &'static str,
    /// What is asked.
    pub needs: Needs,
}

macro_rules! operations {
    ($($method:ident $path:literal $needs:expr;)+) => {
        /// Every operation that asks who calls.
        pub const OPERATIONS: &[Operation] = &[
            $(Operation { method: Method::$method, path: $path, needs: $needs }),+
        ];
    };
}

use Needs::{Has, Member, Nothing, Operator, Signature, Visitor, VisitorSession};
use Permission as P;

operations! {
    GET "/healthz" Nothing;
    GET "/readyz" Nothing;
    GET "/health" Nothing;
    GET "/metrics" Operator;

    POST "/api/v1/auth/login" Nothing;
    POST "/api/v1/auth/refresh" Nothing;
    POST "/api/v1/auth/logout" Member;
    GET "/api/v1/auth/me" Member;
    PUT "/api/v1/auth/password" Member;
    POST "/api/v1/admin/auth" Nothing;
    GET "/api/v1/admin/auth" Operator;
    POST "/api/v1/admin/logout" Operator;
    GET "/api/v1/admin/audit-log" Operator;

    POST "/api/v1/tenants" Operator;
    GET "/api/v1/tenants" Operator;
    GET "/api/v1/tenants/{tenant_id}" Has(P::TenantRead);
    PATCH "/api/v1/tenants/{tenant_id}" Operator;
    GET "/api/v1/tenants/{tenant_id}/profile" Has(P::ProfileRead);
    PUT "/api/v1/tenants/{tenant_id}/profile" Has(P::ProfileWrite);
    POST "/api/v1/tenants/{tenant_id}/members" Has(P::MembersWrite);
    GET "/api/v1/tenants/{tenant_id}/members" Has(P::MembersRead);
    GET "/api/v1/tenants/{tenant_id}/members/{member_id}" Has(P::MembersRead);
    PATCH "/api/v1/tenants/{tenant_id}/members/{member_id}" Has(P::MembersWrite);
    PUT "/api/v1/tenants/{tenant_id}/members/{member_id}/password" Has(P::MembersWrite);
    POST "/api/v1/tenants/{tenant_id}/api-keys" Has(P::CredentialsWrite);
    GET "/api/v1/tenants/{tenant_id}/api-keys" Has(P::CredentialsRead);
    DELETE "/api/v1/tenants/{tenant_id}/api-keys/{key_id}" Has(P::CredentialsWrite);
    POST "/api/v1/tenants/{tenant_id}/api-keys/{key_id}/rotate" Has(P::CredentialsWrite);
    POST "/api/v1/tenants/{tenant_id}/owner-tokens" Has(P::CredentialsWrite);
    GET "/api/v1/tenants/{tenant_id}/owner-tokens" Has(P::CredentialsRead);
    DELETE "/api/v1/tenants/{tenant_id}/owner-tokens/{owner_token_id}" Has(P::CredentialsWrite);
    POST "/api/v1/tenants/{tenant_id}/widget-tokens" Has(P::CredentialsWrite);
    GET "/api/v1/tenants/{tenant_id}/widget-tokens" Has(P::CredentialsRead);
    DELETE "/api/v1/tenants/{tenant_id}/widget-tokens/{token_id}" Has(P::CredentialsWrite);
    POST "/api/v1/tenants/{tenant_id}/provider-accounts" Has(P::ProviderAccountsWrite);
    GET "/api/v1/tenants/{tenant_id}/provider-accounts" Has(P::ProviderAccountsRead);
    DELETE "/api/v1/tenants/{tenant_id}/provider-accounts/{account_id}" Has(P::ProviderAccountsWrite);
    POST "/api/v1/tenants/{tenant_id}/channels" Has(P::ChannelsWrite);
    GET "/api/v1/tenants/{tenant_id}/channels" Has(P::ChannelsRead);
    PATCH "/api/v1/tenants/{tenant_id}/channels/{channel_id}" Has(P::ChannelsWrite);
    GET "/api/v1/tenants/{tenant_id}/feature-flags" Has(P::FlagsRead);
    PUT "/api/v1/tenants/{tenant_id}/feature-flags/{flag}" Has(P::FlagsWrite);
    GET "/api/v1/tenants/{tenant_id}/audit-log" Has(P::AuditRead);
    GET "/api/v1/tenants/{tenant_id}/events" Has(P::EventsRead);
    POST "/api/v1/tenants/{tenant_id}/prompts" Has(P::PromptsWrite);
    GET "/api/v1/tenants/{tenant_id}/prompts" Has(P::PromptsRead);
    GET "/api/v1/tenants/{tenant_id}/prompts/{prompt_id}" Has(P::PromptsRead);
    PATCH "/api/v1/tenants/{tenant_id}/prompts/{prompt_id}" Has(P::PromptsWrite);
    POST "/api/v1/tenants/{tenant_id}/prompts/{prompt_id}/submit" Has(P::PromptsWrite);
    POST "/api/v1/tenants/{tenant_id}/prompts/{prompt_id}/publish" Has(P::PromptsWrite);
    POST "/api/v1/tenants/{tenant_id}/prompts/{prompt_id}/roll-back" Has(P::PromptsWrite);
    GET "/api/v1/tenants/{tenant_id}/prompts/{prompt_id}/diff" Has(P::PromptsRead);
    POST "/api/v1/tenants/{tenant_id}/prompts/{prompt_id}/compose" Has(P::PromptsRead);
    POST "/api/v1/tenants/{tenant_id}/prompts/{prompt_id}/test" Has(P::PromptsWrite);
    POST "/api/v1/tenants/{tenant_id}/prompts/{prompt_id}/runs" Has(P::PromptsWrite);
    GET "/api/v1/tenants/{tenant_id}/prompts/{prompt_id}/runs" Has(P::PromptsRead);
    POST "/api/v1/tenants/{tenant_id}/examples" Has(P::PromptsWrite);
    GET "/api/v1/tenants/{tenant_id}/examples" Has(P::PromptsRead);
    POST "/api/v1/tenants/{tenant_id}/examples/from-conversation" Has(P::PromptsWrite);
    GET "/api/v1/tenants/{tenant_id}/examples/{example_id}" Has(P::PromptsRead);
    PUT "/api/v1/tenants/{tenant_id}/examples/{example_id}" Has(P::PromptsWrite);
    DELETE "/api/v1/tenants/{tenant_id}/examples/{example_id}" Has(P::PromptsWrite);
    POST "/api/v1/tenants/{tenant_id}/ai-profiles" Has(P::AiProfilesWrite);
    GET "/api/v1/tenants/{tenant_id}/ai-profiles" Has(P::AiProfilesRead);
    GET "/api/v1/tenants/{tenant_id}/ai-profiles/{profile_id}" Has(P::AiProfilesRead);
    PATCH "/api/v1/tenants/{tenant_id}/ai-profiles/{profile_id}" Has(P::AiProfilesWrite);

    POST "/api/v1/admin/prompts" Operator;
    GET "/api/v1/admin/prompts" Operator;
    GET "/api/v1/admin/prompts/{prompt_id}" Operator;
    PATCH "/api/v1/admin/prompts/{prompt_id}" Operator;
    POST "/api/v1/admin/prompts/{prompt_id}/submit" Operator;
    POST "/api/v1/admin/prompts/{prompt_id}/publish" Operator;
    POST "/api/v1/admin/prompts/{prompt_id}/roll-back" Operator;
    GET "/api/v1/admin/prompts/{prompt_id}/diff" Operator;
    GET "/api/v1/tenants/{tenant_id}/usage" Has(P::UsageRead);
    GET "/api/v1/tenants/{tenant_id}/usage/export" Has(P::UsageRead);
    GET "/api/v1/tenants/{tenant_id}/limits" Has(P::UsageRead);
    PUT "/api/v1/tenants/{tenant_id}/limits" Operator;

    GET "/api/v1/contacts" Has(P::ContactsRead);
    GET "/api/v1/contacts/{contact_id}" Has(P::ContactsRead);
    GET "/api/v1/contacts/{contact_id}/consent" Has(P::ConsentRead);
    PUT "/api/v1/contacts/{contact_id}/consent" Has(P::ConsentWrite);
    GET "/api/v1/consent" Has(P::ConsentRead);
    PUT "/api/v1/consent" Has(P::ConsentWrite);
    GET "/api/v1/consent/ledger" Has(P::ConsentRead);
    GET "/api/v1/conversations" Has(P::ConversationsRead);
    GET "/api/v1/conversations/{conversation_id}" Has(P::ConversationsRead);
    GET "/api/v1/conversations/{conversation_id}/messages" Has(P::ConversationsRead);
    POST "/api/v1/conversations/{conversation_id}/messages" Has(P::ConversationsWrite);
    GET "/api/v1/conversations/{conversation_id}/refused-sends" Has(P::ConversationsRead);
    POST "/api/v1/conversations/{conversation_id}/close" Has(P::ConversationsWrite);
    POST "/api/v1/conversations/{conversation_id}/reopen" Has(P::ConversationsWrite);
    POST "/api/v1/conversations/{conversation_id}/pause" Has(P::ConversationsWrite);
    POST "/api/v1/conversations/{conversation_id}/resume" Has(P::ConversationsWrite);

    GET "/api/v1/leads" Has(P::LeadsRead);
    POST "/api/v1/leads" Has(P::LeadsWrite);
    GET "/api/v1/leads/export" Has(P::LeadsRead);
    GET "/api/v1/leads/{lead_id}" Has(P::LeadsRead);
    PATCH "/api/v1/leads/{lead_id}" Has(P::LeadsWrite);
    DELETE "/api/v1/leads/{lead_id}" Has(P::LeadsWrite);
    PUT "/api/v1/leads/{lead_id}/status" Has(P::LeadsWrite);
    POST "/api/v1/leads/{lead_id}/notes" Has(P::LeadsWrite);
    PUT "/api/v1/leads/{lead_id}/tags/{tag}" Has(P::LeadsWrite);
    DELETE "/api/v1/leads/{lead_id}/tags/{tag}" Has(P::LeadsWrite);
    POST "/api/v1/leads/{lead_id}/merge" Has(P::LeadsWrite);
    POST "/api/v1/leads/{lead_id}/unmerge" Has(P::LeadsWrite);

    POST "/api/v1/chat" Visitor;
    POST "/api/v1/chat/sessions" Visitor;
    GET "/api/v1/chat/messages" VisitorSession;

    POST "/webhooks/twilio/sms" Signature;
    POST "/webhooks/twilio/status" Signature;
    POST "/webhooks/twilio/probe" Signature;
}

/// Returns what the operation that a request asks for asks of its caller.
///
/// # Errors
/// When it is in no row, which is a fault of ours: nobody is let in.
pub fn needs_of(request: &HttpRequest) -> Result<Needs, Problem> {
    let path = request.match_pattern().unwrap_or_default();
    let asked = |one: &&Operation| one.method == *request.method() && one.path == path;
    let found = OPERATIONS.iter().find(asked).map(|one| one.needs);
    found.ok_or_else(|| Problem::internal(format!("{} {path} is in no row of the table", request.method())))
}

/// Tells whether a request asks for an operation that asks nothing of its caller. What credentials it bears besides, such
/// as an access token that has just expired, makes no difference.
pub fn asks_nothing(request: &HttpRequest) -> bool {
    matches!(needs_of(request), Ok(Needs::Nothing))
}

/// Refuses a tenant's caller who may not do what is asked.
///
/// # Errors
/// When the operation is for others, or needs a permission that the caller lacks.
pub fn permit(request: &HttpRequest, scope: &tenancy::TenantScope) -> Result<(), Problem> {
    match needs_of(request)? {
        Has(permission) => Ok(scope.require(permission)?),
        Operator => Err(AccessError::OperatorOnly.into()),
        Nothing | Signature | Member | Visitor | VisitorSession => {
            Err(Problem::internal("the operation takes other callers"))
        }
    }
}
