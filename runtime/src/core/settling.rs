//! Responses arrive, requests fail, and entries are written.

use std::time::Duration;

use super::Core;
use super::entry::Entry;
use super::event::{Decoded, Effect, EntryId, RequestId, Seq, Write};
use super::mutations::Sending;
use super::retrying::Tries;
use super::stored::Stored;
use super::users::{Flight, Waiter};
use crate::error::Error;
use crate::event::{Cause, Event as Report};
use crate::paging::Walk;
use crate::tag::Tag;

/// What became of a write.
pub(super) enum Written {
    /// The entry holds the data.
    Clean(EntryId),
    /// Something else changed the entry meanwhile, so nobody knows which is newer.
    Overtaken(EntryId),
    /// There is no entry, and the data may already be stale.
    Nothing,
}

impl Core {
    pub(super) fn received(
        &mut self,
        id: EntryId,
        request: RequestId,
        response: Decoded,
        not_modified: bool,
        now: Duration,
    ) {
        let Some(flight) = self.land(id, request) else {
            return self.effects.push(Effect::Discard(Box::new(response)));
        };
        let since = flight.since;
        if flight.tries.walk != Walk::Again {
            self.lengthen(id, &flight, response, now);
            self.log.end(since);
            return self.settle(id, 0, None, now);
        }
        self.forget_grown(id);
        let status = response.response.as_ref().map(|head| head.status).unwrap_or_default();
        let (changed, added) = self.store(id, response, since, request, now);
        if let Some(stored) = self.entries.get_mut(id).and_then(|entry| entry.stored.as_mut()) {
            stored.brought = stored.brought.as_own();
        }
        self.mark_missed(id, &added, since);
        self.mark_guessed(id);
        self.report_of(id, |entry| Report::Received { entry, request: request.0, status, changed, not_modified });
        self.answer_satisfied(id, since, None);
        self.log.end(since);
        self.settle(id, since, None, now);
    }

    pub(super) fn failed(
        &mut self,
        id: EntryId,
        request: RequestId,
        mut error: Error,
        next_try: Option<Duration>,
        now: Duration,
    ) {
        if let Some(wait) = next_try {
            match self.retry_later(id, request, error, wait, now) {
                Ok(()) => return,
                Err(unneeded) => error = unneeded,
            }
        }
        let Some(Flight { since, tries: Tries { walk, .. }, .. }) = self.land(id, request) else { return };
        self.log.end(since);
        let Some(entry) = self.entries.get_mut(id) else { return };
        let before = entry.fail(error.clone(), since, now);
        self.effects.push(Effect::Discard(Box::new(before)));
        self.report_of(id, |entry| Report::Failed { entry, request: request.0, error: error.clone() });
        self.fail_further(id, walk, &error);
        if walk == Walk::Again {
            self.answer_satisfied(id, since, Some(&error));
        }
        self.settle(id, since, Some(&error), now);
    }

    /// Writes a mutation's response, if nothing else changed the entry, or brought it newer data, since the mutation began.
    pub(super) fn write_result(&mut self, write: Write, sending: &Sending, now: Duration) -> Written {
        let Write { plan, response, .. } = &write;
        let known = self.entries.find(plan.key());
        let entry = known.and_then(|id| self.entries.get(id));
        let overtaken = entry.is_some_and(|entry| {
            let newer = |stored: &Stored| sending.after < stored.brought.request();
            sending.since < entry.changed_at || entry.stored.as_ref().is_some_and(newer)
        });
        let missed = self.log.last_reaching(&plan.tags, sending.since).is_some()
            || self.log.last_reaching(&response.tags, sending.since).is_some()
            || known.is_none() && self.log.reached_everything(sending.since);
        if overtaken || missed {
            self.effects.push(Effect::Discard(Box::new(write.response)));
            return known.map_or(Written::Nothing, Written::Overtaken);
        }
        // The write counts as a change, for other mutations that are under way.
        self.seq += 1;
        let id = self.entry_of(plan, now);
        let response = self.with_known_tags(id, write);
        self.write(id, response, now);
        Written::Clean(id)
    }

    /// Writes data of the application's own, which is as new as this moment.
    pub(super) fn write_by_hand(&mut self, write: Write, now: Duration) -> EntryId {
        let id = self.entry_of(&write.plan, now);
        let response = self.with_known_tags(id, write);
        if let Some(entry) = self.entries.get_mut(id) {
            // As a fetch would have been, this is a use.
            entry.unused_since = None;
        }
        self.write(id, response, now);
        id
    }

