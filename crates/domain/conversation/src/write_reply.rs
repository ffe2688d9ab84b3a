//! Finding the words of a reply: the model is told what it must know, asked, and given the tools that it asks for.

use std::sync::Arc;

use kernel::{Clock, Entropy, StoreError, Timestamp};
use tenancy::{BusinessProfile, Tenant, TenantScope};

use crate::{
    allowance::MayAnswer,
    composer::{Brief, Composer},
    handoff::HandoffReason,
    message::Message,
    model::{
        Deltas, FinishReason, LanguageModel, Line, ModelError, ModelReply, ModelRequest, TokenUsage,
        ToolRound,
    },
    notices::handed_over,
    outgoing_guard::{GuardedDeltas, OutgoingGuard},
    send_gate::RefusalReason,
    tools::{Effects, Language, Scene, Toolbox, call, specs},
    turn::TurnContext,
    window::{Window, estimate, window},
};

/// Finds the words of a reply.
pub struct WriteReply {
    /// Writes what the model is told.
    pub composer: Arc<dyn Composer>,
    /// What writes the words.
    pub model: Arc<dyn LanguageModel>,
    /// What it may ask for.
    pub tools: Arc<Toolbox>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Makes the word by which leaked instructions are known.
    pub entropy: Arc<dyn Entropy>,
}

/// How a reply may be written.
pub struct ReplyMeans<'a> {
    /// By which models.
    pub may: MayAnswer,
    /// Until when.
    pub answer_by: Timestamp,
    /// Hears it as it is written.
    pub deltas: &'a dyn Deltas,
    /// Where each answer of a model is noted, with the model's name and how many tokens it took: also where nothing comes
    /// of them.
    pub spent: &'a mut Vec<(String, TokenUsage)>,
}

/// The words of a reply, and all that comes with them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WrittenReply {
    /// The words.
    pub text: String,
    /// What tools want done.
    pub effects: Effects,
    /// Which model wrote it, in its provider's words; empty for the one in the box.
    pub model: String,
    /// Whether what the model was shown is about to be longer than what it can be shown.
    pub is_long: bool,
    /// What of the model's own words may not be said, and why.
    pub held_back: Option<(RefusalReason, String)>,
}

