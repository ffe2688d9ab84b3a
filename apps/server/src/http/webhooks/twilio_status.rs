//! `POST /webhooks/twilio/status`: the carrier reports what became of a message of ours.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Query},
};
use kernel::MessageId;
use serde::Deserialize;
use tenancy::{Address, Channel, TenantScope};
use utoipa::IntoParams;

use super::verified::{Verified, acknowledge, not_understood};
use crate::{
    compose::twilio_webhooks::StatusUpdate,
    http::{api::wire::Problems, extract::act_for, problem::Problem},
    services::Services,
};

/// What we wrote into the callback's URL when we sent the message.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CallbackQuery {
    /// Our own id of the message.
    message: Option<String>,
}

/// Takes a delivery report in, in whatever order reports come.
///
/// # Errors
/// When the webhook is not signed as it must be or not understood, or the store fails.
#[utoipa::path(
    post,
    path = "/webhooks/twilio/status",
    tag = "webhooks",
    params(CallbackQuery),
    request_body(content_type = "application/x-www-form-urlencoded", content = String),
    responses((status = 200, description = "Recorded, or nothing to do: an empty TwiML response"), Problems),
    security(("twilio_signature" = []))
)]
pub async fn twilio_status(
    services: Data<Services>,
    request: HttpRequest,
    query: Query<CallbackQuery>,
    webhook: Verified,
) -> Result<HttpResponse, Problem> {
    let update = StatusUpdate::read(&webhook.form).map_err(not_understood)?;
    let Some(scope) = tenant_scope(&services, &webhook).await? else {
        tracing::warn!("a delivery report about a number that nobody here has was dropped");
        return Ok(acknowledge());
    };
    act_for(&request, &scope);
    let message_id = query.message.as_deref().and_then(|text| text.parse::<MessageId>().ok());
    let is_ours = services.deliveries.record(&scope, &update.into_report(message_id)).await?;
    if !is_ours {
        tracing::warn!("a delivery report about a message that the tenant does not have was dropped");
    }
    Ok(acknowledge())
}

/// Returns the tenant that sent the message: the account's, or on the platform's account the sending number's.
async fn tenant_scope(services: &Services, webhook: &Verified) -> Result<Option<TenantScope>, Problem> {
    if let Some(tenant) = webhook.tenant {
        return Ok(Some(services.gate.by_verified_account(tenant)));
    }
    let Some(from) = webhook.form.first("From").map(Address::from_carrier) else { return Ok(None) };
    let bound = services.gate.by_channel(Channel::Sms, &from, None).await?;
    Ok(bound.map(|(scope, _)| scope))
}
