//! Takes what names a person out of an excerpt: phone numbers, e-mail addresses, long numbers, what follows the question
//! mark of a link, and the names that are known. Postal addresses and names that nobody knows stay.

/// The least digits that are a number to be hidden.
const LEAST_DIGITS: usize = 6;

/// Takes what names a person out of a text. What stands in its place is always the same: `[name]`, `[phone]`, `[email]`,
/// `[number]`.
pub fn redact(text: &str, known_names: &[String]) -> String {
    let words: Vec<String> = text.split_inclusive(char::is_whitespace).map(redact_word).collect();
    let text = redact_digits(&words.concat());
    let mut names: Vec<&str> = known_names
        .iter()
        .flat_map(|name| std::iter::once(name.trim()).chain(name.split_whitespace()))
        .collect();
    names.retain(|name| name.chars().count() >= 2);
    // The longest first, so that a whole name becomes one placeholder.
    names.sort_by_key(|name| std::cmp::Reverse(name.chars().count()));
    names.into_iter().fold(text, |text, name| replace_name(&text, name))
}

/// Hides an e-mail address, or what a link says beside its place.
fn redact_word(word: &str) -> String {
    let is_link = word.contains("://") || word.to_lowercase().contains("www.");
    if is_link && let Some((place, query)) = word.split_once('?') {
        let blank: String = query.chars().filter(|c| c.is_whitespace()).collect();
        return format!("{}{blank}", redact_address(place));
    }
    redact_address(word)
}

/// Hides every `something@something.else`, as wide as its characters reach.
fn redact_address(word: &str) -> String {
    let belongs = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | '%');
    let (mut done, mut rest) = (String::new(), word);
    while let Some((before, after)) = rest.split_once('@') {
        let outside = before.trim_end_matches(belongs);
        let domain_length = after.find(|c| !belongs(c)).unwrap_or(after.len());
        let (domain, behind) = after.split_at(domain_length);
        let is_address = outside.len() < before.len() && domain.trim_end_matches('.').contains('.');
        if is_address {
            done.push_str(outside);
            done.push_str("[email]");
            let dots = domain.len() - domain.trim_end_matches('.').len();
            done.push_str(&".".repeat(dots));
            rest = behind;
        } else {
            done.push_str(before);
            done.push('@');
            rest = after;
        }
    }
    done.push_str(rest);
    done
}

/// Hides runs of digits, also where blanks and signs stand between them.
fn redact_digits(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let (mut done, mut rest) = (String::new(), chars.as_slice());
    while let Some((&first, behind)) = rest.split_first() {
        let starts = first.is_numeric() || (matches!(first, '+' | '(') && run_of(behind).digits > 0);
        let run = if starts { run_of(rest) } else { Run::default() };
        match run.placeholder() {
            Some(placeholder) => done.push_str(placeholder),
            None if run.length > 0 => done.extend(rest.iter().take(run.length)),
            None => done.push(first),
        }
        rest = rest.get(run.length.max(1)..).unwrap_or_default();
    }
    done
}

/// Digits that follow one another, with at most two signs between each two.
#[derive(Default)]
struct Run {
    digits: usize,
    /// How many characters it is long.
    length: usize,
    has_plus: bool,
    has_signs: bool,
    is_date: bool,
}

impl Run {
    fn placeholder(&self) -> Option<&'static str> {
        if self.digits < LEAST_DIGITS || self.is_date {
            return None;
        }
        let is_phone = match self.digits {
            7..=15 if self.has_plus => true,
            7..=12 => self.has_signs || self.digits >= 10,
            _ => false,
        };
        Some(if is_phone { "[phone]" } else { "[number]" })
    }
}

fn run_of(chars: &[char]) -> Run {
    let mut run = Run::default();
    let mut signs = 0;
    for (place, &c) in chars.iter().enumerate() {
        if c.is_numeric() {
            run.digits += 1;
            run.length = place + 1;
            run.has_signs |= signs > 0 && run.digits > 1;
            signs = 0;
        } else if c == '+' && place == 0 {
            run.has_plus = true;
        } else if matches!(c, ' ' | '\u{a0}' | '-' | '.' | '(' | ')' | '/') && signs < 2 {
            signs += 1;
        } else {
            break;
        }
    }
    let shape: String =
        chars.iter().take(run.length).map(|&c| if c.is_numeric() { '0' } else { c }).collect();
    run.is_date = shape == "0000-00-00";
    run
}

