//! The stores of a database as the contract of usage asks for them: what is used is used by real turns and replies.

use std::{any::Any, sync::Arc, time::Duration};

use conversation::{
    Conversation, ConversationStore, Cost, JobKind, JobQueue, NewInbound, NewOutbound, Purpose, Received,
    Spent, TokenUsage, Turn, TurnCommit, TurnUsage, testing::Samples,
};
use kernel::{MessageId, TenantId, Timestamp};
use tenancy::{
    AuditLog, BusinessProfile, ChannelBinding, ChannelStore, Plan, Tenant, TenantScope, TenantStore,
    testing::{platform, scope},
};
use usage::{
    UsageStore,
    testing::{UsageStores, Used},
};

/// Makes two tenants, each with a number at which it is written to.
pub(crate) async fn usage_stores<S>(stores: S, keep: Box<dyn Any + Send + Sync>) -> UsageStores
where
    S: TenantStore + ChannelStore + ConversationStore + JobQueue + UsageStore + AuditLog + Clone + 'static,
{
    let samples = Samples::seeded(1);
    let (tenant, binding) = business(&stores, &samples, "+15551230000").await;
    let (other, other_binding) = business(&stores, &samples, "+15551230001").await;
    let desk = Arc::new(Desk {
        conversations: Arc::new(stores.clone()),
        jobs: Arc::new(stores.clone()),
        bindings: [(tenant.clone(), binding), (other.clone(), other_binding)],
        samples,
    });
    UsageStores {
        usage: Arc::new(stores.clone()),
        audit: Arc::new(stores),
        tenant,
        other,
        using: Box::new(move |scope, at, used| {
            let desk = Arc::clone(&desk);
            Box::pin(async move { desk.use_it(scope, at, used).await })
        }),
        keep,
    }
}

async fn business<S: TenantStore + ChannelStore>(
    stores: &S,
    samples: &Samples,
    number: &str,
) -> (TenantScope, ChannelBinding) {
    let id = samples.id(TenantId::new);
    let tenant = Tenant::create(id, "Somebody", Plan::Starter, samples.now()).unwrap();
    TenantStore::insert(stores, &platform(), &tenant, &BusinessProfile::default()).await.unwrap();
    let scope = scope(id);
    let binding = samples.sms_binding(&scope, number);
    ChannelStore::insert(stores, &scope, &binding).await.unwrap();
    (scope, binding)
}

/// Two businesses that are written to.
struct Desk {
    conversations: Arc<dyn ConversationStore>,
    jobs: Arc<dyn JobQueue>,
    bindings: [(TenantScope, ChannelBinding); 2],
    samples: Samples,
}

impl Desk {
    async fn use_it(&self, scope: &TenantScope, at: Timestamp, used: Used) {
        let (conversation, message) = self.receive(scope, at).await;
        let reply = |purpose| NewOutbound { purpose, at, ..self.samples.outbound("Hello") };
        match used {
            Used::Turn { model, tokens: (input, output), cost: (micros, unpriced_tokens) } => {
                let tokens = TokenUsage { input, output };
                let cost = Cost { micros, unpriced_tokens };
                let spent = vec![Spent { model: model.to_owned(), tokens, cost }];
                let usage = TurnUsage { model: model.to_owned(), spent };
                let outbound = vec![reply(Purpose::Reply)];
                self.commit(scope, (&conversation, message), (at, outbound, usage)).await;
            }
            Used::SilentTurn => {
                let nothing = (at, Vec::new(), TurnUsage::default());
                self.commit(scope, (&conversation, message), nothing).await;
            }
            Used::PersonsReply => {
                let change = conversation.answer_in_person(vec![reply(Purpose::PersonReply)]).unwrap();
                self.conversations.save(scope, &change, at).await.unwrap();
            }
        }
    }

    async fn receive(&self, scope: &TenantScope, at: Timestamp) -> (Conversation, MessageId) {
        let (_, binding) = self.bindings.iter().find(|(own, _)| own == scope).unwrap();
        let inbound = NewInbound { received_at: at, answer_at: at, ..self.samples.inbound(binding, "Hi") };
        let stored = self.conversations.receive(scope, &inbound).await.unwrap();
        let Received::Stored { conversation_id, message_id } = stored else { panic!("{stored:?}") };
        let found = self.conversations.find(scope, conversation_id).await.unwrap().unwrap();
        (found.conversation, message_id)
    }

    async fn commit(
        &self,
        scope: &TenantScope,
        (conversation, message): (&Conversation, MessageId),
        (at, outbound, usage): (Timestamp, Vec<NewOutbound>, TurnUsage),
    ) {
        let (kind, lease) = (JobKind::Turn, Duration::from_secs(30));
        let claim = self.jobs.claim_one(scope, kind, conversation.id, at, lease).await.unwrap().unwrap();
        let commit = self.samples.commit(conversation, vec![message], outbound);
        let turn = Turn { started_at: at, committed_at: at, ..commit.turn };
        let commit = TurnCommit { turn, usage, ..commit };
        self.conversations.commit_turn(scope, &claim, &commit).await.unwrap();
    }
}
