//! How soon somebody needs what they need.

use crate::words::words;

words! {
    /// How soon somebody needs what they need.
    Urgency {
        /// Whenever it suits.
        Low = "low",
        /// In the coming days.
        Normal = "normal",
        /// As soon as can be.
        High = "high",
        /// Now.
        Emergency = "emergency",
    }
}

/// Wordings, the first that fits counts; those that deny come before those that they contain.
const WORDINGS: &[(&str, Urgency)] = &[
    ("not an emergency", Urgency::Low),
    ("no emergency", Urgency::Low),
    ("isn't an emergency", Urgency::Low),
    ("not urgent", Urgency::Low),
    ("isn't urgent", Urgency::Low),
    ("no rush", Urgency::Low),
    ("no hurry", Urgency::Low),
    ("nicht dringend", Urgency::Low),
    ("no es urgente", Urgency::Low),
    ("emergency", Urgency::Emergency),
    ("notfall", Urgency::Emergency),
    ("emergencia", Urgency::Emergency),
    ("urgent", Urgency::High),
    ("urgently", Urgency::High),
    ("asap", Urgency::High),
    ("as soon as possible", Urgency::High),
    ("right away", Urgency::High),
    ("immediately", Urgency::High),
    ("dringend", Urgency::High),
    ("urgente", Urgency::High),
];

/// Words for an urgency that forms and models use beside its own.
const OTHER_WORDS: &[(&str, Urgency)] = &[
    ("flexible", Urgency::Low),
    ("whenever", Urgency::Low),
    ("none", Urgency::Low),
    ("medium", Urgency::Normal),
    ("moderate", Urgency::Normal),
    ("soon", Urgency::Normal),
    ("this week", Urgency::Normal),
    ("today", Urgency::High),
    ("critical", Urgency::Emergency),
    ("now", Urgency::Emergency),
];

impl Urgency {
    /// Reads an urgency that somebody was asked for.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim().to_lowercase();
        let other = OTHER_WORDS.iter().find(|(words, _)| *words == text).map(|(_, urgency)| *urgency);
        Self::from_name(&text).or(other).or_else(|| Self::heard_in(&text))
    }

    /// Finds an urgency in what somebody wrote.
    pub fn heard_in(text: &str) -> Option<Self> {
        let letters = |c: char| if c.is_alphanumeric() || c == '\'' { c } else { ' ' };
        let plain: String = text.to_lowercase().replace('’', "'").chars().map(letters).collect();
        let plain = format!(" {} ", plain.split_whitespace().collect::<Vec<_>>().join(" "));
        let is_in = |words: &str| plain.contains(&format!(" {words} "));
        WORDINGS.iter().find(|(words, _)| is_in(words)).map(|(_, urgency)| *urgency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urgency_is_heard_and_its_denial_too() {
        for (text, urgency) in [
            ("It's an EMERGENCY!", Some(Urgency::Emergency)),
            ("please come ASAP.", Some(Urgency::High)),
            ("This is not urgent", Some(Urgency::Low)),
            ("it isn’t an emergency", Some(Urgency::Low)),
            ("my insurgent cat", None),
            ("", None),
        ] {
            assert_eq!(Urgency::heard_in(text), urgency, "{text}");
        }
        assert_eq!(Urgency::read(" Medium "), Some(Urgency::Normal));
        assert_eq!(Urgency::read("purple"), None);
    }
}
