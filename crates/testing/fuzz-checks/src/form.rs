//! How a webhook's form is read: as the standard says, in bounded space, and nothing odd in ids and addresses.

use form_urlencoded::Serializer;
use tenancy::Address;
use twilio::{Form, IncomingSms, StatusUpdate};

/// Checks the decoder of forms and what is read from them. The bytes are the body.
pub fn check_form(data: &[u8]) {
    let form = Form::parse(data);
    assert_eq!(form.pairs(), reference(data), "it decodes as the standard says");
    // A broken byte becomes three.
    let size: usize = form.pairs().iter().map(|(name, value)| name.len() + value.len()).sum();
    assert!(size <= data.len() * 3, "{size} bytes out of {}", data.len());
    let written = Serializer::new(String::new()).extend_pairs(form.pairs()).finish();
    assert_eq!(Form::parse(written.as_bytes()).pairs(), form.pairs(), "what is written is read back");
    for (name, _) in form.pairs() {
        let first = form.pairs().iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        assert_eq!(form.first(name), first);
    }
    if let Ok(sid) = form.account_sid() {
        assert_id(sid);
    }
    if let Ok(sms) = IncomingSms::read(&form) {
        check_sms(&form, &sms);
    }
    if let Ok(update) = StatusUpdate::read(&form) {
        assert_id(&update.provider_message_id);
        update.error_code.iter().for_each(|code| assert_id(code));
    }
}

fn check_sms(form: &Form, sms: &IncomingSms) {
    assert_id(&sms.message.provider_message_id);
    assert_eq!(sms.message.text, form.first("Body").unwrap_or_default(), "a text is taken in as it came");
    if sms.message.understood.is_some() {
        assert!(sms.message.carrier_answered, "what the carrier has understood, it has answered");
    }
    assert!(sms.message.attachments.len() <= IncomingSms::MAX_MEDIA);
    for address in [&sms.to, &sms.message.from] {
        assert!(!address.as_str().chars().any(char::is_control), "{:?}", address.as_str());
        assert!(address.as_str().chars().count() <= Address::MAX_LENGTH);
    }
}

fn assert_id(text: &str) {
    assert!((1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()), "{text:?}");
}

/// Decodes in another way than the adapter does: byte by byte.
fn reference(data: &[u8]) -> Vec<(String, String)> {
    let pieces = data.split(|byte| *byte == b'&').filter(|piece| !piece.is_empty());
    pieces
        .map(|piece| {
            let mut halves = piece.splitn(2, |byte| *byte == b'=');
            let mut next = || decoded(halves.next().unwrap_or_default());
            (next(), next())
        })
        .collect()
}

fn decoded(mut rest: &[u8]) -> String {
    let mut bytes = Vec::new();
    while let [first, behind @ ..] = rest {
        rest = behind;
        bytes.push(match (first, behind) {
            (b'+', _) => b' ',
            (b'%', [high, low, further @ ..]) => match (digit(*high), digit(*low)) {
                (Some(high), Some(low)) => {
                    rest = further;
                    high * 16 + low
                }
                _ => b'%',
            },
            (other, _) => *other,
        });
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}
