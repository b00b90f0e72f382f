//! The cached state of one query with one set of args.

use std::sync::Arc;
use std::time::Duration;

use super::event::{Decoded, MutationId, RequestId, Seq, WaiterId};
use crate::error::Error;
use crate::event::CallRef;
use crate::query::{QueryPlan, Value};
use crate::state::{Shown, Snapshot, StateCell, Versions};
use crate::tag::Tag;

/// The cached state of one query with one set of args.
pub(crate) struct Entry {
    pub(super) plan: Arc<QueryPlan>,
    pub(super) call: CallRef,
    pub(super) cell: Arc<StateCell>,
    pub(super) published: Arc<Snapshot>,
    /// The tags that the args alone tell.
    pub(super) arg_tags: Vec<Tag>,
    /// The tags in the index: those of the args and those of the data.
    pub(super) indexed: Vec<Tag>,
    pub(super) stored: Option<Stored>,
    pub(super) error: Option<Error>,
    pub(super) flight: Option<Flight>,
    pub(super) waiters: Vec<Waiter>,
    pub(super) subscribers: usize,
    /// Mutations whose callers may wait for a request that started no earlier than this.
    pub(super) awaited: Vec<(MutationId, Seq)>,
    /// When the entry was last invalidated or written.
    pub(super) changed_at: Seq,
    /// What was tried in vain: an invalidation up to here makes no request by itself.
    pub(super) tried: Seq,
    pub(super) keep_unused: Duration,
}

pub(super) struct Stored {
    pub(super) shown: Shown,
    pub(super) tags: Vec<Tag>,
    /// The data is at least as new as this.
    pub(super) since: Seq,
    pub(super) version: u64,
}

/// A request on its way.
pub(super) struct Flight {
    pub(super) request: RequestId,
    pub(super) since: Seq,
    /// A subscriber wanted it, so it goes on when the callers that wait are gone.
    pub(super) kept: bool,
    /// A prefetch wanted it, so it alone keeps the entry.
    pub(super) held: bool,
}

pub(super) struct Waiter {
    pub(super) id: WaiterId,
    pub(super) called: Seq,
}

impl Entry {
    pub(super) fn new(plan: Arc<QueryPlan>, keep_unused: Duration) -> Self {
        Self {
            call: CallRef::new(&plan.request),
            cell: Arc::new(StateCell::new()),
            published: Arc::default(),
            arg_tags: plan.tags.clone(),
            indexed: Vec::new(),
            stored: None,
            error: None,
            flight: None,
            waiters: Vec::new(),
            subscribers: 0,
            awaited: Vec::new(),
            changed_at: 0,
            tried: 0,
            keep_unused,
            plan,
        }
    }

    /// Whether anything keeps the entry from expiring.
    pub(super) fn in_use(&self) -> bool {
        self.subscribers > 0 || !self.waiters.is_empty() || self.flight.as_ref().is_some_and(|flight| flight.held)
    }

    /// Whether there is data that no invalidation has reached since.
    pub(super) fn is_valid(&self) -> bool {
        self.stored.as_ref().is_some_and(|stored| self.changed_at <= stored.since)
    }

    /// Whether there is data to answer with: valid, and younger than the stale time.
    pub(super) fn is_fresh(&self, stale_time: Option<Duration>, now: Duration) -> bool {
        self.is_valid() && !self.is_older_than(stale_time, now)
    }

    pub(super) fn is_older_than(&self, limit: Option<Duration>, now: Duration) -> bool {
        match (&self.stored, limit) {
            (Some(stored), Some(limit)) => now.saturating_sub(stored.shown.fetched_at) >= limit,
            _ => false,
        }
    }

    /// Whether the entry must send a request of its own accord.
    pub(super) fn needs_request(&self) -> bool {
        let known = self.stored.as_ref().map_or(0, |stored| stored.since).max(self.tried);
        !self.waiters.is_empty() || (self.subscribers > 0 && self.changed_at > known)
    }

    /// Puts data in. Equal bytes under the same status keep the data that is there, unless the query wants it new; then
    /// the new data is given back, to be dropped elsewhere.
    pub(super) fn store(&mut self, response: Decoded, since: Seq, now: Duration) -> Option<Value> {
        let Decoded { value, body, parts, tags, status, headers } = response;
        let stored = self.stored.as_ref().filter(|_| self.plan.structural_sharing);
        let kept = stored.filter(|stored| stored.shown.status == status && stored.shown.body == body);
        let (value, parts, version, surplus) = match kept {
            Some(stored) => (stored.shown.value.clone(), stored.shown.parts.clone(), stored.version, Some(value)),
            None => (value, parts, self.published.versions.data + 1, None),
        };
        let shown = Shown { value, body, parts, status, headers, fetched_at: now };
        self.stored = Some(Stored { shown, tags, since, version });
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

    /// The state to publish, if it differs from what was published last.
    pub(super) fn changed_snapshot(
        &self,
        default_stale_time: Option<Duration>,
        now: Duration,
    ) -> Option<Arc<Snapshot>> {
        let last = &self.published;
        let is_fetching = self.flight.is_some();
        let stale_time = self.plan.stale_time.or(default_stale_time);
        let is_stale = self.stored.is_some() && !self.is_fresh(stale_time, now);
        let version = self.stored.as_ref().map_or(0, |stored| stored.version);
        let fetched_at = |shown: Option<&Shown>| shown.map(|shown| shown.fetched_at);
        let same = last.is_fetching == is_fetching
            && last.is_stale == is_stale
            && last.versions.data == version
            && fetched_at(last.shown.as_ref()) == fetched_at(self.stored.as_ref().map(|stored| &stored.shown))
            && same_error(last.error.as_ref(), self.error.as_ref());
        if same {
            return None;
        }
        Some(Arc::new(Snapshot {
            versions: Versions { state: last.versions.state + 1, data: version },
            shown: self.stored.as_ref().map(|stored| stored.shown.clone()),
            error: self.error.clone(),
            is_fetching,
            is_stale,
        }))
    }
}

fn same_error(one: Option<&Error>, other: Option<&Error>) -> bool {
    match (one, other) {
        (None, None) => true,
        (Some(one), Some(other)) => one.is_same(other),
        _ => false,
    }
}
