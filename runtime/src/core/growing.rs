//! Data of a response that is a stream: it is shown as it grows, and is stale until the stream is at its end.

use std::time::Duration;

use super::Core;
use super::event::{Decoded, Effect, EntryId, RequestId};
use super::stored::PARTIAL;
use crate::event::{Cause, Event as Report};

impl Core {
    /// More came of the entry's request, which goes on. What a stream brings that was given up is nothing to anybody.
    pub(super) fn grew(&mut self, id: EntryId, request: RequestId, response: Decoded, now: Duration) {
        let flight = self.entries.get(id).and_then(|entry| entry.users.flight());
        let Some(since) = flight.filter(|flight| flight.is_under_way(request)).map(|flight| flight.since) else {
            return self.effects.push(Effect::Discard(Box::new(response)));
        };
        self.forget_grown(id);
        let (_, added) = self.store(id, response, PARTIAL, request, now);
        let Some(entry) = self.entries.get_mut(id) else { return };
        entry.changed_at = entry.changed_at.max(PARTIAL + 1);
        // A prefetch has what it wanted; only who waits for the end is still waited for.
        if let Some(users) = entry.users.present_if_any() {
            users.waiters.retain(|waiter| waiter.id.is_some());
        }
        self.touch(id);
        self.mark_missed(id, &added, since);
        self.report_of(id, |entry| Report::Grew { entry, request: request.0 });
        // The stream may never end, so whoever waits for refetches waits for what it brings first.
        self.release_awaited(id, since, None);
        if self.entries.get(id).is_some_and(|entry| entry.is_watched() && since < entry.wanted) {
            self.abort(id);
            self.send(id, Cause::Invalidated, now);
        }
        self.mind_use(id, now);
    }

    /// The body of a stream is not kept, so it cannot tell whether the next one brings the same.
    pub(super) fn forget_grown(&mut self, id: EntryId) {
        let Some(entry) = self.entries.get_mut(id) else { return };
        if !entry.origin.streams() {
            return;
        }
        let response = entry.stored.as_mut().and_then(|stored| stored.response.take());
        self.effects.push(Effect::Discard(Box::new(response)));
    }
}
