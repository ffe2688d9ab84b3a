//! What whoever runs the server looks at.

mod health;
mod lanes;
mod metrics;
mod readiness;
mod stopping;
