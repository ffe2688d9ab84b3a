//! What a repeated request gets.

use std::time::Duration;

use super::samples::{LEASE, Request, after, answer, asked, at_once};
use crate::{Begun, CallerId, IdempotencyKey, IdempotencyOwner, StoredAnswer, testing::LimitsStores};

pub async fn a_request_starts_once(stores: &LimitsStores) {
    let request = request(stores);
    request.start("{}", 0).await;
    assert_eq!(request.begin("{}", 0).await, Begun::InFlight { retry_after: LEASE });
}

pub async fn a_repeat_in_flight_is_told_when_the_lease_ends(stores: &LimitsStores) {
    let request = request(stores);
    request.start("{}", 0).await;
    let retry_after = Duration::from_secs(10);
    assert_eq!(request.begin("{}", 20).await, Begun::InFlight { retry_after });
    // To have asked does not lengthen the lease.
    let retry_after = Duration::from_secs(1);
    assert_eq!(request.begin("{}", 29).await, Begun::InFlight { retry_after });
}

pub async fn a_repeat_gets_the_answer_as_it_was_given(stores: &LimitsStores) {
    let request = request(stores);
    let attempt = request.start("{}", 0).await;
    request.finish(attempt, &answer("made"), 1).await.unwrap();
    for seconds in [1, 29, 31, 3600] {
        assert_eq!(request.begin("{}", seconds).await, Begun::Answered(answer("made")));
    }
}

pub async fn odd_answers_read_back_as_they_were_given(stores: &LimitsStores) {
    let every_byte: Vec<u8> = (0..=u8::MAX).collect();
    let answers = [
        StoredAnswer { status: 204, content_type: None, location: None, body: Vec::new() },
        StoredAnswer {
            status: 100,
            content_type: Some(String::new()),
            location: Some("https://example.com/a?b=c&d".into()),
            body: b"\n\0".to_vec(),
        },
        StoredAnswer {
            status: u16::MAX,
            content_type: Some("text/csv; charset=utf-8".into()),
            location: None,
            body: every_byte,
        },
        StoredAnswer {
            status: 200,
            content_type: Some("application/json".into()),
            location: None,
            body: vec![b'x'; 300_000],
        },
    ];
    for (number, given) in answers.into_iter().enumerate() {
        let key = format!("key-{number}");
        let request = Request::new(&stores.idempotency, IdempotencyOwner::Tenant(&stores.tenant), &key);
        let attempt = request.start("{}", 0).await;
        request.finish(attempt, &given, 1).await.unwrap();
        assert_eq!(request.begin("{}", 2).await, Begun::Answered(given), "{key}");
    }
}

pub async fn a_key_of_another_request_is_refused_in_flight_and_answered(stores: &LimitsStores) {
    let request = request(stores);
    let attempt = request.start("{}", 0).await;
    assert_eq!(request.begin("{ }", 1).await, Begun::OtherRequest);
    request.finish(attempt, &answer("made"), 2).await.unwrap();
    assert_eq!(request.begin("{ }", 3).await, Begun::OtherRequest);
    assert_eq!(request.begin("{}", 4).await, Begun::Answered(answer("made")));
}

pub async fn of_fifty_at_once_one_starts(stores: &LimitsStores) {
    let begun = at_once(50, &stores.idempotency, |store| {
        let tenant = stores.tenant.clone();
        async move {
            let key = IdempotencyKey::parse("key").unwrap();
            let caller = CallerId::parse("credential:one").unwrap();
            let owner = IdempotencyOwner::Tenant(&tenant);
            store.begin(owner, &key, &caller, &asked("{}"), after(0), LEASE).await.unwrap()
        }
    })
    .await;
    assert_one_started(&begun);
}

/// Checks that one started and everybody else has to wait for it.
pub(super) fn assert_one_started(begun: &[Begun]) {
    let waiting = Begun::InFlight { retry_after: LEASE };
    assert_eq!(begun.iter().filter(|one| matches!(one, Begun::Started(_))).count(), 1, "{begun:?}");
    assert_eq!(begun.iter().filter(|one| **one == waiting).count(), begun.len() - 1, "{begun:?}");
}

fn request(stores: &LimitsStores) -> Request<'_> {
    Request::new(&stores.idempotency, IdempotencyOwner::Tenant(&stores.tenant), "key")
}
