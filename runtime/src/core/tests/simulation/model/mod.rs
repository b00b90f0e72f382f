//! The reference model: what the cache must do, said as plainly as possible.
//!
//! It has no index and no queue of timers; it keeps all that ever happened and looks through all of it. It knows nothing of
//! the core but its settings, tags and reports.

mod changes;
mod entry;
mod settling;

use std::collections::BTreeMap;
use std::time::Duration;

pub(super) use self::changes::{Changing, Setting, Settling};
use self::entry::{Caller, Flight, Moment, Watcher};
pub(super) use self::entry::{Data, Entry};
use super::asked::{Asked, Call};
use crate::event::{Cause, Removal};
use crate::prefetch::Prefetch;
use crate::settings::{Defaults, Refetch, Said};
use crate::tag::Tag;

/// Times from here on never come.
const FOR_EVER: Duration = Duration::from_secs(500 * 366 * 24 * 60 * 60);

/// What follows from a step.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Outcome {
    pub(super) sent: Vec<(Asked, Cause)>,
    pub(super) aborted: Vec<Asked>,
    /// Callers, and which value or error they get.
    pub(super) answered: Vec<(u64, Result<u64, String>)>,
    /// Mutations whose callers get their results.
    pub(super) told: Vec<u64>,
    /// Changes and mutations of which all refetches are through, and how many errors they hear of.
    pub(super) refetched: Vec<(u64, usize)>,
    pub(super) removed: Vec<(Asked, Removal)>,
}

/// Data on its way into an entry.
#[derive(Clone, Debug)]
pub(super) struct Arriving {
    pub(super) serial: u64,
    pub(super) body: Option<String>,
    pub(super) tags: Vec<Tag>,
    pub(super) max_age: Option<Duration>,
}

/// Something that may make data old.
struct Happened {
    /// What was named, and whether that which is watched was to be requested again.
    tags: Vec<(Tag, bool)>,
    /// It named something else than tags.
    anything: bool,
}

pub(super) struct Model {
    pub(super) defaults: Defaults,
    pub(super) now: Duration,
    pub(super) entries: BTreeMap<Asked, Entry>,
    focused: bool,
    online: bool,
    history: Vec<Happened>,
    requests: u64,
    uses: u64,
    /// Mutations under way: when they began, and how many requests were sent before.
    mutations: BTreeMap<u64, (Moment, u64)>,
    /// Errors that those will hear of whose refetches are under way.
    awaiting: BTreeMap<u64, usize>,
    out: Outcome,
}

impl Model {
    pub(super) fn new(defaults: Defaults) -> Model {
        Model {
            defaults,
            now: Duration::ZERO,
            entries: BTreeMap::new(),
            focused: true,
            online: true,
            history: Vec::new(),
            requests: 0,
            uses: 0,
            mutations: BTreeMap::new(),
            awaiting: BTreeMap::new(),
            out: Outcome::default(),
        }
    }

    /// What follows from the event that was given in.
    pub(super) fn take_outcome(&mut self) -> Outcome {
        self.keep_within_bounds();
        std::mem::take(&mut self.out)
    }

    /// Whether anything is under way that an invalidation may concern later.
    pub(super) fn is_idle(&self) -> bool {
        self.mutations.is_empty() && self.entries.values().all(|entry| entry.request().is_none())
    }

    pub(super) fn is_awaiting(&self) -> bool {
        !self.awaiting.is_empty()
    }

    pub(super) fn pass(&mut self, time: Duration) -> Duration {
        // After a long time there is still time for what was to be tried again soon.
        const DAY: Duration = Duration::from_secs(24 * 60 * 60);
        let end = if time < DAY { FOR_EVER - Duration::from_secs(1) } else { self.now.max(FOR_EVER - DAY) };
        self.now = self.now.saturating_add(time).min(end);
        self.now
    }

    /// When time alone makes something happen.
    pub(super) fn next_due(&self) -> Option<Duration> {
        let due = |entry: &Entry| {
            let stale = entry.stale_at(&self.defaults).filter(|at| *at > self.now);
            let polls = entry.polls_at(self.focused, self.online);
            [stale, entry.expires_at(), polls, entry.tries_at(self.online)].into_iter().flatten().min()
        };
        // What would be due after more than five centuries never is.
        self.entries.values().filter_map(due).filter(|due| *due < FOR_EVER).min()
    }

    pub(super) fn subscribe(&mut self, call: &Call, id: u64) {
        let (now, defaults) = (self.now, self.defaults);
        let entry = self.entry_of(call);
        let when = call.settings.on_watch.unwrap_or(defaults.on_watch);
        let wanted = entry.wants(when, &call.settings, &defaults, now);
        entry.watchers.push(Watcher { id, settings: call.settings.clone(), since: now });
        entry.unused_since = None;
        if let Some(flight) = &mut entry.flight {
            // It joins. What the request is too old for, it wants to see all the same.
            flight.kept = true;
            let since = flight.since;
            let missed: Vec<Moment> = entry.reached.iter().copied().filter(|at| *at > since).collect();
            entry.demands.extend(missed);
        } else {
            // What was asked for when nobody watched is past: who comes says itself what it wants.
            entry.demands.clear();
            if wanted {
                self.send(call.asked, Cause::Watch);
            }
        }
    }

