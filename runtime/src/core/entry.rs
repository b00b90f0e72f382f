//! The cached state of one query with one set of args.

use std::sync::Arc;
use std::time::Duration;

use super::event::{Decoded, EntryId, RequestId, Seq, Shown};
use super::hosts::Hosts;
use super::users::Users;
use crate::error::Error;
use crate::event::CallRef;
use crate::freshness::max_age;
use crate::query::{QueryPlan, Value};
use crate::response::RawResponse;
use crate::settings::{Defaults, Refetch, Settings};
use crate::state::{Snapshot, Versions};
use crate::tag::Tag;

/// The cached state of one query with one set of args.
pub(crate) struct Entry {
    /// What is sent and how its response is read.
    pub(super) plan: Arc<QueryPlan>,
    /// The tags that the args alone tell.
    pub(super) arg_tags: Vec<Tag>,
    /// The tags in the index: those of the args and those of the data.
    pub(super) indexed: Vec<Tag>,
    pub(super) stored: Option<Stored>,
    /// Counts the changes of the data.
    pub(super) version: u64,
    pub(super) error: Option<Error>,
    pub(super) flight: Option<Flight>,
    /// Whoever uses the entry now.
    pub(super) users: Users,
    /// When the entry was last invalidated or written.
    pub(super) changed_at: Seq,
    /// What was tried in vain, or not to be tried: an invalidation up to here makes no request by itself.
    pub(super) tried: Seq,
    /// The longest that any caller asked for.
    pub(super) keep_unused: Duration,
    /// Since when nobody uses it.
    pub(super) unused_since: Option<Duration>,
    /// When the last request settled, or the data was written.
    pub(super) settled_at: Option<Duration>,
    /// When the timers will look at the entry next.
    pub(super) queued: Option<Duration>,
    /// The place in the order of use: the greater, the later.
    pub(super) used: u64,
    /// The place in the order of use at which the bounds know the entry, if they do.
    pub(super) ranked: Option<u64>,
    /// The size that was counted for the bounds.
    pub(super) counted_bytes: usize,
}

pub(super) struct Stored {
    pub(super) shown: Shown,
    pub(super) tags: Vec<Tag>,
    /// The data is at least as new as this.
    pub(super) since: Seq,
    /// The request that brought it, or the last one that was sent before it was written.
    pub(super) request: RequestId,
    /// How long the server says that it is fresh.
    pub(super) max_age: Option<Duration>,
}

/// A request on its way.
pub(super) struct Flight {
    pub(super) request: RequestId,
    pub(super) since: Seq,
    /// A subscriber wanted it, so it goes on when the callers that wait are gone.
    pub(super) kept: bool,
}

/// What entries beyond their data are estimated to cost, for a bound in bytes.
pub(super) const ENTRY_BYTES: usize = 400;

impl Entry {
    pub(super) fn new(plan: Arc<QueryPlan>) -> Self {
        Self {
            arg_tags: plan.tags.clone(),
            indexed: Vec::new(),
            stored: None,
            version: 0,
            error: None,
            flight: None,
            users: Users::default(),
            changed_at: 0,
            tried: 0,
            keep_unused: Duration::ZERO,
            unused_since: None,
            settled_at: None,
            queued: None,
            used: 0,
            ranked: None,
            counted_bytes: 0,
            plan,
        }
    }

    /// Takes over what a further call of the same query says: tags of its args, and how results are read if it reads more
    /// tags. Says whether tags were added.
    pub(super) fn adopt(&mut self, plan: &Arc<QueryPlan>) -> bool {
        if Arc::ptr_eq(&self.plan, plan) {
            return false;
        }
        if self.plan.reader.tag_sources() < plan.reader.tag_sources() {
            self.plan = plan.clone();
        }
        let before = self.arg_tags.len();
        let new: Vec<Tag> = plan.tags.iter().filter(|tag| !self.arg_tags.contains(tag)).cloned().collect();
        self.arg_tags.extend(new);
        before < self.arg_tags.len()
    }

    /// The entry as events tell of it.
    pub(super) fn call(&self, id: EntryId) -> CallRef {
        CallRef::new(id.0, &self.plan.request)
    }

    /// Whether anything keeps the entry from expiring.
    pub(super) fn in_use(&self) -> bool {
        !self.users.subscribers.is_empty() || !self.users.waiters.is_empty()
    }

    pub(super) fn is_watched(&self) -> bool {
        !self.users.subscribers.is_empty()
    }

    /// Whether there is data that no invalidation has reached since.
    pub(super) fn is_valid(&self) -> bool {
        self.stored.as_ref().is_some_and(|stored| self.changed_at <= stored.since)
    }

    /// Whether there is data to answer with: valid, and younger than the stale time.
    pub(super) fn is_fresh(&self, settings: &Settings, defaults: &Defaults, now: Duration) -> bool {
        self.is_valid() && !self.is_older_than(self.stale_time(settings, defaults), now)
    }

    fn stale_time(&self, settings: &Settings, defaults: &Defaults) -> Option<Duration> {
        settings.stale_time(defaults, self.stored.as_ref().and_then(|stored| stored.max_age))
    }

    pub(super) fn is_older_than(&self, limit: Option<Duration>, now: Duration) -> bool {
        match (&self.stored, limit) {
            (Some(stored), Some(limit)) => now.saturating_sub(stored.shown.fetched_at) >= limit,
            _ => false,
        }
    }

