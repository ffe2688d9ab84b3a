//! Answering what was said: one committed reply, whatever dies on the way.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use kernel::{Clock, IdGenerator, MessageId, RefusedSendId, StoreError, Timestamp, TurnId};
use tenancy::{BusinessProfile, Channel, Tenant, TenantStatus, TenantStore};

use crate::{
    claim::Claim,
    consent::Consent,
    contact::ContactName,
    conversation::{ConversationStatus, Owner},
    conversation_store::ConversationStore,
    error::ConversationError,
    job_queue::JobQueue,
    keyword::InboundIntent,
    loop_guard::is_looping,
    message::{Author, DeliveryState, Message, NewOutbound, Purpose},
    model::{LanguageModel, Line, ModelError, ModelReply, ModelRequest, ModelSettings, Unheard},
    notices::{fallback, notice},
    segment::split,
    send_gate::{RefusalReason, RefusedSend},
    turn::{Turn, TurnCommit, TurnContext, TurnOutcome},
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
}

impl Default for TurnLimits {
    fn default() -> Self {
        Self { history: 60, model_attempts: 3, retry_after: Duration::from_secs(2) }
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
    /// The model failed; the job waits for its next attempt.
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
    /// What writes the words.
    pub model: Arc<dyn LanguageModel>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// New ids.
    pub ids: Arc<dyn IdGenerator>,
    /// The turn's bounds.
    pub limits: TurnLimits,
}

/// What a turn decided to say or not to say.
#[derive(Default)]
struct Decision {
    says: Vec<(Purpose, String)>,
    refused: Option<(RefusalReason, String)>,
    contact_name: Option<ContactName>,
}

/// What the model wrote for a context that did not commit: if a person has taken over meanwhile, it is kept
/// as a refused send, so that "why was this not sent?" has an answer.
type Unsent = Option<String>;

impl TakeTurn {
    /// How often a commit that conflicts is tried again from what stands then.
    const MOST_CONFLICTS: usize = 4;

