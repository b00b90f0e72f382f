//! What the cache holds at one moment, for people and tools.

use std::time::Duration;

use super::Core;
use super::entry::Entry;
use super::event::EntryId;
use crate::event::CallRef;
use crate::inspection::{EntryView, Inspection};

impl Core {
    pub(crate) fn inspect(&self, now: Duration) -> Inspection {
        let until = |at: Duration| at.saturating_sub(now);
        let view = |id: EntryId| Some(self.view(id, self.entries.get(id)?, now));
        let mut mutations: Vec<CallRef> = self.mutations.values().map(|running| running.call.clone()).collect();
        mutations.sort_unstable_by_key(|call| call.id);
        Inspection {
            entries: self.entries.ids(|_| true).into_iter().filter_map(view).collect(),
            mutations,
            focused: self.hosts.focused,
            online: self.hosts.online,
            next_timer: self.timers.next().map(until),
        }
    }

    fn view(&self, id: EntryId, entry: &Entry, now: Duration) -> EntryView {
        let until = |at: Option<Duration>| at.map(|at| at.saturating_sub(now));
        let is_stale = if entry.is_watched() {
            entry.is_stale_for_watchers(&self.defaults, now)
        } else {
            entry.stored.is_some() && !entry.is_fresh(&entry.origin.settings, &self.defaults, now)
        };
        EntryView {
            call: entry.origin.call(id),
            tags: entry.indexed().iter().cloned().collect(),
            subscribers: entry.users.subscribers().len(),
            waiting: entry.users.waiters().iter().filter(|waiter| waiter.id.is_some()).count(),
            has_data: entry.stored.is_some(),
            is_stale,
            layers: entry.layered().map_or(0, |layered| layered.applied.len()),
            is_fetching: entry.users.flight().is_some(),
            failures: entry.users.flight().map_or(0, |flight| flight.tries.failures),
            error: entry.users.error().cloned(),
            age: entry.stored.as_ref().map(|stored| now.saturating_sub(stored.fetched_at())),
            bytes: entry.bytes(),
            expires_in: until(entry.expiry()),
            retried_in: until(entry.retry_due(self.hosts)),
            polled_in: until(entry.poll_due(self.hosts)),
        }
    }
}
