//! What happens in a tenant, as it happens.

pub mod stream;
