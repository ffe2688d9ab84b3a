//! What a turn writes once it is decided: the commit, with its messages, events and cost.

use kernel::{EventId, HandoffId, MessageId, RefusedSendId, Timestamp, TurnId};
use tenancy::Channel;

use crate::{
    contact::{ContactName, NameSource},
    event::{contact_changed, handoff_requested, turn_committed},
    handoff::Handoff,
    message::{DeliveryState, NewOutbound, Purpose},
    model::TokenUsage,
    segment::split,
    send_gate::RefusedSend,
    take_turn::TakeTurn,
    turn::{Spent, Turn, TurnCommit, TurnContext, TurnOutcome, TurnUsage},
    turn_decision::Decision,
};

impl TakeTurn {
    /// Makes what is committed of a decision.
    pub(crate) fn commit_of(
        &self,
        context: &TurnContext,
        (decision, spent): (&Decision, &[(String, TokenUsage)]),
        started_at: Timestamp,
    ) -> TurnCommit {
        let now = self.clock.now();
        let outbound: Vec<_> = decision
            .says
            .iter()
            .flat_map(|(purpose, text)| self.outbound(context, *purpose, text, now))
            .collect();
        let outcome = if outbound.is_empty() { TurnOutcome::Silent } else { TurnOutcome::Replied };
        let confirms = |(purpose, _): &(Purpose, String)| *purpose == Purpose::OptOutConfirmation;
        let effects = &decision.effects;
        let handoff = effects.handoff.as_ref().map(|(reason, summary)| Handoff {
            id: HandoffId::new(self.ids.next()),
            reason: *reason,
            summary: summary.chars().take(Handoff::MAX_SUMMARY).collect(),
            at: now,
        });
        let mut commit = TurnCommit {
            turn: Turn { id: TurnId::new(self.ids.next()), outcome, started_at, committed_at: now },
            read_version: context.conversation.version,
            answered: context.unanswered.iter().map(|message| message.id).collect(),
            outbound,
            refused: decision.refused.as_ref().map(|(reason, text)| RefusedSend {
                id: RefusedSendId::new(self.ids.next()),
                message_id: None,
                reason: *reason,
                text: text.clone(),
                at: now,
            }),
            contact_name: effects
                .name()
                .and_then(|name| ContactName::new(name, NameSource::Understood))
                .filter(|name| name.may_replace(context.contact_name.as_ref())),
            language: effects.language.clone(),
            handoff,
            confirms_consent: decision.says.iter().any(confirms),
            usage: TurnUsage { model: decision.model.clone(), spent: self.cost_of(spent) },
            events: Vec::new(),
        };
        commit.events = self.events(context, &commit, decision);
        commit
    }

    fn events(
        &self,
        context: &TurnContext,
        commit: &TurnCommit,
        decision: &Decision,
    ) -> Vec<kernel::DomainEvent> {
        let id = || EventId::new(self.ids.next());
        let is_long = decision.is_long || context.uncovered().len() >= usize::from(self.limits.history);
        let committed = turn_committed(id(), context, commit, (&decision.effects.captured, is_long));
        let handoff = commit.handoff.as_ref();
        let requested = handoff.map(|handoff| handoff_requested(id(), &context.conversation, handoff));
        let has_learnt = commit.contact_name.is_some() || commit.language.is_some();
        let learnt =
            has_learnt.then(|| contact_changed(id(), &context.conversation, commit.turn.committed_at));
        std::iter::once(committed).chain(learnt).chain(requested).collect()
    }

    fn outbound(
        &self,
        context: &TurnContext,
        purpose: Purpose,
        text: &str,
        at: Timestamp,
    ) -> Vec<NewOutbound> {
        let state = match context.conversation.channel {
            // The request that is being answered brings the reply itself.
            Channel::WebChat => DeliveryState::Delivered,
            Channel::Sms | Channel::WhatsApp | Channel::Voice => DeliveryState::Queued,
        };
        split(text)
            .into_iter()
            .map(|text| NewOutbound { id: MessageId::new(self.ids.next()), text, purpose, state, at })
            .collect()
    }

    /// Returns what each model has read and written, and what that costs.
    pub(crate) fn cost_of(&self, answers: &[(String, TokenUsage)]) -> Vec<Spent> {
        let mut spent: Vec<Spent> = Vec::new();
        for (model, tokens) in answers {
            match spent.iter_mut().find(|one| one.model == *model) {
                Some(one) => one.tokens += *tokens,
                None => spent.push(Spent { model: model.clone(), tokens: *tokens, ..Spent::default() }),
            }
        }
        for one in &mut spent {
            one.cost = self.allowance.cost(&one.model, one.tokens);
        }
        spent
    }
}
