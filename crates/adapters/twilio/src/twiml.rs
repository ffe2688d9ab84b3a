//! TwiML, the XML in which Twilio is told what to do. It is built, never pasted together.

use std::borrow::Cow;

/// The answer to a text message's webhook.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessagingResponse {
    messages: Vec<String>,
}

impl MessagingResponse {
    /// The media type under which it is sent.
    pub const CONTENT_TYPE: &'static str = "text/xml; charset=utf-8";

    /// Tells Twilio to do nothing more.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Lets Twilio send a text to whoever wrote.
    #[must_use]
    pub fn message(mut self, text: impl Into<String>) -> Self {
        self.messages.push(text.into());
        self
    }

    /// Returns the XML.
    pub fn to_xml(&self) -> String {
        const DECLARATION: &str = r#"<?xml version="1.0" encoding="UTF-8"?>"#;
        if self.messages.is_empty() {
            return format!("{DECLARATION}<Response/>");
        }
        let messages = self
            .messages
            .iter()
            .fold(String::new(), |xml, text| xml + "<Message>" + &escape(text) + "</Message>");
        format!("{DECLARATION}<Response>{messages}</Response>")
    }
}

/// Returns the text as it may stand in XML: markup is escaped, and what XML forbids is left out.
fn escape(text: &str) -> String {
    text.chars().filter(|letter| is_allowed(*letter)).fold(String::new(), |mut xml, letter| {
        xml.push_str(&escaped(letter));
        xml
    })
}

fn escaped(letter: char) -> Cow<'static, str> {
    match letter {
        '&' => "&amp;".into(),
        '<' => "&lt;".into(),
        '>' => "&gt;".into(),
        '"' => "&quot;".into(),
        '\'' => "&apos;".into(),
        // Readers turn a bare carriage return into a line feed.
        '\r' => "&#13;".into(),
        other => other.to_string().into(),
    }
}

/// The characters of XML 1.0.
fn is_allowed(letter: char) -> bool {
    matches!(letter, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> String {
        let xml = MessagingResponse::empty().message(text).to_xml();
        let inner = xml.strip_prefix(r#"<?xml version="1.0" encoding="UTF-8"?><Response><Message>"#).unwrap();
        inner.strip_suffix("</Message></Response>").unwrap().to_owned()
    }

    #[test]
    fn nothing_to_do_is_an_empty_response() {
        assert_eq!(
            MessagingResponse::empty().to_xml(),
            r#"<?xml version="1.0" encoding="UTF-8"?><Response/>"#
        );
    }

    #[test]
    fn each_message_has_its_element() {
        let xml = MessagingResponse::empty().message("one").message("two").to_xml();
        assert!(xml.ends_with("<Response><Message>one</Message><Message>two</Message></Response>"), "{xml}");
    }

    #[test]
    fn markup_in_a_name_is_text() {
        assert_eq!(
            message("Hi </Say><Dial>+1900</Dial> & \"Co\" 'x'"),
            "Hi &lt;/Say&gt;&lt;Dial&gt;+1900&lt;/Dial&gt; &amp; &quot;Co&quot; &apos;x&apos;"
        );
    }

    #[test]
    fn characters_that_xml_forbids_are_removed() {
        assert_eq!(message("a\0b\u{1}c\u{8}d\u{b}e\u{1f}f\u{fffe}g\u{ffff}h"), "abcdefgh");
        assert_eq!(message("line\nnext\ttab\u{1f600}\u{202e}"), "line\nnext\ttab\u{1f600}\u{202e}");
    }
}
