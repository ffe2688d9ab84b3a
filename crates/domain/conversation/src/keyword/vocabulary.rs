//! The words that requests to stop writing are made of: lower case, without apostrophes.

/// Words around a bare "stop" that leave its meaning alone.
pub(super) const POLITE: &str = "please pls plz now ok okay just hey hi hello no thanks thank you already right \
    immediately seriously sir guys all it this i said everything";

/// Whole sentences that ask to stop and fit no rule.
pub(super) const WHOLE: [&str; 7] = [
    "can you please stop",
    "could you please stop",
    "will you please stop",
    "would you please stop",
    "take me off",
    "remove me",
    "go away",
];

/// What shows that a "please stop" means the messages.
pub(super) const WEARY: [&str; 8] = [
    "not interested",
    "wrong number",
    "no thanks",
    "no thank you",
    "enough",
    "spam",
    "i dont want",
    "never signed up",
];

/// What negates a request.
pub(super) const NEGATORS: &str =
    "dont not never wont cant cannot doesnt didnt wouldnt couldnt isnt shouldnt without did";

/// Words that may stand between a negation and what it negates.
pub(super) const LINKS: &str =
    "ever even want need you u to please have ask asked him her them it tell told going gonna just let seem";

/// What is received.
pub(super) const MESSAGES: &str = "texts text messages message msgs msg sms mms txts spam notifications alerts \
    reminders updates promotions ads";

/// Words that may stand before "messages".
pub(super) const BEFORE_MESSAGES: &str = "me us all any the these those this your ur with more of to my phone such \
    further future unwanted marketing promotional automated annoying damn receiving getting";

/// Which messages.
pub(super) const WHICH: &str = "the these all your my";

/// To write.
pub(super) const WRITE: &str = "text txt message msg contact sms spam";

/// Writing.
pub(super) const WRITING: &str = "texting txting messaging msging contacting spamming emailing";

/// Writing, as seen by the one who has had enough.
pub(super) const PESTERING: &str = "harassing bothering bugging pestering annoying writing";

/// Taking off a list.
pub(super) const REMOVING: &str = "take remove delete drop get";

/// Words that only add weight.
pub(super) const SWEARING: &str = "damn goddamn fucking freaking please";

/// Words after which "no more messages" is a complaint.
pub(super) const RECEIVED: &str = "have had got get received see are were there";

/// What limits a "don't text me" to some time or reason.
pub(super) const LIMITS: &str = "before after until till between during while when whenever if unless today tonight \
    tomorrow yet about so early late back in for instead";

/// Tells whether a word is in a list of words with gaps between them.
pub(super) fn listed(list: &str, word: &str) -> bool {
    list.split(' ').any(|listed| listed == word)
}
