//! The questions that the receptionist asks, and how it finds in the transcript which one it asked last.

/// A question to the contact; one at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Question {
    /// Who writes.
    Name,
    /// What is needed.
    Need,
    /// When it suits.
    Time,
    /// Where the emergency is.
    Address,
    /// Whether it is an emergency.
    Emergency,
}

impl Question {
    const ALL: [Self; 5] = [Self::Emergency, Self::Name, Self::Need, Self::Time, Self::Address];

    /// Returns the words to ask with.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Name => "May I have your name?",
            Self::Need => "What can we help you with?",
            Self::Time => "When would be a good time for you?",
            Self::Address => "What is the address?",
            Self::Emergency => "Is this an emergency? Please reply YES or NO.",
        }
    }

    /// Returns what a line asked last. A person or another model may have asked in words of their own.
    pub(crate) fn asked_in(line: &str) -> Option<Self> {
        let line = line.to_lowercase();
        let questions = line.split_inclusive(['.', '!', '?', '\n']).filter(|part| part.ends_with('?'));
        questions.rev().find_map(|question| Self::ALL.into_iter().find(|one| one.is_asked_by(question)))
    }

    fn is_asked_by(self, question: &str) -> bool {
        let signs = match self {
            Self::Name => "your name|name please|who am i speaking|who is this",
            Self::Need => {
                "help you|can we help|can i help|do you need|the problem|\
                do for you"
            }
            Self::Time => {
                "good time|what time|which day|what day|when would|when should|\
                suits you"
            }
            Self::Address => "the address|your address|where are you",
            Self::Emergency => "an emergency",
        };
        signs.split('|').any(|sign| question.contains(sign))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_question_is_found_again() {
        for question in Question::ALL {
            assert_eq!(Question::asked_in(&format!("Thanks, Ann. {}", question.text())), Some(question));
        }
    }

    #[test]
    fn a_line_without_a_question_asked_nothing() {
        assert_eq!(Question::asked_in("I have noted your name. Someone will confirm."), None);
        assert_eq!(Question::asked_in(""), None);
    }

    #[test]
    fn the_last_question_counts() {
        assert_eq!(Question::asked_in("How can we help you today? And what day?"), Some(Question::Time));
    }
}