/// Why there are no words.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The model did not answer.
    #[error("the model did not answer")]
    Model(#[from] ModelError),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

impl WriteReply {
    /// How often a model may ask for tools in one turn.
    pub const MOST_ROUNDS: usize = 4;
    /// How many tools it may ask for at once.
    pub const MOST_CALLS: usize = 8;

    /// Finds the words that answer what is unanswered, and lets them be heard as they are written. Where only the model in
    /// the box may answer, no other is asked, whatever the composer wants.
    ///
    /// # Errors
    /// When the model does not answer, or a store fails.
    pub async fn write(
        &self,
        scope: &TenantScope,
        context: &TurnContext,
        (tenant, business): (&Tenant, &BusinessProfile),
        ReplyMeans { may, answer_by, deltas, spent }: ReplyMeans<'_>,
    ) -> Result<WrittenReply, WriteError> {
        let tools = self.tools.offered(scope).await;
        let now = self.clock.now();
        let canary = self.canary()?;
        let specs = specs(&tools);
        let contact_name = context.contact_name.as_ref().map(|name| name.text.as_str());
        let brief = Brief {
            tenant,
            business,
            channel: context.conversation.channel,
            contact_name,
            language: context.language.as_ref().map(Language::as_str),
            tools: &specs,
            now,
            canary: &canary,
        };
        let composed = self.composer.compose(scope, &brief).await?;
        let (lines, unanswered) = transcript(context);
        let earlier = context.summary.as_ref().map(|summary| summary.text.clone());
        let left = composed.transcript_tokens.saturating_sub(earlier.as_deref().map_or(0, estimate));
        let shown = window(lines, unanswered, left);
        let is_long = shown.is_full;
        let mut request = ModelRequest {
            instructions: instructions(composed.instructions, &shown),
            business_name: tenant.name().to_owned(),
            business: business.clone(),
            contact_name: contact_name.map(str::to_owned),
            channel: context.conversation.channel,
            now,
            answer_by,
            earlier,
            transcript: shown.lines,
            unanswered: shown.unanswered,
            tools: specs,
            rounds: Vec::new(),
            settings: may.settings(composed.settings),
            output: None,
        };
        let guard = OutgoingGuard::new(&business.links, &canary, &request.instructions);
        let scene = Scene { scope, conversation: &context.conversation, business, now };
        let heard = GuardedDeltas::new(&guard, deltas);
        let mut written = WrittenReply { is_long, ..WrittenReply::default() };
        let mut said = String::new();
        loop {
            let reply = self.model.reply(&request, &heard).await?;
            spent.push((reply.model.clone(), reply.usage));
            let reply = reply.usable()?;
            written.model.clone_from(&reply.model);
            add_words(&mut said, &reply.text);
            if reply.finish == FinishReason::Length {
                // What was heard of the sentence that was cut off is void.
                heard.restart();
                heard.delta(&said);
            }
            heard.finish();
            if reply.tool_calls.is_empty() {
                break;
            }
            if request.rounds.len() >= Self::MOST_ROUNDS {
                if said.trim().is_empty() {
                    return Err(ModelError::Unavailable("it asks for tools without end".into()).into());
                }
                break;
            }
            let (round, ends) = self.use_tools((&tools, &scene), reply, &mut written).await;
            request.rounds.push(round);
            if ends {
                break;
            }
        }
        Ok(finish(written, (said, tenant.name()), &guard, deltas))
    }

    /// Does what a model asks for, and keeps what is to be done with the reply.
    async fn use_tools(
        &self,
        (tools, scene): (&[Arc<dyn crate::tools::Tool>], &Scene<'_>),
        reply: ModelReply,
        written: &mut WrittenReply,
    ) -> (ToolRound, bool) {
        let mut round = ToolRound { text: reply.text, calls: Vec::new(), results: Vec::new() };
        let mut ends = false;
        for asked in reply.tool_calls.into_iter().take(Self::MOST_CALLS) {
            let called = call(tools, scene, &asked).await;
            if let Some(outcome) = called.outcome {
                written.effects.add(outcome.effects);
                ends |= outcome.ends_turn;
            }
            round.calls.push(asked);
            round.results.push(called.result);
        }
        (round, ends)
    }

    fn canary(&self) -> Result<String, StoreError> {
        let mut bytes = [0; 8];
        self.entropy.fill(&mut bytes).map_err(StoreError::Unavailable)?;
        Ok(bytes.iter().fold("cc".to_owned(), |word, byte| word + &format!("{byte:02x}")))
    }
}

/// Adds to what a model is told that it is not shown all that it is to answer, where that is so.
fn instructions(composed: String, shown: &Window) -> String {
    match shown.left_out {
        0 => composed,
        count => format!(
            "{composed}\n\nMessages of the contact that are to be answered and that you are not shown, because all of \
             them together are too long: {count}. They came before those that you see. Answer what you see, say that \
             you have not read all of it, and ask for what you need to know."
        ),
    }
}

fn add_words(said: &mut String, text: &str) {
    if !said.trim().is_empty() && !text.trim().is_empty() {
        said.push('\n');
    }
    said.push_str(text);
}

/// Judges the whole reply, and finds words where the model left them to us.
fn finish(
    mut written: WrittenReply,
    (said, business_name): (String, &str),
    guard: &OutgoingGuard,
    deltas: &dyn Deltas,
) -> WrittenReply {
    let screened = guard.screen(&said, business_name, written.effects.handoff.is_some());
    written.text = screened.text;
    if screened.leaks {
        written.held_back = Some((RefusalReason::InstructionsLeaked, said));
        // What the tools want done was asked for by somebody who had the model's ear.
        written.effects = Effects::default();
        deltas.restart();
        deltas.delta(&written.text);
    } else if screened.links > 0 {
        written.held_back = Some((RefusalReason::LinkNotAllowed, said));
    } else if said.trim().is_empty() {
        // The model has left the words to us.
        deltas.delta(&written.text);
    }
    written
}

/// Says that a person takes over, because the model's own rules forbid an answer.
pub(crate) fn blocked(business_name: &str, reason: &str) -> WrittenReply {
    let summary = format!("The language model declined to answer: {reason}");
    WrittenReply {
        text: handed_over(business_name),
        effects: Effects { handoff: Some((HandoffReason::Blocked, summary)), ..Effects::default() },
        ..WrittenReply::default()
    }
}

/// Puts what is to be answered last: a reply may have been written after some of it had come in.
fn transcript(context: &TurnContext) -> (Vec<Line>, usize) {
    let before = context.uncovered();
    (before.into_iter().chain(&context.unanswered).map(Message::line).collect(), context.unanswered.len())
}
