//! Readers come and go: subscribers, callers that wait, prefetches.

use std::sync::Arc;
use std::time::Duration;

use super::Core;
use super::entry::Waiter;
use super::event::{Effect, EntryId, WaiterId};
use crate::event::{Cause, Event as Report};
use crate::prefetch::Prefetch;
use crate::query::QueryPlan;

impl Core {
    pub(super) fn subscribe(&mut self, plan: &Arc<QueryPlan>, now: Duration) {
        let id = self.entry_of(plan);
        let stale_time = plan.stale_time.or(self.defaults.stale_time);
        let Some(entry) = self.entries.get_mut(id) else { return };
        entry.subscribers += 1;
        if let Some(flight) = &mut entry.flight {
            flight.kept = true;
            // What went on without a request so far may not do for who comes now.
            entry.tried = entry.tried.min(flight.since);
            self.effects.push(Effect::Report(Report::Joined { entry: entry.call.clone() }));
        } else if entry.is_fresh(stale_time, now) {
            self.effects.push(Effect::Report(Report::AnsweredFromCache { entry: entry.call.clone() }));
        } else {
            self.send(id, Cause::Watch);
        }
        self.touched.push(id);
        self.mind_expiry(id, now);
    }

    pub(super) fn unsubscribe(&mut self, id: EntryId, now: Duration) {
        let Some(entry) = self.entries.get_mut(id) else { return };
        entry.subscribers = entry.subscribers.saturating_sub(1);
        self.mind_expiry(id, now);
    }

    pub(super) fn fetch(&mut self, plan: &Arc<QueryPlan>, waiter: WaiterId, now: Duration) {
        let id = self.entry_of(plan);
        let stale_time = plan.stale_time.or(self.defaults.stale_time);
        let Some(entry) = self.entries.get(id) else { return };
        match &entry.stored {
            Some(stored) if entry.is_fresh(stale_time, now) => {
                let value = stored.shown.value.clone();
                self.effects.push(Effect::Report(Report::AnsweredFromCache { entry: entry.call.clone() }));
                self.effects.push(Effect::Answer { waiter, result: Ok(value) });
            }
            _ => self.wait(id, waiter, Cause::Fetch),
        }
        self.mind_expiry(id, now);
    }

    pub(super) fn refetch(&mut self, plan: &Arc<QueryPlan>, waiter: WaiterId, now: Duration) {
        let id = self.entry_of(plan);
        self.wait(id, waiter, Cause::Refetch);
        self.mind_expiry(id, now);
    }

    fn wait(&mut self, id: EntryId, waiter: WaiterId, cause: Cause) {
        let Some(entry) = self.entries.get_mut(id) else { return };
        entry.waiters.push(Waiter { id: waiter, called: self.seq });
        if entry.flight.is_none() {
            return self.send(id, cause);
        }
        self.effects.push(Effect::Report(Report::Joined { entry: entry.call.clone() }));
    }

    /// A caller no longer waits. A request that nobody else needs is given up.
    pub(super) fn cancel(&mut self, plan: &Arc<QueryPlan>, waiter: WaiterId, now: Duration) {
        let Some(id) = self.entries.find(plan.key()) else { return };
        let Some(entry) = self.entries.get_mut(id) else { return };
        let before = entry.waiters.len();
        entry.waiters.retain(|waiting| waiting.id != waiter);
        if entry.waiters.len() == before {
            return;
        }
        let needed = entry.flight.as_ref().is_none_or(|flight| flight.kept || flight.held);
        if !needed && !entry.in_use() {
            let is_empty = entry.stored.is_none() && entry.error.is_none();
            self.abort(id);
            self.release_awaited(id, super::Seq::MAX, None);
            if is_empty {
                return self.remove(id);
            }
        }
        self.mind_expiry(id, now);
    }

    pub(super) fn prefetch(&mut self, plan: &Arc<QueryPlan>, when: Prefetch, now: Duration) {
        let id = self.entry_of(plan);
        let stale_time = plan.stale_time.or(self.defaults.stale_time);
        let Some(entry) = self.entries.get_mut(id) else { return };
        let wanted = match when {
            Prefetch::Force => true,
            Prefetch::IfMissing => !entry.is_fresh(stale_time, now),
            Prefetch::IfOlderThan(age) => !entry.is_fresh(stale_time, now) || entry.is_older_than(Some(age), now),
        };
        match &mut entry.flight {
            Some(flight) if wanted => flight.held = true,
            None if wanted => self.send(id, Cause::Prefetch),
            _ => {}
        }
        self.mind_expiry(id, now);
    }
}
