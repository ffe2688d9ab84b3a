//! Trying prompts before customers hear them: what a model would be told, what it would answer, and how examples fare.

use std::{sync::Arc, time::Duration};

use conversation::{Author, ConversationStore, ConversationView, Message, Toolbox};
use kernel::{
    Clock, ConversationId, Cursor, ExampleId, Page, PageRequest, PromptVersionId, StoreError, Timestamp,
};
use lead::LeadStore;
use prompt::{
    Business, Canary, ComposePrompt, ComposeRequest, ContactFacts, Example, ExampleContent, ExampleLine,
    ExampleResult, ExampleSource, ExampleStore, LineAuthor, PreparedPrompt, PromptChannel, PromptError,
    PromptStore, PromptVersion, Rehearsal, RehearsalError, RehearsalRequest, Rehearsed, RunExamples, RunMode,
    RunRequest, TokenBudget,
};
use tenancy::{BusinessProfile, Tenant, TenantScope, TenantStore};

use crate::bridges::tool_lines;

/// What stands in a shown prompt where a turn has a word of its own.
const SHOWN_CANARY: &str = "mark0000";
/// How many of a conversation's messages are read at once.
const MESSAGES_AT_ONCE: u16 = 200;

/// Why a version could not be tried.
#[derive(Debug, thiserror::Error)]
pub enum TryError {
    /// The domain says why.
    #[error(transparent)]
    Prompt(#[from] PromptError),
    /// The model gave no answer.
    #[error(transparent)]
    Model(#[from] RehearsalError),
}

/// Tries prompts. Nothing of it is sent to anybody.
pub struct TryPrompts {
    /// How long models may take for all that one request asks them.
    pub answer_within: Duration,
    /// Puts together what a model is told.
    pub compose: Arc<ComposePrompt>,
    /// Tries examples.
    pub runs: RunExamples,
    /// Asks the model.
    pub rehearsal: Arc<dyn Rehearsal>,
    /// Versions of prompts.
    pub prompts: Arc<dyn PromptStore>,
    /// Examples and what came of them.
    pub examples: Arc<dyn ExampleStore>,
    /// What is known of the business.
    pub tenants: Arc<dyn TenantStore>,
    /// What was said.
    pub conversations: Arc<dyn ConversationStore>,
    /// What is known of those who said it.
    pub leads: Arc<dyn LeadStore>,
    /// What a model may ask for.
    pub tools: Arc<Toolbox>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// What was said in a conversation, as an example takes it in.
pub struct Said {
    /// The channel.
    pub channel: PromptChannel,
    /// What was said, oldest first; it ends with the contact.
    pub transcript: Vec<ExampleLine>,
    /// Names that are known to be somebody's.
    pub names: Vec<String>,
}

impl TryPrompts {
    /// Returns how long models may take where a request may take so long: the rest is for reading and writing.
    pub fn answer_within(limit: Duration) -> Duration {
        limit / 6 * 5
    }

    /// Returns what a model would be told if a version were in production, and on which channel. A version for all
    /// channels is shown on the one that is asked for, or in a chat.
    ///
    /// # Errors
    /// When the tenant has no such version, it is for another channel, a text cannot be filled in, or a store fails.
    pub async fn compose(
        &self,
        scope: &TenantScope,
        id: PromptVersionId,
        channel: Option<PromptChannel>,
        contact: &ContactFacts,
    ) -> Result<(PreparedPrompt, PromptChannel), PromptError> {
        let version = self.version(scope, id).await?;
        let channel = channel.unwrap_or(match version.channel() {
            PromptChannel::All => PromptChannel::Chat,
            one => one,
        });
        let (tenant, profile) = self.business(scope).await?;
        let request = ComposeRequest {
            channel,
            business: Business { name: tenant.name(), profile: &profile },
            contact,
            knowledge: &[],
            tools: &tool_lines(&self.tools.specs(scope).await),
            canary: &shown_canary()?,
            budget: TokenBudget::default(),
            now: self.clock.now(),
        };
        Ok((self.compose.preview(scope, id, &request).await?, channel))
    }

    /// Returns what a model would answer if a version were in production. Nothing is kept.
    ///
    /// # Errors
    /// As [`compose`](TryPrompts::compose), or when no model may be asked, or the model gives no answer.
    pub async fn answer(
        &self,
        scope: &TenantScope,
        id: PromptVersionId,
        channel: Option<PromptChannel>,
        transcript: Vec<ExampleLine>,
    ) -> Result<Rehearsed, TryError> {
        let answer_by = self.answer_by();
        let (prepared, channel) = self.compose(scope, id, channel, &ContactFacts::default()).await?;
        let request = RehearsalRequest {
            instructions: prepared.composed.text(),
            canary: shown_canary()?,
            settings: prepared.settings,
            channel,
            transcript,
        };
        let means = self.rehearsal.means(scope).await?;
        Ok(self.rehearsal.rehearse(scope, &means, &request, answer_by).await?)
    }

    /// Tries examples on a version and keeps what came of each, from where an earlier run has stopped. Where there are more
    /// than there is time for, the page says where the next run goes on.
    ///
    /// # Errors
    /// When the tenant has no such version or example, a text cannot be filled in, no model may be asked, or a store
    /// fails.
    pub async fn run(
        &self,
        scope: &TenantScope,
        version: PromptVersionId,
        (only, after): (Option<ExampleId>, Option<Cursor>),
        mode: RunMode,
    ) -> Result<Page<ExampleResult>, PromptError> {
        let answer_by = self.answer_by();
        let (tenant, profile) = self.business(scope).await?;
        let request = RunRequest {
            version,
            only,
            after,
            answer_by,
            mode,
            business: Business { name: tenant.name(), profile: &profile },
            tools: &tool_lines(&self.tools.specs(scope).await),
            budget: TokenBudget::default(),
        };
        self.runs.run(scope, &request).await
    }

    fn answer_by(&self) -> Timestamp {
        self.clock.now() + self.answer_within
    }

    /// Returns the latest result of each example on a version.
    ///
    /// # Errors
    /// When the tenant has no such version, or a store fails.
    pub async fn results(
        &self,
        scope: &TenantScope,
        id: PromptVersionId,
    ) -> Result<Vec<ExampleResult>, PromptError> {
        self.version(scope, id).await?;
        Ok(self.examples.latest_results(scope, id).await?)
    }

    /// Returns the last of what was said in a conversation, up to the contact's last words.
    ///
    /// # Errors
    /// When the tenant has no such conversation, or a store fails.
    pub async fn said(&self, scope: &TenantScope, id: ConversationId) -> Result<Said, PromptError> {
        let found = self.conversations.find(scope, id).await?;
        let view = found.ok_or(PromptError::NotFound { what: "conversation" })?;
        let mut transcript = Vec::new();
        let mut after = None;
        // The size is within what a page may have.
        while let Some(page) = PageRequest::new(MESSAGES_AT_ONCE, after) {
            let messages = self.conversations.list_messages(scope, id, &page).await?;
            transcript.extend(messages.items.iter().filter_map(line));
            after = messages.next;
            if after.is_none() {
                break;
            }
        }
        while transcript.last().is_some_and(|line| line.author != LineAuthor::Contact) {
            transcript.pop();
        }
        let first = transcript.len().saturating_sub(ExampleContent::MAX_LINES);
        Ok(Said {
            channel: view.conversation.channel.into(),
            transcript: transcript.split_off(first),
            names: self.names_in(scope, &view).await?,
        })
    }

    /// Returns the names that are known of the conversation that an example was made from, as far as it is there.
    ///
    /// # Errors
    /// When a store fails.
    pub async fn names_of(&self, scope: &TenantScope, example: &Example) -> Result<Vec<String>, PromptError> {
        let ExampleSource::Conversation(id) = example.content.raw().source else { return Ok(Vec::new()) };
        match self.conversations.find(scope, id).await? {
            Some(view) => Ok(self.names_in(scope, &view).await?),
            None => Ok(Vec::new()),
        }
    }

    /// Returns what the contact is called, and every name that was told to the lead that the conversation belongs to.
    async fn names_in(
        &self,
        scope: &TenantScope,
        view: &ConversationView,
    ) -> Result<Vec<String>, StoreError> {
        let lead = self.leads.find_by_conversation(scope, view.conversation.id).await?;
        let told = lead.into_iter().flat_map(|lead| lead.names());
        let told = told.map(|fact| fact.value().to_owned());
        Ok(view.contact_name.iter().map(|name| name.text.clone()).chain(told).collect())
    }

    async fn version(&self, scope: &TenantScope, id: PromptVersionId) -> Result<PromptVersion, PromptError> {
        self.prompts.find(scope, id).await?.ok_or(PromptError::NotFound { what: "prompt version" })
    }

    async fn business(&self, scope: &TenantScope) -> Result<(Tenant, BusinessProfile), PromptError> {
        self.tenants.find_profile(scope).await?.ok_or(PromptError::NotFound { what: "tenant" })
    }
}

fn shown_canary() -> Result<Canary, PromptError> {
    Canary::parse(SHOWN_CANARY).ok_or(PromptError::NotFound { what: "canary" })
}

/// Takes a message in; one without words is left out.
fn line(message: &Message) -> Option<ExampleLine> {
    let author = match message.author {
        Author::Contact => LineAuthor::Contact,
        Author::Bot => LineAuthor::Bot,
        Author::Human => LineAuthor::Human,
    };
    let text: String = message.body.text.chars().take(ExampleContent::MAX_LINE).collect();
    (!text.trim().is_empty()).then_some(ExampleLine { author, text })
}
