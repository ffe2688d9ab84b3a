//! Fakes of this crate's ports, and the contract suites that every adapter must pass.
