//! Web chat: taking a message in and answering it inside the same request.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use kernel::{Clock, ConversationId, IdGenerator, MessageId, Timestamp};
use tenancy::{Address, Channel, ChannelStore, TenantScope};

use crate::{
    claim::{Claim, JobKind},
    conversation_store::{Answer, ConversationStore, Received},
    error::ConversationError,
    inbound_text::InboundText,
    job_queue::JobQueue,
    model::Unheard,
    receive_message::ReceiveMessage,
    take_turn::{CommittedTurn, TakeTurn, TurnResult},
};

/// What a visitor reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatAnswer {
    /// The conversation that the message joined.
    pub conversation_id: ConversationId,
    /// The reply; `None` when the receptionist stays silent, because a person answers or the visitor opted out.
    pub reply_text: Option<String>,
    /// The turn that this request took; `None` when another had answered already.
    pub turn: Option<CommittedTurn>,
}

/// Answers web chat inside the request, by the same turn that answers everything else.
pub struct AnswerChat {
    /// Takes the message in.
    pub receive: Arc<ReceiveMessage>,
    /// Answers it.
    pub turns: Arc<TakeTurn>,
    /// Where the answer is found.
    pub conversations: Arc<dyn ConversationStore>,
    /// Where the tenant's web chat is found.
    pub channels: Arc<dyn ChannelStore>,
    /// Where the turn is claimed.
    pub jobs: Arc<dyn JobQueue>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// New ids.
    pub ids: Arc<dyn IdGenerator>,
    /// How long a claimed turn is ours.
    pub lease: Duration,
    /// How long the visitor may wait.
    pub patience: Duration,
}

impl AnswerChat {
    /// How long to wait for a signal before looking again whether another request has answered.
    const LOOK_AGAIN: Duration = Duration::from_millis(500);

    /// Answers one message of a visitor. `name` is what the message is known by where it may come more than once: it is
    /// then taken in once, and whoever repeats it waits for the same answer.
    ///
    /// # Errors
    /// [`ConversationError::ChannelInactive`] when the tenant's web chat is off;
    /// [`ConversationError::AnswerPending`] when the answer did not come in time; or when a store fails.
    pub async fn answer(
        &self,
        scope: &TenantScope,
        session: Address,
        text: String,
        name: Option<String>,
    ) -> Result<ChatAnswer, ConversationError> {
        let bindings = self.channels.list(scope).await?;
        let binding = bindings
            .into_iter()
            .find(|binding| binding.channel() == Channel::WebChat && binding.is_active())
            .ok_or(ConversationError::ChannelInactive)?;
        let inbound = InboundText {
            provider_message_id: name.unwrap_or_else(|| self.ids.next().to_string()),
            from: session,
            text,
            attachments: Vec::new(),
            understood: None,
            carrier_answered: false,
        };
        let received = self.receive.receive(scope, &binding, inbound).await?;
        let (Received::Stored { conversation_id, message_id }
        | Received::Duplicate { conversation_id, message_id, .. }) = received;
        let (reply_text, turn) = self.wait_for_answer(scope, conversation_id, message_id).await?;
        Ok(ChatAnswer { conversation_id, reply_text, turn })
    }

    async fn wait_for_answer(
        &self,
        scope: &TenantScope,
        conversation: ConversationId,
        message: MessageId,
    ) -> Result<(Option<String>, Option<CommittedTurn>), ConversationError> {
        let patience = TimeDelta::from_std(self.patience).unwrap_or(TimeDelta::seconds(30));
        let give_up_at = self.clock.now() + patience;
        // Later a model would have too little time: the turn is left to a worker.
        let claim_until = give_up_at - patience / 2;
        let mut turn = None;
        loop {
            let seen = self.jobs.seen();
            let now = self.clock.now();
            if now <= claim_until
                && let Some(claim) =
                    self.jobs.claim_one(scope, JobKind::Turn, conversation, now, self.lease).await?
                && let TurnResult::Committed(committed) = self.take(&claim, give_up_at).await?
            {
                turn = Some(committed);
            }
            match self.conversations.find_answer(scope, message).await? {
                Some(Answer::Given(replies)) => {
                    let texts: Vec<_> = replies.into_iter().map(|reply| reply.body.text).collect();
                    return Ok(((!texts.is_empty()).then(|| texts.join("\n")), turn));
                }
                Some(Answer::Pending) if self.clock.now() < give_up_at => {
                    self.jobs.wait(seen, Self::LOOK_AGAIN).await;
                }
                Some(Answer::Pending) | None => return Err(ConversationError::AnswerPending),
            }
        }
    }

    /// Takes a claimed turn while the visitor waits, and gives it back as a worker does where its store fails: nobody waits for
    /// the lease's end.
    async fn take(&self, claim: &Claim, give_up_at: Timestamp) -> Result<TurnResult, ConversationError> {
        let answer_by = self.turns.answer_by().min(give_up_at);
        let taken = self.turns.take_aloud(claim, &Unheard, answer_by).await;
        if taken.is_err() {
            // If that fails too, the lease will end; what failed first is what the visitor hears of.
            let _ = self.jobs.release(claim, claim.retry_at(self.clock.now())).await;
        }
        taken
    }
}
