//! Answers in XML: well-formed whatever is said, and read back as it was said.

use roxmltree::{Document, Node};
use twilio::MessagingResponse;

/// Checks the XML that a carrier is answered with. The bytes are the messages, with a form feed between two.
pub fn check_twiml(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let messages: Vec<&str> = text.split('\u{c}').collect();
    let response = messages.iter().fold(MessagingResponse::empty(), |response, text| response.message(*text));
    let xml = response.to_xml();
    // The longest escape has six letters.
    assert!(xml.len() <= text.len() * 6 + messages.len() * 19 + 60, "{} bytes", xml.len());
    let document = Document::parse(&xml);
    assert!(document.is_ok(), "{document:?}: {xml}");
    if let Ok(document) = document {
        let root = document.root_element();
        assert_eq!(root.tag_name().name(), "Response");
        let read: Vec<String> = root.children().map(message).collect();
        let allowed: Vec<String> =
            messages.iter().map(|text| text.chars().filter(|&letter| is_allowed(letter)).collect()).collect();
        assert_eq!(read, allowed, "what is read is what was said, without what XML forbids");
    }
}

/// Returns the text of a message that holds nothing but text.
fn message(node: Node<'_, '_>) -> String {
    assert!(node.has_tag_name("Message") && node.attributes().len() == 0, "{node:?}");
    assert!(node.children().all(|child| child.is_text()), "a message holds an element");
    node.children().filter_map(|child| child.text()).collect()
}

/// What XML 1.0 forbids are controls other than tab and line ends, and the last two places of the basic plane.
fn is_allowed(letter: char) -> bool {
    let is_line = ['\t', '\n', '\r'].contains(&letter);
    let is_forbidden = letter.is_ascii_control() && !is_line && letter != '\u{7f}';
    !is_forbidden && !['\u{fffe}', '\u{ffff}'].contains(&letter)
}
