//! What has to do with prompts, composed.

use std::sync::Arc;

use conversation::Toolbox;
use prompt::{
    ComposePrompt, ManageAiProfiles, ManageBasePrompts, ManageExamples, ManagePrompts, RunExamples,
};
use tenancy::FeatureFlags;

use super::{Ports, Settings};
use crate::{
    bridges::ModelRehearsal, logged_model::LoggedModel, services::PromptServices, try_prompts::TryPrompts,
};

impl Ports {
    /// Makes what puts prompts together. It keeps compiled texts, so one is shared.
    pub(super) fn compose_prompt(&self) -> Arc<ComposePrompt> {
        Arc::new(ComposePrompt::new(Arc::clone(&self.stores.prompts), Arc::clone(&self.stores.ai_profiles)))
    }

    /// Makes the tools of models.
    pub(super) fn toolbox(&self) -> Arc<Toolbox> {
        let flags = FeatureFlags::new(Arc::clone(&self.stores.flags), Arc::clone(&self.clock));
        Arc::new(Toolbox::standard(Arc::new(flags)))
    }

    /// Makes what the HTTP side may do with prompts.
    pub(super) fn prompt_services(&self, settings: &Settings, compose: Arc<ComposePrompt>) -> PromptServices {
        let (clock, ids) = (|| Arc::clone(&self.clock), || Arc::clone(&self.ids));
        let (prompts, examples) = (|| Arc::clone(&self.stores.prompts), || Arc::clone(&self.stores.examples));
        let rehearsal = Arc::new(ModelRehearsal {
            model: Arc::new(LoggedModel(Arc::clone(&self.model))),
            tools: self.toolbox(),
            tenants: Arc::clone(&self.stores.tenants),
            allowance: self.allowance(settings),
            installed: settings.models.clone(),
            clock: clock(),
        });
        let runs = RunExamples::new(
            (prompts(), examples()),
            Arc::clone(&compose),
            Arc::<ModelRehearsal>::clone(&rehearsal),
            clock(),
            ids(),
        );
        PromptServices {
            versions: ManagePrompts::new(prompts(), examples(), clock(), ids()),
            base: ManageBasePrompts::new(prompts(), clock(), ids()),
            profiles: ManageAiProfiles::new(Arc::clone(&self.stores.ai_profiles), clock(), ids()),
            examples: ManageExamples::new(examples(), clock(), ids()),
            tries: TryPrompts {
                answer_within: TryPrompts::answer_within(settings.operations.lanes.api.limit),
                compose,
                runs,
                rehearsal,
                prompts: prompts(),
                examples: examples(),
                tenants: Arc::clone(&self.stores.tenants),
                conversations: Arc::clone(&self.stores.conversations),
                leads: Arc::clone(&self.stores.leads),
                tools: self.toolbox(),
                clock: clock(),
            },
        }
    }
}
