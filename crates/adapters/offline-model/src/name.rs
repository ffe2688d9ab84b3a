//! Finds the contact's name in what was said. It would rather find none than a wrong one: "I'm Feeling sick"
//! names nobody.

use crate::words::{Sentence, Word, listed, sentences};

/// The most letters that a name may have; more is no name.
const LONGEST: usize = 40;

/// Words that are never a name or the beginning of one.
const NEVER: &str = "a an the my our your his her their its i im ive id we you he she it they this that these those \
    yes yeah yep yup no nope not none nobody hi hello hey hiya good morning afternoon evening night ok okay sure fine \
    thanks thank thx please sorry well so and or but if is are was am be been to too at on in of for from with about \
    by what who why where when how which can could will would do does did dont doesnt have has need want looking just \
    here there now today tonight tomorrow yesterday soon asap urgent emergency again back also still very really \
    interested available ready home late sick busy free happy sad desperate calling texting writing trying going \
    having getting got wondering new old sure unsure not monday tuesday wednesday thursday friday saturday sunday january \
    february march april june july august september october november december noon week weekend stop help info start \
    cancel nothing something anything someone anybody anyone everyone never maybe later leaking leak leaks broken \
    broke clogged flooding flooded flood burst water sink toilet pipe pipes drain heater kitchen bathroom basement \
    boiler roof tap faucet shower house apartment owner tenant customer client plumber doctor bot robot human person \
    secret private rather tell idk lol wait actually correction no-one afraid concerned worried stuck locked \
    freezing cold hot asking ignore list show see hm hmm um uh ah oh huh eh k kk cool great nice perfect \
    alright agreed correct wrong sir madam";

/// Words after which "I'm Ann" may begin.
const BEFORE: &str = "hi hello hey there no sorry actually ok so well yes and";

/// First names that count even in small letters after "I'm": people write so on a phone.
const COMMON: &str = "ann anna anne annie amy alex alice amanda andrea andrew angela anthony barbara ben betty bill bob \
    brian carl carol carlos charles chris christine cindy dan daniel dave david debbie deborah diana diane donna ed \
    edward elena elizabeth emily emma eric eva frank fred gary george grace greg helen henry jack jacob james jan jane \
    janet jason jeff jen jennifer jenny jerry jessica jim jo joan joe john jon jose joseph josh juan julia julie karen \
    kate kathy keith kelly ken kevin kim laura leo linda lisa liz lucy luis lynn maria marie mark martin mary matt \
    megan mel melissa michael michelle mike mohammed monica nancy nick nicole nina olivia pam pat patricia patrick \
    paul peter phil rachel ralph ray rebecca richard rick rob robert roger ron rosa rose ruth ryan sam samantha sandra \
    sara sarah scott sean sharon sofia sophia stephanie steve steven sue susan tanya ted teresa terry thomas tim tina \
    todd tom tony tracy victor victoria walter wendy zoe";

/// How surely a name was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ToldName {
    /// In so many words: "my name is Ann".
    Clearly(String),
    /// By a word that can be one, where a name was asked for.
    Barely(String),
}

/// Returns the name that `sentences` tell; `asked` says whether a name was asked for just before.
pub(crate) fn told(sentences: &[Sentence], asked: bool) -> Option<ToldName> {
    let clear = sentences.iter().rev().find_map(|sentence| stated(&sentence.words, asked));
    let bare = || sentences.iter().find_map(bare).map(ToldName::Barely);
    clear.map(ToldName::Clearly).or_else(|| if asked { bare() } else { None })
}

/// Returns a name that comes from elsewhere as it may be shown: it may have been typed by anybody.
pub(crate) fn shown(name: &str) -> Option<String> {
    let sentences = sentences(name);
    let words = sentences.iter().flat_map(|sentence| &sentence.words).take(3);
    let name = words.map(|word| word.shown.as_str()).collect::<Vec<_>>().join(" ");
    (!name.is_empty()).then(|| name.chars().take(LONGEST).collect())
}

