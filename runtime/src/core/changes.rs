//! Changes by hand: invalidations, data of the application's own, removal, reset. Several are one.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::Core;
use super::event::{Change, Effect, EntryId, MutationId, Seq};
use crate::error::Error;
use crate::event::{Cause, Event as Report, Removal};
use crate::tags::Tags;
use crate::target::{Kind, RefetchOf};

impl Core {
    /// Does all of the changes, and then what follows from them: one request for each entry, however many reach it.
    pub(super) fn change(&mut self, changes: Vec<Change>, token: MutationId, now: Duration) {
        let mut tags = Tags::none();
        let mut reached: BTreeMap<RefetchOf, BTreeSet<EntryId>> = BTreeMap::new();
        let mut refetching = Vec::new();
        for change in changes {
            match change {
                Change::Invalidate { target, refetch } => {
                    let found = self.reached(&target);
                    match target {
                        Kind::Tags(more) => tags.extend(more),
                        _ => self.log.record_everything(self.seq + 1),
                    }
                    reached.entry(refetch).or_default().extend(found);
                }
                Change::Write(write) => {
                    self.seq += 1;
                    // It is newer than what was invalidated before it.
                    let id = self.write_by_hand(write, now);
                    for ids in reached.values_mut() {
                        ids.remove(&id);
                    }
                }
                Change::Remove(target) => self.remove_unwatched(&target),
                Change::Reset(target) => refetching.extend(self.reset(&target, now)),
            }
        }
        if !reached.is_empty() {
            self.seq += 1;
            self.log.record(tags.iter().cloned(), self.seq);
        }
        let mut told = tags.clone();
        for (refetch, ids) in reached {
            let reach = self.mark(&tags, &ids, refetch);
            refetching.extend(self.report_and_refetch(std::mem::take(&mut told), reach));
        }
        self.await_refetches(token, &refetching);
    }

    /// Whoever waits for what is removed gets an error.
    fn remove_unwatched(&mut self, target: &Kind) {
        self.seq += 1;
        self.log.record_everything(self.seq);
        for id in self.reached(target) {
            if self.entries.get(id).is_some_and(|entry| !entry.is_watched()) {
                self.abort(id);
                self.give_up_waiters(id);
                self.remove(id, Removal::ByHand);
            }
        }
    }

    /// Back to before the first request, which is sent anew for what is watched.
    fn reset(&mut self, target: &Kind, now: Duration) -> Vec<EntryId> {
        self.remove_unwatched(target);
        let mut refetching = Vec::new();
        for id in self.reached(target) {
            self.abort(id);
            self.give_up_waiters(id);
            let Some(entry) = self.entries.get_mut(id) else { continue };
            let stored = entry.stored.take();
            let error = entry.error.take();
            entry.version += 1;
            entry.changed_at = self.seq;
            self.effects.push(Effect::Discard(Box::new((stored, error))));
            self.reindex(id);
            self.report_of(id, |entry| Report::Reset { entry });
            self.send(id, Cause::Reset);
            self.mind_use(id, now);
            refetching.push(id);
        }
        refetching
    }

    fn give_up_waiters(&mut self, id: EntryId) {
        let Some(entry) = self.entries.get_mut(id) else { return };
        let call = entry.plan.request.call();
        for waiter in std::mem::take(&mut entry.users.waiters) {
            let answer = |waiter| Effect::Answer { waiter, result: Err(Error::aborted(call.clone())) };
            self.effects.extend(waiter.id.map(answer));
        }
        self.release_awaited(id, Seq::MAX, None);
    }
}
