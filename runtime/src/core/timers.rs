//! When entries expire or become stale by time.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use super::event::EntryId;

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Due {
    /// The entry was unused for too long.
    Expire,
    /// The data is older than the stale time.
    Stale,
}

/// At most one time for each entry and kind.
#[derive(Default)]
pub(super) struct Timers {
    order: BTreeSet<(Duration, EntryId, Due)>,
    times: HashMap<(EntryId, Due), Duration>,
}

impl Timers {
    /// Sets the time, or clears it. A time beyond what a `Duration` holds never comes, so the caller passes `None`.
    pub(super) fn set(&mut self, entry: EntryId, due: Due, at: Option<Duration>) {
        if let Some(old) = self.times.remove(&(entry, due)) {
            self.order.remove(&(old, entry, due));
        }
        if let Some(at) = at {
            self.times.insert((entry, due), at);
            self.order.insert((at, entry, due));
        }
    }

    pub(super) fn clear(&mut self, entry: EntryId) {
        self.set(entry, Due::Expire, None);
        self.set(entry, Due::Stale, None);
    }

    pub(super) fn next(&self) -> Option<Duration> {
        self.order.first().map(|(at, ..)| *at)
    }

    /// Takes out one that is due.
    pub(super) fn pop(&mut self, now: Duration) -> Option<(EntryId, Due)> {
        let (at, entry, due) = *self.order.first()?;
        if now < at {
            return None;
        }
        self.set(entry, due, None);
        Some((entry, due))
    }

    #[cfg(test)]
    pub(super) fn entries(&self) -> impl Iterator<Item = EntryId> + '_ {
        self.order.iter().map(|(_, entry, _)| *entry)
    }
}
