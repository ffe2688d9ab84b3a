//! Members sign in, stay signed in, and sign out.

pub mod login;
pub mod logout;
pub mod me;
pub mod password;
pub mod refresh;

use serde::Serialize;
use tenancy::SignedIn;
use utoipa::ToSchema;

use super::members::MemberBody;

/// What a member gets who has signed in.
#[derive(Serialize, ToSchema)]
pub struct TokensBody {
    /// Goes in `Authorization: Bearer …`.
    access_token: String,
    /// Always `Bearer`.
    token_type: &'static str,
    /// How long the access token is good, in seconds.
    expires_in: i64,
    /// Is exchanged, once, for the next two tokens. Used a second time it signs the member out.
    refresh_token: String,
    /// The member.
    member: MemberBody,
}

impl From<SignedIn> for TokensBody {
    fn from(signed_in: SignedIn) -> Self {
        Self {
            access_token: signed_in.access_token.expose().to_owned(),
            token_type: "Bearer",
            expires_in: signed_in.expires_in,
            refresh_token: signed_in.refresh_token.expose().to_owned(),
            member: signed_in.member.into(),
        }
    }
}
