//! `POST /webhooks/twilio/status`: the carrier reports what became of a message of ours.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use kernel::MessageId;
use tenancy::{Address, Channel, TenantScope};
use url::form_urlencoded;
use utoipa::ToSchema;

use super::verified::{Verified, acknowledge, not_understood};
use crate::{
    compose::twilio_webhooks::StatusUpdate,
    http::{api::wire::Problems, extract::act_for, problem::Problem},
    services::Services,
};

/// The fields of a delivery report that are read; carriers send more, and all of them are signed.
#[derive(ToSchema)]
pub struct StatusForm {
    /// The account whose token signs.
    #[schema(rename = "AccountSid", min_length = 1, max_length = 64, pattern = "^[!-~]+$")]
    pub account_sid: String,
    /// The message's id at the carrier.
    #[schema(rename = "MessageSid", min_length = 1, max_length = 64, pattern = "^[!-~]+$")]
    pub message_sid: String,
    /// What has become of the message, such as `delivered`.
    #[schema(rename = "MessageStatus", min_length = 1)]
    pub message_status: String,
    /// The number that the message was sent from.
    #[schema(rename = "From", nullable = false)]
    pub from: Option<String>,
    /// Why the message was not delivered.
    #[schema(rename = "ErrorCode", nullable = false)]
    pub error_code: Option<String>,
}

/// Takes a delivery report in, in whatever order reports come.
///
/// # Errors
/// When the webhook is not signed as it must be or not understood, or the store fails.
#[utoipa::path(
    post,
    path = "/webhooks/twilio/status",
    tag = "webhooks",
    params(("message" = Option<String>, Query, description = "Our own id of the message, as we wrote it into the callback's URL; what is no id is as good as none")),
    request_body(content_type = "application/x-www-form-urlencoded", content = StatusForm),
    responses((status = 200, description = "Recorded, or nothing to do: an empty TwiML response", body = String, content_type = "text/xml"), Problems)
)]
pub async fn twilio_status(
    services: Data<Services>,
    request: HttpRequest,
    webhook: Verified,
) -> Result<HttpResponse, Problem> {
    let metrics = &services.operations.metrics.metrics;
    let refused = |reason| metrics.webhook_refused("/webhooks/twilio/status", reason);
    let update = StatusUpdate::read(&webhook.form).map_err(not_understood)?;
    let Some(scope) = tenant_scope(&services, &webhook).await? else {
        tracing::warn!("a delivery report about a number that nobody here has was dropped");
        refused("unknown_number");
        return Ok(acknowledge());
    };
    act_for(&request, &scope);
    let message_id = our_message_id(request.query_string());
    let is_ours = services.deliveries.record(&scope, &update.into_report(message_id)).await?;
    if !is_ours {
        tracing::warn!("a delivery report about a message that the tenant does not have was dropped");
        refused("unknown_message");
    }
    Ok(acknowledge())
}

/// Returns our own id of the message, which we wrote into the callback's URL when we sent it.
fn our_message_id(query: &str) -> Option<MessageId> {
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    pairs.find_map(|(name, value)| if name == "message" { value.parse().ok() } else { None })
}

/// Returns the tenant that sent the message: the account's, or on the platform's account the sending number's.
async fn tenant_scope(services: &Services, webhook: &Verified) -> Result<Option<TenantScope>, Problem> {
    if let Some(tenant) = webhook.tenant {
        return Ok(Some(services.gate.by_verified_account(tenant)));
    }
    let Some(from) = webhook.form.first("From").map(Address::from_carrier) else { return Ok(None) };
    Ok(services.gate.by_own_address(Channel::Sms, &from).await?)
}
