//! The conversation stores on Postgres keep the promises of the ports.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, also in what makes its stores")]

mod support;
mod tenants;

async fn fresh() -> conversation::testing::ConversationStores {
    let (stores, database) = support::stores().await;
    tenants::two(&stores, Box::new(database)).await
}

mod conversation_store {
    conversation::conversation_store_contract!(super::fresh().await);
}

mod contact_store {
    conversation::contact_store_contract!(super::fresh().await);
}

mod job_queue {
    conversation::job_queue_contract!(super::fresh().await);
}

mod delivery_ledger {
    conversation::delivery_ledger_contract!(super::fresh().await);
}