    pub(super) fn unsubscribe(&mut self, asked: Asked, id: u64) {
        let Some(entry) = self.entries.get_mut(&asked) else { return };
        let before = entry.watchers.len();
        entry.watchers.retain(|watcher| watcher.id != id);
        if entry.watchers.len() < before {
            if !entry.is_used() && entry.flight.is_some() && entry.request().is_none() {
                // There is nobody to try again for.
                self.abort(asked);
                self.release(asked, None, 0);
            }
            self.used_no_more(asked);
        }
    }

    pub(super) fn fetch(&mut self, call: &Call, id: u64) {
        let (now, defaults) = (self.now, self.defaults);
        let entry = self.entry_of(call);
        if entry.is_fresh(&call.settings, &defaults, now) {
            let serial = entry.data.as_ref().map_or(0, |data| data.serial);
            self.out.answered.push((id, Ok(serial)));
        } else {
            self.wait(call.asked, Some(id), Cause::Fetch);
        }
    }

    pub(super) fn refetch(&mut self, call: &Call, id: u64) {
        self.entry_of(call);
        self.wait(call.asked, Some(id), Cause::Refetch);
    }

    pub(super) fn prefetch(&mut self, call: &Call, when: Prefetch) {
        let (now, defaults) = (self.now, self.defaults);
        let entry = self.entry_of(call);
        let when = match when {
            Prefetch::IfMissing => Some(Refetch::IfStale),
            Prefetch::IfOlderThan(age) => Some(Refetch::IfOlderThan(age)),
            Prefetch::Force => None,
        };
        if when.is_none_or(|when| entry.wants(when, &call.settings, &defaults, now)) {
            self.wait(call.asked, None, Cause::Prefetch);
        }
    }

    /// A caller goes. The request goes with it, if nobody else wants it.
    pub(super) fn cancel(&mut self, asked: Asked, id: u64) {
        let Some(entry) = self.entries.get_mut(&asked) else { return };
        let before = entry.callers.len();
        entry.callers.retain(|caller| caller.id != Some(id));
        if entry.callers.len() == before {
            return;
        }
        // A request that a watcher wanted goes on; another try is not made for one who left.
        let goes_on = entry.request().is_some_and(|flight| flight.kept);
        let is_wanted = entry.flight.is_none() || goes_on || entry.is_used();
        let is_empty = entry.data.is_none() && entry.error.is_none();
        if !is_wanted {
            self.abort(asked);
            self.release(asked, None, 0);
            if is_empty {
                return self.remove(asked, Removal::Unused);
            }
        }
        self.used_no_more(asked);
    }

    pub(super) fn tick(&mut self) {
        for asked in self.all() {
            let Some(entry) = self.entries.get(&asked) else { continue };
            let is_due = |at: Option<Duration>| at.is_some_and(|at| at <= self.now);
            let (expires, polls) = (entry.expires_at(), entry.polls_at(self.focused, self.online));
            let tries = entry.tries_at(self.online);
            if is_due(expires) {
                self.remove(asked, Removal::Unused);
            } else if is_due(tries) {
                self.try_again(asked);
            } else if is_due(polls) {
                self.send(asked, Cause::Poll);
            }
        }
    }

    pub(super) fn focus(&mut self, focused: bool) {
        self.focused = focused;
        // Offline, what the focus asks for waits for the connection.
        if !focused || !self.online {
            return;
        }
        let (throttle, default) = (self.defaults.focus_throttle, self.defaults.on_focus);
        let now = self.now;
        let is_late =
            |entry: &Entry| entry.settled_at.is_none_or(|at| at.checked_add(throttle).is_some_and(|at| at <= now));
        let defaults = self.defaults;
        self.send_watched(Cause::Focus, |entry, settings| {
            let when = settings.on_focus.unwrap_or(default);
            when != Refetch::Never && is_late(entry) && entry.wants(when, settings, &defaults, now)
        });
    }

    pub(super) fn online(&mut self, online: bool) {
        let was_online = std::mem::replace(&mut self.online, online);
        if !online || was_online {
            return;
        }
        let (now, defaults) = (self.now, self.defaults);
        self.send_watched(Cause::Reconnect, |entry, settings| {
            let when = settings.on_reconnect.unwrap_or(defaults.on_reconnect);
            // What failed is tried again.
            when != Refetch::Never && (entry.error.is_some() || entry.wants(when, settings, &defaults, now))
        });
        // So is what failed and was to be tried again meanwhile.
        for asked in self.all() {
            if self.entries.get(&asked).and_then(|entry| entry.tries_at(true)).is_some_and(|at| at <= now) {
                self.try_again(asked);
            }
        }
    }

