//! The fields that are read, against Twilio's own description of them, and the URLs that are asked.

use super::*;
use twilio::model::ApiV2010AccountMessage;

/// A message in the shape that is generated from Twilio's own description of its interface.
fn described(change: impl FnOnce(&mut ApiV2010AccountMessage)) -> MessageResource {
    let mut message = ApiV2010AccountMessage {
        sid: Some("SM1".into()),
        status: Some("delivered".into()),
        to: Some("+15550001111".into()),
        from: Some("+15551230000".into()),
        body: Some("Hello".into()),
        direction: Some("outbound-api".into()),
        date_created: Some("Mon, 02 Nov 2026 15:00:00 +0000".into()),
        ..ApiV2010AccountMessage::default()
    };
    change(&mut message);
    serde_json::from_value(serde_json::to_value(message).unwrap()).unwrap()
}

fn account() -> PlatformAccount {
    PlatformAccount {
        account_sid: "AC1".into(),
        auth_token: tenancy::SecretText::new("token"),
        api_base: Url::parse("https://carrier.example/prefix/").unwrap(),
    }
}

#[test]
fn every_field_that_is_read_is_one_that_twilio_describes() {
    let message = described(|_| ());
    assert_eq!(message.created_at().unwrap().to_rfc3339(), "2026-11-02T15:00:00+00:00");
    assert_eq!(message.to.as_deref(), Some("+15550001111"));
    assert_eq!(message.from.as_deref(), Some("+15551230000"));
    assert_eq!(message.body.as_deref(), Some("Hello"));
    assert_eq!(message.direction.as_deref(), Some("outbound-api"));
    let taken = SendOutcome::Accepted { provider_message_id: "SM1".into(), state: DeliveryState::Delivered };
    assert_eq!(message.outcome().unwrap(), taken);
}

#[test]
fn a_status_that_is_new_to_us_counts_as_sent() {
    let message = described(|message| message.status = Some("teleported".into()));
    let taken = SendOutcome::Accepted { provider_message_id: "SM1".into(), state: DeliveryState::Sent };
    assert_eq!(message.outcome().unwrap(), taken);
}

#[test]
fn a_message_without_a_usable_id_or_time_is_not_understood() {
    assert!(described(|message| message.sid = Some(String::new())).outcome().is_err());
    assert!(described(|message| message.date_created = Some("yesterday".into())).created_at().is_err());
    assert!(described(|message| message.date_created = None).created_at().is_err());
}

#[test]
fn messages_are_below_the_configured_base() {
    let url = messages_url(&account()).unwrap();
    assert_eq!(url.as_str(), "https://carrier.example/prefix/2010-04-01/Accounts/AC1/Messages.json");
}

#[test]
fn an_odd_account_id_leads_nowhere_else() {
    let account = PlatformAccount { account_sid: "../x?y#z".into(), ..account() };
    let url = messages_url(&account).unwrap();
    assert_eq!(
        url.as_str(),
        "https://carrier.example/prefix/2010-04-01/Accounts/..%2Fx%3Fy%23z/Messages.json"
    );
}

#[test]
fn the_next_page_is_never_on_another_host() {
    for uri in ["/2010-04-01/x?Page=1", "//evil.example/x", "/\\evil.example/x", "/@evil.example/x"] {
        let url = next_page_url(&account(), uri).unwrap();
        assert_eq!(url.host_str(), Some("carrier.example"), "{uri}");
    }
    for uri in ["https://evil.example/x", "@evil.example/x", ".evil.example/x", ""] {
        assert!(next_page_url(&account(), uri).is_err(), "{uri}");
    }
}
