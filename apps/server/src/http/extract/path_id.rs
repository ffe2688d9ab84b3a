//! Ids in paths. A malformed one answers as a random one does, so that nothing is learnt by trying.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use kernel::{
    AiProfileId, ApiKeyId, BindingId, ContactId, ConversationId, ExampleId, LeadId, MemberId,
    PromptVersionId, ProviderAccountId, TenantId, WidgetTokenId,
};
use uuid::Uuid;

use crate::http::problem::Problem;

/// An id that paths hold.
pub trait InPath: Sized {
    /// The parameter's name in route patterns.
    const PARAMETER: &'static str;
    /// What the id names, in the words that the domain uses when there is none.
    const WHAT: &'static str;

    /// Wraps the bare id.
    fn of(id: Uuid) -> Self;
}

macro_rules! in_path {
    ($($id:ident: $parameter:literal, $what:literal;)+) => {$(
        impl InPath for $id {
            const PARAMETER: &'static str = $parameter;
            const WHAT: &'static str = $what;

            fn of(id: Uuid) -> Self {
                Self::new(id)
            }
        }
    )+};
}

in_path! {
    TenantId: "tenant_id", "tenant";
    ApiKeyId: "key_id", "api key";
    MemberId: "member_id", "member";
    WidgetTokenId: "token_id", "widget token";
    ProviderAccountId: "account_id", "provider account";
    BindingId: "channel_id", "channel";
    ContactId: "contact_id", "contact";
    ConversationId: "conversation_id", "conversation";
    LeadId: "lead_id", "lead";
    PromptVersionId: "prompt_id", "prompt version";
    ExampleId: "example_id", "example";
    AiProfileId: "profile_id", "AI profile";
}

/// The id of an owner token, which is kept as API keys are and called by its own name.
#[derive(Debug)]
pub struct OwnerTokenId(pub ApiKeyId);

impl InPath for OwnerTokenId {
    const PARAMETER: &'static str = "owner_token_id";
    const WHAT: &'static str = "owner token";

    fn of(id: Uuid) -> Self {
        Self(ApiKeyId::new(id))
    }
}

/// The id in a request's path.
#[derive(Debug)]
pub struct PathId<Id>(pub Id);

impl<Id: InPath> FromRequest for PathId<Id> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(in_path::<Id>(request).map(Self))
    }
}

/// Returns the id in a request's path.
pub(super) fn in_path<Id: InPath>(request: &HttpRequest) -> Result<Id, Problem> {
    let text = request.match_info().get(Id::PARAMETER).unwrap_or_default();
    Uuid::try_parse(text).map(Id::of).map_err(|_| Problem::not_found(Id::WHAT))
}
