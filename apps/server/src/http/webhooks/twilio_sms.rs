//! `POST /webhooks/twilio/sms`: somebody has sent one of our numbers a text message.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use conversation::Received;
use tenancy::{Address, Channel};
use utoipa::ToSchema;

use super::verified::{Verified, acknowledge, not_understood};
use crate::{
    compose::twilio_webhooks::IncomingSms,
    failpoints,
    http::{api::wire::Problems, extract::act_for, middleware::name_conversation, problem::Problem},
    services::Services,
};

/// The fields of a text message that are read; carriers send more, and all of them are signed.
#[derive(ToSchema)]
pub struct SmsForm {
    /// The account whose token signs.
    #[schema(rename = "AccountSid", min_length = 1, max_length = 64, pattern = "^[!-~]+$")]
    pub account_sid: String,
    /// The message's id at the carrier.
    #[schema(rename = "MessageSid", min_length = 1, max_length = 64, pattern = "^[!-~]+$")]
    pub message_sid: String,
    /// Who has written.
    #[schema(rename = "From", min_length = 1)]
    pub from: String,
    /// The number that was written to.
    #[schema(rename = "To", min_length = 1)]
    pub to: String,
    /// What was written.
    #[schema(rename = "Body", nullable = false)]
    pub body: Option<String>,
    /// What the carrier has taken it for, and answered by itself: `STOP`, `START` or `HELP`, in whatever words.
    #[schema(rename = "OptOutType", nullable = false)]
    pub opt_out_type: Option<String>,
}

/// Takes a text message in. When it answers 200, the message is stored; the reply is written and sent afterwards.
///
/// # Errors
/// When the webhook is not signed as it must be or not understood, or the store fails.
#[utoipa::path(
    post,
    path = "/webhooks/twilio/sms",
    tag = "webhooks",
    request_body(content_type = "application/x-www-form-urlencoded", content = SmsForm),
    responses((status = 200, description = "Stored, or nothing to do: an empty TwiML response", body = String, content_type = "text/xml"), Problems)
)]
pub async fn twilio_sms(
    services: Data<Services>,
    request: HttpRequest,
    webhook: Verified,
) -> Result<HttpResponse, Problem> {
    let metrics = &services.operations.metrics.metrics;
    let refused = |reason| metrics.webhook_refused("/webhooks/twilio/sms", reason);
    let sms = IncomingSms::read(&webhook.form).map_err(not_understood)?;
    if is_our_own(&services, &sms.message.from, &sms.to).await? {
        tracing::warn!("a message from one of our own numbers was dropped");
        refused("own_number");
        return Ok(acknowledge());
    }
    let Some((scope, binding)) = services.gate.by_channel(Channel::Sms, &sms.to, webhook.tenant).await?
    else {
        tracing::warn!("a message to a number that nobody here has was dropped");
        refused("unknown_number");
        return Ok(acknowledge());
    };
    act_for(&request, &scope);
    failpoints::reach(failpoints::API_BEFORE_COMMIT);
    let received = services.receive.receive(&scope, &binding, sms.message).await?;
    failpoints::reach(failpoints::API_AFTER_COMMIT);
    let (Received::Stored { conversation_id, .. } | Received::Duplicate { conversation_id, .. }) = &received;
    name_conversation(*conversation_id);
    match received {
        Received::Stored { .. } => metrics.message_taken_in(&scope),
        Received::Duplicate { conversation_id, same_body: false, .. } => tracing::warn!(
            conversation.id = %conversation_id,
            "a second message with a known id says something else; the first is kept"
        ),
        Received::Duplicate { same_body: true, .. } => {}
    }
    Ok(acknowledge())
}

/// Tells whether we would be talking to ourselves: two of our numbers would answer one another for ever.
async fn is_our_own(services: &Services, from: &Address, to: &Address) -> Result<bool, Problem> {
    if from == to {
        return Ok(true);
    }
    Ok(services.gate.is_own_address(Channel::Sms, from).await?)
}
