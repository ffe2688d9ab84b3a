//! What a customer texts: the webhook that the business gets, and what the carrier does by itself.

use fake_carrier::{CustomerText, MessageDirection, TextError, build_webhook};
use twilio::{IncomingSms, SignatureError};

use crate::fixture::{BUSINESS, Business, CUSTOMER, SID, TOKEN, carrier};

fn text(body: &str) -> CustomerText {
    CustomerText::new(CUSTOMER, BUSINESS, body)
}

#[tokio::test]
async fn a_text_arrives_as_a_signed_webhook() {
    let mut business = Business::open(200);
    let answered = carrier().text(&business.url, &text(" Do you fix sinks? \u{1f6b0} ")).await.unwrap();
    assert_eq!(answered.answers, [(200, "<Response/>".to_owned())]);
    let arrived = business.next().await;
    assert_eq!(arrived.check(TOKEN), Ok(()));
    assert_eq!(arrived.check("another token"), Err(SignatureError::Mismatch));
    assert_eq!(arrived.form.account_sid(), Ok(SID));
    let sms = IncomingSms::read(&arrived.form).unwrap();
    assert_eq!(sms.message.provider_message_id, answered.message_sid);
    assert_eq!(sms.message.text, " Do you fix sinks? \u{1f6b0} ");
    assert_eq!((sms.message.from.as_str(), sms.to.as_str()), (CUSTOMER, BUSINESS));
    assert!(!sms.message.carrier_answered);
}

#[tokio::test]
async fn a_repeated_webhook_has_the_same_message_id() {
    let mut business = Business::open(200);
    let answered = carrier().text(&business.url, &text("Hello").posted(3)).await.unwrap();
    assert_eq!(answered.answers.len(), 3);
    for _ in 0..3 {
        assert_eq!(business.next().await.field("MessageSid"), answered.message_sid);
    }
}

#[tokio::test]
async fn pictures_come_along_by_reference() {
    let mut business = Business::open(200);
    let picture = text("").with_media("https://media.example/1", "image/jpeg");
    carrier().text(&business.url, &picture).await.unwrap();
    let arrived = business.next().await;
    assert_eq!(arrived.field("NumMedia"), "1");
    let sms = IncomingSms::read(&arrived.form).unwrap();
    assert_eq!(sms.message.attachments[0].url, "https://media.example/1");
}

#[tokio::test]
async fn opt_out_words_are_answered_by_the_carrier_and_passed_on() {
    let (carrier, mut business) = (carrier(), Business::open(200));
    for (body, kind) in [("stop", "STOP"), ("HELP", "HELP"), (" Unstop ", "START")] {
        carrier.text(&business.url, &text(body)).await.unwrap();
        let arrived = business.next().await;
        assert_eq!((arrived.field("OptOutType"), arrived.field("Body")), (kind, body));
        assert!(IncomingSms::read(&arrived.form).unwrap().message.carrier_answered);
        let last = carrier.history().pop().unwrap();
        assert_eq!((last.direction, last.to.as_str()), (MessageDirection::OutboundReply, CUSTOMER));
    }
}

#[tokio::test]
async fn a_second_stop_is_passed_on_and_not_answered_again() {
    let (carrier, mut business) = (carrier(), Business::open(200));
    for _ in 0..2 {
        carrier.text(&business.url, &text("STOP")).await.unwrap();
        assert_eq!(business.next().await.field("OptOutType"), "STOP");
    }
    let answers =
        carrier.history().into_iter().filter(|one| one.direction == MessageDirection::OutboundReply);
    assert_eq!(answers.count(), 1);
}

#[tokio::test]
async fn a_yes_that_opts_nobody_in_is_an_ordinary_text() {
    let (carrier, mut business) = (carrier(), Business::open(200));
    carrier.text(&business.url, &text("YES")).await.unwrap();
    assert_eq!(business.next().await.field("OptOutType"), "");
    assert_eq!(carrier.history().len(), 1);
}

#[tokio::test]
async fn an_error_of_the_business_is_not_retried() {
    let mut business = Business::open(500);
    let answered = carrier().text(&business.url, &text("Hello")).await.unwrap();
    assert_eq!(answered.answers[0].0, 500);
    business.next().await;
    assert!(business.another().is_none());
}

#[tokio::test]
async fn a_text_to_nobody_is_remembered_all_the_same() {
    let carrier = carrier();
    let result = carrier.text("http://127.0.0.1:1/webhooks/twilio/sms", &text("Hello")).await;
    assert!(matches!(result, Err(TextError::Webhook(_))));
    assert_eq!(carrier.history()[0].body, "Hello");
}

#[test]
fn a_webhook_can_be_built_without_a_carrier() {
    let webhook = build_webhook((SID, TOKEN), "https://answers.example/sms", &text("Hello"), "SM1", None);
    let form = twilio::Form::parse(webhook.body.as_bytes());
    assert_eq!(form.first("SmsSid"), Some("SM1"));
    assert_eq!(form.first("ToCountry"), Some("US"));
    let headers: Vec<_> = webhook.headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(headers, ["Content-Type", "X-Twilio-Signature"]);
}
