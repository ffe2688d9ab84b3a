//! What is kept of what was said before the last messages.

use kernel::{ConversationId, DomainEvent, MessageId, StoreError};

use super::case::Case;
use crate::{Spent, Summary, SummaryChange, TokenUsage, Unsummarized, testing::ConversationStores};

async fn unsummarized(case: &Case<'_>, id: ConversationId, most: u16) -> Unsummarized {
    case.summaries.unsummarized(&case.tenant, id, most).await.unwrap().unwrap()
}

async fn keep(case: &Case<'_>, id: ConversationId, change: &SummaryChange) -> Result<(), StoreError> {
    case.summaries.keep_summary(&case.tenant, id, change).await
}

/// Makes a summary of what is not summed up, but for so many of the last messages.
async fn summary(case: &Case<'_>, id: ConversationId, text: &str, but: usize) -> SummaryChange {
    let found = unsummarized(case, id, 100).await;
    let last = &found.messages[found.messages.len() - but - 1];
    SummaryChange {
        read_through: found.summary.map(|summary| summary.through),
        summary: Summary { text: text.to_owned(), through: last.id, through_at: last.created_at },
        spent: Vec::new(),
        at: case.samples.now(),
        event: DomainEvent { private: None, ..case.samples.event("conversation.summarized") },
    }
}

/// A conversation of so many messages, one of which waits for its answer.
async fn said(case: &Case<'_>, count: usize) -> (ConversationId, Vec<MessageId>) {
    let mut messages = Vec::new();
    let mut conversation = None;
    for number in 0..count {
        let (id, message) = case.said(&number.to_string()).await;
        conversation = Some(id);
        messages.push(message);
        if number + 1 < count {
            case.reply(id, &[]).await;
        }
        case.samples.pass(1);
    }
    (conversation.unwrap(), messages)
}

fn ids(found: &Unsummarized) -> Vec<MessageId> {
    found.messages.iter().map(|message| message.id).collect()
}

pub async fn a_summary_reads_back_with_the_conversation_and_in_its_turns(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = said(&case, 3).await;
    assert_eq!(case.context(id).await.summary, None);
    let before = case.conversation(id).await;
    let change = summary(&case, id, "Ann asked for a price: £80 – “soon”.", 1).await;
    keep(&case, id, &change).await.unwrap();
    let context = case.context(id).await;
    assert_eq!((context.summary.as_ref(), context.history.len()), (Some(&change.summary), 3));
    let view = case.conversations.find(&case.tenant, id).await.unwrap().unwrap();
    assert_eq!((view.summary.unwrap(), view.conversation), (change.summary, before));
}

pub async fn what_a_summary_covers_is_to_be_summed_up_no_more(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, messages) = said(&case, 4).await;
    assert_eq!(ids(&unsummarized(&case, id, 100).await), messages);
    let first = summary(&case, id, "First", 2).await;
    keep(&case, id, &first).await.unwrap();
    let found = unsummarized(&case, id, 100).await;
    assert_eq!((ids(&found), found.summary), (messages[2..].to_vec(), Some(first.summary)));
    let second = summary(&case, id, "Second", 0).await;
    keep(&case, id, &second).await.unwrap();
    let found = unsummarized(&case, id, 100).await;
    assert_eq!((ids(&found), found.summary), (Vec::new(), Some(second.summary)));
}

pub async fn of_what_is_to_be_summed_up_the_last_messages_are_read(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, messages) = said(&case, 4).await;
    assert_eq!(ids(&unsummarized(&case, id, 3).await), messages[1..]);
    let unknown = case.samples.id(ConversationId::new);
    assert_eq!(case.summaries.unsummarized(&case.tenant, unknown, 3).await.unwrap(), None);
}

pub async fn of_two_summaries_made_from_one_the_first_stays(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = said(&case, 3).await;
    let first = summary(&case, id, "First", 2).await;
    let second = summary(&case, id, "Second", 1).await;
    keep(&case, id, &first).await.unwrap();
    let kept = keep(&case, id, &second).await;
    assert!(matches!(kept, Err(StoreError::Conflict)), "{kept:?}");
    assert_eq!(case.context(id).await.summary, Some(first.summary));
}

pub async fn a_summary_counts_what_it_took(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = said(&case, 2).await;
    let before = (case.tokens_used)(&case.tenant).await;
    let tokens = TokenUsage { input: 900, output: 40 };
    let spent = vec![Spent { model: "m-1".to_owned(), tokens, ..Spent::default() }];
    let change = SummaryChange { spent, ..summary(&case, id, "Short", 0).await };
    keep(&case, id, &change).await.unwrap();
    assert_eq!((case.tokens_used)(&case.tenant).await, before + 940);
    keep(&case, id, &change).await.unwrap_err();
    assert_eq!((case.tokens_used)(&case.tenant).await, before + 940);
}

pub async fn a_summary_of_another_tenants_conversation_is_neither_read_nor_kept(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = said(&case, 2).await;
    let change = summary(&case, id, "Short", 0).await;
    let kept = case.summaries.keep_summary(&case.other, id, &change).await;
    assert!(matches!(kept, Err(StoreError::Conflict)), "{kept:?}");
    keep(&case, id, &change).await.unwrap();
    assert_eq!(case.summaries.unsummarized(&case.other, id, 100).await.unwrap(), None);
}
