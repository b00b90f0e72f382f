//! Responses arrive, requests fail, and mutations write entries.

use std::time::Duration;

use super::Core;
use super::entry::{Entry, Waiter};
use super::event::{Decoded, Effect, EntryId, RequestId, Seq, Write};
use super::timers::Due;
use crate::error::Error;
use crate::event::{Cause, Event as Report};

/// What became of a write.
pub(super) enum Written {
    /// The entry holds the data. What to report of it comes after the refetches.
    Clean(EntryId, Report),
    /// Something else changed the entry meanwhile, so nobody knows which is newer.
    Overtaken(EntryId),
    /// There is no entry, and the data may already be stale.
    Nothing,
}

impl Core {
    pub(super) fn received(&mut self, id: EntryId, request: RequestId, response: Decoded, now: Duration) {
        let Some(since) = self.land(id, request) else {
            return self.effects.push(Effect::DiscardValue(response.value));
        };
        let status = response.status;
        let changed = self.store(id, response, since, now);
        if let Some(entry) = self.entries.get_mut(id) {
            let value = entry.stored.as_ref().map(|stored| stored.shown.value.clone());
            let answered = take_satisfied(entry, since);
            let entry = entry.call.clone();
            self.effects.push(Effect::Report(Report::Received { entry, status, changed }));
            for waiter in answered {
                self.effects.extend(value.clone().map(|value| Effect::Answer { waiter: waiter.id, result: Ok(value) }));
            }
        }
        self.log.end(since);
        self.settle(id, since, None, now);
    }

    pub(super) fn failed(&mut self, id: EntryId, request: RequestId, error: Error, now: Duration) {
        let Some(since) = self.land(id, request) else { return };
        self.log.end(since);
        let Some(entry) = self.entries.get_mut(id) else { return };
        entry.error = Some(error.clone());
        entry.tried = entry.tried.max(since);
        let report = Report::Failed { entry: entry.call.clone(), error: error.clone() };
        self.effects.push(Effect::Report(report));
        for waiter in take_satisfied(entry, since) {
            self.effects.push(Effect::Answer { waiter: waiter.id, result: Err(error.clone()) });
        }
        self.settle(id, since, Some(&error), now);
    }

    /// Writes a mutation's response. `since` is where the mutation began: only what nothing else changed since then is written.
    pub(super) fn write(&mut self, write: Write, since: Seq, now: Duration) -> Written {
        let Write { plan, response } = write;
        let known = self.entries.find(plan.key());
        let changed_at = known.and_then(|id| self.entries.get(id)).map_or(0, |entry| entry.changed_at);
        let overtaken = changed_at > since
            || self.log.last_reaching(&plan.tags, since).is_some()
            || self.log.last_reaching(&response.tags, since).is_some();
        if overtaken {
            self.effects.push(Effect::DiscardValue(response.value));
            return known.map_or(Written::Nothing, Written::Overtaken);
        }
        let id = self.entry_of(&plan);
        // The write counts as a change, for other mutations that are under way.
        self.seq += 1;
        let at = self.seq;
        self.abort(id);
        let changed = self.store(id, response, at, now);
        let Some(entry) = self.entries.get_mut(id) else { return Written::Nothing };
        entry.changed_at = at;
        let report = Report::Written { entry: entry.call.clone(), changed };
        let value = entry.stored.as_ref().map(|stored| stored.shown.value.clone());
        for waiter in std::mem::take(&mut entry.waiters) {
            self.effects.extend(value.clone().map(|value| Effect::Answer { waiter: waiter.id, result: Ok(value) }));
        }
        self.settle(id, at, None, now);
        Written::Clean(id, report)
    }

    /// Ends the entry's flight and says where it began. `None` for a request that is no longer the entry's.
    fn land(&mut self, id: EntryId, request: RequestId) -> Option<Seq> {
        let entry = self.entries.get_mut(id)?;
        let flight = entry.flight.take_if(|flight| flight.request == request)?;
        Some(flight.since)
    }

    /// Puts data into the entry and its tags into the index. Says whether the data changed.
    fn store(&mut self, id: EntryId, response: Decoded, since: Seq, now: Duration) -> bool {
        let Some(entry) = self.entries.get_mut(id) else { return false };
        let stale_time = entry.plan.stale_time.or(self.defaults.stale_time);
        let surplus = entry.store(response, since, now);
        let changed = surplus.is_none();
        self.effects.extend(surplus.map(Effect::DiscardValue));
        self.timers.set(id, Due::Stale, stale_time.and_then(|time| now.checked_add(time)));
        self.reindex(id);
        if let Some(entry) = self.entries.get_mut(id) {
            // Tags that only the response told may have been invalidated while it was on its way.
            let missed = self.log.last_reaching(&entry.indexed, since).unwrap_or(0);
            entry.changed_at = entry.changed_at.max(missed);
        }
        changed
    }

    /// A request or write that began at `since` is through: what must follow, follows.
    fn settle(&mut self, id: EntryId, since: Seq, error: Option<&Error>, now: Duration) {
        self.touched.push(id);
        self.release_awaited(id, since, error);
        let Some(entry) = self.entries.get(id) else { return };
        if entry.needs_request() {
            self.send(id, Cause::Invalidated);
        } else {
            self.release_awaited(id, Seq::MAX, None);
        }
        self.mind_expiry(id, now);
    }
}

/// Takes out the callers that a request which began at `since` has answered.
///
/// A caller that came before any invalidation since then is answered in any case; one that came later only if no invalidation
/// since then reached the entry.
fn take_satisfied(entry: &mut Entry, since: Seq) -> Vec<Waiter> {
    let all = entry.changed_at <= since;
    let (satisfied, rest) =
        std::mem::take(&mut entry.waiters).into_iter().partition(|waiter| all || waiter.called <= since);
    entry.waiters = rest;
    satisfied
}
