//! `/healthz`

use server::installation::{InstallationKey, ProofOf};
use tenancy::SecretText;

use crate::support::World;

const NONCE: &str = "x-installation-nonce";
const PROOF: &str = "x-installation-proof";

#[actix_web::test]
async fn it_proves_to_who_asks_of_which_installation_it_is() {
    let answer = World::new().get("/healthz").header(NONCE, "abc").send().await;
    let key = |text: &str| InstallationKey::derive(&SecretText::new(text));
    let proof = answer.header(PROOF);
    assert!(key("1:keys-in-tests").accepts(ProofOf::Identity, "abc", proof), "{proof}");
    assert!(!key("1:keys-of-another").accepts(ProofOf::Identity, "abc", proof));
}

#[actix_web::test]
async fn it_proves_nothing_unasked_and_nothing_long() {
    let world = World::new();
    let (unasked, long) = (world.get("/healthz"), world.get("/healthz").header(NONCE, &"n".repeat(65)));
    for call in [unasked, long] {
        let answer = call.send().await;
        assert_eq!((answer.status, answer.header(PROOF)), (200, ""));
    }
}