/// "My name is Ann Lee", "this is Ann from …", "I'm Ann".
fn stated(words: &[Word], asked: bool) -> Option<String> {
    let plain: Vec<&str> = words.iter().map(|word| word.plain.as_str()).collect();
    (0..plain.len()).rev().find_map(|at| {
        let (before, from) = words.split_at_checked(at)?;
        let begins = before.last().is_none_or(|word| word.ends_clause || listed(BEFORE, &word.plain));
        let (used, trust) = opening(plain.get(at..)?, begins, asked, before.is_empty())?;
        let rest = from.get(used..)?;
        let (name, length) = name_at(rest)?;
        let first = rest.first()?;
        let is_sure = match trust {
            Trust::Full => true,
            // "I'm Feeling sick": capitals are cheap.
            Trust::Some if first.plain.len() > 5 && first.plain.ends_with("ing") => false,
            Trust::Some if is_capital(&first.shown) || listed(COMMON, &first.plain) => true,
            Trust::Some => asked && ends_after(rest, length),
        };
        is_sure.then_some(name)
    })
}

/// How much an opening is worth: "I'm" begins many sentences that name nobody.
enum Trust {
    Full,
    Some,
}

fn opening(from: &[&str], begins: bool, asked: bool, is_first: bool) -> Option<(usize, Trust)> {
    match from {
        ["my", "full" | "first", "name", "is", ..] => Some((4, Trust::Full)),
        ["my", "name" | "names", "is", ..] => Some((3, Trust::Full)),
        ["my", "names", ..] | ["call", "me", ..] => Some((2, Trust::Some)),
        ["the", "name", "is", ..] if begins => Some((3, Trust::Some)),
        ["name" | "this", "is", ..] | ["i", "am", ..] if begins => Some((2, Trust::Some)),
        ["it", "is", ..] if begins && (asked || !is_first) => Some((2, Trust::Some)),
        ["its", ..] if begins && (asked || !is_first) => Some((1, Trust::Some)),
        ["name", ..] if begins && asked => Some((1, Trust::Some)),
        ["im", ..] if begins => Some((1, Trust::Some)),
        _ => None,
    }
}

/// Returns the name at the start of `words` and how many words it has.
fn name_at(words: &[Word]) -> Option<(String, usize)> {
    let first = words.first().filter(|word| is_name_like(word))?;
    let is_small = !is_capital(&first.shown);
    let mut name = vec![first];
    let mut ended = first.ends_clause;
    for word in words.iter().skip(1).take(2) {
        // After "ann" in small letters only a second word in small letters can belong to the name, and it
        // does only where nothing else begins with it.
        if ended || !is_name_like(word) || (is_capital(&word.shown) == is_small) {
            break;
        }
        name.push(word);
        ended = word.ends_clause;
    }
    let text = name.iter().map(|word| capitalised(&word.shown)).collect::<Vec<_>>().join(" ");
    (text.chars().count() <= LONGEST).then_some((text, name.len()))
}

/// A sentence, or its first clause, that is nothing but a name: "Ann Lee, and my sink is leaking".
fn bare(sentence: &Sentence) -> Option<String> {
    if sentence.asks {
        return None;
    }
    let words = sentence.words.iter();
    let polite = words.take_while(|word| listed("sure ok okay yes hi hello hey its it is", &word.plain));
    let words = sentence.words.get(polite.count()..)?;
    let end = words.iter().position(|word| word.ends_clause);
    let clause = words.get(..end.map_or(words.len(), |at| at + 1))?;
    let clause = without_last(clause, "here speaking please");
    let (name, used) = name_at(clause)?;
    let is_likely = clause.first().is_some_and(|word| is_capital(&word.shown) || listed(COMMON, &word.plain));
    let and_more =
        is_likely && clause.get(used).is_some_and(|word| listed("and from here my at with", &word.plain));
    (used == clause.len() || and_more).then_some(name)
}

