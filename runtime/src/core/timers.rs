//! When to look at which entry.

use std::collections::BTreeSet;
use std::time::Duration;

use super::Core;
use super::event::EntryId;
use super::moment::Moment;
use crate::event::{Cause, Removal};

/// At most one time for each entry. What is due then, the entry itself tells.
///
/// A time that moves back, as it does whenever an entry is used again, is left where it is until it comes: then the entry
/// tells the new one. So use costs nothing here.
#[derive(Default)]
pub(super) struct Timers {
    order: BTreeSet<(Moment, EntryId)>,
}

impl Timers {
    pub(super) fn set(&mut self, entry: EntryId, before: Option<Moment>, at: Option<Moment>) {
        if let Some(before) = before {
            self.order.remove(&(before, entry));
        }
        if let Some(at) = at {
            self.order.insert((at, entry));
        }
    }

    pub(super) fn next(&self) -> Option<Duration> {
        self.order.first().map(|(at, _)| at.get())
    }

    /// Takes out one that is due.
    fn pop(&mut self, now: Duration) -> Option<EntryId> {
        let (at, entry) = *self.order.first()?;
        if now < at.get() {
            return None;
        }
        self.order.pop_first();
        Some(entry)
    }

    #[cfg(test)]
    pub(super) fn entries(&self) -> impl Iterator<Item = (Moment, EntryId)> + '_ {
        self.order.iter().copied()
    }
}

impl Core {
    /// Sets the entry's timer, if something is due before it is looked at anyway.
    pub(super) fn mind_timer(&mut self, id: EntryId, now: Duration) {
        let Some(entry) = self.entries.get_mut(id) else { return };
        // What is due beyond what can be told never comes.
        let due = entry.next_due(&self.defaults, self.hosts, now).map(Moment::of).filter(|due| !due.is_for_ever());
        if due.is_some_and(|due| entry.queued.is_none_or(|queued| due < queued)) {
            self.timers.set(id, entry.queued, due);
            entry.queued = due;
        }
    }

    /// Does what is due.
    pub(super) fn tick(&mut self, now: Duration) {
        self.wake_at = None;
        while let Some(id) = self.timers.pop(now) {
            let Some(entry) = self.entries.get_mut(id) else { continue };
            entry.queued = None;
            let is_due = |due: Option<Duration>| due.is_some_and(|due| due <= now);
            if is_due(entry.expiry()) {
                self.remove(id, Removal::Unused);
            } else if is_due(entry.retry_due(self.hosts)) {
                self.try_again(id);
            } else if is_due(entry.poll_due(self.hosts)) {
                self.send(id, Cause::Poll, now);
            }
            self.touch(id);
        }
    }
}
