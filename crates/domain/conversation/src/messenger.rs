//! The port to whoever carries messages out.

use async_trait::async_trait;
use kernel::{GatewayError, MessageId, Timestamp};
use tenancy::{Address, Channel, Provider, TenantScope};

use crate::message::{DeliveryState, shows_only};

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
/// itself, and MUST use the credentials of the scope's tenant where it has any.
#[async_trait]
pub trait Messenger: Send + Sync {
    /// Hands a message to the carrier.
    ///
    /// # Errors
    /// As [`GatewayError`] says; [`GatewayError::Rejected`] when it will never take this message.
    async fn send(&self, scope: &TenantScope, text: &OutboundText) -> Result<SendOutcome, GatewayError>;

    /// Asks the carrier whether it has taken a message, by its ends, its words and the time; `None` when it
    /// has not. `known` are carrier ids that belong to other messages.
    ///
    /// # Errors
    /// When the carrier could not say.
    async fn look_up(
        &self,
        scope: &TenantScope,
        text: &OutboundText,
        attempted_at: Timestamp,
        known: &[String],
    ) -> Result<Option<SendOutcome>, GatewayError>;
}
