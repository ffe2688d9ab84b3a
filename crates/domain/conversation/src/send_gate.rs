//! The one way out: whether a message may leave, decided just before it does.

use kernel::{MessageId, RefusedSendId, Timestamp};
use tenancy::{Address, TenantStatus};

use crate::{
    consent::Consent,
    conversation::{ConversationStatus, Owner},
    message::{Purpose, shows_only, stored_names},
};

/// Why a message was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RefusalReason {
    /// The address has opted out.
    OptedOut,
    /// The tenant is suspended or deleted.
    TenantSuspended,
    /// A person answers in this conversation.
    PersonTookOver,
    /// The conversation is over.
    ConversationClosed,
    /// The tenant's channel is switched off.
    ChannelInactive,
    /// The sender cannot be answered: a short code, a company's name, no caller id.
    UnreplyableAddress,
    /// Two machines seemed to answer one another.
    LoopGuard,
    /// It held a link that the business has not named; without the link it was sent.
    LinkNotAllowed,
    /// It gave the receptionist's instructions away.
    InstructionsLeaked,
    /// The month's turns of the tenant's plan are used up, and the grace.
    PlanLimit,
}

stored_names!(RefusalReason:
    OptedOut = "opted_out",
    TenantSuspended = "tenant_suspended",
    PersonTookOver = "person_took_over",
    ConversationClosed = "conversation_closed",
    ChannelInactive = "channel_inactive",
    UnreplyableAddress = "unreplyable_address",
    LoopGuard = "loop_guard",
    LinkNotAllowed = "link_not_allowed",
    InstructionsLeaked = "instructions_leaked",
    PlanLimit = "plan_limit",
);

/// What the gate judges by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Whether the tenant is served.
    pub tenant_status: TenantStatus,
    /// Whether the tenant's channel is switched on.
    pub channel_is_active: bool,
    /// Whether the conversation goes on.
    pub conversation_status: ConversationStatus,
    /// Who answers in it.
    pub owner: Owner,
    /// Whether the address may be written to.
    pub consent: Consent,
    /// Where the message goes.
    pub to: Address,
}

/// What the gate says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may leave now.
    Allow,
    /// It may not leave.
    Refuse(RefusalReason),
}

/// A message that was not sent, and why.
#[derive(Clone, PartialEq, Eq)]
pub struct RefusedSend {
    /// The record's id.
    pub id: RefusedSendId,
    /// The message, where it had been written before it was refused.
    pub message_id: Option<MessageId>,
    /// Why.
    pub reason: RefusalReason,
    /// What it would have said; empty when it was refused before anything was written. Kept sealed.
    pub text: String,
    /// When.
    pub at: Timestamp,
}

shows_only!(RefusedSend: id, message_id, reason, at);

/// Decides whether a message may leave.
pub struct SendGate;

impl SendGate {
    /// Judges a message of a purpose by what stands now.
    pub fn judge(standing: &Standing, purpose: Purpose, now: Timestamp) -> Verdict {
        use RefusalReason as R;
        let is_bots_answer = purpose == Purpose::Reply;
        let refusals = [
            (standing.tenant_status != TenantStatus::Active, R::TenantSuspended),
            (!standing.channel_is_active, R::ChannelInactive),
            (!standing.to.is_replyable(), R::UnreplyableAddress),
            (Self::is_opted_out(&standing.consent, purpose, now), R::OptedOut),
            (is_bots_answer && standing.owner == Owner::Human, R::PersonTookOver),
            (
                is_bots_answer && standing.conversation_status != ConversationStatus::Open,
                R::ConversationClosed,
            ),
        ];
        refusals
            .into_iter()
            .find(|(refuses, _)| *refuses)
            .map_or(Verdict::Allow, |(_, reason)| Verdict::Refuse(reason))
    }

