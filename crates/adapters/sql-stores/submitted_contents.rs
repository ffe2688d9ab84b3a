//! What versions in production say, kept in memory: from its submission on, what a version says never changes, so it is
//! read from the database and taken apart once and not in every turn.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use kernel::PromptVersionId;
use prompt::PromptContent;

/// What versions say, by their ids. Which version counts, and who may read it, is asked of the database each time.
#[derive(Default)]
pub(crate) struct SubmittedContents(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    contents: HashMap<PromptVersionId, PromptContent>,
    bytes: usize,
}

impl SubmittedContents {
    /// The most that is kept, in bytes of texts. When it is full, it begins anew.
    const MOST_BYTES: usize = 32 * 1024 * 1024;

    /// Returns what a version says, if it was kept.
    pub(crate) fn find(&self, id: PromptVersionId) -> Option<PromptContent> {
        self.lock().contents.get(&id).cloned()
    }

    /// Keeps what a version says that cannot be edited any more.
    pub(crate) fn keep(&self, id: PromptVersionId, content: &PromptContent) {
        let sections = content.sections().iter().map(|section| section.key().len() + section.content().len());
        let bytes = sections.sum::<usize>() + content.suffix().map_or(0, str::len);
        let mut kept = self.lock();
        if kept.bytes + bytes > Self::MOST_BYTES {
            *kept = Kept::default();
        }
        if kept.contents.insert(id, content.clone()).is_none() {
            kept.bytes += bytes;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
