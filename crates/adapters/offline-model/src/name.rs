//! Finds the contact's name in what was said. It would rather find none than a wrong one: "I'm Feeling sick"
//! names nobody.

use crate::words::{Sentence, Word, listed};

/// The most letters that a name may have; more is no name.
const LONGEST: usize = 40;

/// Words that are never a name or the beginning of one.
const NEVER: &str = "a an the my our your his her their its i im ive id we you he she it they this that these those \
    yes yeah yep yup no nope not none nobody hi hello hey hiya good morning afternoon evening night ok okay sure fine \
    thanks thank thx please sorry well so and or but if is are was am be been to too at on in of for from with about \
    by what who why where when how which can could will would do does did dont doesnt have has need want looking just \
    here there now today tonight tomorrow yesterday soon asap urgent emergency again back also still very really \
    interested available ready home late sick busy free happy sad desperate calling texting writing trying going \
    having getting wondering new old sure unsure not monday tuesday wednesday thursday friday saturday sunday january \
    february march april june july august september october november december noon week weekend stop help info start \
    cancel nothing something anything someone anybody anyone everyone never maybe later leaking leak leaks broken \
    broke clogged flooding flooded flood burst water sink toilet pipe pipes drain heater kitchen bathroom basement \
    boiler roof tap faucet shower house apartment owner tenant customer client plumber doctor bot robot human person \
    secret private rather tell idk lol wait actually correction no-one afraid concerned worried stuck locked \
    freezing cold hot asking ignore list show";

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
    let bare = || sentences.iter().find_map(|sentence| bare(sentence)).map(ToldName::Barely);
    clear.map(ToldName::Clearly).or_else(|| if asked { bare() } else { None })
}

/// "My name is Ann Lee", "this is Ann from …", "I'm Ann", "Ann here".
fn stated(words: &[Word], asked: bool) -> Option<String> {
    let plain: Vec<&str> = words.iter().map(|word| word.plain.as_str()).collect();
    (0..plain.len()).rev().find_map(|at| {
        let (before, from) = plain.split_at_checked(at)?;
        let (used, trust) = opening(before, from, asked)?;
        let rest = words.get(at + used..)?;
        let name = name_at(rest)?;
        let is_end = rest.get(name.1..).is_none_or(|after| is_after_name(rest, name.1, after));
        let first = rest.first()?;
        let is_sure = match trust {
            Trust::Full => true,
            Trust::Some => is_capital(&first.shown) || listed(COMMON, &first.plain) || (asked && is_end),
        };
        is_sure.then_some(name.0)
    })
}

/// How much an opening is worth: "I'm" begins many sentences that name nobody.
enum Trust {
    Full,
    Some,
}

fn opening(before: &[&str], from: &[&str], asked: bool) -> Option<(usize, Trust)> {
    let begins = before.is_empty() || listed("hi hello hey no sorry actually ok so well yes and", before.last()?);
    match from {
        ["my", "name", "is" | "was", ..] | ["my", "names", "is", ..] => Some((3, Trust::Full)),
        ["my", "full" | "first", "name", "is", ..] => Some((4, Trust::Full)),
        ["my", "names", ..] | ["call", "me", ..] => Some((2, Trust::Some)),
        ["name", "is", ..] | ["the", "name", "is", ..] if begins => {
            Some((if from.first() == Some(&"the") { 3 } else { 2 }, Trust::Some))
        }
        ["name", ..] if begins && asked => Some((1, Trust::Some)),
        ["this", "is", ..] | ["i", "am", ..] if begins => Some((2, Trust::Some)),
        ["im", ..] if begins => Some((1, Trust::Some)),
        ["its", ..] if begins && (asked || !before.is_empty()) => Some((1, Trust::Some)),
        ["it", "is", ..] if begins && (asked || !before.is_empty()) => Some((2, Trust::Some)),
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
    let clause_end = sentence.words.iter().position(|word| word.ends_clause).map_or(sentence.words.len(), |at| at + 1);
    let clause = sentence.words.get(..clause_end)?;
    let polite = clause.iter().take_while(|word| listed("sure ok okay yes hi hello hey its it is", &word.plain)).count();
    let clause = clause.get(polite..)?;
    let clause = clause.strip_suffix_word("here speaking please");
    let (name, used) = name_at(clause)?;
    let and_more = clause.get(used).is_some_and(|word| listed("and from here my at with", &word.plain));
    (used == clause.len() || and_more).then_some(name)
}

/// Drops a polite last word.
trait StripSuffixWord {
    fn strip_suffix_word(&self, list: &str) -> &Self;
}

impl StripSuffixWord for [Word] {
    fn strip_suffix_word(&self, list: &str) -> &Self {
        match self.split_last() {
            Some((last, rest)) if listed(list, &last.plain) => rest,
            _ => self,
        }
    }
}

fn is_after_name(words: &[Word], used: usize, after: &[Word]) -> bool {
    let ended = used.checked_sub(1).and_then(|last| words.get(last)).is_some_and(|word| word.ends_clause);
    ended || after.first().is_none_or(|word| listed("and from here at with my speaking again", &word.plain))
}

fn is_name_like(word: &Word) -> bool {
    let letters = word.shown.chars().filter(|c| c.is_alphabetic()).count();
    let is_verb = word.plain.ends_with("ing") && !is_capital(&word.shown);
    let only_letters = word.shown.chars().all(|c| c.is_alphabetic() || matches!(c, '\'' | '-'));
    only_letters && (1..=20).contains(&letters) && !listed(NEVER, &word.plain) && !is_verb
}

/// Tells whether a word is written as a name is. A word all in capitals says nothing: people shout.
fn is_capital(shown: &str) -> bool {
    shown.starts_with(char::is_uppercase) && (shown.chars().count() == 1 || shown.chars().any(char::is_lowercase))
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
