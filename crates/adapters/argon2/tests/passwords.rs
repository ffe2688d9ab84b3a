//! Passwords are found right and wrong, away from the reactor, and few at once.

use std::{sync::Arc, time::Duration};

use cheetah_argon2::{Argon2Hasher, Bounds};
use kernel::{BoxError, Entropy, testing::CountingEntropy};
use tenancy::{HashError, PasswordHash, PasswordHasher as _, SecretText};

fn hasher(bounds: Bounds) -> Argon2Hasher {
    Argon2Hasher::new(Arc::new(CountingEntropy::default()), bounds)
}

fn password(text: &str) -> SecretText {
    SecretText::new(text)
}

#[tokio::test]
async fn the_password_that_was_hashed_is_right_and_no_other_is() {
    let hasher = hasher(Bounds::default());
    let hash = hasher.hash(&password("four words of nö sentence")).await.unwrap();
    assert!(hasher.verify(&password("four words of nö sentence"), &hash).await.unwrap());
    for wrong in ["", "four words of no sentence", "four words of nö sentence "] {
        assert!(!hasher.verify(&password(wrong), &hash).await.unwrap(), "{wrong}");
    }
}

#[tokio::test]
async fn a_hash_tells_its_costs_and_two_of_one_password_differ() {
    let hasher = hasher(Bounds::default());
    let (one, other) = (hasher.hash(&password("same")).await, hasher.hash(&password("same")).await);
    let (one, other) = (one.unwrap(), other.unwrap());
    assert!(one.expose().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", one.expose());
    assert_ne!(one.expose(), other.expose());
    assert!(!format!("{one:?}").contains("argon2"));
}

#[tokio::test]
async fn what_is_no_hash_is_a_failure_and_not_a_wrong_password() {
    for text in ["", "plain", "$argon2id$v=19$m=19456,t=2,p=1"] {
        let outcome = hasher(Bounds::default()).verify(&password("x"), &PasswordHash::new(text)).await;
        assert!(matches!(outcome, Err(HashError::Failed(_))), "{text}: {outcome:?}");
    }
}

#[tokio::test]
async fn without_randomness_nothing_is_hashed() {
    struct Dry;
    impl Entropy for Dry {
        fn fill(&self, _: &mut [u8]) -> Result<(), BoxError> {
            Err("dry".into())
        }
    }
    let outcome = Argon2Hasher::new(Arc::new(Dry), Bounds::default()).hash(&password("x")).await;
    assert!(matches!(outcome, Err(HashError::Failed(_))));
}

#[tokio::test]
async fn whoever_gets_no_turn_in_time_is_told_so() {
    let hasher = hasher(Bounds { at_once: 0, wait: Duration::from_millis(10) });
    assert!(matches!(hasher.hash(&password("x")).await, Err(HashError::Busy)));
    assert!(matches!(hasher.verify_nobody(&password("x")).await, Err(HashError::Busy)));
}

#[tokio::test(flavor = "current_thread")]
async fn the_reactor_goes_on_while_passwords_are_hashed() {
    let hasher = Arc::new(hasher(Bounds { at_once: 1, wait: Duration::from_secs(60) }));
    let hashing = tokio::spawn(async move {
        for _ in 0..3 {
            hasher.verify_nobody(&SecretText::new("x")).await.unwrap();
        }
    });
    let mut turns = 0_u64;
    while !hashing.is_finished() {
        tokio::task::yield_now().await;
        turns += 1;
    }
    hashing.await.unwrap();
    assert!(turns > 100, "the reactor came round {turns} times");
}
