//! What cases check, walk and do many times.

use std::{fmt::Debug, sync::Arc};

use kernel::{ConversationId, Page, PageRequest, StoreError};
use tenancy::AuditAction;
use tokio::task::JoinSet;

use crate::{Claim, Conversation, ConversationChange};

/// Makes a change that leaves everything as it is.
pub(super) fn change_of(conversation: &Conversation) -> ConversationChange {
    ConversationChange {
        id: conversation.id,
        read_version: conversation.version,
        status: conversation.status,
        owner: conversation.owner,
        outbound: Vec::new(),
        action: AuditAction::ConversationPaused,
    }
}

/// Fails unless the outcome is a conflict.
pub(super) fn assert_conflict<T: Debug>(outcome: &Result<T, StoreError>) {
    assert!(matches!(outcome, Err(StoreError::Conflict)), "{outcome:?}");
}

/// Walks a list from its first page to its last.
pub(super) async fn walk<T>(
    limit: u16,
    list: impl AsyncFn(PageRequest) -> Result<Page<T>, StoreError>,
) -> Vec<T> {
    let (mut items, mut after) = (Vec::new(), None);
    for _ in 0..100 {
        let page = list(PageRequest::new(limit, after).unwrap()).await.unwrap();
        assert!(page.items.len() <= usize::from(limit));
        items.extend(page.items);
        after = page.next;
        if after.is_none() {
            return items;
        }
    }
    panic!("the list has no last page");
}

/// Does something many times at once.
pub(super) async fn at_once<S, T, F>(
    times: usize,
    stores: &Arc<S>,
    task: impl Fn(Arc<S>, usize) -> F,
) -> Vec<T>
where
    S: ?Sized,
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let mut tasks = JoinSet::new();
    for number in 0..times {
        tasks.spawn(task(Arc::clone(stores), number));
    }
    tasks.join_all().await
}

/// Returns whose jobs were claimed, in order.
pub(super) fn conversations(claims: &[Claim]) -> Vec<ConversationId> {
    claims.iter().map(|claim| claim.conversation_id).collect()
}
