//! Answering what was said: one committed reply, whatever dies on the way.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use kernel::{Clock, IdGenerator, StoreError, Timestamp};
use tenancy::{BusinessProfile, Tenant, TenantStore};

use crate::{
    allowance::{Allowance, MayAnswer},
    claim::Claim,
    conversation_store::ConversationStore,
    error::ConversationError,
    job_queue::JobQueue,
    keyword::InboundIntent,
    message::Purpose,
    model::{Deltas, ModelError, TokenUsage, Unheard},
    notices::fallback,
    send_gate::RefusalReason,
    turn::{TurnCommit, TurnContext, TurnOutcome},
    turn_decision::{Decision, Silence, notices, silence},
    write_reply::{ReplyMeans, WriteError, WriteReply, blocked},
};

/// Bounds of a turn.
#[derive(Clone, Copy, Debug)]
pub struct TurnLimits {
    /// Messages before the unanswered ones that the model sees.
    pub history: u16,
    /// How often a failing model is asked before the contact gets the fallback.
    pub model_attempts: i32,
    /// How long to wait before asking a failing model again; doubled each time.
    pub retry_after: Duration,
    /// How long models may take for all that they are asked in a turn. What a claim is held for MUST be longer: a turn that
    /// ends after another has claimed it is not committed.
    pub answer_within: Duration,
}

impl Default for TurnLimits {
    fn default() -> Self {
        Self {
            history: 60,
            model_attempts: 3,
            retry_after: Duration::from_secs(2),
            answer_within: Duration::from_secs(60),
        }
    }
}

/// A turn that was committed, and when each of its stages ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommittedTurn {
    /// How it ended.
    pub outcome: TurnOutcome,
    /// When the oldest message that it answers had come.
    pub asked_at: Timestamp,
    /// When it was claimed.
    pub claimed_at: Timestamp,
    /// When its words were there.
    pub generated_at: Timestamp,
    /// When they were kept.
    pub committed_at: Timestamp,
    /// Why it says nothing, where that is recorded.
    pub refused: Option<RefusalReason>,
}

/// How taking a turn ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TurnResult {
    /// A turn was committed.
    Committed(CommittedTurn),
    /// There was nothing to answer.
    NothingToAnswer,
    /// The model failed, or others went on changing the conversation; the job waits for its next attempt.
    Postponed,
    /// Another worker holds the job by now.
    LostClaim,
}

/// Answers what was said.
pub struct TakeTurn {
    /// Where conversations are kept.
    pub conversations: Arc<dyn ConversationStore>,
    /// Where the business's facts are kept.
    pub tenants: Arc<dyn TenantStore>,
    /// Where the claim came from.
    pub jobs: Arc<dyn JobQueue>,
    /// Finds the words.
    pub replies: Arc<WriteReply>,
    /// What the tenant may still do.
    pub allowance: Arc<dyn Allowance>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// New ids.
    pub ids: Arc<dyn IdGenerator>,
    /// The turn's bounds.
    pub limits: TurnLimits,
}

/// What is kept from one try to commit a turn to the next.
#[derive(Default)]
struct Tried {
    /// What the model wrote for a context that did not commit: if a person has taken over meanwhile, it is kept as a
    /// refused send, so that "why was this not sent?" has an answer.
    unsent: Option<String>,
    /// How the receptionist may answer, once that was asked.
    may_answer: Option<MayAnswer>,
    /// How many tokens each answer of a model took, with the model's name, in order.
    spent: Vec<(String, TokenUsage)>,
}

impl TakeTurn {
    /// How often a commit that conflicts is tried again from what stands then.
    const MOST_CONFLICTS: usize = 4;

    /// Answers the unanswered messages of a claimed conversation.
    ///
    /// # Errors
    /// When a store fails. The job stays, and its lease will end.
    pub async fn take(&self, claim: &Claim) -> Result<TurnResult, ConversationError> {
        self.take_aloud(claim, &Unheard, self.answer_by()).await
    }

    /// Answers the unanswered messages of a claimed conversation, and lets the reply be heard while it is written. What
    /// is heard is not said before it is committed: it may be taken back by [`Deltas::restart`]. Models have until
    /// `answer_by`.
    ///
    /// # Errors
    /// When a store fails. The job stays, and its lease will end.
    pub async fn take_aloud(
        &self,
        claim: &Claim,
        deltas: &dyn Deltas,
        answer_by: Timestamp,
    ) -> Result<TurnResult, ConversationError> {
        let started_at = self.clock.now();
        let mut tried = Tried::default();
        let mut read_version = None;
        for _ in 0..Self::MOST_CONFLICTS {
            let context = self
                .conversations
                .load_turn(&claim.scope, claim.conversation_id, self.limits.history)
                .await?;
            let Some(context) = context.filter(|context| !context.unanswered.is_empty()) else {
                self.count_in_vain(claim, &tried).await?;
                self.jobs.finish(claim).await?;
                return Ok(TurnResult::NothingToAnswer);
            };
            // A commit that conflicted although the version stands has met a higher fence.
            if read_version.replace(context.conversation.version) == Some(context.conversation.version) {
                self.count_in_vain(claim, &tried).await?;
                return Ok(TurnResult::LostClaim);
            }
            let Some((tenant, profile)) = self.tenants.find_profile(&claim.scope).await? else {
                self.jobs.finish(claim).await?;
                return Ok(TurnResult::NothingToAnswer);
            };
            let about = (&tenant, &profile);
            let decision = match self.decide(claim, &context, about, (&mut tried, deltas, answer_by)).await {
                Ok(decision) => decision,
                Err(WriteError::Store(error)) => return Err(error.into()),
                Err(WriteError::Model(error)) => {
                    if error.may_pass() && claim.attempts + 1 < self.limits.model_attempts {
                        self.count_in_vain(claim, &tried).await?;
                        self.jobs.release(claim, self.next_attempt(claim)).await?;
                        return Ok(TurnResult::Postponed);
                    }
                    self.do_without_model(&context, &tenant, &error)
                }
            };
            let commit = self.commit_of(&context, (&decision, &tried.spent), started_at);
            match self.conversations.commit_turn(&claim.scope, claim, &commit).await {
                Ok(()) => return Ok(TurnResult::Committed(self.committed(&context, &commit))),
                Err(StoreError::Conflict) => tried.unsent = decision.reply_text(),
                Err(error) => return Err(error.into()),
            }
            deltas.restart();
        }
        self.count_in_vain(claim, &tried).await?;
        self.jobs.release(claim, claim.retry_at(self.clock.now())).await?;
        Ok(TurnResult::Postponed)
    }