    fn send_watched(&mut self, cause: Cause, wants: impl Fn(&Entry, &Said) -> bool) {
        for asked in self.all() {
            let Some(entry) = self.entries.get(&asked) else { continue };
            let wanted = entry.watchers.iter().any(|watcher| wants(entry, &watcher.settings));
            if entry.flight.is_none() && wanted {
                self.send(asked, cause);
            }
        }
    }

    fn all(&self) -> Vec<Asked> {
        self.entries.keys().copied().collect()
    }

    /// Something happens that may make data old.
    fn happens(&mut self, tags: Vec<(Tag, bool)>, anything: bool) -> Moment {
        self.history.push(Happened { tags, anything });
        self.history.len()
    }

    fn entry_of(&mut self, call: &Call) -> &mut Entry {
        self.uses += 1;
        if let Some(entry) = self.entries.get_mut(&call.asked) {
            let known = entry.indexed();
            entry.learn(call);
            // A request under way may be older than what happened to tags that nobody told before.
            if let Some(since) = entry.request().map(|flight| flight.since) {
                self.reach_late(call.asked, &known, since);
            }
        }
        let entry = self.entries.entry(call.asked).or_insert_with(|| Entry::new(self.history.len(), self.now));
        entry.last_use = self.uses;
        entry.keep_unused = entry.keep_unused.max(call.settings.keep_unused.unwrap_or(self.defaults.keep_unused));
        entry.learn(call);
        entry
    }

    fn send(&mut self, asked: Asked, cause: Cause) {
        self.send_after(asked, cause, Vec::new());
    }

    fn try_again(&mut self, asked: Asked) {
        let flight = self.entries.get_mut(&asked).and_then(|entry| entry.flight.take());
        self.send_after(asked, Cause::Retry, flight.map(|flight| flight.failures).unwrap_or_default());
    }

    /// Sends what was tried before without success.
    fn send_after(&mut self, asked: Asked, cause: Cause, failures: Vec<String>) {
        self.requests += 1;
        let (since, request) = (self.history.len(), self.requests);
        let Some(entry) = self.entries.get_mut(&asked) else { return };
        let kept = entry.is_watched();
        entry.flight = Some(Flight { since, request, cause, kept, failures, waits_until: None });
        self.out.sent.push((asked, cause));
    }

    fn abort(&mut self, asked: Asked) {
        let flight = self.entries.get_mut(&asked).and_then(|entry| entry.flight.take());
        self.out.aborted.extend(flight.filter(|flight| flight.waits_until.is_none()).map(|_| asked));
    }

    fn wait(&mut self, asked: Asked, id: Option<u64>, cause: Cause) {
        let came = self.history.len();
        let Some(entry) = self.entries.get_mut(&asked) else { return };
        entry.callers.push(Caller { id, came });
        entry.unused_since = None;
        // Who asks by hand does not wait for another try, and nothing is counted from before.
        let is_impatient = cause == Cause::Refetch && entry.request().is_none();
        if entry.flight.is_none() || is_impatient {
            self.send(asked, cause);
        }
    }

    /// Somebody may have been the last to use it.
    fn used_no_more(&mut self, asked: Asked) {
        let Some(entry) = self.entries.get_mut(&asked) else { return };
        if entry.is_used() {
            entry.unused_since = None;
        } else if entry.keep_unused == Duration::ZERO {
            self.remove(asked, Removal::Unused);
        } else if entry.unused_since.is_none() {
            entry.unused_since = Some(self.now);
            self.uses += 1;
            entry.last_use = self.uses;
        }
    }

    fn remove(&mut self, asked: Asked, why: Removal) {
        self.abort(asked);
        self.release(asked, None, 0);
        self.entries.remove(&asked);
        self.out.removed.push((asked, why));
    }

    /// Over a bound what was used longest ago goes, but never what is used.
    fn keep_within_bounds(&mut self) {
        loop {
            let bytes: usize = self.entries.values().map(bytes).sum();
            if self.entries.len() <= self.defaults.max_entries && bytes <= self.defaults.max_bytes {
                return;
            }
            let unused = self.entries.iter().filter(|(_, entry)| !entry.is_used());
            let Some((asked, _)) = unused.min_by_key(|(_, entry)| entry.last_use) else { return };
            self.remove(*asked, Removal::Bounds);
        }
    }
}

/// What an entry is estimated to cost.
fn bytes(entry: &Entry) -> usize {
    let body = entry.data.as_ref().and_then(|data| data.body.as_ref()).map_or(0, String::len);
    crate::core::entry::ENTRY_BYTES + 2 * body
}
