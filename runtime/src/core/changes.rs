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
        let mut reset = BTreeSet::new();
        for change in changes {
            match change {
                Change::Invalidate { target, refetch } => {
                    let found = self.reached(&target);
                    match target {
                        Kind::Tags(more) => {
                            self.log.record(more.iter().cloned(), self.seq + 1, refetch.includes(true));
                            tags.extend(more);
                        }
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
                    reset.remove(&id);
                }
                Change::Rework(write) => {
                    self.seq += 1;
                    self.rework(write, now);
                }
                Change::Remove(target) => self.remove_unwatched(&target),
                Change::Reset(target) => reset.extend(self.reset(&target)),
            }
        }
        if !reached.is_empty() {
            self.seq += 1;
        }
        let mut told = tags.clone();
        let mut refetching = BTreeSet::new();
        for (refetch, mut ids) in reached {
            ids.retain(|id| !reset.contains(id));
            let reach = self.mark(&tags, &ids, refetch);
            refetching.extend(self.report_and_refetch(std::mem::take(&mut told), reach, now));
        }
        // Last, so that these requests are newer than all that was invalidated.
        for id in reset {
            self.send(id, Cause::Reset, now);
            self.mind_use(id, now);
            refetching.insert(id);
        }
        self.await_refetches(token, refetching);
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

    /// Back to before the first request. Gives back what is watched, for which that has to be sent anew.
    fn reset(&mut self, target: &Kind) -> BTreeSet<EntryId> {
        self.remove_unwatched(target);
        let reset = self.reached(target);
        for id in reset.iter().copied() {
            self.abort(id);
            self.give_up_waiters(id);
            let Some(entry) = self.entries.get_mut(id) else { continue };
            let stored = entry.stored.take();
            let present = entry.users.present();
            let (error, layered) = (present.error.take(), present.layered.take());
            (present.failed_at, present.max_age) = (None, None);
            entry.version += 1;
            entry.changed_at = self.seq;
            self.layers.leave(id);
            self.effects.push(Effect::Discard(Box::new((stored, layered, error))));
            self.reindex(id, Vec::new());
            self.report_of(id, |entry| Report::Reset { entry });
            self.touch(id);
        }
        reset
    }

    fn give_up_waiters(&mut self, id: EntryId) {
        let Some(entry) = self.entries.get_mut(id) else { return };
        let call = entry.origin.request().call();
        let waiters = entry.users.present_if_any().map(|users| std::mem::take(&mut users.waiters));
        for waiter in waiters.into_iter().flatten() {
            let answer = |waiter| Effect::Answer { waiter, result: Err(Error::aborted(call.clone())) };
            self.effects.extend(waiter.id.map(answer));
        }
        self.release_awaited(id, Seq::MAX, None);
        self.give_up_further(id);
    }
}
