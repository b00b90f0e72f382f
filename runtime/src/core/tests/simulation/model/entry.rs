//! An entry of the model, with its whole history.

use std::time::Duration;

use crate::core::tests::simulation::asked::Call;
use crate::event::Cause;
use crate::settings::{Defaults, Refetch, Said};
use crate::tag::Tag;

/// A point in the order of what makes data old: how much of it had happened.
pub(in super::super) type Moment = usize;

pub(in super::super) struct Entry {
    /// The tags that the args tell.
    pub(in super::super) arg_tags: Vec<Tag>,
    pub(super) made: Moment,
    pub(in super::super) never_stale: bool,
    pub(in super::super) data: Option<Data>,
    /// How often the data changed.
    pub(in super::super) version: u64,
    pub(in super::super) error: Option<String>,
    pub(in super::super) flight: Option<Flight>,
    pub(super) watchers: Vec<Watcher>,
    pub(super) callers: Vec<Caller>,
    /// Changes and mutations that want to hear of a request that began no earlier than this.
    pub(super) awaited: Vec<(u64, Moment)>,
    /// Each time at which an invalidation reached it.
    pub(super) reached: Vec<Moment>,
    /// Each time at which it was written or reset.
    pub(super) written: Vec<Moment>,
    /// Each time at which something asked for a request that the entry sends by itself while it is watched.
    pub(super) demands: Vec<Moment>,
    /// When the last request began that failed.
    pub(super) failed: Moment,
    pub(super) keep_unused: Duration,
    pub(super) unused_since: Option<Duration>,
    pub(super) settled_at: Option<Duration>,
    pub(super) last_use: u64,
}

#[derive(Clone)]
pub(in super::super) struct Data {
    /// Which value it is.
    pub(in super::super) serial: u64,
    pub(in super::super) body: Option<String>,
    pub(in super::super) tags: Vec<Tag>,
    /// It is as new as this.
    pub(super) as_of: Moment,
    /// Which of all requests brought it, or was the last before it was written.
    pub(super) request: u64,
    pub(in super::super) fetched_at: Duration,
    pub(in super::super) max_age: Option<Duration>,
    /// It came as the answer to a request of the entry's own.
    pub(in super::super) is_own: bool,
}

pub(in super::super) struct Flight {
    pub(super) since: Moment,
    pub(super) request: u64,
    pub(super) cause: Cause,
    /// A watcher wanted it.
    pub(super) kept: bool,
    /// Why the tries before it failed, and the last one if it is over.
    pub(super) failures: Vec<String>,
    /// The last try failed, and the next comes then.
    pub(super) waits_until: Option<Duration>,
}

pub(super) struct Watcher {
    pub(super) id: u64,
    pub(super) settings: Said,
    pub(super) since: Duration,
}

pub(super) struct Caller {
    /// None is a prefetch, for whose answer nobody waits.
    pub(super) id: Option<u64>,
    pub(super) came: Moment,
}

impl Entry {
    pub(super) fn new(made: Moment, now: Duration) -> Entry {
        Entry {
            arg_tags: Vec::new(),
            made,
            never_stale: false,
            data: None,
            version: 0,
            error: None,
            flight: None,
            watchers: Vec::new(),
            callers: Vec::new(),
            awaited: Vec::new(),
            reached: Vec::new(),
            written: Vec::new(),
            demands: Vec::new(),
            failed: 0,
            keep_unused: Duration::ZERO,
            unused_since: Some(now),
            settled_at: None,
            last_use: 0,
        }
    }

    /// What a further call says of the query.
    pub(super) fn learn(&mut self, call: &Call) {
        self.never_stale |= call.settings.never_stale;
        for tag in call.tags() {
            if !self.arg_tags.contains(&tag) {
                self.arg_tags.push(tag);
            }
        }
    }

    /// Its tags, each once: that it refers to something says less than that it has it.
    pub(in super::super) fn indexed(&self) -> Vec<Tag> {
        let mut tags: Vec<Tag> = self.tags().cloned().collect();
        tags.sort_unstable();
        tags.dedup_by(|later, first| later.type_name() == first.type_name() && later.scope() == first.scope());
        tags
    }

    /// The request that is under way, which there is none of while the next try is waited for.
    pub(in super::super) fn request(&self) -> Option<&Flight> {
        self.flight.as_ref().filter(|flight| flight.waits_until.is_none())
    }

    /// When the next try comes. Without a connection it does not.
    pub(super) fn tries_at(&self, online: bool) -> Option<Duration> {
        self.flight.as_ref()?.waits_until.filter(|_| online)
    }

