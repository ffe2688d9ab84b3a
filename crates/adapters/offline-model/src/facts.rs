//! What the receptionist understands of a contact's words, and remembers.

use tenancy::BusinessProfile;

use crate::{
    about_business, address,
    emergency::{self, Confidence},
    name::{self, ToldName},
    need, odd,
    question::Question,
    topics::{self, Topic},
    when::{self, When},
    words::{Sentence, listed, sentences, stem},
};

/// What is known about the contact and the matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    /// The name the contact told.
    pub(crate) name: Option<String>,
    /// What is needed.
    pub(crate) needs: Vec<String>,
    /// When it suits.
    pub(crate) when: When,
    /// Where it is.
    pub(crate) address: Option<String>,
    /// Whether it is an emergency.
    pub(crate) alarm: Alarm,
}

/// Whether it is an emergency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Alarm {
    /// Nothing says so.
    #[default]
    Silent,
    /// The contact said that it is none.
    Denied,
    /// It is one.
    Raised,
}

/// What was heard in a turn beside the facts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Heard {
    /// What was asked.
    pub(crate) topics: Vec<Topic>,
    /// Whether an emergency was told of just now.
    pub(crate) raised: bool,
    /// Whether something may be an emergency.
    pub(crate) unsure: bool,
}

impl Facts {
    /// Takes in what was said in one turn, `asked` being the question before it.
    pub(crate) fn hear(
        &mut self,
        said: &[Sentence],
        asked: Option<Question>,
        business: &BusinessProfile,
    ) -> Heard {
        let mut heard = self.hear_alarm(said, asked, business);
        if odd::is_take_over(said) || odd::is_gibberish(said) || odd::is_foreign(said) {
            return heard;
        }
        self.hear_name(said, asked, business);
        let corrects = said.iter().any(corrects);
        let mut needs = Vec::new();
        for sentence in said {
            let topic = topics::topic(sentence);
            let told = self.hear_sentence(sentence, topic.as_ref(), asked, &mut needs);
            // "Can you come tomorrow?" was understood; "please call me Bob" asks for nobody.
            let is_open = |topic: &Topic| !told || !matches!(topic, Topic::Unknown | Topic::Person);
            heard.topics.extend(topic.filter(is_open));
        }
        if needs.is_empty() && self.needs.is_empty() {
            needs.extend(said.iter().find_map(Self::anything));
        }
        self.add_needs(needs, corrects);
        heard
    }

    /// Forgets what was about a matter long past; who the contact is stays.
    pub(crate) fn begin_anew(&mut self) {
        *self = Self { name: self.name.take(), ..Self::default() };
    }

    /// Returns all that is known of the matter, in words.
    pub(crate) fn noted(&self) -> String {
        let mut noted = self.needs.clone();
        noted.extend(self.when.is_known().then(|| self.when.said()));
        noted.extend(self.address.clone());
        noted.join(", ")
    }

    fn hear_alarm(
        &mut self,
        said: &[Sentence],
        asked: Option<Question>,
        business: &BusinessProfile,
    ) -> Heard {
        let confidence = Confidence::of(said, &business.emergency_words);
        let answer = if asked == Some(Question::Emergency) { yes_or_no(said) } else { None };
        let again = asked == Some(Question::Emergency) && confidence.is_unsure();
        let raised = answer == Some(true) || (answer.is_none() && again) || confidence.is_clear();
        if raised {
            self.alarm = Alarm::Raised;
        } else if answer == Some(false) || said.iter().any(emergency::denies) {
            self.alarm = Alarm::Denied;
        }
        let unsure = confidence.is_unsure() && self.alarm == Alarm::Silent;
        Heard { raised, unsure, ..Heard::default() }
    }

    fn hear_name(&mut self, said: &[Sentence], asked: Option<Question>, business: &BusinessProfile) {
        let about_work = |sentence: &Sentence| {
            let words = sentence.words.iter();
            need::is_problem(sentence)
                || words.clone().any(|word| about_business::is_service_word(business, &word.plain))
        };
        match name::told(said, asked == Some(Question::Name)) {
            Some(ToldName::Clearly(name)) => self.name = Some(name),
            Some(ToldName::Barely(name)) => {
                // The word may as well be what is needed: "Leak".
                let is_work = sentences(&name).iter().any(about_work);
                if !is_work {
                    self.name = Some(name);
                }
            }
            None => {}
        }
    }

