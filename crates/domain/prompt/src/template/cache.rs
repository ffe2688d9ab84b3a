//! Keeps what was compiled, so that a thousand sections are not read anew for each turn.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use kernel::PromptVersionId;

use super::{Template, TemplateFault, filling::Filling};
use crate::{PromptContent, PromptVersion, digest::Fields};

/// What became of a section's text.
#[derive(Clone, Debug)]
pub(crate) enum Compiled {
    /// It has nothing to fill in, and is this without the blanks around it.
    Plain(Arc<str>),
    /// It has.
    Filled(Arc<Filling>),
    /// It is not understood, for this reason.
    Faulty(String),
}

/// What a version said when it was compiled, and what became of it.
#[derive(Clone, Debug)]
struct CompiledVersion {
    content: PromptContent,
    sections: Arc<[Compiled]>,
}

/// Compiled texts: those of versions by version, which is looked up once for all its sections, and others by the digest
/// of what they say. It only saves time: what comes out does not depend on it.
///
/// There are two generations of each. What is asked for comes into the younger one; when that is full it becomes the
/// older one, and what nobody has asked for since the last time is forgotten.
#[derive(Debug)]
pub struct Templates {
    texts: Mutex<Generations<String, Arc<Template>>>,
    versions: Mutex<Generations<PromptVersionId, CompiledVersion>>,
    most: usize,
}

#[derive(Debug)]
struct Generations<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
    /// How many texts the younger ones have.
    size: usize,
}

impl<K, V> Default for Generations<K, V> {
    fn default() -> Self {
        Self { young: HashMap::new(), old: HashMap::new(), size: 0 }
    }
}

impl<K: Eq + Hash + Clone, V: Clone> Generations<K, V> {
    fn find(&mut self, key: &K, size: impl Fn(&V) -> usize, most: usize) -> Option<V> {
        if let Some(found) = self.young.get(key) {
            return Some(found.clone());
        }
        let found = self.old.remove(key)?;
        self.add(key.clone(), found.clone(), size(&found), most);
        Some(found)
    }

    fn add(&mut self, key: K, value: V, size: usize, most: usize) {
        if self.size + size > most / 2 && !self.young.is_empty() {
            self.old = std::mem::take(&mut self.young);
            self.size = 0;
        }
        self.size += size;
        self.young.insert(key, value);
    }
}

impl Templates {
    /// Makes an empty cache of at most so many texts, and as many again of versions.
    pub fn holding(most: usize) -> Self {
        Self { texts: Mutex::default(), versions: Mutex::default(), most: most.max(2) }
    }

    /// Returns a text, compiled now or before. Texts with nothing to fill in are not kept: there is nothing to save.
    pub(crate) fn get(&self, source: &str) -> Result<Arc<Template>, Vec<TemplateFault>> {
        if !source.contains('{') {
            return Template::compile(source).map(Arc::new);
        }
        let key = Fields::of("template").and(source).hex();
        if let Some(found) = lock(&self.texts).find(&key, |_| 1, self.most) {
            return Ok(found);
        }
        let template = Arc::new(Template::compile(source)?);
        lock(&self.texts).add(key, Arc::clone(&template), 1, self.most);
        Ok(template)
    }

    /// Returns the sections of a version in their order, compiled now or before. A draft that was edited is another text:
    /// equal contents are known at once where they share their sections.
    pub(crate) fn of_version(&self, version: &PromptVersion) -> Arc<[Compiled]> {
        let found = lock(&self.versions).find(&version.id(), CompiledVersion::size, self.most);
        if let Some(found) = found.filter(|found| found.content == *version.content()) {
            return found.sections;
        }
        let content = version.content().clone();
        let sections: Arc<[_]> =
            content.sections().iter().map(|section| compile(section.content())).collect();
        let compiled = CompiledVersion { content, sections: Arc::clone(&sections) };
        let size = compiled.size();
        lock(&self.versions).add(version.id(), compiled, size, self.most);
        sections
    }
}

impl CompiledVersion {
    /// Counts what takes room.
    fn size(&self) -> usize {
        1 + self.sections.iter().filter(|section| matches!(section, Compiled::Filled(_))).count()
    }
}

fn compile(source: &str) -> Compiled {
    match Template::compile(source) {
        Ok(Template::Plain(text)) => Compiled::Plain(text.trim().into()),
        Ok(template) => Compiled::Filled(Arc::new(Filling::of(template))),
        Err(faults) => {
            Compiled::Faulty(faults.into_iter().next().map(|fault| fault.message).unwrap_or_default())
        }
    }
}

/// A panic while it was held leaves whole values behind, so the lock is good still.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
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
    use crate::{
        NewDraft, PromptChannel, PromptOwner,
        testing::{content, draft},
    };

    impl Templates {
        fn len(&self) -> usize {
            let generations = lock(&self.texts);
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

    fn version(number: u32, texts: &[&str]) -> PromptVersion {
        let keys: Vec<_> = (0..texts.len()).map(|place| format!("s{place}")).collect();
        let sections: Vec<_> = keys.iter().zip(texts).map(|(key, text)| (key.as_str(), 1, *text)).collect();
        let draft = NewDraft { content: content(&sections, None), ..draft(number, PromptChannel::Chat) };
        PromptVersion::draft(PromptOwner::Platform, 1, draft)
    }

    #[test]
    fn a_version_is_compiled_once_while_it_is_asked_for() {
        let templates = Templates::holding(8);
        let asked = version(1, &["{{ now }}", "plain"]);
        let first = templates.of_version(&asked);
        let edited = templates.of_version(&version(1, &["plain", "{{ now }}"]));
        assert!(matches!(&edited[..], [Compiled::Plain(_), Compiled::Filled(_)]), "{edited:?}");
        let first_again = templates.of_version(&asked);
        assert!(!Arc::ptr_eq(&first, &first_again));
        let first = first_again;
        assert!(matches!(&first[..], [Compiled::Filled(_), Compiled::Plain(_)]), "{first:?}");
        for number in 2..20 {
            templates.of_version(&version(number, &["{{ now }}", "{{ channel }}"]));
            assert!(Arc::ptr_eq(&first, &templates.of_version(&asked)), "{number}");
            assert!(lock(&templates.versions).young.len() <= 2);
        }
    }
}
