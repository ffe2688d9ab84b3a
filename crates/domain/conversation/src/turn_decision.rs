//! What a turn decides to say or not to say, before anything is written.

use kernel::Timestamp;
use tenancy::{Tenant, TenantStatus};

use crate::{
    consent::Consent,
    conversation::{ConversationStatus, Owner},
    keyword::InboundIntent,
    loop_guard::is_looping,
    message::{Author, Message, Purpose},
    notices::notice,
    send_gate::RefusalReason,
    tools::Effects,
    turn::TurnContext,
    write_reply::WrittenReply,
};

/// What a turn decided to say or not to say, and what comes with it.
#[derive(Default)]
pub(crate) struct Decision {
    pub(crate) says: Vec<(Purpose, String)>,
    pub(crate) refused: Option<(RefusalReason, String)>,
    pub(crate) effects: Effects,
    pub(crate) model: String,
    /// Whether the model was shown as much as it can be shown.
    pub(crate) is_long: bool,
}

/// Why the receptionist says nothing.
pub(crate) enum Silence {
    Refused(RefusalReason),
    PersonAnswers,
}

impl Decision {
    /// Says what was found, as the last words before a person takes over where one is wanted.
    pub(crate) fn say(&mut self, written: WrittenReply) {
        let purpose = if written.effects.handoff.is_some() { Purpose::Handover } else { Purpose::Reply };
        self.says.push((purpose, written.text));
        self.refused = written.held_back;
        self.effects = written.effects;
        self.model = written.model;
        self.is_long = written.is_long;
    }

    /// Returns the words that the model found.
    pub(crate) fn reply_text(self) -> Option<String> {
        let is_reply = |purpose: &Purpose| matches!(purpose, Purpose::Reply | Purpose::Handover);
        self.says.into_iter().find(|(purpose, _)| is_reply(purpose)).map(|(_, text)| text)
    }
}

/// Returns why the receptionist says nothing here, if it does not.
pub(crate) fn silence(context: &TurnContext, tenant: &Tenant, now: Timestamp) -> Option<Silence> {
    let conversation = &context.conversation;
    if tenant.status() != TenantStatus::Active {
        Some(Silence::Refused(RefusalReason::TenantSuspended))
    } else if conversation.status != ConversationStatus::Open {
        Some(Silence::Refused(RefusalReason::ConversationClosed))
    } else if !context.channel_is_active {
        Some(Silence::Refused(RefusalReason::ChannelInactive))
    } else if !conversation.address.is_replyable() {
        Some(Silence::Refused(RefusalReason::UnreplyableAddress))
    } else if context.consent.is_opted_out() {
        Some(Silence::Refused(RefusalReason::OptedOut))
    } else if conversation.owner == Owner::Human {
        Some(Silence::PersonAnswers)
    } else if is_looping(&context.history, now) {
        Some(Silence::Refused(RefusalReason::LoopGuard))
    } else {
        None
    }
}

/// Returns the fixed answer to the last keyword, unless the carrier has given it, it was given just now, or
/// it is not true any more.
pub(crate) fn notices(context: &TurnContext, tenant: &Tenant, now: Timestamp) -> Vec<(Purpose, String)> {
    let last = context.unanswered.iter().rev().find(|message| message.intent != InboundIntent::Ordinary);
    let Some(last) = last.filter(|message| !message.carrier_answered) else { return Vec::new() };
    let consent = &context.consent;
    let is_due = |(purpose, text): &(Purpose, String)| match purpose {
        Purpose::OptOutConfirmation => {
            consent.is_opted_out()
                && consent.may_confirm(now)
                && !carrier_confirmed_just_now(&context.history, now)
        }
        Purpose::OptInConfirmation => {
            !consent.is_opted_out() && !was_said_just_now(&context.history, text, now)
        }
        Purpose::Help | Purpose::Reply | Purpose::Handover | Purpose::PersonReply => true,
    };
    notice(last.intent, tenant.name()).into_iter().filter(is_due).collect()
}

fn was_said_just_now(history: &[Message], text: &str, now: Timestamp) -> bool {
    history
        .iter()
        .any(|message| message.author == Author::Bot && message.body.text == text && is_recent(message, now))
}

/// Tells whether the carrier has confirmed an opt-out of this conversation by itself, which counts as the one confirmation.
fn carrier_confirmed_just_now(history: &[Message], now: Timestamp) -> bool {
    let confirmed = |message: &Message| message.intent == InboundIntent::OptOut && message.carrier_answered;
    history.iter().any(|message| confirmed(message) && is_recent(message, now))
}

fn is_recent(message: &Message, now: Timestamp) -> bool {
    now - message.created_at <= Consent::CONFIRMATION_WINDOW
}
