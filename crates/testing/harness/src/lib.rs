//! Starts what tests need on free ports, makes sure that it is the one that was started, and stops it at the end,
//! also after a failure.

mod browser;
mod server_process;

pub use browser::Browser;
pub use server_process::{ServerProcess, ServerSpec};
