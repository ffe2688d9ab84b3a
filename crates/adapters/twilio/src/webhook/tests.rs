//! What the forms of Twilio mean, and what becomes of broken ones.

use super::*;

fn body(pairs: &[(&str, &str)]) -> Vec<u8> {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish().into_bytes()
}

fn incoming(extra: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut pairs = vec![("MessageSid", "SM1"), ("From", "+15550001111"), ("To", "+15551230000")];
    pairs.extend_from_slice(extra);
    Form::parse(&body(&pairs)).pairs
}

fn read(extra: &[(&str, &str)]) -> IncomingSms {
    IncomingSms::read(&Form { pairs: incoming(extra) }).unwrap()
}

fn read_status(pairs: &[(&str, &str)]) -> Result<StatusUpdate, WebhookError> {
    StatusUpdate::read(&Form::parse(&body(pairs)))
}

#[test]
fn an_incoming_message_is_read() {
    let sms =
        read(&[("Body", "Do you fix sinks?"), ("AccountSid", "AC1"), ("ToCountry", "US"), ("New", "field")]);
    assert_eq!(sms.to.as_str(), "+15551230000");
    assert_eq!(sms.message.from.as_str(), "+15550001111");
    assert_eq!(sms.message.provider_message_id, "SM1");
    assert_eq!(sms.message.text, "Do you fix sinks?");
    assert!(sms.message.attachments.is_empty());
    assert!(!sms.message.carrier_answered);
}

#[test]
fn a_message_id_is_read_under_each_of_its_names() {
    for name in ["MessageSid", "SmsMessageSid", "SmsSid"] {
        let form = Form::parse(&body(&[(name, "SM1"), ("From", "+15550001111"), ("To", "+15551230000")]));
        assert_eq!(IncomingSms::read(&form).unwrap().message.provider_message_id, "SM1");
    }
}

#[test]
fn a_missing_field_is_named() {
    let complete = incoming(&[]);
    for field in ["MessageSid", "From", "To"] {
        let pairs = complete.iter().filter(|(name, _)| name != field).cloned().collect();
        assert_eq!(IncomingSms::read(&Form { pairs }), Err(WebhookError::Missing { field }));
    }
    assert_eq!(Form::parse(b"").account_sid(), Err(WebhookError::Missing { field: "AccountSid" }));
}

#[test]
fn an_empty_field_is_a_missing_one() {
    let form = Form::parse(b"MessageSid=&From=%2B15550001111&To=%2B15551230000");
    assert_eq!(IncomingSms::read(&form), Err(WebhookError::Missing { field: "MessageSid" }));
}

#[test]
fn an_id_that_is_none_is_refused() {
    let long = "x".repeat(65);
    for sid in ["SM 1", "SM1\0", "SM1\n", "\u{1f600}", &long] {
        let form =
            Form::parse(&body(&[("MessageSid", sid), ("From", "+15550001111"), ("To", "+15551230000")]));
        assert_eq!(IncomingSms::read(&form), Err(WebhookError::Malformed { field: "MessageSid" }), "{sid}");
    }
}

#[test]
fn a_message_without_words_is_read() {
    assert_eq!(read(&[]).message.text, "");
    assert_eq!(read(&[("Body", " ")]).message.text, " ");
}

#[test]
fn pictures_come_by_reference() {
    let sms = read(&[
        ("NumMedia", "2"),
        ("MediaUrl0", "https://api.example/m/0"),
        ("MediaContentType0", "image/jpeg"),
        ("MediaUrl1", "https://api.example/m/1"),
    ]);
    let seen: Vec<_> =
        sms.message.attachments.iter().map(|one| (one.url.as_str(), one.content_type.as_str())).collect();
    let expected =
        [("https://api.example/m/0", "image/jpeg"), ("https://api.example/m/1", "application/octet-stream")];
    assert_eq!(seen, expected);
}

#[test]
fn no_more_than_ten_pictures_are_read() {
    let names: Vec<String> = (0..12).map(|number| format!("MediaUrl{number}")).collect();
    let pairs: Vec<_> = names.iter().map(|name| (name.as_str(), "https://api.example/m")).collect();
    assert_eq!(read(&pairs).message.attachments.len(), 10);
}

