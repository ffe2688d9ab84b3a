//! What the tests have in common: a composed application, calls, and what comes back.

mod call;
mod carrier;
mod database;
mod operations;
mod outage;
mod tenant;
mod world;

pub(crate) use call::{Answer, Call, faulty_fields};
pub(crate) use carrier::{PLATFORM_SID, PLATFORM_TOKEN, Webhook};
pub(crate) use operations::{Operation, ids_of, operations, valid_body};
pub(crate) use outage::BrokenStore;
pub(crate) use tenant::{Business, text};
pub(crate) use world::{
    ADMIN_PRIVATE_KEY, JWT_SECRET, MEMBER_PASSWORD, OPERATOR_KEY, OPERATOR_PASSWORD, World,
};
