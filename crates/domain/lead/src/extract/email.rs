//! E-mail addresses inside a text.

use tenancy::EmailAddress;

/// The most addresses that are taken from one text.
const MOST: usize = 5;

/// Finds addresses, in order.
pub(super) fn find(text: &str) -> Vec<EmailAddress> {
    let ends = |c: char| c.is_whitespace() || c.is_control() || "<>()[]{}\",;:|".contains(c);
    let candidates = text.split(ends).filter(|word| word.contains('@'));
    candidates.filter_map(read).take(MOST).collect()
}

fn read(word: &str) -> Option<EmailAddress> {
    let address =
        EmailAddress::parse(word.trim_matches(['.', '!', '?', '\'', '`', '*', '_', '-', '…', '“', '”']))?;
    let (local, domain) = address.as_str().split_once('@')?;
    let is_local = local.chars().all(|c| c.is_alphanumeric() || "!#$%&'*+/=?^_`{|}~.-".contains(c));
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    let last = domain.rsplit('.').next()?;
    let is_top = last.chars().count() > 1 && !last.chars().all(|c| c.is_ascii_digit());
    (is_local && domain.split('.').all(is_label) && is_top).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_among_words_and_marks() {
        for (text, expected) in [
            ("Write to Ann.Smith+x@Example.co.uk!", vec!["ann.smith+x@example.co.uk"]),
            ("mailto:a@b.com,<c@d.org>", vec!["a@b.com", "c@d.org"]),
            ("@ann and ann@ and a@b and a@1.2", vec![]),
            ("meet me @ 5", vec![]),
            ("a@-b.com a@b..com", vec![]),
        ] {
            let found: Vec<String> = find(text).iter().map(|one| one.as_str().to_owned()).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