#[test]
fn a_sender_that_is_no_phone_is_kept() {
    let form = Form::parse(&body(&[("MessageSid", "SM1"), ("From", "ACME\0"), ("To", "+15551230000")]));
    let sms = IncomingSms::read(&form).unwrap();
    assert_eq!(sms.message.from.as_str(), "ACME");
    assert!(!sms.message.from.is_replyable());
}

#[test]
fn what_twilio_answers_itself_is_marked() {
    assert!(read(&[("Body", "SToP")]).message.carrier_answered);
    assert!(read(&[("Body", "arret"), ("OptOutType", "STOP")]).message.carrier_answered);
    assert!(!read(&[("Body", "stop by on the weekend")]).message.carrier_answered);
}

#[test]
fn what_twilio_has_understood_is_read() {
    for (opt_out_type, intent) in [
        ("STOP", Some(InboundIntent::OptOut)),
        ("START", Some(InboundIntent::OptIn)),
        ("HELP", Some(InboundIntent::Help)),
        ("PAUSE", None),
        ("", None),
    ] {
        assert_eq!(read(&[("Body", "arret"), ("OptOutType", opt_out_type)]).message.understood, intent);
    }
    assert_eq!(read(&[("Body", "STOP")]).message.understood, None);
    assert_eq!(read(&[("Body", " Yes"), ("OptOutType", "START")]).message.understood, None);
}

#[test]
fn broken_bytes_become_replacement_characters() {
    let form = Form::parse(b"MessageSid=SM1&From=%2B15550001111&To=%2B15551230000&Body=%ED%A0%80x%00%FF");
    let text = IncomingSms::read(&form).unwrap().message.text;
    assert!(text.contains('\u{fffd}') && text.contains('x'));
}

#[test]
fn repeated_fields_are_kept_and_the_first_counts() {
    let form = Form::parse(b"Digits=5678&Digits=1234");
    assert_eq!(form.pairs().len(), 2);
    assert_eq!(form.first("Digits"), Some("5678"));
}

#[test]
fn every_status_of_an_outbound_message_is_known() {
    for (status, state) in [
        ("accepted", DeliveryState::Sent),
        ("scheduled", DeliveryState::Sent),
        ("queued", DeliveryState::Sent),
        ("sending", DeliveryState::Sent),
        ("sent", DeliveryState::Sent),
        ("delivered", DeliveryState::Delivered),
        ("undelivered", DeliveryState::Undelivered),
        ("failed", DeliveryState::Failed),
        ("canceled", DeliveryState::Failed),
        ("read", DeliveryState::Read),
    ] {
        let update = read_status(&[("MessageSid", "SM1"), ("MessageStatus", status)]).unwrap();
        assert_eq!(update.state, state, "{status}");
    }
}

#[test]
fn an_unknown_status_is_an_error() {
    for status in ["received", "exploded", "Sent"] {
        let result = read_status(&[("MessageSid", "SM1"), ("MessageStatus", status)]);
        assert_eq!(result, Err(WebhookError::Malformed { field: "MessageStatus" }));
    }
    let result = read_status(&[("MessageSid", "SM1")]);
    assert_eq!(result, Err(WebhookError::Missing { field: "MessageStatus" }));
}

#[test]
fn a_status_callback_becomes_a_report() {
    let update =
        read_status(&[("SmsSid", "SM1"), ("SmsStatus", "undelivered"), ("ErrorCode", "30003")]).unwrap();
    let id = MessageId::new(uuid::Uuid::from_u128(7));
    let report = update.into_report(Some(id));
    assert_eq!(report.message_id, Some(id));
    assert_eq!(report.provider_message_id, "SM1");
    assert_eq!(report.state, DeliveryState::Undelivered);
    assert_eq!(report.error_code.as_deref(), Some("30003"));
}

proptest::proptest! {
    #[test]
    fn no_body_breaks_the_reader(bytes: Vec<u8>) {
        let form = Form::parse(&bytes);
        let _ = (form.account_sid(), IncomingSms::read(&form), StatusUpdate::read(&form));
    }
}
