//! Channels, providers, and the binding of an address to a tenant.

use kernel::{BindingId, TenantId, Timestamp};

use crate::{address::Address, error::TenancyError, scope::TenantScope};

/// How people and a business talk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Channel {
    /// Text messages.
    Sms,
    /// WhatsApp.
    WhatsApp,
    /// Phone calls.
    Voice,
    /// The chat on a web page.
    WebChat,
}

impl Channel {
    /// Every channel there is.
    pub const ALL: [Self; 4] = [Self::Sms, Self::WhatsApp, Self::Voice, Self::WebChat];

    /// Returns the name on the wire and in stores.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::WhatsApp => "whatsapp",
            Self::Voice => "voice",
            Self::WebChat => "web_chat",
        }
    }

    /// Reads a name on the wire or in a store.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.as_str() == name)
    }
}

/// Who carries the messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Provider {
    /// Twilio, or whatever speaks as Twilio does.
    Twilio,
    /// This server itself: web chat.
    BuiltIn,
}

impl Provider {
    /// Every provider there is.
    pub const ALL: [Self; 2] = [Self::Twilio, Self::BuiltIn];

    /// Returns the name on the wire and in stores.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Twilio => "twilio",
            Self::BuiltIn => "built_in",
        }
    }

    /// Reads a name on the wire or in a store.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|provider| provider.as_str() == name)
    }
}

/// A tenant's address on a channel. No two tenants have the same one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelBinding {
    id: BindingId,
    tenant_id: TenantId,
    channel: Channel,
    provider: Provider,
    address: Address,
    is_active: bool,
    created_at: Timestamp,
}

impl ChannelBinding {
    /// Binds an address to the scope's tenant, active.
    ///
    /// # Errors
    /// When the channel cannot be served, or needs another kind of address.
    pub fn bind(
        scope: &TenantScope,
        id: BindingId,
        channel: Channel,
        provider: Provider,
        address: Address,
        created_at: Timestamp,
    ) -> Result<Self, TenancyError> {
        match (channel, provider, &address) {
            (Channel::Sms, Provider::Twilio, Address::Phone(_))
            | (Channel::WebChat, Provider::BuiltIn, Address::Session(_)) => {}
            (Channel::Sms, Provider::Twilio, _) => {
                return Err(TenancyError::Invalid {
                    field: "address",
                    message: "an sms channel needs a phone number with its country code, as in +15551230000"
                        .into(),
                });
            }
            _ => {
                return Err(TenancyError::Invalid {
                    field: "channel",
                    message: format!(
                        "{} by {} is not served; use sms by twilio or web_chat by built_in",
                        channel.as_str(),
                        provider.as_str()
                    ),
                });
            }
        }
        Ok(Self { id, tenant_id: scope.tenant_id(), channel, provider, address, is_active: true, created_at })
    }

    /// Rebuilds a binding from what a store kept.
    pub fn from_stored(
        id: BindingId,
        tenant_id: TenantId,
        (channel, provider, address): (Channel, Provider, Address),
        is_active: bool,
        created_at: Timestamp,
    ) -> Self {
        Self { id, tenant_id, channel, provider, address, is_active, created_at }
    }

    /// Switches the binding on or off. Off, its messages are answered as an unknown number's.
    pub fn set_active(&mut self, is_active: bool) {
        self.is_active = is_active;
    }

    /// Returns the binding's id.
    pub fn id(&self) -> BindingId {
        self.id
    }

    /// Returns the tenant that the address belongs to.
    pub fn tenant_id(&self) -> TenantId {
        self.tenant_id
    }

    /// Returns the channel.
    pub fn channel(&self) -> Channel {
        self.channel
    }

    /// Returns who carries the messages.
    pub fn provider(&self) -> Provider {
        self.provider
    }

    /// Returns the tenant's own address.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Tells whether the binding is switched on.
    pub fn is_active(&self) -> bool {
        self.is_active
    }

    /// Returns when the address was bound.
    pub fn created_at(&self) -> Timestamp {
        self.created_at
    }
}
