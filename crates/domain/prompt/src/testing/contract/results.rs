//! What a store of examples must do with results and recorded answers.

use super::{
    checks::{assert_conflict, assert_duplicate, drafted, tried},
    examples::written,
};
use crate::{
    ExampleResult, FailureKind, Judged, PromptChannel, RecordedAnswer, Recording, Verdict,
    testing::{PromptStores, at, example, result},
};

pub async fn a_result_is_found_as_it_was_written(stores: &PromptStores) {
    let first = written(stores, &stores.tenant, 1, PromptChannel::All).await;
    let second = written(stores, &stores.tenant, 2, PromptChannel::All).await;
    let third = written(stores, &stores.tenant, 3, PromptChannel::All).await;
    let version = tried(stores, &stores.tenant, 10, PromptChannel::Sms).await;
    let green = result(20, &first, &version, 20);
    let red = ExampleResult { verdict: Verdict::Red, ..result(21, &second, &version, 21) };
    let failed = ExampleResult {
        verdict: Verdict::Failed(FailureKind::RateLimited),
        checks: Vec::new(),
        answer: None,
        ..result(22, &third, &version, 22)
    };
    for one in [&failed, &green, &red] {
        stores.examples.save_result(&stores.tenant, one).await.unwrap();
    }
    let latest = stores.examples.latest_results(&stores.tenant, version.id()).await.unwrap();
    assert_eq!(latest, [green, red, failed]);
}

pub async fn the_latest_result_of_each_example_counts(stores: &PromptStores) {
    let example = written(stores, &stores.tenant, 1, PromptChannel::All).await;
    let version = tried(stores, &stores.tenant, 10, PromptChannel::Sms).await;
    let early = result(25, &example, &version, 30);
    let late = ExampleResult { verdict: Verdict::Red, ..result(20, &example, &version, 40) };
    let later = ExampleResult { verdict: Verdict::Green, ..result(21, &example, &version, 40) };
    for one in [&later, &early, &late] {
        stores.examples.save_result(&stores.tenant, one).await.unwrap();
    }
    let latest = stores.examples.latest_results(&stores.tenant, version.id()).await.unwrap();
    assert_eq!(latest, [later]);
}

pub async fn results_are_of_one_version(stores: &PromptStores) {
    let example = written(stores, &stores.tenant, 1, PromptChannel::All).await;
    let one = tried(stores, &stores.tenant, 10, PromptChannel::Sms).await;
    let other = tried(stores, &stores.tenant, 11, PromptChannel::Sms).await;
    stores.examples.save_result(&stores.tenant, &result(20, &example, &one, 20)).await.unwrap();
    assert_eq!(stores.examples.latest_results(&stores.tenant, other.id()).await.unwrap(), []);
}

pub async fn a_removed_example_takes_its_results_along(stores: &PromptStores) {
    let gone = written(stores, &stores.tenant, 1, PromptChannel::All).await;
    let kept = written(stores, &stores.tenant, 2, PromptChannel::All).await;
    let version = tried(stores, &stores.tenant, 10, PromptChannel::Sms).await;
    stores.examples.save_result(&stores.tenant, &result(20, &gone, &version, 20)).await.unwrap();
    let left = result(21, &kept, &version, 21);
    stores.examples.save_result(&stores.tenant, &left).await.unwrap();
    assert!(stores.examples.remove(&stores.tenant, gone.id, at(50)).await.unwrap());
    assert_eq!(stores.examples.latest_results(&stores.tenant, version.id()).await.unwrap(), [left]);
}

pub async fn a_run_is_kept_once(stores: &PromptStores) {
    let written = written(stores, &stores.tenant, 1, PromptChannel::All).await;
    let version = drafted(stores, &stores.tenant, 10, PromptChannel::Sms).await;
    let kept = result(20, &written, &version, 20);
    stores.examples.save_result(&stores.tenant, &kept).await.unwrap();
    let again = ExampleResult { verdict: Verdict::Red, at: at(30), ..kept.clone() };
    assert_duplicate(&stores.examples.save_result(&stores.tenant, &again).await);
    let nobody = example(&stores.tenant, 99, PromptChannel::All);
    let unknown = stores.examples.save_result(&stores.tenant, &result(21, &nobody, &version, 21)).await;
    assert_conflict(&unknown);
    assert_eq!(stores.examples.latest_results(&stores.tenant, version.id()).await.unwrap(), [kept]);
}

pub async fn results_of_another_tenant_are_out_of_reach(stores: &PromptStores) {
    let theirs = written(stores, &stores.other, 1, PromptChannel::All).await;
    let version = drafted(stores, &stores.other, 10, PromptChannel::Sms).await;
    let planted = stores.examples.save_result(&stores.tenant, &result(20, &theirs, &version, 20)).await;
    assert_conflict(&planted);
    stores.examples.save_result(&stores.other, &result(21, &theirs, &version, 21)).await.unwrap();
    assert_eq!(stores.examples.latest_results(&stores.tenant, version.id()).await.unwrap(), []);
}

fn recording(digest: &str, passes: bool) -> Recording {
    let judged = Judged { passes, reason: "weil – so".into() };
    Recording { digest: digest.into(), answer: RecordedAnswer::Judged(judged), at: at(5) }
}

pub async fn a_recording_is_found_as_it_was_written(stores: &PromptStores) {
    let example = example(&stores.tenant, 1, PromptChannel::All);
    let version = drafted(stores, &stores.tenant, 10, PromptChannel::Sms).await;
    let answer = result(20, &example, &version, 20).answer.unwrap();
    let said = Recording { digest: "aa".into(), answer: RecordedAnswer::Rehearsed(answer), at: at(6) };
    let judged = recording("bb", true);
    for one in [&said, &judged] {
        stores.examples.save_recording(&stores.tenant, one).await.unwrap();
        assert_eq!(
            stores.examples.find_recording(&stores.tenant, &one.digest).await.unwrap().as_ref(),
            Some(one)
        );
    }
    assert_eq!(stores.examples.find_recording(&stores.tenant, "cc").await.unwrap(), None);
}

pub async fn the_last_recording_of_a_question_counts(stores: &PromptStores) {
    for passes in [true, false] {
        stores.examples.save_recording(&stores.tenant, &recording("aa", passes)).await.unwrap();
    }
    let found = stores.examples.find_recording(&stores.tenant, "aa").await.unwrap();
    assert_eq!(found, Some(recording("aa", false)));
}

pub async fn recordings_of_another_tenant_are_out_of_reach(stores: &PromptStores) {
    stores.examples.save_recording(&stores.other, &recording("aa", true)).await.unwrap();
    assert_eq!(stores.examples.find_recording(&stores.tenant, "aa").await.unwrap(), None);
    stores.examples.save_recording(&stores.tenant, &recording("aa", false)).await.unwrap();
    let theirs = stores.examples.find_recording(&stores.other, "aa").await.unwrap();
    assert_eq!(theirs, Some(recording("aa", true)));
}