    /// How many tries failed of what is asked for now, and why the last one did.
    pub(in super::super) fn failures(&self) -> (usize, Option<String>) {
        let failures = self.flight.iter().flat_map(|flight| &flight.failures);
        (failures.clone().count(), failures.last().cloned())
    }

    pub(super) fn is_used(&self) -> bool {
        !self.watchers.is_empty() || !self.callers.is_empty()
    }

    pub(in super::super) fn is_watched(&self) -> bool {
        !self.watchers.is_empty()
    }

    pub(in super::super) fn tags(&self) -> impl Iterator<Item = &Tag> {
        self.arg_tags.iter().chain(self.data.iter().flat_map(|data| &data.tags))
    }

    pub(super) fn is_reached_by(&self, tags: &[Tag]) -> bool {
        self.tags().any(|provided| tags.iter().any(|tag| tag.reaches(provided)))
    }

    pub(super) fn was_reached_after(&self, moment: Moment) -> bool {
        self.reached.iter().any(|at| *at > moment)
    }

    pub(super) fn changed_after(&self, moment: Moment) -> bool {
        self.reached.iter().chain(&self.written).any(|at| *at > moment)
    }

    /// Whether an invalidation reached the data.
    pub(in super::super) fn is_outdated(&self) -> bool {
        self.data.as_ref().is_some_and(|data| self.was_reached_after(data.as_of))
    }

    /// The age at which the data is stale for a caller.
    fn stale_time(&self, settings: &Said, defaults: &Defaults) -> Option<Duration> {
        if self.never_stale || settings.never_stale {
            return None;
        }
        if settings.stale_time.is_some() {
            return settings.stale_time;
        }
        let from_server = settings.stale_time_from_server.unwrap_or(defaults.stale_time_from_server);
        let said = self.data.as_ref().and_then(|data| data.max_age);
        if from_server && said.is_some() { said } else { defaults.stale_time }
    }

    fn is_older_than(&self, age: Duration, now: Duration) -> bool {
        self.data.as_ref().is_some_and(|data| data.fetched_at.checked_add(age).is_some_and(|at| at <= now))
    }

    pub(super) fn is_fresh(&self, settings: &Said, defaults: &Defaults, now: Duration) -> bool {
        let is_old = self.stale_time(settings, defaults).is_some_and(|time| self.is_older_than(time, now));
        self.data.is_some() && !self.is_outdated() && !is_old
    }

    /// Whether a reader wants a request who says when.
    pub(super) fn wants(&self, when: Refetch, settings: &Said, defaults: &Defaults, now: Duration) -> bool {
        let is_stale = !self.is_fresh(settings, defaults, now);
        match when {
            Refetch::Never => self.data.is_none(),
            _ if self.never_stale => is_stale,
            Refetch::IfStale => is_stale,
            Refetch::IfOlderThan(age) => is_stale || self.is_older_than(age, now),
            Refetch::Always => true,
        }
    }

    /// Whether one more request must follow by itself.
    pub(in super::super) fn needs_request(&self) -> bool {
        let known = self.data.as_ref().map_or(0, |data| data.as_of).max(self.failed);
        !self.callers.is_empty() || (self.is_watched() && self.demands.iter().any(|at| *at > known))
    }

    /// Whether watchers see stale data.
    pub(in super::super) fn shows_stale(&self, defaults: &Defaults, now: Duration) -> bool {
        let is_old = |watcher: &Watcher| {
            self.stale_time(&watcher.settings, defaults).is_some_and(|time| self.is_older_than(time, now))
        };
        self.is_outdated() || self.watchers.iter().any(is_old)
    }

    /// When the data goes stale by time for the first of the watchers.
    pub(in super::super) fn stale_at(&self, defaults: &Defaults) -> Option<Duration> {
        let data = self.data.as_ref()?;
        let times = self.watchers.iter().filter_map(|watcher| self.stale_time(&watcher.settings, defaults));
        times.filter_map(|time| data.fetched_at.checked_add(time)).min()
    }

    pub(super) fn expires_at(&self) -> Option<Duration> {
        self.unused_since?.checked_add(self.keep_unused)
    }

    /// When it is polled next: for each watcher so long after the last answer, or after it came.
    pub(super) fn polls_at(&self, focused: bool, online: bool) -> Option<Duration> {
        if self.flight.is_some() || !online {
            return None;
        }
        let wanting = self.watchers.iter().filter(|watcher| focused || !watcher.settings.poll_only_focused);
        let times = wanting.filter_map(|watcher| {
            let every = watcher.settings.poll_every.filter(|every| *every > Duration::ZERO)?;
            self.settled_at.unwrap_or_default().max(watcher.since).checked_add(every)
        });
        times.min()
    }
}
