//! Puts together what the model is told. The same parts always become the same text.

mod budget;
mod canary;
mod origin;
mod texts;

use std::{collections::BTreeMap, sync::Arc};

use minijinja::Value;

pub use budget::{TokenBudget, estimate_tokens};
pub use canary::Canary;
pub use origin::{Layer, Origin, VersionRef};
pub use texts::ToolLine;

use crate::{AiProfile, Facts, PromptError, PromptVersion, Section, Templates, template::Compiled};

/// The versions in production that meet one channel, or what is tried in the place of one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProductionPrompts {
    /// The platform's for all channels.
    pub base_all: Option<PromptVersion>,
    /// The platform's for the channel.
    pub base_channel: Option<PromptVersion>,
    /// The tenant's for all channels.
    pub tenant_all: Option<PromptVersion>,
    /// The tenant's for the channel.
    pub tenant_channel: Option<PromptVersion>,
}

/// What a composition is made of.
#[derive(Clone, Copy, Debug)]
pub struct Parts<'a> {
    /// The versions that count.
    pub prompts: &'a ProductionPrompts,
    /// The tenant's default profile.
    pub profile: Option<&'a AiProfile>,
    /// What may be said of business, contact and moment.
    pub facts: &'a Facts,
    /// Passages that may answer, best first.
    pub knowledge: &'a [String],
    /// What the model can do.
    pub tools: &'a [ToolLine],
    /// What tells a leak.
    pub canary: &'a Canary,
    /// How long it may become.
    pub budget: TokenBudget,
}

/// A piece of what the model is told, and where it comes from.
#[derive(Clone, PartialEq, Eq)]
pub struct Part {
    /// Where it comes from.
    pub origin: Origin,
    /// The text, with the facts filled in.
    pub text: Arc<str>,
}

/// Shows no text: prompts and the facts in them do not belong into logs.
impl std::fmt::Debug for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Part({:?}, {} bytes)", self.origin, self.text.len())
    }
}

/// What the model is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Composed {
    parts: Vec<Part>,
    dropped: Vec<Origin>,
}

impl Composed {
    /// Returns the parts, in order.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Returns what had no room, in the order in which it was left out.
    pub fn dropped(&self) -> &[Origin] {
        &self.dropped
    }

    /// Returns the whole text, an empty line between each two parts.
    pub fn text(&self) -> String {
        let texts: Vec<_> = self.parts.iter().map(|part| &*part.text).collect();
        texts.join("\n\n")
    }

    /// Returns about how many tokens the text has. What may not be left out may be more than the budget.
    pub fn tokens(&self) -> usize {
        self.parts.iter().map(budget::tokens_of).sum()
    }
}

/// Puts together what the model is told.
pub struct Composition<'a> {
    templates: &'a Templates,
    said: &'a Facts,
    /// The same, as the engine reads it.
    facts: Value,
    parts: Vec<Part>,
}

