//! Contacts, consent, conversations, messages, and the turns that answer them.
//!
//! A message comes in by [`ReceiveMessage`], is answered by [`TakeTurn`], leaves by [`Deliver`] through the
//! one [`SendGate`], and what became of it is learnt by [`RecordDelivery`] and [`Reconcile`]. A person works
//! on the same conversations by [`ManageConversations`].

mod allowance;
mod answer_chat;
mod claim;
mod composer;
mod consent;
mod contact;
mod contact_store;
mod conversation;
mod conversation_store;
mod deliver;
mod delivery_ledger;
mod error;
mod event;
mod handoff;
mod inbound_text;
mod job_queue;
mod keyword;
mod loop_guard;
mod manage_contacts;
mod manage_conversations;
mod message;
mod messenger;
mod model;
mod notices;
mod outgoing_guard;
mod reactions;
mod receive_message;
mod reconcile;
mod record_delivery;
mod segment;
mod send_gate;
mod sentence;
mod summarize;
mod summary;
mod take_turn;
#[cfg(feature = "testing")]
pub mod testing;
mod tools;
mod turn;
mod turn_decision;
mod turn_writing;
mod window;
mod write_reply;

pub use allowance::{Allowance, Cost, MayAnswer};
pub use answer_chat::{AnswerChat, ChatAnswer};
pub use claim::{Claim, Claims, JobKind};
pub use composer::{Brief, Composed, Composer};
pub use consent::{Consent, ConsentAction, ConsentChange, ConsentSource, ConsentState, LedgerEntry};
pub use contact::{Contact, ContactName, NameSource};
pub use contact_store::ContactStore;
pub use conversation::{Conversation, ConversationChange, ConversationStatus, ConversationView, Owner};
pub use conversation_store::{Answer, ConversationFilter, ConversationStore, NewInbound, Received};
pub use deliver::{Deliver, Delivered, TakenMessage};
pub use delivery_ledger::{
    Attempt, AttemptEnd, DeliveryJob, DeliveryLedger, DeliveryReport, OpenAttempt, Outgoing,
};
pub use error::ConversationError;
pub use event::{
    CONSENT_CHANGED, CONTACT_CHANGED, CONVERSATION_OPENED, CONVERSATION_SUMMARIZED, HANDOFF_REQUESTED,
    MESSAGE_DELIVERY_CHANGED, MESSAGE_RECEIVED, SEND_REFUSED, TURN_COMMITTED, TurnHeard, consent_changed,
    conversation_opened, delivery_changed, message_received, send_refused,
};
pub use handoff::{Handoff, HandoffReason};
pub use inbound_text::InboundText;
pub use job_queue::{JobQueue, Wake};
pub use keyword::{InboundIntent, carrier_answers_itself, classify};
pub use loop_guard::is_looping;
pub use manage_contacts::ManageContacts;
pub use manage_conversations::ManageConversations;
pub use message::{Attachment, Author, Body, DeliveryState, Direction, Message, NewOutbound, Purpose};
pub use messenger::{Messenger, OutboundText, SendOutcome, SendingAccount};
pub use model::{
    Deltas, FinishReason, LanguageModel, Line, ModelError, ModelReply, ModelRequest, ModelSettings,
    ModelTimeouts, OutputSchema, Parameter, ParameterKind, Parameters, TokenUsage, ToolCall, ToolResult,
    ToolRound, ToolSpec, Unheard,
};
pub use outgoing_guard::{OutgoingGuard, Screened};
pub use reactions::{PendingEvent, Reactions};
pub use receive_message::{Debounce, ReceiveMessage};
pub use reconcile::Reconcile;
pub use record_delivery::RecordDelivery;
pub use segment::{MAX_MESSAGE_UNITS, segment_count, split};
pub use send_gate::{RefusalReason, RefusedSend, SendGate, Standing, Verdict};
pub use summarize::{Said, Summarize, Summarized, ToSummarize};
pub use summary::{Summaries, Summary, SummaryChange, Unsummarized};
pub use take_turn::{CommittedTurn, TakeTurn, TurnLimits, TurnResult};
pub use tools::{
    Called, CaptureLead, CapturedFact, CapturedField, Effects, Language, OfferedTools, RequestHandoff, Scene,
    SetLanguage, Tool, ToolError, ToolOutcome, Toolbox,
};
pub use turn::{Spent, Turn, TurnCommit, TurnContext, TurnOutcome, TurnUsage};
pub use write_reply::{ReplyMeans, WriteError, WriteReply, WrittenReply};
