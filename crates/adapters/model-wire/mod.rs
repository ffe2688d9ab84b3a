//! What the models' adapters share: server-sent events, time-outs, bounds, refusals and the two sides of a chat. It is
//! no crate: each adapter includes it by its path.

pub(crate) mod answer;
pub(crate) mod events;
pub(crate) mod exchange;
pub(crate) mod failure;
pub(crate) mod patience;
pub(crate) mod refusal;
pub(crate) mod transcript;
