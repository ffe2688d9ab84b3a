//! The port to whoever carries messages out.

use async_trait::async_trait;
use kernel::{GatewayError, MessageId};
use tenancy::{Address, Channel, Provider, SecretText, TenantScope};

use crate::{
    delivery_ledger::OpenAttempt,
    message::{DeliveryState, shows_only},
};

/// A message to be carried out.
#[derive(Clone, PartialEq, Eq)]
pub struct OutboundText {
    /// Our id, which the carrier's reports bring back.
    pub id: MessageId,
    /// The channel.
    pub channel: Channel,
    /// Who carries it.
    pub provider: Provider,
    /// The tenant's address.
    pub from: Address,
    /// The contact's address.
    pub to: Address,
    /// What it says.
    pub text: String,
}

shows_only!(OutboundText: id, channel, provider, from, to);

/// An account at the carrier, by which messages leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SendingAccount {
    /// The account's id at the carrier.
    pub account_sid: String,
    /// What lets us in.
    pub auth_token: SecretText,
}

/// What the carrier said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendOutcome {
    /// It has taken the message.
    Accepted {
        /// The carrier's id of the message.
        provider_message_id: String,
        /// How far it has come already.
        state: DeliveryState,
    },
    /// It refused, because the contact has opted out with the carrier itself.
    OptedOut,
}

/// Carries messages out.
///
/// An adapter MUST return [`GatewayError::Ambiguous`] whenever the carrier may have taken the message without
/// our knowing (a time-out or a broken connection after the request was written, a 5xx), MUST NOT retry by
/// itself, and MUST choose the account of the scope's tenant where it has any.
#[async_trait]
pub trait Messenger: Send + Sync {
    /// Returns the account by which the tenant's messages leave at this time.
    ///
    /// # Errors
    /// [`GatewayError::Rejected`] when there is none, [`GatewayError::Unavailable`] when that could not be found out.
    async fn account(&self, scope: &TenantScope) -> Result<SendingAccount, GatewayError>;

    /// Hands a message to the carrier, by this account.
    ///
    /// # Errors
    /// As [`GatewayError`] says; [`GatewayError::Rejected`] when it will never take this message.
    async fn send(
        &self,
        scope: &TenantScope,
        account: &SendingAccount,
        text: &OutboundText,
    ) -> Result<SendOutcome, GatewayError>;

    /// Asks the carrier whether it has taken the message of an attempt, by its ends, its words and the time; `None` when
    /// it has not. It MUST be asked for the account of the attempt: the messages of another say nothing of it.
    ///
    /// # Errors
    /// When the carrier could not say, or we have the account no more.
    async fn look_up(
        &self,
        scope: &TenantScope,
        attempt: &OpenAttempt,
    ) -> Result<Option<SendOutcome>, GatewayError>;
}