/// Replaces a name wherever it stands as a word of its own, in whatever letter case.
fn replace_name(text: &str, name: &str) -> String {
    let (chars, name): (Vec<char>, Vec<char>) = (text.chars().collect(), name.chars().collect());
    let is_same = |one: &char, other: &char| one == other || one.to_lowercase().eq(other.to_lowercase());
    let (mut done, mut before, mut rest) = (String::new(), None::<char>, chars.as_slice());
    let mut in_placeholder = false;
    while let Some((&first, behind)) = rest.split_first() {
        let starts =
            rest.len() >= name.len() && rest.iter().zip(&name).all(|(one, other)| is_same(one, other));
        let next = rest.get(name.len()).copied();
        let is_word = !before.is_some_and(char::is_alphanumeric) && !next.is_some_and(char::is_alphanumeric);
        in_placeholder = first == '[' || (in_placeholder && before != Some(']'));
        let is_ours = in_placeholder && is_placeholder(&done, rest);
        if starts && is_word && !is_ours {
            done.push_str("[name]");
            rest = rest.get(name.len()..).unwrap_or_default();
            before = name.last().copied();
        } else {
            done.push(first);
            before = Some(first);
            rest = behind;
        }
    }
    done
}

/// Tells whether the word ahead is the inside of a placeholder, so that somebody called Phone does no harm to it.
fn is_placeholder(done: &str, rest: &[char]) -> bool {
    let ahead: String = rest.iter().take(8).collect();
    let insides = ["name]", "phone]", "email]", "number]"];
    done.ends_with('[') && insides.iter().any(|inside| ahead.starts_with(inside))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(text: &str) -> String {
        redact(text, &["Ann O'Neil".to_owned(), "Zoë".to_owned()])
    }

    #[test]
    fn phone_numbers_are_hidden_however_they_are_written() {
        for number in [
            "+15551230000",
            "(555) 123-0000",
            "555-123-0000",
            "555.123.0000",
            "+44 20 7946 0958",
            "5551230000",
        ] {
            assert_eq!(shown(&format!("Call {number}, please")), "Call [phone], please", "{number}");
        }
    }

    #[test]
    fn long_numbers_are_hidden_and_short_ones_stay() {
        assert_eq!(shown("card 4111 1111 1111 1111."), "card [number].");
        assert_eq!(shown("order 123456 ok"), "order [number] ok");
        assert_eq!(shown("at 10:30 on 2026-11-02, 5 rooms, $1200"), "at 10:30 on 2026-11-02, 5 rooms, $1200");
        assert_eq!(shown("１２３４５６"), "[number]");
    }

    #[test]
    fn addresses_of_mail_are_hidden() {
        assert_eq!(shown("to ann.o+x@mail.example.com. Or @bob"), "to [email]. Or @bob");
        assert_eq!(shown("<a@b.co>,c@d.org"), "<[email]>,[email]");
    }

    #[test]
    fn a_link_loses_what_follows_its_question_mark() {
        assert_eq!(shown("see https://x.example/pay?mail=a&n=1 now"), "see https://x.example/pay now");
        assert_eq!(shown("really? yes"), "really? yes");
    }

    #[test]
    fn known_names_are_hidden_whole_or_in_part() {
        assert_eq!(shown("I am ann o'neil, Ann, ANN!"), "I am [name], [name], [name]!");
        assert_eq!(shown("zoë plans; Annual"), "[name] plans; Annual");
        assert_eq!(redact("Call 5551230000", &["Phone".to_owned()]), "Call [phone]");
    }

    proptest! {
        #[test]
        fn what_was_redacted_stays_as_it_is(text in "[a-zA-Z0-9 @.+()?:/\\[\\]-]{0,80}") {
            let once = shown(&text);
            prop_assert_eq!(shown(&once), once.clone());
        }

        #[test]
        fn no_long_run_of_digits_is_left(text in "\\PC{0,20}[0-9]{6,20}\\PC{0,20}") {
            let longest = shown(&text).split(|c: char| !c.is_ascii_digit()).map(str::len).max();
            prop_assert!(longest.unwrap_or(0) < LEAST_DIGITS);
        }
    }
}