    /// After an opt-out nothing leaves but its confirmation, while that is fresh, and the answer to HELP.
    fn is_opted_out(consent: &Consent, purpose: Purpose, now: Timestamp) -> bool {
        let fresh = consent.changed_at.is_some_and(|at| now - at <= Consent::CONFIRMATION_WINDOW);
        match purpose {
            Purpose::OptOutConfirmation => consent.is_opted_out() && !fresh,
            Purpose::Help => false,
            Purpose::Reply | Purpose::Handover | Purpose::PersonReply | Purpose::OptInConfirmation => {
                consent.is_opted_out()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use kernel::{Clock as _, testing::ManualClock};

    use super::*;
    use crate::ConsentState;

    fn now() -> Timestamp {
        ManualClock::default().now()
    }

    fn standing() -> Standing {
        Standing {
            tenant_status: TenantStatus::Active,
            channel_is_active: true,
            conversation_status: ConversationStatus::Open,
            owner: Owner::Bot,
            consent: Consent::default(),
            to: Address::from_carrier("+15557654321"),
        }
    }

    fn opted_out(before: TimeDelta) -> Standing {
        let changed_at = Some(now() - before);
        let consent = Consent { state: ConsentState::OptedOut, changed_at, confirmed_at: None, version: 1 };
        Standing { consent, ..standing() }
    }

    /// Returns the purposes that may leave.
    fn allowed(standing: &Standing) -> Vec<Purpose> {
        let may_leave = |purpose: &Purpose| SendGate::judge(standing, *purpose, now()) == Verdict::Allow;
        Purpose::ALL.iter().copied().filter(may_leave).collect()
    }

    #[test]
    fn everything_leaves_where_nothing_stands_against_it() {
        assert_eq!(allowed(&standing()), Purpose::ALL);
    }

    #[test]
    fn nothing_leaves_a_tenant_that_is_not_active() {
        for tenant_status in [TenantStatus::Suspended, TenantStatus::Deleted] {
            assert_eq!(allowed(&Standing { tenant_status, ..standing() }), []);
        }
    }

    #[test]
    fn nothing_leaves_by_a_channel_that_is_off_or_to_an_address_that_cannot_be_reached() {
        assert_eq!(allowed(&Standing { channel_is_active: false, ..standing() }), []);
        assert_eq!(allowed(&Standing { to: Address::from_carrier("12345"), ..standing() }), []);
    }

    #[test]
    fn after_an_opt_out_its_confirmation_and_the_answer_to_help_leave() {
        assert_eq!(allowed(&opted_out(TimeDelta::minutes(5))), [Purpose::OptOutConfirmation, Purpose::Help]);
    }

    #[test]
    fn a_confirmation_that_is_not_fresh_does_not_leave() {
        assert_eq!(allowed(&opted_out(TimeDelta::seconds(301))), [Purpose::Help]);
    }

    #[test]
    fn an_opt_in_lets_everything_out_again() {
        let consent = Consent { state: ConsentState::OptedIn, ..opted_out(TimeDelta::hours(1)).consent };
        assert_eq!(allowed(&Standing { consent, ..standing() }), Purpose::ALL);
    }

    #[test]
    fn where_a_person_answers_or_the_thread_is_over_only_the_bots_reply_stays() {
        let others = &Purpose::ALL[1..];
        assert_eq!(Purpose::ALL[0], Purpose::Reply);
        assert_eq!(allowed(&Standing { owner: Owner::Human, ..standing() }), others);
        for conversation_status in [ConversationStatus::Closed, ConversationStatus::Archived] {
            assert_eq!(allowed(&Standing { conversation_status, ..standing() }), others);
        }
    }

    #[test]
    fn of_several_reasons_the_weightiest_is_given() {
        let judge = |standing: &Standing| SendGate::judge(standing, Purpose::Reply, now());
        let mut all = Standing {
            tenant_status: TenantStatus::Suspended,
            owner: Owner::Human,
            conversation_status: ConversationStatus::Closed,
            ..opted_out(TimeDelta::zero())
        };
        assert_eq!(judge(&all), Verdict::Refuse(RefusalReason::TenantSuspended));
        all.tenant_status = TenantStatus::Active;
        assert_eq!(judge(&all), Verdict::Refuse(RefusalReason::OptedOut));
        all.consent = Consent::default();
        assert_eq!(judge(&all), Verdict::Refuse(RefusalReason::PersonTookOver));
        all.owner = Owner::Bot;
        assert_eq!(judge(&all), Verdict::Refuse(RefusalReason::ConversationClosed));
    }

    #[test]
    fn every_reason_reads_back() {
        for reason in RefusalReason::ALL {
            assert_eq!(RefusalReason::from_name(reason.as_str()), Some(*reason));
        }
    }
}
