//! What processes share through a real Redis, while it is away, dies, forgets, hangs and comes back.
#![expect(clippy::unwrap_used, reason = "a helper of tests fails as a test does")]

mod cache;
mod cache_in_trouble;
mod cached_prompts;
mod cached_stores;
mod client;
mod contracts;
mod cool_down;
mod support;
mod throttle;
