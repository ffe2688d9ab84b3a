//! STOP stops everything, START restores, and only whole words count.

use crate::rig::Rig;

#[tokio::test(flavor = "multi_thread")]
async fn stop_in_its_spellings_stops_everything_and_start_restores() {
    let rig = Rig::start();
    let spellings =
        ["STOP", "SToP", " stop. ", "stopall", "Unsubscribe", "cancel", "END", "quit", "revoke", "optout"];
    let checks =
        spellings.iter().enumerate().map(|(number, spelling)| check_spelling(&rig, number, spelling));
    futures_util::future::join_all(checks).await;
}

async fn check_spelling(rig: &Rig, number: usize, spelling: &str) {
    let phone = format!("+155555504{number:02}");
    rig.ask(&phone, "Hello").await;
    rig.text_as(&phone, spelling, &format!("SMstop{number}")).await;
    rig.text(&phone, "Are you still there?").await;
    rig.settle().await;
    // Where the word is the whole text, the carrier answers it; else the one confirmation is ours.
    let after: Vec<_> = rig.brought_to(&phone).await.into_iter().skip(1).collect();
    assert!(after.iter().all(|text| text.contains("opted out")), "{spelling}: {after:?}");
    assert!(after.len() <= 1, "{spelling}: {after:?}");
    rig.text(&phone, "START").await;
    rig.settle().await;
    let before = rig.brought_to(&phone).await.len();
    rig.text(&phone, "What are your hours?").await;
    rig.wait_for(&phone, before + 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_senders_stop_counts() {
    let rig = Rig::start();
    let phone = "+15555550450";
    rig.text(phone, "STOP").await;
    rig.text(phone, "Hello?").await;
    rig.settle().await;
    assert_eq!(rig.brought_to(phone).await, Vec::<String>::new());
    let conversations = rig.conversations(phone).await;
    let path = format!("/api/v1/conversations/{}/refused-sends", conversations[0]["id"].as_str().unwrap());
    let refused = rig.get(&path).await;
    assert_eq!(refused["items"][0]["reason"], "opted_out", "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn weekend_and_dont_stop_do_not_opt_out() {
    let rig = Rig::start();
    let phone = "+15555550451";
    for text in ["Are you open on the weekend?", "don't stop", "the water won't stop running"] {
        rig.ask(phone, text).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn asking_in_free_words_opts_out_with_one_confirmation() {
    let rig = Rig::start();
    let phone = "+15555550452";
    rig.ask(phone, "Hello").await;
    let confirmation = rig.ask(phone, "please stop texting me").await;
    assert!(confirmation.contains("opted out") && confirmation.contains("START"), "{confirmation}");
    rig.text(phone, "please stop texting me").await;
    rig.settle().await;
    assert_eq!(rig.brought_to(phone).await.len(), 2);
}
