//! Addresses as people write them in queries: phone numbers, web chat sessions, odd senders.

use kernel::PhoneNumber;
use tenancy::{Address, TenantScope};

use crate::{
    http::{extract::address_in_query, problem::Problem},
    services::Services,
};

/// Returns what the text may mean, likeliest first. Only a phone number tells by its looks what it is.
pub(super) fn meanings(text: &str) -> Vec<Address> {
    let text = address_in_query(text);
    match PhoneNumber::parse(&text) {
        Ok(number) => vec![Address::Phone(number)],
        Err(_) => Address::from_session(&text).into_iter().chain([Address::from_carrier(&text)]).collect(),
    }
}

/// Returns the address that is meant: any phone number, or what else a contact of the tenant has.
///
/// # Errors
/// When it is no phone number and no contact has it, or the store fails.
pub(super) async fn resolve(
    services: &Services,
    scope: &TenantScope,
    text: &str,
) -> Result<Address, Problem> {
    for address in meanings(text) {
        let is_phone = matches!(address, Address::Phone(_));
        if is_phone || services.contacts.find_by_address(scope, &address).await?.is_some() {
            return Ok(address);
        }
    }
    Err(Problem::not_found("address"))
}
