//! What stands where a person's name should be, and names nobody: "unknown caller", "my wife".

const NO_NAMES: &[&str] = &[
    "anonymous",
    "blocked",
    "call center",
    "caller",
    "cell phone",
    "client",
    "contact",
    "customer",
    "guest",
    "incoming call",
    "me",
    "mobile",
    "mobile caller",
    "myself",
    "n a",
    "na",
    "nobody",
    "no name",
    "none",
    "not available",
    "null",
    "out of area",
    "private",
    "private caller",
    "private number",
    "restricted",
    "somebody",
    "someone",
    "spam",
    "spam likely",
    "scam likely",
    "telemarketer",
    "test",
    "the customer",
    "toll free",
    "toll free caller",
    "unavailable",
    "unknown",
    "unknown caller",
    "unknown name",
    "user",
    "v",
    "visitor",
    "wireless caller",
    "wireless",
];

const RELATIONS: &[&str] = &[
    "aunt",
    "baby",
    "boss",
    "boyfriend",
    "brother",
    "colleague",
    "cousin",
    "dad",
    "daddy",
    "daughter",
    "father",
    "fiance",
    "fiancé",
    "fiancée",
    "friend",
    "girlfriend",
    "grandma",
    "grandpa",
    "husband",
    "kid",
    "kids",
    "landlord",
    "mama",
    "mom",
    "mother",
    "mum",
    "neighbor",
    "neighbour",
    "nephew",
    "niece",
    "papa",
    "parents",
    "partner",
    "roommate",
    "sister",
    "son",
    "spouse",
    "tenant",
    "uncle",
    "wife",
];

const OWNERS: &[&str] = &["my", "our", "his", "her", "their", "your", "the", "a"];

/// Tells whether a text can be somebody's name: it has two letters, and is neither a word for want of a name nor what
/// somebody is to another.
pub fn names_somebody(name: &str) -> bool {
    let plain = plain_words(name);
    plain.chars().filter(|c| c.is_alphabetic()).count() > 1
        && !NO_NAMES.contains(&plain.as_str())
        && !is_relation(&plain)
}

/// Returns a text in lower case, letters and digits only, with one blank between words: two names that look the same so
/// are the same.
pub fn plain_words(text: &str) -> String {
    let letters: String =
        text.to_lowercase().chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    letters.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Tells whether somebody is named by what they are to another: "my wife".
fn is_relation(plain: &str) -> bool {
    let words = plain.split(' ').skip_while(|word| OWNERS.contains(word));
    let words: Vec<&str> = words.collect();
    !words.is_empty() && words.iter().all(|word| RELATIONS.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_name_names_nobody() {
        for text in
            ["WIRELESS CALLER", "Unknown", "J", "J.", "", "12", "my wife", "Mom", "the customer", "N/A"]
        {
            assert!(!names_somebody(text), "{text}");
        }
    }

    #[test]
    fn a_name_names_somebody() {
        for text in ["Ann", "SMITH JOHN", "Li Wu", "Sonny", "Anna Wife-Jones", "Ødegård", "王小明"] {
            assert!(names_somebody(text), "{text}");
        }
    }

    #[test]
    fn plain_words_are_lower_case_and_apart_by_one_blank() {
        assert_eq!(plain_words(" JOE'S  Plumbing, Inc. "), "joe s plumbing inc");
    }
}
