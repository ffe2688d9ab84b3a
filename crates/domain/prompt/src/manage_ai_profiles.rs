//! Making and changing AI profiles.

use std::sync::Arc;

use kernel::{AiProfileId, Clock, IdGenerator, Page, PageRequest};
use tenancy::TenantScope;

use crate::{
    AiProfile, AiProfileStore, AiRole, ModelSettings, PromptError, SystemPrompt, ai_profile::parse_name,
};

/// A profile to be made.
#[derive(Clone, Debug)]
pub struct NewAiProfile {
    /// What it is called.
    pub name: String,
    /// Whom the model plays.
    pub role: AiRole,
    /// How the model is set.
    pub settings: ModelSettings,
    /// What the model is told first.
    pub system_prompt: String,
    /// Whether it is to be the default. The first one is so only when asked, too.
    pub is_default: bool,
}

/// What of a profile is to be changed.
#[derive(Clone, Debug, Default)]
pub struct AiProfilePatch {
    /// The new name, if any.
    pub name: Option<String>,
    /// The new role, if any.
    pub role: Option<AiRole>,
    /// The new settings, if any, all of them.
    pub settings: Option<ModelSettings>,
    /// What the model is now told first, if anything else.
    pub system_prompt: Option<String>,
    /// Whether it is now the default, if that is another than before.
    pub is_default: Option<bool>,
}

/// Makes and changes AI profiles.
pub struct ManageAiProfiles {
    store: Arc<dyn AiProfileStore>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGenerator>,
}

impl ManageAiProfiles {
    /// Makes the use case.
    pub fn new(store: Arc<dyn AiProfileStore>, clock: Arc<dyn Clock>, ids: Arc<dyn IdGenerator>) -> Self {
        Self { store, clock, ids }
    }

    /// Makes a profile.
    ///
    /// # Errors
    /// When a field is not usable, or the store fails.
    pub async fn create(&self, scope: &TenantScope, new: NewAiProfile) -> Result<AiProfile, PromptError> {
        let profile = AiProfile {
            id: AiProfileId::new(self.ids.next()),
            tenant_id: scope.tenant_id(),
            name: parse_name(&new.name)?,
            role: new.role,
            settings: new.settings.checked()?,
            system_prompt: SystemPrompt::parse(&new.system_prompt)?,
            is_default: new.is_default,
            created_at: self.clock.now(),
            version: 0,
        };
        self.store.insert(scope, &profile).await?;
        Ok(profile)
    }

    /// Returns a profile.
    ///
    /// # Errors
    /// When the tenant has no such profile, or the store fails.
    pub async fn get(&self, scope: &TenantScope, id: AiProfileId) -> Result<AiProfile, PromptError> {
        self.store.find(scope, id).await?.ok_or(PromptError::NotFound { what: "AI profile" })
    }

    /// Returns the tenant's profiles, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn list(
        &self,
        scope: &TenantScope,
        page: &PageRequest,
    ) -> Result<Page<AiProfile>, PromptError> {
        Ok(self.store.list(scope, page).await?)
    }

    /// Changes a profile.
    ///
    /// # Errors
    /// When there is no such profile, a field is not usable, somebody was faster, or the store fails.
    pub async fn change(
        &self,
        scope: &TenantScope,
        id: AiProfileId,
        patch: AiProfilePatch,
    ) -> Result<AiProfile, PromptError> {
        let before = self.get(scope, id).await?;
        let profile = AiProfile {
            name: patch.name.map_or(Ok(before.name), |name| parse_name(&name))?,
            role: patch.role.unwrap_or(before.role),
            settings: patch.settings.map_or(Ok(before.settings), ModelSettings::checked)?,
            system_prompt: match patch.system_prompt {
                Some(text) => SystemPrompt::parse(&text)?,
                None => before.system_prompt,
            },
            is_default: patch.is_default.unwrap_or(before.is_default),
            ..before
        };
        self.store.save(scope, &profile, self.clock.now()).await?;
        Ok(AiProfile { version: profile.version + 1, ..profile })
    }

    /// Makes a profile the default; the one before ceases to be in the same step.
    ///
    /// # Errors
    /// When there is no such profile, somebody was faster, or the store fails.
    pub async fn make_default(&self, scope: &TenantScope, id: AiProfileId) -> Result<AiProfile, PromptError> {
        self.change(scope, id, AiProfilePatch { is_default: Some(true), ..AiProfilePatch::default() }).await
    }
}
