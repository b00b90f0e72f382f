//! Invalidations, by hand and by mutations.

use std::collections::BTreeSet;
use std::time::Duration;

use super::event::{Effect, EntryId, MutationId, Settlement};
use super::settling::Written;
use super::{Core, Running};
use crate::event::{CallRef, Cause, Event as Report};
use crate::tags::Tags;

/// What an invalidation did.
#[derive(Default)]
struct Reach {
    refetching: Vec<EntryId>,
    refetching_calls: Vec<CallRef>,
    marked_stale: Vec<CallRef>,
    dropped: Vec<CallRef>,
}

impl Core {
    pub(super) fn invalidate_by_hand(&mut self, tags: Tags) {
        let reached = self.reached(&tags);
        let reach = self.mark(&tags, &reached);
        self.report_and_refetch(tags, reach);
    }

    pub(super) fn mutation_started(&mut self, mutation: MutationId, call: CallRef) {
        self.log.begin(self.seq);
        self.effects.push(Effect::Report(Report::MutationStarted { call: call.clone() }));
        self.mutations.insert(mutation, Running { since: self.seq, call });
    }

    /// In this order: entries are written, entries are marked, events tell of it, refetches start, the caller gets the result.
    pub(super) fn mutation_settled(&mut self, mutation: MutationId, settlement: Settlement, now: Duration) {
        let Some(Running { since, call }) = self.mutations.remove(&mutation) else { return };
        let Settlement { outcome, tags, writes, suspects } = settlement;
        let (mut written, mut reports) = (BTreeSet::new(), Vec::new());
        let mut suspects: BTreeSet<EntryId> =
            suspects.iter().filter_map(|plan| self.entries.find(plan.key())).collect();
        for write in writes {
            match self.write(write, since, now) {
                Written::Clean(id, report) => {
                    written.insert(id);
                    reports.push(report);
                }
                Written::Overtaken(id) => drop(suspects.insert(id)),
                Written::Nothing => {}
            }
        }
        self.log.end(since);
        let mut reached = self.reached(&tags);
        reached.append(&mut suspects);
        reached.retain(|id| !written.contains(id));
        let reach = self.mark(&tags, &reached);
        self.effects.extend(reports.into_iter().map(Effect::Report));
        self.effects.push(Effect::Report(Report::MutationSettled { call, outcome, tags: tags.clone() }));
        let refetching = self.report_and_refetch(tags, reach);
        self.effects.push(Effect::AnswerMutation { mutation });
        self.await_refetches(mutation, &refetching);
    }

    /// The entries that an invalidation of the tags reaches.
    pub(super) fn reached(&self, tags: &Tags) -> BTreeSet<EntryId> {
        let mut found = Vec::new();
        for tag in tags {
            self.index.reach(tag, &mut found);
        }
        found.into_iter().collect()
    }

    /// Marks what the tags reach, and says what has to be done about it.
    fn mark(&mut self, tags: &Tags, reached: &BTreeSet<EntryId>) -> Reach {
        let mut reach = Reach::default();
        if tags.is_empty() && reached.is_empty() {
            return reach;
        }
        self.seq += 1;
        self.log.record(tags.iter().cloned(), self.seq);
        for id in reached.iter().copied() {
            let Some(entry) = self.entries.get_mut(id) else { continue };
            let call = entry.call.clone();
            let is_gone = tags.iter().any(|tag| tag.is_gone() && entry.is_own(tag));
            if is_gone && !entry.in_use() {
                self.remove(id);
                reach.dropped.push(call);
                continue;
            }
            entry.changed_at = self.seq;
            if is_gone {
                // Whoever still looks at it keeps what is there. Asking again could only bring a "not found".
                entry.tried = self.seq;
            }
            self.touched.push(id);
            if is_gone || entry.subscribers == 0 {
                reach.marked_stale.push(call);
                continue;
            }
            reach.refetching.push(id);
            reach.refetching_calls.push(call);
        }
        reach
    }

    /// Tells the cause before its effects: first the event, then the requests.
    fn report_and_refetch(&mut self, tags: Tags, reach: Reach) -> Vec<EntryId> {
        let Reach { refetching, refetching_calls, marked_stale, dropped } = reach;
        if !tags.is_empty() || !refetching.is_empty() || !marked_stale.is_empty() {
            let report = Report::Invalidated { tags, refetching: refetching_calls, marked_stale, dropped };
            self.effects.push(Effect::Report(report));
        }
        for id in refetching.iter().copied() {
            // One in flight is followed by one more as soon as it settles.
            if self.entries.get(id).is_some_and(|entry| entry.flight.is_none()) {
                self.send(id, Cause::Invalidated);
            }
        }
        refetching
    }
}
