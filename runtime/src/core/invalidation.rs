//! Invalidation: what is reached, what is marked stale, what is requested again.

use std::collections::BTreeSet;
use std::time::Duration;

use super::Core;
use super::event::{Effect, EntryId};
use crate::event::{CallRef, Cause, Event as Report, Removal};
use crate::tags::Tags;
use crate::target::{Kind, RefetchOf};

/// What an invalidation did.
#[derive(Default)]
pub(super) struct Reach {
    refetching: Vec<EntryId>,
    /// Entries to take out of the cache, and why.
    leaving: Vec<(EntryId, Removal)>,
    marked_stale: Vec<EntryId>,
}

impl Core {
    /// The entries that an invalidation reaches.
    pub(crate) fn reached(&self, target: &Kind) -> BTreeSet<EntryId> {
        match target {
            Kind::Tags(tags) => {
                let mut found = Vec::new();
                for tag in tags {
                    self.index.reach(tag, &mut found);
                }
                found.into_iter().collect()
            }
            Kind::Query(plan) => self.entries.find(plan.key()).into_iter().collect(),
            other => self
                .entries
                .ids(|entry| other.means(entry.origin.operation_id(), entry.origin.path()))
                .into_iter()
                .collect(),
        }
    }

    /// The calls whose entries an invalidation would reach.
    pub(crate) fn would_reach(&self, target: &Kind) -> Vec<CallRef> {
        let reached = self.reached(target).into_iter();
        self.calls(reached.filter(|id| self.entries.get(*id).is_some_and(|entry| !entry.origin.settings.never_stale)))
    }

    /// Marks what was reached as invalidated at this point of the order, and says what has to be done about it.
    pub(super) fn mark(&mut self, tags: &Tags, reached: &BTreeSet<EntryId>, refetch: RefetchOf) -> Reach {
        let mut reach = Reach::default();
        for id in reached.iter().copied() {
            let Some(entry) = self.entries.get_mut(id) else { continue };
            if entry.origin.settings.never_stale {
                continue;
            }
            let is_gone = tags.iter().any(|tag| tag.is_gone() && entry.is_own(tag));
            let is_wanted = refetch.includes(entry.is_watched()) && !is_gone;
            if !entry.in_use() && (is_gone || (self.defaults.remove_unwatched && !is_wanted)) {
                reach.leaving.push((id, if is_gone { Removal::Gone } else { Removal::Invalidated }));
                continue;
            }
            entry.changed_at = self.seq;
            if is_wanted {
                entry.wanted = self.seq;
                reach.refetching.push(id);
            } else {
                // Of what is gone, asking again could only bring a "not found", whatever wanted it before.
                entry.wanted = if is_gone { 0 } else { entry.wanted };
                reach.marked_stale.push(id);
            }
            self.touch(id);
        }
        reach
    }

    /// Tells the cause before its effects: first the event, then what leaves, then the requests.
    pub(super) fn report_and_refetch(&mut self, tags: Tags, reach: Reach, now: Duration) -> Vec<EntryId> {
        let Reach { refetching, leaving, marked_stale } = reach;
        if self.heard && !(tags.is_empty() && refetching.is_empty() && marked_stale.is_empty() && leaving.is_empty()) {
            self.effects.push(Effect::Report(Report::Invalidated {
                tags,
                refetching: self.calls(refetching.iter().copied()),
                marked_stale: self.calls(marked_stale),
                dropped: self.calls(leaving.iter().map(|(id, _)| *id)),
            }));
        }
        for (id, why) in leaving {
            self.remove(id, why);
        }
        for id in refetching.iter().copied() {
            let Some(entry) = self.entries.get(id) else { continue };
            if !entry.is_watched() {
                // Nobody else would see to it that a request under way is followed by one more.
                self.wait(id, None, Cause::Invalidated, None, now);
            } else if entry.users.flight().is_none_or(|flight| flight.streams) {
                // Nobody knows when a stream ends: one that began before is given up.
                self.abort(id);
                self.send(id, Cause::Invalidated, now);
            }
        }
        refetching
    }

    fn calls(&self, ids: impl IntoIterator<Item = EntryId>) -> Vec<CallRef> {
        ids.into_iter().filter_map(|id| Some(self.entries.get(id)?.origin.call(id))).collect()
    }

    /// Tells of something, if anybody hears.
    pub(super) fn tell(&mut self, report: impl FnOnce() -> Report) {
        if self.heard {
            self.effects.push(Effect::Report(report()));
        }
    }
}
