//! Remembers invalidations for as long as something that started before them is under way.

use std::collections::{BTreeMap, HashMap};

use super::event::Seq;
use crate::tag::Tag;

/// The last invalidation of each tag, since the oldest request or mutation under way began.
///
/// A response brings tags that nobody could know before. What was invalidated while it was on its way must be found here.
#[derive(Default)]
pub(super) struct InvalidationLog {
    last: HashMap<Tag, Seq>,
    /// The last invalidation that no tags tell, which may have reached anything.
    everything: Option<Seq>,
    /// How many began at each point.
    under_way: BTreeMap<Seq, usize>,
}

impl InvalidationLog {
    /// Something begins that may need to look back to this point.
    pub(super) fn begin(&mut self, at: Seq) {
        *self.under_way.entry(at).or_default() += 1;
    }

    /// What began there has ended. What nobody can ask for any more is forgotten.
    pub(super) fn end(&mut self, began: Seq) {
        if let Some(count) = self.under_way.get_mut(&began) {
            *count -= 1;
            if *count == 0 {
                self.under_way.remove(&began);
            }
        }
        match self.under_way.first_key_value() {
            None => *self = InvalidationLog::default(),
            Some((oldest, _)) if *oldest > began => self.last.retain(|_, at| *at > *oldest),
            Some(_) => {}
        }
    }

    pub(super) fn record(&mut self, tags: impl IntoIterator<Item = Tag>, at: Seq) {
        if !self.under_way.is_empty() {
            self.last.extend(tags.into_iter().map(|tag| (tag, at)));
        }
    }

    pub(super) fn record_everything(&mut self, at: Seq) {
        if !self.under_way.is_empty() {
            self.everything = Some(at);
        }
    }

    /// Whether there was an invalidation after `since` that may have reached anything.
    pub(super) fn reached_everything(&self, since: Seq) -> bool {
        self.everything.is_some_and(|at| since < at)
    }

    /// The last invalidation that may have reached anything, as far as something under way may need to know of it.
    pub(super) fn last_of_everything(&self) -> Seq {
        self.everything.unwrap_or(0)
    }

    /// The last invalidation after `since` that reaches one of the tags.
    pub(super) fn last_reaching(&self, provided: &[Tag], since: Seq) -> Option<Seq> {
        let later = self.last.iter().filter(|(_, at)| **at > since);
        later.filter(|(tag, _)| provided.iter().any(|provided| tag.reaches(provided))).map(|(_, at)| *at).max()
    }

    #[cfg(test)]
    pub(super) fn is_idle(&self) -> bool {
        self.last.is_empty() && self.everything.is_none() && self.under_way.is_empty()
    }
}
