//! The platform's versions of prompts, the base that every tenant begins with.

pub mod change;
pub mod diff;
pub mod draft;
pub mod get;
pub mod list;
pub mod publish;
pub mod roll_back;
pub mod submit;
