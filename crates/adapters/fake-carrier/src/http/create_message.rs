//! `POST /Messages.json`: takes a message, or lets it go wrong as a test has scripted.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    body::{BodySize, MessageBody},
    http::StatusCode,
    web::{self, Bytes, Data},
};
use kernel::PhoneNumber;
use url::Url;

use super::api_error::ApiError;
use crate::{
    FakeCarrier, Fault,
    carrier::new_sid,
    message::{CarrierMessage, MessageDirection, MessageStatus},
    traffic::Parties,
};

/// The longest message, in characters.
const LONGEST: usize = 1600;
/// Twilio's number for tests that has always opted out.
const ALWAYS_OPTED_OUT: &str = "+15005550004";

pub(crate) async fn handle(
    carrier: Data<FakeCarrier>,
    request: HttpRequest,
    body: Bytes,
) -> Result<HttpResponse, ApiError> {
    carrier.authenticate(&request)?;
    let fault = carrier.next_send_fault();
    refuse(fault.as_ref()).await?;
    let draft = Draft::read(&body)?;
    let message = carrier.accept(draft).await?;
    if fault.is_some() {
        carrier.leave_unconfirmed(&message.sid);
    }
    carrier.report_on(&message);
    Ok(answer(fault, &message, carrier.account_sid()).await)
}

/// Plays the faults under which nothing is taken.
async fn refuse(fault: Option<&Fault>) -> Result<(), ApiError> {
    match fault {
        Some(Fault::Status { status, code, retry_after }) => {
            Err(ApiError::Scripted { status: *status, code: *code, retry_after: *retry_after })
        }
        Some(Fault::Hang(wait)) => {
            tokio::time::sleep(*wait).await;
            Err(ApiError::Scripted { status: 503, code: 20503, retry_after: None })
        }
        Some(Fault::OptedOut) => Err(ApiError::OptedOut),
        Some(
            Fault::AcceptThenDrop | Fault::AcceptThenStatus(_) | Fault::AcceptThenHang(_) | Fault::Garbage,
        )
        | None => Ok(()),
    }
}

/// Answers, unless a fault keeps the answer from arriving whole.
async fn answer(fault: Option<Fault>, message: &CarrierMessage, account_sid: &str) -> HttpResponse {
    let resource = message.resource(account_sid);
    let mut created = HttpResponse::Created();
    match fault {
        Some(Fault::AcceptThenDrop) => created.content_type("application/json").body(CutOff),
        Some(Fault::AcceptThenStatus(status)) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            HttpResponseBuilder::new(status).finish()
        }
        Some(Fault::Garbage) => created.content_type("application/json").body(r#"{"sid": "SM"#),
        Some(Fault::AcceptThenHang(wait)) => {
            tokio::time::sleep(wait).await;
            created.json(resource)
        }
        Some(Fault::Status { .. } | Fault::Hang(_) | Fault::OptedOut) | None => created.json(resource),
    }
}

/// A message before it is taken.
struct Draft {
    to: String,
    from: String,
    body: String,
    num_media: usize,
    status_callback: Option<String>,
}

impl Draft {
    fn read(form: &[u8]) -> Result<Self, ApiError> {
        let fields: Vec<(String, String)> = form_urlencoded::parse(form).into_owned().collect();
        let field = |name: &str| {
            let value = fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone());
            value.filter(|value| !value.is_empty())
        };
        let draft = Self {
            to: field("To").ok_or(ApiError::MissingTo)?,
            from: field("From").ok_or(ApiError::MissingFrom)?,
            body: field("Body").unwrap_or_default(),
            num_media: fields.iter().filter(|(name, _)| name == "MediaUrl").count(),
            status_callback: field("StatusCallback"),
        };
        draft.check()?;
        Ok(draft)
    }

    fn check(&self) -> Result<(), ApiError> {
        if !is_phone(&self.to) {
            return Err(ApiError::InvalidTo);
        }
        if !is_phone(&self.from) {
            return Err(ApiError::InvalidFrom);
        }
        if self.body.is_empty() && self.num_media == 0 {
            return Err(ApiError::MissingBody);
        }
        if self.body.chars().count() > LONGEST {
            return Err(ApiError::TooLong);
        }
        let callback = self.status_callback.as_deref().map(Url::parse);
        match callback {
            Some(Ok(url)) if !matches!(url.scheme(), "http" | "https") => {
                Err(ApiError::InvalidStatusCallback)
            }
            Some(Err(_)) => Err(ApiError::InvalidStatusCallback),
            Some(Ok(_)) | None => Ok(()),
        }
    }
}

fn is_phone(text: &str) -> bool {
    PhoneNumber::parse(text).is_ok_and(|number| number.as_str() == text)
}

impl FakeCarrier {
    /// Takes a message. From here on it is sent, whatever its sender learns.
    async fn accept(&self, draft: Draft) -> Result<CarrierMessage, ApiError> {
        let parties = Parties { customer: draft.to.clone(), business: draft.from.clone() };
        let now = self.now();
        let message = CarrierMessage {
            sid: new_sid(),
            direction: MessageDirection::OutboundApi,
            from: draft.from,
            to: draft.to,
            body: draft.body,
            num_media: draft.num_media,
            status: MessageStatus::Queued,
            status_callback: draft.status_callback,
            created_at: now,
            sent_at: None,
            updated_at: now,
        };
        let carrier = self.clone();
        // The journal is written through to the disk, which must not hold up the reactor.
        let taken = web::block(move || {
            let mut traffic = carrier.traffic();
            if message.to == ALWAYS_OPTED_OUT || traffic.is_opted_out(&parties) {
                return Err(ApiError::OptedOut);
            }
            traffic.take(message.clone())?;
            Ok(message)
        });
        let message = taken.await.map_err(|error| ApiError::Journal(io::Error::other(error)))??;
        self.announce();
        Ok(message)
    }
}

/// A body that promises something and breaks the connection.
struct CutOff;

impl MessageBody for CutOff {
    type Error = io::Error;

    fn size(&self) -> BodySize {
        BodySize::Sized(1024)
    }

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        Poll::Ready(Some(Err(io::Error::other("cut off as scripted"))))
    }
}