    /// Writes data of the application's own that was made of what is there, and so is as stale as that. A request under way
    /// may bring what is older: it is given up, and sent anew.
    pub(super) fn rework(&mut self, write: Write, now: Duration) {
        let id = self.entry_of(&write.plan, now);
        let Some(entry) = self.entries.get_mut(id) else { return };
        let is_valid = entry.is_valid();
        let Some(stored) = &entry.stored else {
            self.write_by_hand(write, now);
            return;
        };
        let (was, since) = (entry.dates(stored), stored.since);
        // What waits for its next try will be newer than this.
        let is_under_way = entry.users.under_way().is_some();
        let flight = entry.users.present_if_any().and_then(|present| present.flight.take_if(|_| is_under_way));
        let resent = flight.map(|flight| self.give_up(id, flight));
        let at = self.seq;
        let response = self.with_known_tags(id, write);
        let (changed, _) = self.store(id, response, if is_valid { at } else { since }, self.last_request, now);
        if let Some(entry) = self.entries.get_mut(id) {
            entry.changed_at = at;
            entry.date(was);
        }
        self.report_of(id, |entry| Report::Written { entry, changed });
        if let Some((cause, tries)) = resent {
            self.send_try(id, cause, tries);
        }
        self.mind_use(id, now);
    }

    /// The data with its tags. If those may not be all, the ones that are known stay; groups do in any case, as only an answer
    /// to the entry's own request tells others.
    fn with_known_tags(&self, id: EntryId, write: Write) -> Decoded {
        let Write { mut response, tags_are_all, .. } = write;
        let known = self.entries.get(id).into_iter().flat_map(|entry| entry.data_tags());
        response.tags.extend(known.filter(|tag| !tags_are_all || tag.is_group()).cloned());
        response
    }

    /// Puts data in that is newer than any request under way, which is given up.
    fn write(&mut self, id: EntryId, response: Decoded, now: Duration) {
        let at = self.seq;
        self.abort(id);
        let (changed, _) = self.store(id, response, at, self.last_request, now);
        if let Some(entry) = self.entries.get_mut(id) {
            entry.changed_at = at;
        }
        self.mark_guessed(id);
        self.report_of(id, |entry| Report::Written { entry, changed });
        self.answer_satisfied(id, at, None);
        self.settle(id, at, None, now);
    }

    /// Ends the entry's flight and gives it back. `None` for a request that is no longer the entry's.
    fn land(&mut self, id: EntryId, request: RequestId) -> Option<Flight> {
        let entry = self.entries.get_mut(id)?;
        let mut flight = entry.users.present_if_any()?.flight.take_if(|flight| flight.is_under_way(request))?;
        self.effects.extend(flight.tries.spent());
        Some(flight)
    }

    /// Puts data into the entry and its tags into the index. Says whether the data changed, and which tags are new.
    pub(super) fn store(
        &mut self,
        id: EntryId,
        mut response: Decoded,
        since: Seq,
        request: RequestId,
        now: Duration,
    ) -> (bool, Vec<Tag>) {
        let Some(entry) = self.entries.get_mut(id) else { return (false, Vec::new()) };
        let tags = std::mem::take(&mut response.tags);
        let (bared, projection) = (entry.bare(), self.layers.take(id, &response.value));
        let (changed, unneeded) = entry.store(response, since, request, now);
        self.effects.push(Effect::Discard(unneeded));
        let (changed, tags) = self.cover(id, bared, projection, tags, changed);
        (changed, self.reindex(id, tags))
    }

    /// Tags that only the response told may have been invalidated while it was on its way.
    pub(super) fn mark_missed(&mut self, id: EntryId, added: &[Tag], since: Seq) {
        let Some(entry) = self.entries.get_mut(id).filter(|entry| !entry.origin.settings.never_stale) else { return };
        // What reached the tags that were known before has marked the entry already.
        let Some(missed) = self.log.last_reaching(added, since) else { return };
        entry.changed_at = entry.changed_at.max(missed.at);
        entry.wanted = entry.wanted.max(missed.wanted);
    }

    /// Answers the callers that a request which began at `since` has satisfied.
    fn answer_satisfied(&mut self, id: EntryId, since: Seq, error: Option<&Error>) {
        let Some(entry) = self.entries.get_mut(id) else { return };
        let value = entry.stored.as_ref().map(|stored| stored.value.clone());
        let result = match error {
            Some(error) => Some(Err(error.clone())),
            None => value.map(Ok),
        };
        for waiter in take_satisfied(entry, since) {
            let answer = waiter.id.zip(result.clone());
            self.effects.extend(answer.map(|(waiter, result)| Effect::Answer { waiter, result }));
        }
    }

    /// A request or write that began at `since` is through: what must follow, follows.
    fn settle(&mut self, id: EntryId, since: Seq, error: Option<&Error>, now: Duration) {
        self.touch(id);
        self.release_awaited(id, since, error);
        let Some(entry) = self.entries.get(id) else { return };
        if entry.needs_request() {
            self.send(id, Cause::Invalidated, now);
        } else {
            self.release_awaited(id, Seq::MAX, None);
            self.go_further(id, now);
        }
        self.mind_use(id, now);
    }
}

/// Takes out the callers that a request which began at `since` has answered.
///
/// A caller that came before any invalidation since then is answered in any case; one that came later only if no invalidation
/// since then reached the entry.
fn take_satisfied(entry: &mut Entry, since: Seq) -> Vec<Waiter> {
    let all = entry.changed_at <= since;
    let Some(users) = entry.users.present_if_any() else { return Vec::new() };
    let (satisfied, rest) =
        std::mem::take(&mut users.waiters).into_iter().partition(|waiter| all || waiter.called <= since);
    users.waiters = rest;
    satisfied
}
