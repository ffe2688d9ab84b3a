//! What is left of foreign text before it is read, and of our own before it leaves.

use tenancy::Channel;

/// Endings of the names of sites that people send about.
const SITES: &str = "com net org io co info biz app dev xyz top link site online shop ru cn uk de ly me us";

/// Returns a text without markup, control characters and what cannot be seen; quotes and hyphens are plain.
pub(crate) fn visible(text: &str) -> String {
    let mut seen = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        seen.push_str(before);
        seen.push(' ');
        // A lone `<` hides nothing: only what closes again within reach is markup.
        rest = after.split_once('>').filter(|(tag, _)| tag.len() < 200).map_or(after, |(_, after)| after);
    }
    seen.push_str(rest);
    seen.chars().filter(|c| !is_unseen(*c)).map(plain).collect()
}

/// Tells whether a token is a link or an e-mail address, or carries one.
pub(crate) fn is_link(token: &str) -> bool {
    let token = token.to_lowercase();
    let is_scheme =
        ["://", "www.", "javascript:", "data:", "mailto:", "tel:"].iter().any(|part| token.contains(part));
    let host = token.split(['/', '?', '#', ':']).next().unwrap_or_default();
    let host = host.trim_matches(|c: char| !c.is_alphanumeric());
    let is_site = host.rsplit_once('.').is_some_and(|(name, end)| !name.is_empty() && is_site_ending(end));
    is_scheme || is_site || token.contains(['@', '\\', '{', '}'])
}

/// Shortens a text of the business's own to about `most` characters, at a gap between words.
pub(crate) fn clip(text: &str, most: usize) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let Some((cut, _)) = text.char_indices().nth(most) else {
        return text;
    };
    let head = text.get(..cut).unwrap_or_default();
    let end = head.rfind(' ').unwrap_or(cut);
    format!("{}…", head.get(..end).unwrap_or_default().trim_end_matches([',', ';', '.', ' ']))
}

/// Makes a reply fit its channel: a single typographic character would turn a text message from 160 letters
/// a segment to 70.
pub(crate) fn fit(text: &str, channel: Channel) -> String {
    if channel != Channel::Sms {
        return text.to_owned();
    }
    text.replace(['–', '—'], "-").replace(['‘', '’'], "'").replace(['“', '”'], "\"").replace('…', "...")
}

fn is_site_ending(end: &str) -> bool {
    SITES.split(' ').any(|site| site == end)
}

fn plain(c: char) -> char {
    match c {
        '’' | '‘' | 'ʼ' | '`' | '´' => '\'',
        '‐' | '‑' => '-',
        '\n' | '\r' => '\n',
        c if c.is_control() => ' ',
        c => c,
    }
}

fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{0}' | '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_clipped_between_words() {
        assert_eq!(clip("one two three", 8), "one two…");
        assert_eq!(clip(" one \n two ", 8), "one two");
    }

    #[test]
    fn a_text_message_keeps_to_plain_punctuation() {
        assert_eq!(fit("8 am–5 pm, “hi”…", Channel::Sms), "8 am-5 pm, \"hi\"...");
        assert_eq!(fit("8 am–5 pm", Channel::WebChat), "8 am–5 pm");
    }

    #[test]
    fn a_time_and_a_missing_space_are_no_links() {
        for text in ["10.30am", "leaking.Please", "10:30", "and/or", "p.m."] {
            assert!(!is_link(text), "{text}");
        }
        for text in ["evil.com", "(evil.com).", "EVIL.IO/x", "a@b.c", "http://x", "javascript:alert(1)"] {
            assert!(is_link(text), "{text}");
        }
    }
}
