//! Status callbacks: how the carrier reports on what it has taken.

use tracing::{debug, warn};

use crate::{
    FakeCarrier, SignedWebhook, StatusCallbacks,
    message::{API_VERSION, CarrierMessage, MessageStatus},
    signing::{form_body, signed_headers},
};

impl FakeCarrier {
    /// Starts to report on a message, in the background. What goes wrong there is nobody's error.
    pub(crate) fn report_on(&self, message: &CarrierMessage) {
        if self.config().status_callbacks == StatusCallbacks::Silent {
            return;
        }
        let Ok(permit) = self.callback_permits().try_acquire_owned() else {
            warn!(message.sid = message.sid, "too many status callbacks at once; this message gets none");
            return;
        };
        let (carrier, message) = (self.clone(), message.clone());
        tokio::spawn(async move {
            use MessageStatus::{Delivered, Sent};
            let reports: &[_] = match carrier.config().status_callbacks {
                StatusCallbacks::OutOfOrder => &[Delivered, Sent, Delivered, Sent],
                StatusCallbacks::Posted | StatusCallbacks::Silent => &[Sent, Delivered],
            };
            for status in reports {
                carrier.report(&message, *status).await;
            }
            drop(permit);
        });
    }

    async fn report(&self, message: &CarrierMessage, status: MessageStatus) {
        self.traffic().advance(&message.sid, status, self.now());
        self.announce();
        let Some(url) = message.status_callback.as_deref() else {
            return;
        };
        let webhook = self.status_callback(message, status, url);
        match self.post(url, &webhook).await {
            Ok((200..=299, _)) if status == MessageStatus::Delivered => {
                self.acknowledge_delivery(&message.sid);
            }
            Ok((200..=299, _)) => {}
            Ok((answer, _)) => debug!(http.status = answer, "a status callback was refused"),
            Err(error) => debug!(error = %error.without_url(), "a status callback was not answered"),
        }
    }

    fn status_callback(&self, message: &CarrierMessage, status: MessageStatus, url: &str) -> SignedWebhook {
        let fields = [
            ("SmsSid", message.sid.as_str()),
            ("SmsStatus", status.as_str()),
            ("MessageStatus", status.as_str()),
            ("To", &message.to),
            ("MessageSid", &message.sid),
            ("AccountSid", self.account_sid()),
            ("From", &message.from),
            ("ApiVersion", API_VERSION),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
        SignedWebhook {
            headers: signed_headers(&self.config().auth_token, url, &fields),
            body: form_body(&fields),
        }
    }
}
