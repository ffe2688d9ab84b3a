//! A link in a model's words, reduced to what decides where it leads.

/// A link, reduced to what decides where it leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Link {
    host: String,
    path: String,
    has_more: bool,
}

impl Link {
    /// Reads what a reader's phone or browser would take for a link; `None` for ordinary words.
    pub(super) fn read(word: &str) -> Option<Self> {
        let lower: String = word.to_lowercase().chars().filter(|c| !is_unseen(*c)).collect();
        let word = value_of(lower.trim_matches(|c: char| c == '*' || c == '_'));
        let (is_named, rest) = without_scheme(word);
        let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let has_user = authority.contains('@');
        if !is_named && has_user && path.is_empty() {
            return None;
        }
        let host = authority.rsplit('@').next().unwrap_or_default();
        let bare_host = host.split(':').next().unwrap_or_default().trim_end_matches('.');
        let has_path = !path.is_empty();
        if !is_named && !looks_like_host(bare_host, has_path) {
            return None;
        }
        let path_end = path.find(['?', '#']).unwrap_or(path.len());
        let (path, more) = path.split_at(path_end);
        Some(Self {
            host: host.strip_prefix("www.").unwrap_or(host).to_owned(),
            path: path.trim_end_matches('/').to_owned(),
            has_more: has_user
                || !more.is_empty()
                || path.contains('\\')
                || path.contains("..")
                || path.contains('%'),
        })
    }

    /// Tells whether it leads to what a known link leads to, or to a page below it, and carries nothing.
    pub(super) fn leads_into(&self, known: &Self) -> bool {
        let below = self.path.strip_prefix(&known.path);
        known == self
            || (known.host == self.host
                && !known.has_more
                && !self.has_more
                && below.is_some_and(|below| below.is_empty() || below.starts_with('/')))
    }
}

/// Parts a link from what says how to follow it, in all the ways that browsers put up with; tells whether it was there.
fn without_scheme(word: &str) -> (bool, &str) {
    /// What is followed without two slashes.
    const BARE: &[&str] =
        &["http:", "https:", "javascript:", "vbscript:", "data:", "mailto:", "sms:", "tel:", "intent:"];
    if let Some((_, rest)) = word.split_once("://") {
        return (true, rest);
    }
    if let Some(rest) =
        BARE.iter().find_map(|scheme| word.strip_prefix(scheme)).filter(|rest| !rest.is_empty())
    {
        return (true, rest.trim_start_matches(['/', '\\']));
    }
    if let Some(rest) = word.strip_prefix("//").or_else(|| word.strip_prefix("\\\\")) {
        return (rest.contains('.'), rest);
    }
    (word.starts_with("www."), word)
}

/// Returns what stands behind the sign of equality in a piece of markup, as in `src=//host`.
fn value_of(word: &str) -> &str {
    match word.split_once('=') {
        Some((name, value))
            if !name.is_empty() && name.chars().all(|c| c.is_ascii_alphabetic() || c == '-') =>
        {
            value
        }
        _ => word,
    }
}

/// Signs that nobody sees, behind which a link is one still.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e01ef}')
}

/// Tells whether a word without a scheme is a host: labels with dots between, and a last one that hosts end with.
fn looks_like_host(host: &str, has_path: bool) -> bool {
    /// The endings, beside those of countries, that links are made of again and again.
    const ENDINGS: &[&str] = &[
        "com",
        "net",
        "org",
        "edu",
        "gov",
        "info",
        "biz",
        "app",
        "dev",
        "xyz",
        "online",
        "site",
        "shop",
        "store",
        "top",
        "club",
        "link",
        "click",
        "live",
        "life",
        "page",
        "web",
        "cloud",
        "tech",
        "blog",
        "news",
        "work",
        "zip",
        "mov",
        "example",
        "test",
        "local",
        "localhost",
        "internal",
        "onion",
        "icu",
        "vip",
        "space",
        "website",
        "world",
    ];
    let Some((before, ending)) = host.rsplit_once('.') else { return false };
    let is_label =
        |label: &str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_');
    let has_letters = before.chars().any(char::is_alphabetic);
    let is_ending = ENDINGS.contains(&ending)
        || (ending.chars().count() == 2 && ending.chars().all(char::is_alphabetic))
        || (has_path && ending.chars().count() > 1 && ending.chars().all(char::is_alphabetic));
    let is_address = host.split('.').count() == 4 && host.split('.').all(|part| part.parse::<u8>().is_ok());
    is_address || (is_ending && has_letters && before.split('.').all(is_label))
}
