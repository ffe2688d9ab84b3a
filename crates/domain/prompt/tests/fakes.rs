//! The fakes keep the promises of the ports.

use prompt::testing::PromptStores;

mod prompt_store {
    prompt::prompt_store_contract!(super::PromptStores::memory());
}

mod ai_profile_store {
    prompt::ai_profile_store_contract!(super::PromptStores::memory());
}

mod example_store {
    prompt::example_store_contract!(super::PromptStores::memory());
}
