//! Starts what tests need on free ports, makes sure that it is the one that was started, and stops it at the end,
//! also after a failure.

mod browser;
mod daemon;
mod free_port;
mod full_disk;
mod log_tail;
mod one_run;
pub mod postgres;
mod random;
pub mod redis;
mod server_process;
mod server_spec;
mod waiting;

pub use browser::{Browser, Page};
pub use full_disk::limit_files;
pub use one_run::run_to_end;
pub use server_process::ServerProcess;
pub use server_spec::ServerSpec;
