//! What a turn reads and writes, in memory.

use kernel::{ConversationId, DomainEvent, MessageId, StoreError};
use tenancy::ChannelBinding;

use super::rows::TenantRows;
use crate::{
    Answer, Claim, Direction, JobKind, Message, Owner, RefusedSend, TurnCommit, TurnContext, send_refused,
};

impl TenantRows {
    pub(super) fn load_turn(&self, id: ConversationId, history: u16) -> Option<TurnContext> {
        let conversation = self.conversations.get(&id)?;
        let messages = self.messages_of(id).into_iter().map(|row| &row.message);
        let (unanswered, mut said): (Vec<_>, Vec<_>) = messages.partition(|message| is_unanswered(message));
        said.drain(..said.len().saturating_sub(usize::from(history)));
        said.extend(unanswered.iter().copied());
        said.sort_by_key(|message| (message.created_at, message.id));
        Some(TurnContext {
            conversation: conversation.clone(),
            channel_is_active: self
                .bindings
                .get(&conversation.binding_id)
                .is_some_and(ChannelBinding::is_active),
            contact_name: self.view(conversation).contact_name,
            language: self.contacts.get(&conversation.contact_id).and_then(|one| one.language.clone()),
            summary: self.summaries.get(&id).cloned(),
            consent: self.consent(&conversation.address),
            history: said.into_iter().cloned().collect(),
            unanswered: unanswered.into_iter().cloned().collect(),
        })
    }

    pub(super) fn commit_turn(&mut self, claim: &Claim, commit: &TurnCommit) -> Result<(), StoreError> {
        let id = claim.conversation_id;
        let wanted = self.claimed(claim).filter(|_| claim.kind == JobKind::Turn).map(|job| job.wanted);
        let wanted = wanted.ok_or(StoreError::Conflict)?;
        let is_current = |version| version == commit.read_version;
        if !self.conversations.get(&id).is_some_and(|conversation| is_current(conversation.version)) {
            return Err(StoreError::Conflict);
        }
        for message in &commit.answered {
            let inbound = self.messages.get_mut(message).map(|row| &mut row.message);
            if let Some(message) =
                inbound.filter(|message| message.conversation_id == id && is_unanswered(message))
            {
                message.turn_id = Some(commit.turn.id);
            }
        }
        self.write(id, &commit.outbound, Some(commit.turn.id), commit.turn.committed_at);
        self.tell(id, &commit.events);
        if let Some(refused) = &commit.refused {
            self.keep_refused(id, refused);
        }
        self.learn(id, commit);
        self.hand_over(id, commit);
        let tokens = commit.usage.tokens();
        self.tokens_used += u64::from(tokens.input) + u64::from(tokens.output);
        let is_left = self.messages_of(id).iter().any(|row| is_unanswered(&row.message));
        self.end(claim, is_left || wanted > claim.wanted);
        Ok(())
    }

    pub(super) fn find_answer(&self, message: MessageId) -> Option<Answer> {
        let message = &self.messages.get(&message)?.message;
        if message.direction != Direction::Inbound {
            return None;
        }
        let Some(turn) = message.turn_id else {
            return Some(Answer::Pending);
        };
        let rows = self.messages_of(message.conversation_id).into_iter().map(|row| &row.message);
        let given = rows.filter(|one| one.direction == Direction::Outbound && one.turn_id == Some(turn));
        Some(Answer::Given(given.cloned().collect()))
    }

    /// Keeps what the turn has learnt of the contact and said about its consent.
    fn learn(&mut self, id: ConversationId, commit: &TurnCommit) {
        let Some(conversation) = self.conversations.get(&id) else {
            return;
        };
        if let (Some(name), Some(contact)) =
            (&commit.contact_name, self.contacts.get_mut(&conversation.contact_id))
            && name.may_replace(contact.name.as_ref())
        {
            contact.name = Some(name.clone());
        }
        if let (Some(language), Some(contact)) =
            (&commit.language, self.contacts.get_mut(&conversation.contact_id))
        {
            contact.language = Some(language.clone());
        }
        if let Some(consent) =
            self.consents.get_mut(&conversation.address).filter(|_| commit.confirms_consent)
        {
            consent.confirmed_at = Some(commit.turn.committed_at);
        }
    }
}

impl TenantRows {
    fn hand_over(&mut self, id: ConversationId, commit: &TurnCommit) {
        if let (Some(handoff), Some(conversation)) = (&commit.handoff, self.conversations.get_mut(&id)) {
            conversation.owner = Owner::Human;
            conversation.version += 1;
            self.handoffs.push((id, handoff.clone()));
        }
    }

    /// Keeps a refused send, and tells of it.
    pub(super) fn keep_refused(&mut self, id: ConversationId, refused: &RefusedSend) {
        self.refused.push((id, refused.clone()));
        self.tell(id, &[send_refused(refused, id)]);
    }

    /// Keeps events, and asks for reactions to those that have something to tell other domains.
    fn tell(&mut self, id: ConversationId, events: &[DomainEvent]) {
        for event in events {
            self.events.push((id, event.clone()));
            if event.private.is_some() {
                self.want(id, JobKind::Reaction, event.at);
            }
        }
    }
}

fn is_unanswered(message: &Message) -> bool {
    message.direction == Direction::Inbound && message.turn_id.is_none()
}
