//! A server that speaks as Gemini and as OpenAI do, for tests and for trying out without a key.
//!
//! Tests [script](FakeModelServer::then) an answer for each request and look at what was [asked](FakeModelServer::requests).
//! What is not scripted is answered as a simple receptionist would.

mod answer;
mod asked;
mod body;
mod full_server;
mod gemini;
mod json;
mod openai;
mod receptionist;
mod recorded;
mod script;
mod server;
mod state;

pub use answer::{FakeAnswer, HangsWhen};
pub use full_server::FullServer;
pub use recorded::RecordedRequest;
pub use server::{FakeModelServer, HungInVain};
