//! A text of a version that is filled in turn after turn, mostly with the same facts.

use std::sync::{Arc, Mutex, PoisonError};

use minijinja::Value;

use super::Template;
use crate::Facts;

/// A text with something to fill in. What it became last is kept with the facts that it names, because most facts are those
/// of the business and stay; it only saves time.
#[derive(Debug)]
pub(crate) struct Filling {
    template: Template,
    names: Option<Vec<&'static str>>,
    last: Mutex<Option<Filled>>,
}

/// What a text became, and with which facts.
struct Filled {
    facts: Vec<Vec<String>>,
    text: Arc<str>,
}

/// Shows nothing: among the facts may be the contact's name.
impl std::fmt::Debug for Filled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Filled(…)")
    }
}

impl Filling {
    /// The longest text that is kept, in bytes.
    const MOST_KEPT: usize = 2_000;

    /// Takes a text that was understood.
    pub(crate) fn of(template: Template) -> Self {
        Self { names: template.facts(), template, last: Mutex::default() }
    }

    /// Fills the facts in, which are the same in both forms, and leaves the blanks around the text out.
    ///
    /// # Errors
    /// As [`Template::render`].
    pub(crate) fn fill_in(&self, facts: &Facts, values: &Value) -> Result<Arc<str>, String> {
        let Some(names) = &self.names else {
            return Ok(self.template.render(values)?.trim().into());
        };
        if let Some(last) = &*self.last.lock().unwrap_or_else(PoisonError::into_inner)
            && last.facts.len() == names.len()
            && last.facts.iter().zip(names).all(|(known, name)| facts.is_still(name, known))
        {
            return Ok(Arc::clone(&last.text));
        }
        let text: Arc<str> = self.template.render(values)?.trim().into();
        if text.len() <= Self::MOST_KEPT {
            let facts = names.iter().map(|name| facts.said(name)).collect();
            let filled = Filled { facts, text: Arc::clone(&text) };
            *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(filled);
        }
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::samples;

    #[test]
    fn a_text_follows_every_fact_that_it_names() {
        let source = "{{ contact.name }} of {% for one in business.services %}{{ one }},{% endfor %}";
        let filling = Filling::of(Template::compile(source).unwrap());
        let filled = |facts: &Facts| filling.fill_in(facts, &facts.values()).unwrap();
        let (bo, al) = (samples::facts(), samples::facts_of_contact("Al"));
        for _ in 0..2 {
            assert_eq!(&*filled(&bo), "Bo of drains,boilers,");
            assert_eq!(&*filled(&bo), "Bo of drains,boilers,");
            assert_eq!(&*filled(&al), "Al of drains,boilers,");
            assert_ne!(filled(&samples::facts_with_long_lists()), filled(&bo));
        }
    }

    #[test]
    fn what_is_kept_is_used_again() {
        let filling = Filling::of(Template::compile("{{ contact.name }}").unwrap());
        let facts = samples::facts();
        filling.fill_in(&facts, &facts.values()).unwrap();
        let others = samples::facts_of_contact("Al").values();
        assert_eq!(&*filling.fill_in(&facts, &others).unwrap(), "Bo", "the values were not looked at");
    }
}