impl Composition<'_> {
    /// How many parts there are beside sections and knowledge.
    const OTHERS: usize = 6;

    /// Puts the parts together: the sections of base and tenant, the AI profile, the business, the closing text of the
    /// channel, knowledge, the contact, the tools and the guard. A section of a later layer takes the place of one with
    /// the same key. What comes out empty is left out.
    ///
    /// # Errors
    /// [`PromptError::Render`] when a text that was taken in cannot be filled in.
    pub fn of(parts: &Parts<'_>, templates: &Templates) -> Result<Composed, PromptError> {
        let layers = layers(parts.prompts, templates);
        let pieces = merged(&layers);
        let mut composition = Composition {
            templates,
            said: parts.facts,
            facts: parts.facts.values(),
            parts: Vec::with_capacity(pieces.len() + parts.knowledge.len() + Self::OTHERS),
        };
        for piece in pieces {
            composition.section(&piece)?;
        }
        composition.profile(parts.profile)?;
        composition.add(Origin::BusinessProfile, &texts::business(parts.facts));
        composition.suffix(parts.prompts)?;
        for (position, passage) in parts.knowledge.iter().enumerate() {
            composition.add(Origin::Knowledge { position }, &texts::passage(passage));
        }
        composition.add(Origin::Contact, &texts::contact(parts.facts));
        composition.add(Origin::Tools, &texts::tools(parts.tools));
        composition.add(Origin::Guard, &texts::guard(parts.canary));
        let (parts, dropped) = budget::fit(composition.parts, parts.budget);
        Ok(Composed { parts, dropped })
    }

    fn section(&mut self, piece: &Piece<'_>) -> Result<(), PromptError> {
        let Piece { layer, version, section, compiled } = piece;
        let origin =
            || Origin::Section { layer: *layer, key: section.shared_key(), version: VersionRef::of(version) };
        let failed = |message| PromptError::Render { section: section.key().to_owned(), message };
        match compiled {
            Compiled::Plain(text) => self.push(origin(), Arc::clone(text)),
            Compiled::Filled(filling) => {
                let text = filling.fill_in(self.said, &self.facts).map_err(failed)?;
                self.push(origin(), text);
            }
            Compiled::Faulty(message) => return Err(failed(message.clone())),
        }
        Ok(())
    }

    fn profile(&mut self, profile: Option<&AiProfile>) -> Result<(), PromptError> {
        let (origin, text) = match profile {
            Some(profile) => (Origin::AiProfile { id: Some(profile.id) }, profile.system_prompt.as_str()),
            None => (Origin::AiProfile { id: None }, texts::STANDARD_PROFILE),
        };
        self.fill_in(origin, "system_prompt", text)
    }

    /// The tenant's closing text takes the place of the base's.
    fn suffix(&mut self, prompts: &ProductionPrompts) -> Result<(), PromptError> {
        let layers = [(Layer::Tenant, &prompts.tenant_channel), (Layer::Base, &prompts.base_channel)];
        for (layer, version) in layers {
            let Some(version) = version else { continue };
            if let Some(suffix) = version.content().suffix() {
                let origin = Origin::ChannelSuffix { layer, version: VersionRef::of(version) };
                return self.fill_in(origin, "suffix", suffix);
            }
        }
        Ok(())
    }

    fn fill_in(&mut self, origin: Origin, name: &str, source: &str) -> Result<(), PromptError> {
        let failed = |message| PromptError::Render { section: name.to_owned(), message };
        let template = self.templates.get(source).map_err(|faults| {
            failed(faults.into_iter().next().map_or_else(String::new, |fault| fault.message))
        })?;
        let text = template.render(&self.facts).map_err(failed)?;
        self.add(origin, &text);
        Ok(())
    }

    fn add(&mut self, origin: Origin, text: &str) {
        self.push(origin, text.trim().into());
    }

    /// Adds a text that has no blanks around it.
    fn push(&mut self, origin: Origin, text: Arc<str>) {
        if !text.is_empty() {
            self.parts.push(Part { origin, text });
        }
    }
}

/// A version that counts, with what became of its sections.
struct Laid<'a> {
    layer: Layer,
    version: &'a PromptVersion,
    compiled: Arc<[Compiled]>,
}

/// A section that counts.
struct Piece<'a> {
    layer: Layer,
    version: &'a PromptVersion,
    section: &'a Section,
    compiled: &'a Compiled,
}

/// Returns the versions that have sections, the weakest first.
fn layers<'a>(prompts: &'a ProductionPrompts, templates: &Templates) -> Vec<Laid<'a>> {
    let layers = [
        (Layer::Base, &prompts.base_all),
        (Layer::Base, &prompts.base_channel),
        (Layer::Tenant, &prompts.tenant_all),
        (Layer::Tenant, &prompts.tenant_channel),
    ];
    let there = layers.into_iter().filter_map(|(layer, version)| Some((layer, version.as_ref()?)));
    let laid = there.map(|(layer, version)| Laid { layer, version, compiled: templates.of_version(version) });
    laid.filter(|laid| !laid.compiled.is_empty()).collect()
}

/// Lays the sections of the layers over one another, by key, and returns them by order and then by key.
fn merged<'a>(layers: &'a [Laid<'a>]) -> Vec<Piece<'a>> {
    let mut pieces = Vec::with_capacity(layers.iter().map(|laid| laid.compiled.len()).sum());
    for Laid { layer, version, compiled } in layers {
        let sections = version.content().sections().iter().zip(&**compiled);
        pieces.extend(sections.map(|(section, compiled)| Piece {
            layer: *layer,
            version,
            section,
            compiled,
        }));
    }
    // The sections of one version are in order, and their keys differ.
    if layers.len() < 2 {
        return pieces;
    }
    let by_key: BTreeMap<_, _> = pieces.into_iter().map(|piece| (piece.section.key(), piece)).collect();
    let mut pieces: Vec<_> = by_key.into_values().collect();
    // The sort keeps those of equal order as they are: by key.
    pieces.sort_by_key(|piece| piece.section.order());
    pieces
}
