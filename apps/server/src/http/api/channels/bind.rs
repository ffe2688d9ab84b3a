//! `POST /api/v1/tenants/{tenant_id}/channels`

use actix_web::{HttpResponse, web::Data};
use serde::Deserialize;
use tenancy::{Address, Channel, Provider, TenantScope};
use utoipa::ToSchema;

use super::ChannelBody;
use crate::{
    http::{
        api::wire::{Problems, created, one_of},
        extract::{Admitted, ApiJson, TenantPath},
        problem::Problem,
    },
    services::Services,
};

/// An address to be bound.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BindChannel {
    /// `sms` or `web_chat`.
    channel: String,
    /// Who carries the messages: `twilio` for sms, `built_in` for web chat.
    provider: String,
    /// A phone number with its country code. Leave it out for web chat.
    #[schema(example = "+15551230000")]
    address: Option<String>,
}

/// Binds an address to a tenant.
///
/// # Errors
/// When a field is not usable, the address is taken, there is no such tenant for the caller, or the store fails.
#[utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant_id}/channels",
    tag = "channels",
    params(("tenant_id" = Uuid, Path, description = "The tenant")),
    request_body = BindChannel,
    responses((status = 201, description = "The binding, active", body = ChannelBody), Problems)
)]
pub async fn bind_channel(
    services: Data<Services>,
    asked: Admitted<TenantPath, ApiJson<BindChannel>>,
) -> Result<HttpResponse, Problem> {
    let Admitted(TenantPath(scope), ApiJson(input)) = asked;
    let channel = one_of("channel", &input.channel, &Channel::ALL, Channel::as_str)?;
    let provider = one_of("provider", &input.provider, &Provider::ALL, Provider::as_str)?;
    let address = address(&scope, channel, input.address)?;
    let binding = services.channels.bind(&scope, channel, provider, address).await?;
    let location = format!("/api/v1/tenants/{}/channels/{}", scope.tenant_id(), binding.id());
    Ok(created(&location, ChannelBody::from(binding)))
}

/// A web chat's address is the tenant's own id, so that there is one and nobody can take another tenant's.
fn address(scope: &TenantScope, channel: Channel, given: Option<String>) -> Result<Address, Problem> {
    let own = scope.tenant_id().to_string();
    match (channel, given) {
        (Channel::WebChat, Some(given)) if given != own => {
            Err(Problem::invalid_field("address", "leave it out for web chat; it is the tenant's own id"))
        }
        (Channel::WebChat, _) => Ok(Address::Session(own)),
        (Channel::Sms | Channel::WhatsApp | Channel::Voice, Some(given)) => Ok(Address::from_carrier(&given)),
        (Channel::Sms | Channel::WhatsApp | Channel::Voice, None) => Err(Problem::invalid_field(
            "address",
            "write a phone number with its country code, as in +15551230000",
        )),
    }
}
