//! The stores of prompts, AI profiles and examples on Postgres keep the promises of the ports.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, also in what makes its stores")]

use prompt::testing::PromptStores;

mod prompts;
mod support;

async fn fresh() -> PromptStores {
    let (stores, database) = support::stores().await;
    prompts::two(&stores, Box::new(database)).await
}

mod prompt_store {
    prompt::prompt_store_contract!(super::fresh().await);
}

mod ai_profile_store {
    prompt::ai_profile_store_contract!(super::fresh().await);
}

mod example_store {
    prompt::example_store_contract!(super::fresh().await);
}
