//! Texts with facts to be filled in. The language is small on purpose: a template that was taken in once can always be
//! filled in, in bounded time and space, and reaches nothing but the facts.

mod cache;
mod check;
mod filling;
mod filters;
mod scan;

use std::io;

use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior, Value};

use crate::facts::{LISTS, TEXTS};

pub(crate) use cache::Compiled;
pub use cache::Templates;

/// What is wrong with a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TemplateFault {
    /// The line, from 1.
    pub(crate) line: usize,
    /// What is wrong and how to mend it.
    pub(crate) message: String,
}

impl TemplateFault {
    fn new(line: usize, message: impl Into<String>) -> Self {
        Self { line, message: message.into() }
    }
}

/// A text that was understood.
#[derive(Debug)]
pub(crate) enum Template {
    /// It has nothing to fill in.
    Plain(String),
    /// It has. The engine knows the one template, and no other.
    Filled(Box<Environment<'static>>),
}

/// What the only template of an engine is called.
const NAME: &str = "text";
/// Steps of the engine for one text, 64 bytes worked on counting as one. A loop runs over a list of bounded length and holds
/// no other, so only what joins, filters or compares long texts hundreds of times needs more; what comes behind is left out.
const FUEL: u64 = 2_000_000;
/// How deep expressions may be nested while they are worked out.
const DEPTH: usize = 50;
/// The most bytes that one text becomes; what goes beyond is left out.
const MOST_OUTPUT: usize = 64_000;

impl Template {
    /// Understands a text.
    ///
    /// # Errors
    /// When it is no template, or names a variable, filter or statement that there is not.
    pub(crate) fn compile(source: &str) -> Result<Self, Vec<TemplateFault>> {
        if !["{{", "{%", "{#"].iter().any(|opening| source.contains(opening)) {
            return Ok(Self::Plain(source.to_owned()));
        }
        // Before the engine, which a text that goes too deep would bring down.
        check::check(source)?;
        let mut engine = engine();
        engine.add_template_owned(NAME, source.to_owned()).map_err(|error| vec![fault_of(&error)])?;
        let template = engine.get_template(NAME).map_err(|error| vec![fault_of(&error)])?;
        // The engine has its own notion of what is not given, so that an oversight of the check does no harm.
        let unknown = template.undeclared_variables(true);
        let mut unknown: Vec<_> = unknown.into_iter().filter(|name| !check::is_reachable(name)).collect();
        unknown.sort();
        match unknown.first() {
            Some(name) => Err(vec![TemplateFault::new(1, format!("there is no variable `{name}`"))]),
            None => Ok(Self::Filled(Box::new(engine))),
        }
    }

    /// Returns the facts that it names; `None` where it cannot be told which.
    pub(crate) fn facts(&self) -> Option<Vec<&'static str>> {
        let Self::Filled(engine) = self else { return Some(Vec::new()) };
        let named = engine.get_template(NAME).ok()?.undeclared_variables(true);
        named.iter().map(|name| TEXTS.iter().chain(LISTS).copied().find(|fact| fact == name)).collect()
    }

    /// Fills the facts in.
    ///
    /// # Errors
    /// With what the engine says, which holds none of the facts.
    pub(crate) fn render(&self, facts: &Value) -> Result<String, String> {
        let engine = match self {
            Self::Plain(text) => return Ok(text.clone()),
            Self::Filled(engine) => engine,
        };
        let template = engine.get_template(NAME).map_err(|error| error.kind().to_string())?;
        let mut output = Bounded::default();
        let outcome = template.render_captured_to(facts.clone(), &mut output).map(drop);
        match outcome.map_err(|error| error.kind()) {
            Err(kind) if !output.is_full && kind != ErrorKind::OutOfFuel => Err(kind.to_string()),
            _ => Ok(output.text()),
        }
    }
}

fn engine() -> Environment<'static> {
    let mut engine = Environment::empty();
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    engine.set_auto_escape_callback(|_| AutoEscape::None);
    engine.set_fuel(Some(FUEL));
    engine.set_recursion_limit(DEPTH);
    filters::add_to(&mut engine);
    engine
}

fn fault_of(error: &minijinja::Error) -> TemplateFault {
    let detail = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    TemplateFault::new(error.line().unwrap_or(1), format!("not understood: {detail}"))
}

