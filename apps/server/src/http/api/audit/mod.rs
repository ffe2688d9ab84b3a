//! Who changed what of a tenant's.

pub mod list;
