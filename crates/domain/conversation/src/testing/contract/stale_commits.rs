//! When a turn must not be committed, and that nothing is written then.

use kernel::{ConversationId, DomainEvent, PageRequest};

use super::{case::Case, checks::assert_conflict};
use crate::{
    Claim, ConsentAction, Contact, ContactName, ConversationStatus, Cost, Handoff, JobKind, Message,
    NameSource, NewInbound, Owner, PendingEvent, RefusalReason, RefusedSend, Spent, TokenUsage, TurnCommit,
    TurnContext, TurnUsage, testing::ConversationStores, tools::Language,
};

pub async fn a_commit_with_an_old_fence_writes_nothing(stores: &ConversationStores) {
    let case = Case::of(stores);
    let id = said_with_consent(&case).await;
    let old = case.claim(JobKind::Turn, id).await;
    case.samples.pass(61);
    let new = case.claim(JobKind::Turn, id).await;
    let commit = full_commit(&case, id).await;
    assert_writes_nothing(&case, &old, &commit).await;
    assert_writes_everything(&case, &new, &commit).await;
}

pub async fn a_commit_with_a_claim_of_a_job_that_ended_writes_nothing(stores: &ConversationStores) {
    let case = Case::of(stores);
    let id = said_with_consent(&case).await;
    let old = case.claim(JobKind::Turn, id).await;
    case.samples.pass(61);
    case.reply(id, &[]).await;
    let commit = full_commit(&case, id).await;
    assert_writes_nothing(&case, &old, &commit).await;
}

pub async fn a_commit_with_a_claim_from_before_the_job_came_again_writes_nothing(
    stores: &ConversationStores,
) {
    let case = Case::of(stores);
    let id = said_with_consent(&case).await;
    let old = case.claim(JobKind::Turn, id).await;
    case.samples.pass(61);
    case.reply(id, &[]).await;
    case.said("Anybody there?").await;
    case.claim(JobKind::Turn, id).await;
    let commit = full_commit(&case, id).await;
    assert_writes_nothing(&case, &old, &commit).await;
}

pub async fn a_commit_after_a_person_took_over_writes_nothing(stores: &ConversationStores) {
    let case = Case::of(stores);
    let id = said_with_consent(&case).await;
    let claim = case.claim(JobKind::Turn, id).await;
    let commit = full_commit(&case, id).await;
    case.set(id, ConversationStatus::Open, Owner::Human).await;
    assert_writes_nothing(&case, &claim, &commit).await;
    // The claim is still good: the turn may look again and fall silent.
    let silent = case.turn(id, &[]).await;
    case.commit(&claim, &silent).await.unwrap();
}

pub async fn of_two_commits_with_one_claim_one_is_written(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.said("Hello").await;
    let claim = case.claim(JobKind::Turn, id).await;
    let (first, second) = (case.turn(id, &["Hi"]).await, case.turn(id, &["Hi again"]).await);
    case.commit(&claim, &first).await.unwrap();
    assert_conflict(&case.commit(&claim, &second).await);
    assert_eq!(case.messages(id).await.len(), 2);
}

/// A message with consent, so that a turn may say that it was confirmed.
async fn said_with_consent(case: &Case<'_>) -> ConversationId {
    let consent = Some(case.samples.consent_change(ConsentAction::OptIn));
    case.receive(&NewInbound { consent, ..case.inbound("Hello") }).await.0
}

/// Makes a turn that writes everything a turn can write.
async fn full_commit(case: &Case<'_>, id: ConversationId) -> TurnCommit {
    let tokens = TokenUsage { input: 40, output: 2 };
    let spent = vec![Spent { model: "model-1".into(), tokens, cost: Cost { micros: 7, unpriced_tokens: 0 } }];
    let open = DomainEvent { private: None, ..case.samples.event("handoff.requested") };
    TurnCommit {
        refused: Some(case.samples.refused(None, RefusalReason::LinkNotAllowed)),
        contact_name: ContactName::new("Ann", NameSource::Person),
        language: Language::from_tag("es"),
        handoff: Some(case.samples.handoff()),
        confirms_consent: true,
        usage: TurnUsage { model: "model-1".into(), spent },
        events: vec![case.samples.event("turn.committed"), open],
        ..case.turn(id, &["Hi"]).await
    }
}

/// All that a turn can write, as it stands.
#[derive(Debug, PartialEq)]
struct Written {
    context: TurnContext,
    messages: Vec<Message>,
    refused: Vec<RefusedSend>,
    contact: Contact,
    handoffs: Vec<(ConversationId, Handoff)>,
    pending: Vec<PendingEvent>,
    tokens_used: u64,
}

async fn written(case: &Case<'_>, id: ConversationId) -> Written {
    let context = case.context(id).await;
    let contact = context.conversation.contact_id;
    let handoffs = case.conversations.list_handoffs(&case.tenant, &PageRequest::default()).await;
    Written {
        context,
        messages: case.messages(id).await,
        refused: case.refused(id).await,
        contact: case.contacts.find(&case.tenant, contact).await.unwrap().unwrap(),
        handoffs: handoffs.unwrap().items,
        pending: case.reactions.pending(&case.tenant, id, 100).await.unwrap(),
        tokens_used: (case.tokens_used)(&case.tenant).await,
    }
}

/// Sees that a commit conflicts and that nothing of it is there.
async fn assert_writes_nothing(case: &Case<'_>, claim: &Claim, commit: &TurnCommit) {
    let id = claim.conversation_id;
    let before = written(case, id).await;
    assert_conflict(&case.commit(claim, commit).await);
    let after = written(case, id).await;
    assert_eq!(after, before);
    assert_eq!((after.handoffs.len(), after.pending.len(), after.tokens_used), (0, 0, 0));
    assert_eq!((after.contact.name, after.contact.language), (None, None));
    assert_eq!((after.refused.len(), after.context.consent.confirmed_at), (0, None));
    for kind in [JobKind::Delivery, JobKind::Reaction] {
        assert_eq!(case.try_claim(kind, id).await, None);
    }
}

/// Sees that a full commit writes all of it.
async fn assert_writes_everything(case: &Case<'_>, claim: &Claim, commit: &TurnCommit) {
    let id = claim.conversation_id;
    let version = case.conversation(id).await.version;
    case.commit(claim, commit).await.unwrap();
    let after = written(case, id).await;
    let conversation = &after.context.conversation;
    assert_eq!((conversation.owner, conversation.version), (Owner::Human, version + 1));
    assert_eq!((after.context.unanswered.len(), after.messages.len()), (0, 2));
    assert_eq!(after.context.consent.confirmed_at, Some(commit.turn.committed_at));
    assert_eq!(after.refused, commit.refused.clone().into_iter().collect::<Vec<_>>());
    assert_eq!((&after.contact.name, &after.contact.language), (&commit.contact_name, &commit.language));
    assert_eq!(after.handoffs, [(id, commit.handoff.clone().unwrap())]);
    let pending: Vec<_> = after.pending.iter().map(|event| event.id).collect();
    assert_eq!(pending, [commit.events[0].id]);
    assert_eq!(after.tokens_used, 42);
    for kind in [JobKind::Delivery, JobKind::Reaction] {
        assert!(case.try_claim(kind, id).await.is_some());
    }
}