    /// Answers the unanswered messages of a claimed conversation.
    ///
    /// # Errors
    /// When a store fails. The job stays, and its lease will end.
    pub async fn take(&self, claim: &Claim) -> Result<TurnResult, ConversationError> {
        let started_at = self.clock.now();
        let mut unsent: Unsent = None;
        let mut read_version = None;
        for _ in 0..Self::MOST_CONFLICTS {
            let context = self
                .conversations
                .load_turn(&claim.scope, claim.conversation_id, self.limits.history)
                .await?;
            let Some(context) = context.filter(|context| !context.unanswered.is_empty()) else {
                self.jobs.finish(claim).await?;
                return Ok(TurnResult::NothingToAnswer);
            };
            // A commit that conflicted although the version stands has met a higher fence.
            if read_version.replace(context.conversation.version) == Some(context.conversation.version) {
                return Ok(TurnResult::LostClaim);
            }
            let Some((tenant, profile)) = self.tenants.find_profile(&claim.scope).await? else {
                self.jobs.finish(claim).await?;
                return Ok(TurnResult::NothingToAnswer);
            };
            let decision = match self.decide(&context, &tenant, &profile, unsent.take()).await {
                Ok(decision) => decision,
                Err(_) if claim.attempts + 1 < self.limits.model_attempts => {
                    self.jobs.release(claim, self.next_attempt(claim)).await?;
                    return Ok(TurnResult::Postponed);
                }
                Err(_) => self.fall_back(&context, &tenant),
            };
            let commit = self.commit_of(&context, &decision, started_at);
            match self.conversations.commit_turn(&claim.scope, claim, &commit).await {
                Ok(()) => return Ok(TurnResult::Committed(self.committed(&context, &commit))),
                Err(StoreError::Conflict) => unsent = reply_text(decision),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(TurnResult::LostClaim)
    }

    async fn decide(
        &self,
        context: &TurnContext,
        tenant: &Tenant,
        profile: &BusinessProfile,
        unsent: Unsent,
    ) -> Result<Decision, ModelError> {
        let mut decision = Decision { says: self.notices(context, tenant), ..Decision::default() };
        let needs_reply = context.unanswered.iter().any(|message| message.intent == InboundIntent::Ordinary);
        match self.silence(context, tenant) {
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
            None if needs_reply => {
                let reply = self.ask_model(context, tenant, profile).await?;
                decision.says.push((Purpose::Reply, reply.text));
            }
            None => {}
        }
        Ok(decision)
    }

    /// Says what the contact must know when the model has failed for good.
    fn fall_back(&self, context: &TurnContext, tenant: &Tenant) -> Decision {
        let mut says = self.notices(context, tenant);
        says.push((Purpose::Reply, fallback(tenant.name())));
        Decision { says, ..Decision::default() }
    }

    /// Returns why the receptionist says nothing here, if it does not.
    fn silence(&self, context: &TurnContext, tenant: &Tenant) -> Option<Silence> {
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
        } else if is_looping(&context.history, self.clock.now()) {
            Some(Silence::Refused(RefusalReason::LoopGuard))
        } else {
            None
        }
    }

    /// Returns the fixed answer to the last keyword, unless the carrier has given it, it was given just now, or
    /// it is not true any more.
    fn notices(&self, context: &TurnContext, tenant: &Tenant) -> Vec<(Purpose, String)> {
        let last = context.unanswered.iter().rev().find(|message| message.intent != InboundIntent::Ordinary);
        let Some(last) = last.filter(|message| !message.carrier_answered) else { return Vec::new() };
        let (consent, now) = (&context.consent, self.clock.now());
        let is_due = |(purpose, text): &(Purpose, String)| match purpose {
            Purpose::OptOutConfirmation => consent.is_opted_out() && consent.may_confirm(now),
            Purpose::OptInConfirmation => {
                !consent.is_opted_out() && !was_said_just_now(&context.history, text, now)
            }
            Purpose::Help | Purpose::Reply | Purpose::PersonReply => true,
        };
        notice(last.intent, tenant.name()).into_iter().filter(is_due).collect()
    }

    async fn ask_model(
        &self,
        context: &TurnContext,
        tenant: &Tenant,
        profile: &BusinessProfile,
    ) -> Result<ModelReply, ModelError> {
        let request = ModelRequest {
            business_name: tenant.name().to_owned(),
            business: profile.clone(),
            contact_name: context.contact_name.as_ref().map(|name| name.text.clone()),
            channel: context.conversation.channel,
            now: self.clock.now(),
            transcript: transcript(context),
            unanswered: context.unanswered.len(),
            instructions: String::new(),
            tools: Vec::new(),
            rounds: Vec::new(),
            settings: ModelSettings::default(),
            output: None,
        };
        self.model.reply(&request, &Unheard).await?.usable()
    }

    fn commit_of(&self, context: &TurnContext, decision: &Decision, started_at: Timestamp) -> TurnCommit {
        let now = self.clock.now();
        let outbound: Vec<_> = decision
            .says
            .iter()
            .flat_map(|(purpose, text)| self.outbound(context, *purpose, text, now))
            .collect();
        let outcome = if outbound.is_empty() { TurnOutcome::Silent } else { TurnOutcome::Replied };
        let confirms = |(purpose, _): &(Purpose, String)| *purpose == Purpose::OptOutConfirmation;
        TurnCommit {
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
            contact_name: decision.contact_name.clone(),
            confirms_consent: decision.says.iter().any(confirms),
        }
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

    fn next_attempt(&self, claim: &Claim) -> Timestamp {
        let factor = 2_u32.saturating_pow(claim.attempts.unsigned_abs().min(8));
        let wait = TimeDelta::from_std(self.limits.retry_after * factor).unwrap_or(TimeDelta::seconds(60));
        self.clock.now() + wait
    }
}

/// Why the receptionist says nothing.
enum Silence {
    Refused(RefusalReason),
    PersonAnswers,
}

fn was_said_just_now(history: &[Message], text: &str, now: Timestamp) -> bool {
    let recent = |message: &Message| now - message.created_at <= Consent::CONFIRMATION_WINDOW;
    history
        .iter()
        .any(|message| message.author == Author::Bot && message.body.text == text && recent(message))
}

/// Puts what is to be answered last: a reply may have been written after some of it had come in.
fn transcript(context: &TurnContext) -> Vec<Line> {
    let is_unanswered = |message: &&Message| context.unanswered.iter().any(|other| other.id == message.id);
    let before = context.history.iter().filter(|message| !is_unanswered(message));
    before.chain(&context.unanswered).map(line).collect()
}

fn line(message: &Message) -> Line {
    Line {
        author: message.author,
        text: message.body.text.clone(),
        attachments: message.body.attachments.len(),
        at: message.created_at,
    }
}

fn reply_text(decision: Decision) -> Unsent {
    decision.says.into_iter().find(|(purpose, _)| *purpose == Purpose::Reply).map(|(_, text)| text)
}
