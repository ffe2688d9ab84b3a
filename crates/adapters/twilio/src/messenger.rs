//! Sends text messages by Twilio.

use std::sync::Arc;

use async_trait::async_trait;
use conversation::{Messenger, OpenAttempt, OutboundText, SendOutcome, SendingAccount};
use kernel::GatewayError;
use reqwest::{Client, Response};
use tenancy::{Channel, Provider, TenantScope};
use url::Url;

use crate::{
    accounts::{PlatformAccount, TwilioAccounts},
    api::{MessageResource, UnclearAnswer, messages_url, rate_limited, read_code, read_json, rejected},
    look_up::LookUp,
};

/// Twilio's code for a recipient who has opted out.
const OPTED_OUT: i64 = 21610;

/// Sends text messages by Twilio, or by whatever speaks as Twilio does.
///
/// Twilio has no idempotency key for messages: what may have been sent is never sent again by itself.
pub struct TwilioMessenger {
    accounts: Arc<TwilioAccounts>,
    http: Client,
    public_base_url: String,
}

impl TwilioMessenger {
    /// Makes the messenger. Twilio reports on messages to `/webhooks/twilio/status` below the public URL.
    pub fn new(accounts: Arc<TwilioAccounts>, http: Client, public_base_url: &Url) -> Self {
        let public_base_url = public_base_url.as_str().trim_end_matches('/').to_owned();
        Self { accounts, http, public_base_url }
    }

    async fn post(&self, account: &PlatformAccount, text: &OutboundText) -> Result<Response, GatewayError> {
        let status_callback = format!("{}/webhooks/twilio/status?message={}", self.public_base_url, text.id);
        let form = [
            ("To", text.to.as_str()),
            ("From", text.from.as_str()),
            ("Body", &text.text),
            ("StatusCallback", &status_callback),
        ];
        let request = self
            .http
            .post(messages_url(account)?)
            .basic_auth(&account.account_sid, Some(account.auth_token.expose()))
            .form(&form);
        request.send().await.map_err(|error| {
            let error = error.without_url();
            if error.is_connect() || error.is_builder() {
                // No byte of the request was written.
                GatewayError::Unavailable(error.into())
            } else {
                ambiguous(UnclearAnswer::Broken(error))
            }
        })
    }
}

#[async_trait]
impl Messenger for TwilioMessenger {
    async fn account(&self, scope: &TenantScope) -> Result<SendingAccount, GatewayError> {
        self.accounts.sender(scope).await
    }

    async fn send(
        &self,
        _: &TenantScope,
        account: &SendingAccount,
        text: &OutboundText,
    ) -> Result<SendOutcome, GatewayError> {
        require_sms(text)?;
        let response = self.post(&self.accounts.reached(account.clone()), text).await?;
        match response.status().as_u16() {
            200..=299 => {
                let taken: MessageResource = read_json(response).await.map_err(ambiguous)?;
                taken.outcome().map_err(ambiguous)
            }
            429 => Err(rate_limited(&response)),
            // A proxy on the way gave up waiting; the request may have gone through it.
            status @ 408 => Err(ambiguous(UnclearAnswer::Status(status))),
            status @ 400..=499 => match read_code(response).await {
                Some(OPTED_OUT) => Ok(SendOutcome::OptedOut),
                code => Err(rejected(status, code)),
            },
            status => Err(ambiguous(UnclearAnswer::Status(status))),
        }
    }

    async fn look_up(
        &self,
        scope: &TenantScope,
        attempt: &OpenAttempt,
    ) -> Result<Option<SendOutcome>, GatewayError> {
        require_sms(&attempt.text)?;
        let account = self.accounts.of_attempt(scope, attempt.account_sid.as_deref()).await?;
        LookUp { http: &self.http, account: &self.accounts.reached(account), attempt }.run().await
    }
}

fn require_sms(text: &OutboundText) -> Result<(), GatewayError> {
    match (text.channel, text.provider) {
        (Channel::Sms, Provider::Twilio) => Ok(()),
        (Channel::Sms | Channel::WhatsApp | Channel::Voice | Channel::WebChat, _) => {
            Err(GatewayError::Rejected {
                code: "channel_not_served".into(),
                detail: format!(
                    "{} by {} is not sent by Twilio",
                    text.channel.as_str(),
                    text.provider.as_str()
                ),
            })
        }
    }
}

fn ambiguous(why: UnclearAnswer) -> GatewayError {
    GatewayError::Ambiguous(why.into())
}