    /// Whether a reader who says so wants a request.
    pub(super) fn wants(&self, when: Refetch, settings: &Settings, defaults: &Defaults, now: Duration) -> bool {
        match when {
            _ if self.stored.is_none() => true,
            Refetch::Never => false,
            Refetch::IfStale => !self.is_fresh(settings, defaults, now),
            Refetch::IfOlderThan(age) => !self.is_fresh(settings, defaults, now) || self.is_older_than(Some(age), now),
            Refetch::Always => true,
        }
    }

    /// Whether the entry must send a request of its own accord.
    pub(super) fn needs_request(&self) -> bool {
        let known = self.stored.as_ref().map_or(0, |stored| stored.since).max(self.tried);
        !self.users.waiters.is_empty() || (self.is_watched() && self.changed_at > known)
    }

    /// Puts data in. Data equal to that which is there keeps it; then the new data is given back, to be dropped elsewhere.
    pub(super) fn store(&mut self, response: Decoded, since: Seq, request: RequestId, now: Duration) -> Option<Value> {
        let Decoded { value, response, tags } = response;
        let max_age = response.as_ref().and_then(|head| max_age(&head.headers));
        let kept = self.stored.as_ref().filter(|stored| is_same(&stored.shown, &value, response.as_ref()));
        let (value, surplus) = match kept {
            Some(stored) => (stored.shown.value.clone(), Some(value)),
            None => (value, None),
        };
        self.version += u64::from(surplus.is_none());
        let shown = Shown { value, response, fetched_at: now };
        self.stored = Some(Stored { shown, tags, since, request, max_age });
        self.error = None;
        surplus
    }

    /// The tags that belong in the index, sorted, each once. A full tag says more than a reference to the same.
    pub(super) fn tags(&self) -> Vec<Tag> {
        let data = self.stored.iter().flat_map(|stored| &stored.tags);
        let mut tags: Vec<Tag> = self.arg_tags.iter().chain(data).cloned().collect();
        tags.sort_unstable();
        tags.dedup_by(|later, first| later.type_name() == first.type_name() && later.scope() == first.scope());
        tags
    }

    /// Whether the entry is the entity's own: its args name it.
    pub(super) fn is_own(&self, tag: &Tag) -> bool {
        self.arg_tags
            .iter()
            .any(|own| !own.is_reference() && own.type_name() == tag.type_name() && own.scope() == tag.scope())
    }

    /// What the entry is estimated to cost in bytes: decoded data is taken to be as large as its body.
    pub(super) fn bytes(&self) -> usize {
        let body = |stored: &Stored| stored.shown.response.as_ref().map_or(0, |head| head.body.len());
        ENTRY_BYTES + self.stored.as_ref().map_or(0, body).saturating_mul(2)
    }

    /// How soon the data is stale for those who watch it: as soon as for the strictest of them.
    pub(super) fn watched_stale_time(&self, defaults: &Defaults) -> Option<Duration> {
        let all = self.users.subscribers.iter().map(|subscriber| &subscriber.plan.settings);
        all.filter_map(|settings| self.stale_time(settings, defaults)).min()
    }

    /// When something is due by time alone, and nothing else happens before.
    pub(super) fn next_due(&self, defaults: &Defaults, hosts: Hosts, now: Duration) -> Option<Duration> {
        let expiry = self.unused_since.and_then(|since| since.checked_add(self.keep_unused));
        if !self.is_watched() {
            return expiry;
        }
        let stale = self.stored.as_ref().and_then(|stored| {
            let at = stored.shown.fetched_at.checked_add(self.watched_stale_time(defaults)?);
            at.filter(|at| now < *at)
        });
        [stale, self.poll_due(hosts)].into_iter().flatten().min()
    }

    /// When the entry is to be polled. A request under way is waited for.
    pub(super) fn poll_due(&self, hosts: Hosts) -> Option<Duration> {
        if self.flight.is_some() || !hosts.online {
            return None;
        }
        self.users.poll_due(self.settled_at, hosts.focused)
    }

    /// The state to publish, if it differs from what was published last.
    pub(super) fn changed_snapshot(&self, defaults: &Defaults, now: Duration) -> Option<Arc<Snapshot>> {
        let last = &self.users.published;
        let is_fetching = self.flight.is_some();
        let is_stale =
            self.stored.is_some() && (!self.is_valid() || self.is_older_than(self.watched_stale_time(defaults), now));
        let fetched_at = |shown: Option<&Shown>| shown.map(|shown| shown.fetched_at);
        let same = last.is_fetching == is_fetching
            && last.is_stale == is_stale
            && last.versions.data == self.version
            && fetched_at(last.shown.as_ref()) == fetched_at(self.stored.as_ref().map(|stored| &stored.shown))
            && same_error(last.error.as_ref(), self.error.as_ref());
        if same {
            return None;
        }
        Some(Arc::new(Snapshot {
            versions: Versions { state: last.versions.state + 1, data: self.version },
            shown: self.stored.as_ref().map(|stored| stored.shown.clone()),
            error: self.error.clone(),
            is_fetching,
            is_stale,
        }))
    }
}

/// Whether new data is what is there: the same value, or the same bytes under the same status.
fn is_same(shown: &Shown, value: &Value, response: Option<&RawResponse>) -> bool {
    let same_bytes = match (&shown.response, response) {
        (Some(known), Some(new)) => known.status == new.status && known.body == new.body,
        _ => false,
    };
    same_bytes || Arc::ptr_eq(&shown.value, value)
}

fn same_error(one: Option<&Error>, other: Option<&Error>) -> bool {
    match (one, other) {
        (None, None) => true,
        (Some(one), Some(other)) => one.is_same(other),
        _ => false,
    }
}
