//! Remembers invalidations for as long as something that started before them is under way.

use std::collections::{BTreeMap, HashMap};

use super::event::Seq;
use crate::tag::Tag;

/// The last invalidation of each tag, since the oldest request or mutation under way began.
///
/// A response brings tags that nobody could know before. What was invalidated while it was on its way must be found here.
#[derive(Default)]
pub(super) struct InvalidationLog {
    /// Of types and of ids, which are looked up.
    last: HashMap<Tag, Reached>,
    /// Of lists, which are compared one by one. There are few: an API has few lists, and a mutation names few of their members.
    lists: HashMap<Tag, Reached>,
    /// The last invalidation that no tags tell, which may have reached anything.
    everything: Option<Seq>,
    /// How many began at each point.
    under_way: BTreeMap<Seq, usize>,
}

/// When something was invalidated last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Reached {
    pub(super) at: Seq,
    /// The last time that what is watched was to be requested again.
    pub(super) wanted: Seq,
}

impl Reached {
    fn later(self, other: Reached) -> Reached {
        Reached { at: self.at.max(other.at), wanted: self.wanted.max(other.wanted) }
    }
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
            Some((oldest, _)) if *oldest > began => {
                self.last.retain(|_, reached| reached.at > *oldest);
                self.lists.retain(|_, reached| reached.at > *oldest);
            }
            Some(_) => {}
        }
    }

    /// Tags are invalidated. `wanted` says whether what is watched is to be requested again.
    pub(super) fn record(&mut self, tags: impl IntoIterator<Item = Tag>, at: Seq, wanted: bool) {
        if self.under_way.is_empty() {
            return;
        }
        for tag in tags.into_iter().map(Tag::into_logged) {
            let known = if tag.is_list() { self.lists.entry(tag) } else { self.last.entry(tag) }.or_default();
            *known = known.later(Reached { at, wanted: if wanted { at } else { 0 } });
        }
    }

    /// When the oldest of what is under way began.
    pub(super) fn oldest(&self) -> Option<Seq> {
        self.under_way.first_key_value().map(|(began, _)| *began)
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

    /// The last invalidation after `since` that reaches one of the tags. Costs what it looks up, however much is remembered.
    pub(super) fn last_reaching(&self, provided: &[Tag], since: Seq) -> Option<Reached> {
        let of_tag = |provided: &Tag| {
            let reachers = if self.last.is_empty() { Vec::new() } else { provided.reachers() };
            let looked_up = reachers.iter().filter_map(|tag| self.last.get(tag));
            let lists = self.lists.iter().filter(|(tag, _)| provided.is_list() && tag.reaches(provided));
            let all = looked_up.chain(lists.map(|(_, reached)| reached));
            all.copied().filter(|reached| since < reached.at).reduce(Reached::later)
        };
        provided.iter().filter_map(of_tag).reduce(Reached::later)
    }

    #[cfg(test)]
    pub(super) fn is_idle(&self) -> bool {
        self.last.is_empty() && self.lists.is_empty() && self.everything.is_none() && self.under_way.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tag::TagType;

    const TYPES: [TagType; 2] = [TagType::new("Post"), TagType::new("User")];

    // B13
    #[test]
    fn b13_what_is_looked_up_is_what_the_rule_says() {
        let mut all: Vec<Tag> = Vec::new();
        for ty in TYPES {
            let lists = [ty.list(), ty.list().with("author", 1), ty.list().with("author", 2)];
            all.extend([ty.all(), ty.id(1), ty.id("1/2"), ty.id(("1", "2"))]);
            all.extend(lists.iter().cloned().chain(lists.iter().map(|list| list.clone().filtered())));
        }
        // A group is no thing of a type, whatever its origin is called.
        all.extend(["1", "LIST"].map(|name| Tag::of_group("Post", name.to_owned())));
        let referring: Vec<Tag> = all.iter().map(|tag| tag.clone().reference()).collect();
        let gone: Vec<Tag> = all.iter().map(|tag| tag.clone().gone()).collect();
        let invalidating: Vec<Tag> = all.iter().chain(&referring).chain(&gone).cloned().collect();
        for tag in &invalidating {
            let mut log = InvalidationLog::default();
            log.begin(1);
            log.record([tag.clone()], 2, true);
            for provided in all.iter().chain(&referring).map(|provided| provided.clone().into_provided()) {
                let found = log.last_reaching(std::slice::from_ref(&provided), 1).is_some();
                assert_eq!(found, tag.reaches(&provided), "{tag} and {provided}");
                assert!(log.last_reaching(&[provided], 2).is_none(), "nothing came later");
            }
        }
    }
}