    /// Takes in one sentence; tells whether it told anything.
    fn hear_sentence(
        &mut self,
        sentence: &Sentence,
        topic: Option<&Topic>,
        asked: Option<Question>,
        needs: &mut Vec<String>,
    ) -> bool {
        let is_statement = matches!(topic, None | Some(Topic::Unknown));
        let may_need = is_statement || (topic == Some(&Topic::Price) && !topics::is_question(sentence));
        let address = address::told(sentence, asked == Some(Question::Address));
        let when = if is_statement { when::told(sentence, asked == Some(Question::Time)) } else { None };
        let names = name::told(std::slice::from_ref(sentence), asked == Some(Question::Name)).is_some();
        let is_asked = asked == Some(Question::Need)
            && topic.is_none()
            && address.is_none()
            && !names
            && !emergency::denies(sentence)
            && !is_phrase(sentence);
        let found = if may_need { need::told(sentence, is_asked) } else { Vec::new() };
        let told = address.is_some() || when.is_some() || !found.is_empty() || names;
        self.address = address.or(self.address.take());
        self.when.update(when.unwrap_or_default());
        needs.extend(found);
        told
    }

    /// Takes a whole statement for the need: a receptionist notes down what fits no form, too.
    fn anything(sentence: &Sentence) -> Option<String> {
        let is_other = topics::topic(sentence).is_some()
            || is_phrase(sentence)
            || emergency::denies(sentence)
            || name::told(std::slice::from_ref(sentence), true).is_some()
            || when::told(sentence, false).is_some()
            || address::told(sentence, false).is_some()
            || sentence.says_any(
                "rather not|none of your|dont want|never mind|nevermind|i dont know|\
                name is",
            );
        (sentence.words.len() > 3 && !is_other).then(|| need::whole(sentence)).flatten()
    }

    fn add_needs(&mut self, needs: Vec<String>, corrects: bool) {
        if corrects && !needs.is_empty() {
            self.needs.pop();
        }
        for need in needs {
            if self.needs.iter().any(|known| is_within(&need, known)) {
                continue;
            }
            self.needs.retain(|known| !is_within(known, &need));
            if self.needs.len() < need::MOST {
                self.needs.push(need);
            }
        }
    }
}

/// Tells whether every word of `small` is in `large`.
fn is_within(small: &str, large: &str) -> bool {
    let large: Vec<&str> = large.split(' ').map(stem).collect();
    small.split(' ').all(|word| large.contains(&stem(word)))
}

/// Reads a yes or a no at the beginning.
fn yes_or_no(said: &[Sentence]) -> Option<bool> {
    let first = said.first()?.words.first()?.plain.as_str();
    if listed("yes yeah yep yup y ya yea si sure correct definitely absolutely", first) {
        return Some(true);
    }
    let denies = said.iter().any(emergency::denies) || listed("no nope nah n not", first);
    denies.then_some(false)
}

fn corrects(sentence: &Sentence) -> bool {
    let first = sentence.words.first().map_or("", |word| word.plain.as_str());
    listed("no nope actually sorry correction wait", first) || sentence.says_any("i meant|i mean|not the")
}

/// Tells whether a sentence is a phrase of courtesy or a bare yes or no.
fn is_phrase(sentence: &Sentence) -> bool {
    is_greeting(sentence)
        || is_thanks(sentence)
        || is_goodbye(sentence)
        || sentence.is_only(
            "yes yeah yep no nope ok okay sure fine please right great good cool nice perfect lol haha hmm",
        )
}

/// Tells whether a sentence greets.
pub(crate) fn is_greeting(sentence: &Sentence) -> bool {
    sentence.is_only("hi hello hey hiya howdy yo good morning afternoon evening day there greetings again everyone how are \
        you anyone anybody is hows it going whats up")
}

/// Tells whether a sentence thanks.
pub(crate) fn is_thanks(sentence: &Sentence) -> bool {
    sentence.has("thanks thank thx ty cheers appreciated appreciate") && !need::is_problem(sentence)
}

/// Tells whether a sentence says goodbye.
pub(crate) fn is_goodbye(sentence: &Sentence) -> bool {
    let phrases = "see you|good night|have a good|have a nice|have a great|talk soon|take care";
    sentence.has("bye goodbye ttyl") || (sentence.says_any(phrases) && sentence.words.len() < 7)
}
