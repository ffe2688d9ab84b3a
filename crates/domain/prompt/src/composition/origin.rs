//! Where a part of a prompt comes from.

use std::sync::Arc;

use kernel::{AiProfileId, PromptVersionId};

use crate::{PromptChannel, PromptVersion, names::stored_names};

/// Whose layer a text belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Layer {
    /// The platform's.
    Base,
    /// The tenant's.
    Tenant,
}

stored_names!(Layer: Base = "base", Tenant = "tenant");

/// The version that a text is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct VersionRef {
    /// Its id.
    pub id: PromptVersionId,
    /// Its number.
    pub number: u32,
    /// Its channel.
    pub channel: PromptChannel,
}

impl VersionRef {
    /// Names a version.
    pub(crate) fn of(version: &PromptVersion) -> Self {
        Self { id: version.id(), number: version.number(), channel: version.channel() }
    }
}

/// Where a part of a prompt comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// A section of a version.
    Section {
        /// Whose.
        layer: Layer,
        /// Its key.
        key: Arc<str>,
        /// Of which version.
        version: VersionRef,
    },
    /// The AI profile's system prompt.
    AiProfile {
        /// Which profile; `None` for the one in the box, where a tenant has no default.
        id: Option<AiProfileId>,
    },
    /// The business profile.
    BusinessProfile,
    /// The closing text of the channel.
    ChannelSuffix {
        /// Whose.
        layer: Layer,
        /// Of which version.
        version: VersionRef,
    },
    /// A passage of the tenant's documents.
    Knowledge {
        /// Its place among the passages, from 0.
        position: usize,
    },
    /// What is known of the contact.
    Contact,
    /// What the model can do.
    Tools,
    /// What holds for every tenant.
    Guard,
}

impl Origin {
    /// Returns the name of the kind on the wire.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Section { layer, .. } => layer.as_str(),
            Self::AiProfile { .. } => "ai_profile",
            Self::BusinessProfile => "business_profile",
            Self::ChannelSuffix { .. } => "channel_suffix",
            Self::Knowledge { .. } => "knowledge",
            Self::Contact => "contact",
            Self::Tools => "tools",
            Self::Guard => "guard",
        }
    }

    /// Returns the key of the section, where it is one.
    pub fn section_key(&self) -> Option<&str> {
        match self {
            Self::Section { key, .. } => Some(key),
            _ => None,
        }
    }

    /// Returns the version, where it is from one.
    pub fn version(&self) -> Option<VersionRef> {
        match self {
            Self::Section { version, .. } | Self::ChannelSuffix { version, .. } => Some(*version),
            _ => None,
        }
    }
}