    /// Returns until when models have in a turn that is claimed now.
    pub fn answer_by(&self) -> Timestamp {
        self.clock.now() + self.limits.answer_within
    }

    /// Counts what models took for words that are not kept.
    async fn count_in_vain(&self, claim: &Claim, tried: &Tried) -> Result<(), StoreError> {
        if tried.spent.is_empty() {
            return Ok(());
        }
        self.allowance.spend(&claim.scope, &self.cost_of(&tried.spent), self.clock.now()).await
    }

    async fn decide(
        &self,
        claim: &Claim,
        context: &TurnContext,
        (tenant, profile): (&Tenant, &BusinessProfile),
        (tried, deltas, answer_by): (&mut Tried, &dyn Deltas, Timestamp),
    ) -> Result<Decision, WriteError> {
        let (now, unsent) = (self.clock.now(), tried.unsent.take());
        let mut decision = Decision { says: notices(context, tenant, now), ..Decision::default() };
        let needs_reply = context.unanswered.iter().any(|message| message.intent == InboundIntent::Ordinary);
        match silence(context, tenant, now) {
            Some(Silence::Refused(reason)) => {
                // A notice is judged once more by the send gate when it leaves.
                decision.says.retain(|_| reason == RefusalReason::OptedOut);
                if needs_reply || unsent.is_some() {
                    decision.refused = Some((reason, unsent.unwrap_or_default()));
                }
            }
            Some(Silence::PersonAnswers) => {
                decision.refused = unsent.map(|text| (RefusalReason::PersonTookOver, text));
            }
            None if needs_reply => match self.may_answer(claim, tenant, tried).await? {
                MayAnswer::NotAtAll => {
                    decision.refused = Some((RefusalReason::PlanLimit, unsent.unwrap_or_default()));
                }
                may @ (MayAnswer::ByAnyModel | MayAnswer::ByTheModelInTheBox) => {
                    let about = (tenant, profile);
                    let means = ReplyMeans { may, answer_by, deltas, spent: &mut tried.spent };
                    let written = self.replies.write(&claim.scope, context, about, means).await?;
                    decision.say(written);
                }
            },
            None => {}
        }
        Ok(decision)
    }

    /// Asks once how the receptionist may answer: what the first try may, the next may too.
    async fn may_answer(
        &self,
        claim: &Claim,
        tenant: &Tenant,
        tried: &mut Tried,
    ) -> Result<MayAnswer, StoreError> {
        if let Some(may) = tried.may_answer {
            return Ok(may);
        }
        let may = self.allowance.may_answer(&claim.scope, tenant, self.clock.now()).await?;
        Ok(*tried.may_answer.insert(may))
    }

    /// Says what the contact must know when the model will not answer, or has failed for good.
    fn do_without_model(&self, context: &TurnContext, tenant: &Tenant, error: &ModelError) -> Decision {
        let says = notices(context, tenant, self.clock.now());
        let mut decision = Decision { says, ..Decision::default() };
        match error {
            ModelError::Blocked { reason } => decision.say(blocked(tenant.name(), reason)),
            _ => decision.says.push((Purpose::Reply, fallback(tenant.name()))),
        }
        decision
    }

    fn committed(&self, context: &TurnContext, commit: &TurnCommit) -> CommittedTurn {
        let turn = &commit.turn;
        let asked_at = context.unanswered.iter().map(|message| message.created_at).min();
        CommittedTurn {
            outcome: turn.outcome,
            asked_at: asked_at.unwrap_or(turn.started_at),
            claimed_at: turn.started_at,
            generated_at: turn.committed_at,
            committed_at: self.clock.now(),
            refused: commit.refused.as_ref().map(|refused| refused.reason),
        }
    }

    fn next_attempt(&self, claim: &Claim) -> Timestamp {
        let factor = 2_u32.saturating_pow(claim.attempts.unsigned_abs().min(8));
        let wait = TimeDelta::from_std(self.limits.retry_after * factor).unwrap_or(TimeDelta::seconds(60));
        self.clock.now() + wait
    }
}
