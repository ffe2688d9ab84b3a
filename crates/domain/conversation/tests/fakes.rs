//! The fakes keep the promises of the ports.

use conversation::testing::ConversationStores;

mod conversation_store {
    conversation::conversation_store_contract!(super::ConversationStores::memory());
}

mod contact_store {
    conversation::contact_store_contract!(super::ConversationStores::memory());
}

mod job_queue {
    conversation::job_queue_contract!(super::ConversationStores::memory());
}

mod delivery_ledger {
    conversation::delivery_ledger_contract!(super::ConversationStores::memory());
}