/// What a template writes, up to a bound.
#[derive(Default)]
struct Bounded {
    bytes: Vec<u8>,
    is_full: bool,
}

impl Bounded {
    /// Returns what was written; a character that the bound has cut is left out.
    fn text(mut self) -> String {
        let whole = match std::str::from_utf8(&self.bytes) {
            Ok(text) => text.len(),
            Err(error) => error.valid_up_to(),
        };
        self.bytes.truncate(whole);
        String::from_utf8(self.bytes).unwrap_or_default()
    }
}

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = MOST_OUTPUT.saturating_sub(self.bytes.len());
        let fits = bytes.get(..room.min(bytes.len())).unwrap_or_default();
        self.bytes.extend_from_slice(fits);
        if fits.len() < bytes.len() {
            self.is_full = true;
            return Err(io::Error::other("the text has become too long"));
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Facts, samples};

    fn render(source: &str) -> String {
        Template::compile(source).unwrap().render(&samples::facts().values()).unwrap()
    }

    fn fault(source: &str) -> TemplateFault {
        Template::compile(source).unwrap_err().remove(0)
    }

    #[test]
    fn facts_are_filled_in() {
        assert_eq!(render("Hi from {{ business.name }} by {{ channel }}."), "Hi from Ann's Plumbing by sms.");
        assert_eq!(
            render("{% for one in business.services %}{{ one | upper }};{% endfor %}"),
            "DRAINS;BOILERS;"
        );
        assert_eq!(render("{{ business.services | join(\" and \") }}"), "drains and boilers");
        assert_eq!(render("{{ contact.name | default(\"you\") }}"), "Bo");
    }

    #[test]
    fn what_is_not_said_has_a_default() {
        let nobody = Facts::default().values();
        let template = Template::compile("{{ contact.name | default(\"there\") }}").unwrap();
        assert_eq!(template.render(&nobody).unwrap(), "there");
    }

    #[test]
    fn conditions_hold_by_what_is_known() {
        let source = "{% if channel == \"sms\" and not contact.name %}a{% elif \"es\" in business.languages %}b\
                      {% else %}c{% endif %}";
        assert_eq!(render(source), "b");
    }

    #[test]
    fn a_value_that_looks_like_a_template_is_data() {
        let facts = samples::facts_of_contact("{{ business.name }}{% if 1 %}");
        let rendered = Template::compile("Hi {{ contact.name }}").unwrap().render(&facts.values()).unwrap();
        assert_eq!(rendered, "Hi {{ business.name }}{% if 1 %}");
    }

    #[test]
    fn a_text_without_an_end_is_not_understood() {
        let found = fault("fine\n{% if channel %}");
        assert!(found.message.starts_with("not understood"), "{found:?}");
        assert_eq!(fault("fine\nfine\n{{ channel").line, 3);
    }

    #[test]
    fn what_is_written_is_bounded() {
        let facts = samples::facts_with_long_description();
        let source = format!(
            "{{% for one in business.services %}}{}{{% endfor %}}",
            "{{ business.description }}".repeat(100)
        );
        let rendered = Template::compile(&source).unwrap().render(&facts.values()).unwrap();
        assert!((MOST_OUTPUT - 4..=MOST_OUTPUT).contains(&rendered.len()), "{}", rendered.len());
    }

    #[test]
    fn what_is_too_much_work_is_left_out() {
        let facts = samples::facts_with_long_description();
        let joined = "~business.description".repeat(49);
        let works = format!("{{%if now==now{joined}%}}{{%endif%}}").repeat(14);
        let source = format!("{{% for one in business.services %}}before{works}behind{{% endfor %}}");
        let rendered = Template::compile(&source).unwrap().render(&facts.values()).unwrap();
        assert!(rendered.starts_with("before") && !rendered.ends_with("behind"), "{rendered}");
    }

    #[test]
    fn the_greatest_loop_that_can_be_written_ends() {
        let facts = samples::facts_with_long_lists();
        let body = "{{now}}".repeat(2_200);
        let source = format!("{{% for one in business.services %}}{body}{{% endfor %}}");
        assert!(Template::compile(&source).unwrap().render(&facts.values()).is_ok());
        let silent = "{%if now==channel%}{%endif%}".repeat(570);
        let source = format!("{{% for one in business.services %}}{silent}{{% endfor %}}end");
        assert_eq!(Template::compile(&source).unwrap().render(&facts.values()).unwrap(), "end");
    }
}
