//! A customer with a phone: what they text, and what the carrier makes of it.

use std::io;

use crate::{
    CustomerText, FakeCarrier, Keyword, SignedWebhook, build_webhook,
    carrier::new_sid,
    message::{CarrierMessage, MessageDirection, MessageStatus},
    traffic::Parties,
};

/// What the business's server answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The carrier's id of the customer's message.
    pub message_sid: String,
    /// The status and body of each answer, one for each time the webhook was posted.
    pub answers: Vec<(u16, String)>,
}

/// Why a text did not reach the business.
#[derive(Debug, thiserror::Error)]
pub enum TextError {
    /// The carrier could not write its journal.
    #[error("the journal cannot be written")]
    Journal(#[from] io::Error),
    /// The server did not answer.
    #[error("the webhook was not answered")]
    Webhook(#[from] reqwest::Error),
}

impl FakeCarrier {
    /// Lets a customer text a business whose webhook is at `webhook_url`.
    ///
    /// As Twilio does, the carrier acts on STOP, START and HELP and answers them itself, posts the webhook in
    /// any case, and posts it once more when it could not connect.
    ///
    /// # Errors
    /// When the server did not answer, or the journal cannot be written.
    pub async fn text(&self, webhook_url: &str, text: &CustomerText) -> Result<Answered, TextError> {
        let message_sid = new_sid();
        let opt_out = self.take_in(text, &message_sid)?;
        self.announce();
        let credentials = (self.account_sid(), self.config().auth_token.as_str());
        let webhook = build_webhook(credentials, webhook_url, text, &message_sid, opt_out);
        let mut answers = Vec::new();
        for _ in 0..text.copies {
            answers.push(self.post_patiently(webhook_url, &webhook).await?);
        }
        Ok(Answered { message_sid, answers })
    }

    /// Keeps a customer's text; returns the word in it that the carrier has acted on and answers.
    fn take_in(&self, text: &CustomerText, message_sid: &str) -> io::Result<Option<Keyword>> {
        let parties = Parties { customer: text.from.clone(), business: text.to.clone() };
        let mut traffic = self.traffic();
        traffic.take(self.message(message_sid, MessageDirection::Inbound, text))?;
        let Some(keyword) = Keyword::of(&text.body) else {
            return Ok(None);
        };
        let is_answered = traffic.obey(keyword, &parties)?;
        if is_answered {
            let answer = CustomerText::new(&text.to, &text.from, keyword.answer());
            traffic.take(self.message(&new_sid(), MessageDirection::OutboundReply, &answer))?;
        }
        // A word that changes nothing, such as the YES that confirms an appointment, is an ordinary text; a
        // second STOP is an opt-out still.
        Ok((is_answered || keyword == Keyword::Stop).then_some(keyword))
    }

    fn message(&self, sid: &str, direction: MessageDirection, text: &CustomerText) -> CarrierMessage {
        let now = self.now();
        let status = match direction {
            MessageDirection::Inbound => MessageStatus::Received,
            MessageDirection::OutboundApi | MessageDirection::OutboundReply => MessageStatus::Delivered,
        };
        CarrierMessage {
            sid: sid.to_owned(),
            direction,
            from: text.from.clone(),
            to: text.to.clone(),
            body: text.body.clone(),
            num_media: text.media.len(),
            status,
            status_callback: None,
            created_at: now,
            sent_at: Some(now),
            updated_at: now,
        }
    }

    async fn post_patiently(&self, url: &str, webhook: &SignedWebhook) -> reqwest::Result<(u16, String)> {
        match self.post(url, webhook).await {
            Err(error) if error.is_connect() => self.post(url, webhook).await,
            answered => answered,
        }
    }

    /// Posts a form once and returns the answer's status and body.
    pub(crate) async fn post(&self, url: &str, webhook: &SignedWebhook) -> reqwest::Result<(u16, String)> {
        let request = self.http().post(url).body(webhook.body.clone());
        let request =
            webhook.headers.iter().fold(request, |request, (name, value)| request.header(name, value));
        let answer = request.send().await?;
        Ok((answer.status().as_u16(), answer.text().await?))
    }
}
