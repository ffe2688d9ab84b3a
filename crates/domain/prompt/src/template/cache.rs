//! Keeps what was compiled, so that a thousand sections are not read anew for each turn.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use super::{Template, TemplateFault};
use crate::digest::Fields;

/// Compiled texts, by the digest of what they say. It only saves time: what comes out does not depend on it.
///
/// There are two generations. What is asked for comes into the younger one; when that is full it becomes the older one,
/// and what nobody has asked for since the last time is forgotten.
#[derive(Debug)]
pub struct Templates {
    generations: Mutex<Generations>,
    most: usize,
}

#[derive(Debug, Default)]
struct Generations {
    young: HashMap<String, Arc<Template>>,
    old: HashMap<String, Arc<Template>>,
}

impl Templates {
    /// Makes an empty cache of at most so many texts.
    pub fn holding(most: usize) -> Self {
        Self { generations: Mutex::default(), most: most.max(2) }
    }

    /// Returns a text, compiled now or before. Texts with nothing to fill in are not kept: there is nothing to save.
    pub(crate) fn get(&self, source: &str) -> Result<Arc<Template>, Vec<TemplateFault>> {
        if !source.contains('{') {
            return Template::compile(source).map(Arc::new);
        }
        let key = Fields::of("template").and(source).hex();
        if let Some(found) = self.find(&key) {
            return Ok(found);
        }
        let template = Arc::new(Template::compile(source)?);
        self.keep(key, &template);
        Ok(template)
    }

    fn find(&self, key: &str) -> Option<Arc<Template>> {
        let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = generations.young.get(key) {
            return Some(Arc::clone(found));
        }
        let found = generations.old.remove(key)?;
        self.add(&mut generations, key.to_owned(), Arc::clone(&found));
        Some(found)
    }

    fn keep(&self, key: String, template: &Arc<Template>) {
        let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        self.add(&mut generations, key, Arc::clone(template));
    }

    fn add(&self, generations: &mut Generations, key: String, template: Arc<Template>) {
        if generations.young.len() >= self.most / 2 {
            generations.old = std::mem::take(&mut generations.young);
        }
        generations.young.insert(key, template);
    }
}

impl Default for Templates {
    /// Holds the sections of a few of the greatest prompts.
    fn default() -> Self {
        Self::holding(8_192)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Templates {
        fn len(&self) -> usize {
            let generations = self.generations.lock().unwrap();
            generations.young.len() + generations.old.len()
        }
    }

    #[test]
    fn a_text_is_compiled_once_while_it_is_asked_for() {
        let templates = Templates::holding(4);
        let first = templates.get("{{ now }} 0").unwrap();
        for number in 1..20 {
            templates.get(&format!("{{{{ now }}}} {number}")).unwrap();
            assert!(Arc::ptr_eq(&first, &templates.get("{{ now }} 0").unwrap()), "{number}");
            assert!(templates.len() <= 4);
        }
        let again = Templates::holding(4);
        assert!(!Arc::ptr_eq(&first, &again.get("{{ now }} 0").unwrap()));
    }

    #[test]
    fn what_is_not_understood_is_not_kept() {
        let templates = Templates::default();
        assert!(templates.get("{{ nope }}").is_err());
        assert_eq!(templates.len(), 0);
    }
}