/// Drops a polite last word.
fn without_last<'a>(words: &'a [Word], polite: &str) -> &'a [Word] {
    match words.split_last() {
        Some((last, rest)) if listed(polite, &last.plain) => rest,
        _ => words,
    }
}

fn ends_after(words: &[Word], length: usize) -> bool {
    let (name, after) = words.split_at_checked(length).unwrap_or((words, &[]));
    let ended = name.last().is_some_and(|word| word.ends_clause);
    ended || after.first().is_none_or(|word| listed("and from here at with my speaking again", &word.plain))
}

fn is_name_like(word: &Word) -> bool {
    let letters = word.shown.chars().filter(|c| c.is_alphabetic()).count();
    let is_verb = word.plain.ends_with("ing") && !is_capital(&word.shown);
    let only_letters = word.shown.chars().all(|c| c.is_alphabetic() || matches!(c, '\'' | '-'));
    let owns = word.shown.ends_with("'s");
    only_letters && !owns && (1..=20).contains(&letters) && !listed(NEVER, &word.plain) && !is_verb
}

/// Tells whether a word is written as a name is. A word all in capitals says nothing: people shout.
fn is_capital(shown: &str) -> bool {
    shown.starts_with(char::is_uppercase)
        && (shown.chars().count() == 1 || shown.chars().any(char::is_lowercase))
}

fn capitalised(shown: &str) -> String {
    let is_mixed = shown.chars().any(char::is_lowercase) && shown.chars().any(char::is_uppercase);
    if is_mixed {
        return shown.to_owned();
    }
    let mut begins = true;
    let letters = shown.chars().flat_map(|c| {
        let letter: String = if begins { c.to_uppercase().collect() } else { c.to_lowercase().collect() };
        begins = !c.is_alphabetic();
        letter.chars().collect::<Vec<_>>()
    });
    letters.collect()
}

#[cfg(test)]
mod tests {
    use super::{ToldName::*, *};

    fn heard(text: &str, asked: bool) -> Option<ToldName> {
        told(&sentences(text), asked)
    }

    #[test]
    fn a_name_is_heard_in_many_ways() {
        for (text, name) in [
            ("my name is Ann Lee", "Ann Lee"),
            ("My name is ann lee and my sink is leaking", "Ann Lee"),
            ("hi, I'm Ann", "Ann"),
            ("hi im ann, my sink is leaking", "Ann"),
            ("This is Ann from Oak Street", "Ann"),
            ("MY NAME IS ANN", "Ann"),
            ("no, my name is Anne", "Anne"),
            ("actually it's Anne", "Anne"),
            ("my name's O'Neil", "O'Neil"),
            ("You can call me Mary-Jane", "Mary-Jane"),
            ("I\u{2019}m José.", "José"),
        ] {
            assert_eq!(heard(text, false), Some(Clearly(name.to_owned())), "{text}");
        }
    }

    #[test]
    fn a_bare_name_counts_only_where_it_was_asked_for() {
        for (text, name) in
            [("Ann", "Ann"), ("ann lee", "Ann Lee"), ("Sure, Ann.", "Ann"), ("Ann, and my sink leaks", "Ann")]
        {
            assert_eq!(heard(text, true), Some(Barely(name.to_owned())), "{text}");
            assert_eq!(heard(text, false), None, "{text}");
        }
    }

    #[test]
    fn what_is_no_name_is_not_taken_for_one() {
        for text in [
            "I'm Feeling sick",
            "I'm desperate",
            "I'm freezing here",
            "this is urgent",
            "this is a mess",
            "my name is not Bob",
            "what's my name?",
            "call me back",
            "call me Tuesday",
            "it's Friday",
            "I'm Ann's neighbour",
            "my dog's name is Rex",
        ] {
            assert_eq!(heard(text, false), None, "{text}");
        }
        for text in ["why?", "no", "tomorrow", "I'd rather not", "my sink", "12 Oak Street"] {
            assert_eq!(heard(text, true), None, "{text}");
        }
    }
}
