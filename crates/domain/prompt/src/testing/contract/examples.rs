//! What a store of examples must do with the examples themselves.

use kernel::{ConversationId, ExampleId};
use tenancy::{AuditAction, TenantScope};

use super::checks::{assert_conflict, assert_duplicate, drafted, recorded, walk};
use crate::{
    Example, ExampleContent, ExampleSource, ExampleWeight, Expectation, PromptChannel, RawExample,
    testing::{PromptStores, at, example, id, result},
};

pub(super) async fn written(
    stores: &PromptStores,
    scope: &TenantScope,
    number: u32,
    channel: PromptChannel,
) -> Example {
    let example = example(scope, number, channel);
    stores.examples.insert(scope, &example).await.unwrap();
    example
}

async fn found(stores: &PromptStores, scope: &TenantScope, id: ExampleId) -> Option<Example> {
    stores.examples.find(scope, id).await.unwrap()
}

/// Says something else, in every field that can.
fn changed(example: &Example) -> Example {
    let raw = RawExample {
        name: "Änderung".into(),
        channel: PromptChannel::Voice,
        expectations: vec![
            Expectation::MustNotMention("price".into()),
            Expectation::MustCallTool("book".into()),
            Expectation::MustNotCallTool("cancel".into()),
        ],
        weight: ExampleWeight::Informing,
        source: ExampleSource::Conversation(ConversationId::new(id(88))),
        ..example.content.raw().clone()
    };
    Example { content: ExampleContent::from_stored(raw), ..example.clone() }
}

pub async fn an_example_is_found_as_it_was_written(stores: &PromptStores) {
    let first = written(stores, &stores.tenant, 1, PromptChannel::All).await;
    assert_eq!(found(stores, &stores.tenant, first.id).await, Some(first));
    let second = changed(&example(&stores.tenant, 2, PromptChannel::Sms));
    stores.examples.insert(&stores.tenant, &second).await.unwrap();
    assert_eq!(found(stores, &stores.tenant, second.id).await, Some(second));
    assert_eq!(found(stores, &stores.tenant, ExampleId::new(id(99))).await, None);
}

pub async fn an_examples_id_that_exists_is_a_duplicate(stores: &PromptStores) {
    let first = written(stores, &stores.tenant, 1, PromptChannel::All).await;
    assert_duplicate(&stores.examples.insert(&stores.tenant, &changed(&first)).await);
    assert_eq!(found(stores, &stores.tenant, first.id).await, Some(first));
}

pub async fn a_save_writes_what_it_says_and_raises_the_version(stores: &PromptStores) {
    let before = written(stores, &stores.tenant, 1, PromptChannel::All).await;
    let changed = changed(&before);
    stores.examples.save(&stores.tenant, &changed, at(9)).await.unwrap();
    assert_eq!(found(stores, &stores.tenant, before.id).await, Some(Example { version: 1, ..changed }));
}

pub async fn a_stale_save_conflicts(stores: &PromptStores) {
    let read = written(stores, &stores.tenant, 1, PromptChannel::All).await;
    stores.examples.save(&stores.tenant, &read, at(9)).await.unwrap();
    assert_conflict(&stores.examples.save(&stores.tenant, &changed(&read), at(9)).await);
    assert_eq!(found(stores, &stores.tenant, read.id).await, Some(Example { version: 1, ..read }));
}

pub async fn examples_meet_their_channel_and_all(stores: &PromptStores) {
    let sms = written(stores, &stores.tenant, 3, PromptChannel::Sms).await;
    let all = written(stores, &stores.tenant, 1, PromptChannel::All).await;
    let voice = written(stores, &stores.tenant, 2, PromptChannel::Voice).await;
    written(stores, &stores.other, 4, PromptChannel::All).await;
    let meeting = async |channel| stores.examples.list_meeting(&stores.tenant, channel).await.unwrap();
    assert_eq!(meeting(PromptChannel::Sms).await, [all.clone(), sms.clone()]);
    assert_eq!(meeting(PromptChannel::Email).await, std::slice::from_ref(&all));
    assert_eq!(meeting(PromptChannel::All).await, [all, voice, sms]);
}

pub async fn pages_walk_every_example_once_oldest_first(stores: &PromptStores) {
    let mut expected = Vec::new();
    for number in [3, 1, 5, 2, 4] {
        expected.push(written(stores, &stores.tenant, number, PromptChannel::Sms).await);
    }
    written(stores, &stores.other, 6, PromptChannel::Sms).await;
    expected.sort_by_key(|example| (example.created_at, example.id));
    assert_eq!(walk(async |page| stores.examples.list(&stores.tenant, &page).await).await, expected);
}

pub async fn examples_of_another_tenant_are_out_of_reach(stores: &PromptStores) {
    let theirs = written(stores, &stores.other, 1, PromptChannel::All).await;
    assert_eq!(found(stores, &stores.tenant, theirs.id).await, None);
    let planted = example(&stores.other, 2, PromptChannel::All);
    assert_conflict(&stores.examples.insert(&stores.tenant, &planted).await);
    assert_conflict(&stores.examples.save(&stores.tenant, &changed(&theirs), at(9)).await);
    assert!(!stores.examples.remove(&stores.tenant, theirs.id, at(9)).await.unwrap());
    assert_eq!(found(stores, &stores.other, theirs.id).await, Some(theirs));
}

pub async fn every_change_leaves_its_line(stores: &PromptStores) {
    let example = written(stores, &stores.tenant, 1, PromptChannel::All).await;
    stores.examples.save(&stores.tenant, &example, at(20)).await.unwrap();
    let version = drafted(stores, &stores.tenant, 30, PromptChannel::Sms).await;
    stores.examples.save_result(&stores.tenant, &result(40, &example, &version, 40)).await.unwrap();
    assert!(stores.examples.remove(&stores.tenant, example.id, at(50)).await.unwrap());
    assert!(!stores.examples.remove(&stores.tenant, example.id, at(60)).await.unwrap());
    let own = example.id.to_string();
    let expected = [
        (AuditAction::ExampleCreated, own.clone()),
        (AuditAction::ExampleChanged, own.clone()),
        (AuditAction::PromptDrafted, version.id().to_string()),
        (AuditAction::ExampleRan, own.clone()),
        (AuditAction::ExampleRemoved, own),
    ];
    assert_eq!(recorded(stores, &stores.tenant).await, expected);
}
