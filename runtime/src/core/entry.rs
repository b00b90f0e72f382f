//! The cached state of one query with one set of args.

use std::mem::swap;
use std::sync::Arc;
use std::time::Duration;

use super::event::{Decoded, Discarded, Known, RequestId, Seq};
use super::hosts::Hosts;
use super::moment::Moment;
use super::origin::{Operations, Origin};
use super::stored::{Brought, Stored, is_same};
use super::users::{Present, Users};
use http::HeaderMap;

use crate::error::Error;
use crate::freshness::max_age;
use crate::query::QueryPlan;
use crate::settings::{Defaults, Refetch, Said};
use crate::state::{Snapshot, Versions};
use crate::tag::Tag;

/// The cached state of one query with one set of args. There may be a million of them, so it is kept small.
///
/// What a hit looks at comes first and in this order, so that the memory that it waits for is one piece.
#[repr(C)]
pub(crate) struct Entry {
    /// The call that it was made by: what is sent and how its response is read.
    pub(super) origin: Origin,
    pub(super) stored: Option<Stored>,
    /// When the entry was last invalidated or written.
    pub(super) changed_at: Seq,
    /// The tags in the index, where they are others than those of the origin: with those of the data, and of further calls.
    #[expect(clippy::box_collection, reason = "most entries have none, and pay for the pointer alone")]
    indexed: Option<Box<Vec<Tag>>>,
    /// Counts the changes of the data.
    pub(super) version: u64,
    /// What goes on with the entry now.
    pub(super) users: Users,
    /// The last invalidation for which the entry, while it is watched, sends a request by itself.
    pub(super) wanted: Seq,
    /// The longest that any caller asked for.
    keep_unused: Moment,
    /// Since when nobody uses it.
    pub(super) unused_since: Option<Moment>,
    /// When the timers will look at the entry next.
    pub(super) queued: Option<Moment>,
}

/// What of an entry a change by hand leaves as it is.
pub(super) struct Dates {
    fetched_at: Moment,
    max_age: Option<Duration>,
    failed_at: Option<Duration>,
    error: Option<Error>,
    tried: Seq,
}

/// What entries beyond their data are estimated to cost, for a bound in bytes.
pub(super) const ENTRY_BYTES: usize = 400;

impl Entry {
    pub(super) fn new(origin: Origin) -> Self {
        Self {
            origin,
            indexed: None,
            stored: None,
            version: 0,
            users: Users::default(),
            changed_at: 0,
            wanted: 0,
            keep_unused: Moment::of(Duration::ZERO),
            unused_since: None,
            queued: None,
        }
    }

    /// Takes over what a further call of the same query says: tags of its args, and how results are read if it reads more
    /// tags. Gives back the tags to be in the index, if they are others than before, and the former origin, to be discarded.
    pub(super) fn adopt(&mut self, plan: &QueryPlan, known: &mut Operations) -> Option<(Vec<Tag>, Option<Origin>)> {
        if !self.is_told_more_by(plan.tags.iter(), plan.reader.tag_sources()) {
            return None;
        }
        let mut told: Vec<Tag> = self.arg_tags().cloned().collect();
        let tags = merged(self.indexed().iter().chain(&plan.tags).cloned().collect());
        let mut former = None;
        if self.origin.tag_sources() < plan.reader.tag_sources() {
            // What is in the index is what the former origin put there, until it is replaced.
            self.indexed = Some(Box::new(self.indexed().to_vec()));
            former = Some(std::mem::replace(&mut self.origin, known.origin(plan)));
        }
        told.extend(plan.tags.iter().cloned());
        self.users.present().more_arg_tags = merged(told);
        Some((tags, former))
    }

    /// Whether a call tells anything that the entry does not know: a tag of its args, or more about the tags of results.
    pub(super) fn is_told_more_by<'t>(&self, mut tags: impl Iterator<Item = &'t Tag>, sources: usize) -> bool {
        self.origin.tag_sources() < sources || tags.any(|tag| !self.arg_tags().any(|known| known.is_same_provided(tag)))
    }

    fn arg_tags(&self) -> impl Iterator<Item = &Tag> {
        self.origin.tags.iter().chain(self.users.get().into_iter().flat_map(|present| &present.more_arg_tags))
    }

    /// The tags by which the index finds the entry: sorted, each once.
    pub(super) fn indexed(&self) -> &[Tag] {
        self.indexed.as_ref().map_or(&self.origin.tags, |tags| tags)
    }

    /// What is in the index from now on.
    pub(super) fn set_indexed(&mut self, tags: Vec<Tag>) {
        self.indexed = (tags[..] != self.origin.tags[..]).then(|| Box::new(tags));
    }

    /// The tags of the args with those of new data.
    pub(super) fn tags_with(&self, data: Vec<Tag>) -> Vec<Tag> {
        let mut tags = data;
        tags.extend(self.arg_tags().cloned());
        merged(tags)
    }

    /// Whether the entry is the entity's own: its args name it.
    pub(super) fn is_own(&self, tag: &Tag) -> bool {
        self.arg_tags()
            .any(|own| !own.is_reference() && own.type_name() == tag.type_name() && own.scope() == tag.scope())
    }

    /// Whether anything keeps the entry from expiring.
    pub(super) fn in_use(&self) -> bool {
        self.users.get().is_some_and(Present::are_there)
    }

    pub(super) fn is_watched(&self) -> bool {
        !self.users.subscribers().is_empty()
    }

    /// Whether there is data that no invalidation has reached since.
    pub(super) fn is_valid(&self) -> bool {
        self.stored.as_ref().is_some_and(|stored| self.changed_at <= stored.since)
    }

    /// Whether there is data to answer with: valid, and younger than the stale time.
    pub(super) fn is_fresh(&self, settings: &Said, defaults: &Defaults, now: Duration) -> bool {
        self.is_valid() && !self.is_older_than(self.stale_time(settings, defaults), now)
    }

    pub(super) fn stale_time(&self, settings: &Said, defaults: &Defaults) -> Option<Duration> {
        if self.origin.settings.never_stale { None } else { settings.stale_time(defaults, || self.max_age()) }
    }

    pub(super) fn is_older_than(&self, limit: Option<Duration>, now: Duration) -> bool {
        match (&self.stored, limit) {
            (Some(stored), Some(limit)) => now.saturating_sub(stored.fetched_at()) >= limit,
            _ => false,
        }
    }

    /// Whether a reader who says so wants a request.
    pub(super) fn wants(&self, when: Refetch, settings: &Said, defaults: &Defaults, now: Duration) -> bool {
        match when {
            _ if self.stored.is_none() => true,
            Refetch::Never => false,
            // It is what it was, unless an invalidation reached it before anybody said so.
            _ if self.origin.settings.never_stale => !self.is_valid(),
            Refetch::IfStale => !self.is_fresh(settings, defaults, now),
            Refetch::IfOlderThan(age) => !self.is_fresh(settings, defaults, now) || self.is_older_than(Some(age), now),
            Refetch::Always => true,
        }
    }

    /// Whether the entry must send a request of its own accord.
    pub(super) fn needs_request(&self) -> bool {
        let known = self.stored.as_ref().map_or(0, |stored| stored.since);
        let tried = self.users.get().map_or(0, |present| present.tried);
        !self.users.waiters().is_empty() || (self.is_watched() && self.wanted > known.max(tried))
    }

    /// The headers of the response, if the server may be asked whether it still holds.
    pub(super) fn revalidated(&self, defaults: &Defaults) -> Option<Arc<HeaderMap>> {
        let (stored, settings) = (self.stored.as_ref()?, &self.origin.settings);
        let is_wanted = settings.conditional.unwrap_or(defaults.conditional) && !settings.is_new_each_time;
        let response = stored.response.as_ref().filter(|_| is_wanted && stored.brought.is_own());
        Some(response?.headers.clone())
    }

    /// Puts data in, unless it equals that which is there and the query does not want it new. Says whether it did, and gives
    /// back what is not needed any more, to be dropped elsewhere.
    pub(super) fn store(
        &mut self,
        new: Decoded,
        since: Seq,
        request: RequestId,
        now: Duration,
    ) -> (bool, Box<dyn Discarded>) {
        let Decoded { mut value, mut parts, mut response, .. } = new;
        let (mut before, sharing) = (self.stored.take(), !self.origin.settings.is_new_each_time);
        let compared = self.origin.tells_data(response.as_ref());
        let is_same = before.as_ref().is_some_and(|stored| sharing && is_same(stored, &value, compared));
        match &mut before {
            Some(stored) if is_same => {
                swap(&mut value, &mut stored.value);
                swap(&mut parts, &mut stored.parts);
                // One body is kept, the one with the parts.
                if let (Some(known), Some(response)) = (&mut stored.response, &mut response) {
                    swap(&mut response.body, &mut known.body);
                }
            }
            // What the application changed is likely to come again as it was, but for the change.
            Some(stored) if response.is_none() => swap(&mut parts, &mut stored.parts),
            _ => {}
        }
        let brought = Brought::by(request);
        self.stored = Some(Stored { value, response, parts, fetched_at: Moment::of(now), since, brought });
        self.version += u64::from(!is_same);
        let mut error = None;
        if let Some(present) = self.users.present_if_any() {
            error = present.error.take();
            (present.failed_at, present.tried, present.max_age) = (None, 0, None);
        }
        (!is_same, Box::new((before, error)))
    }

    /// What the next response may bring again: of the data without layers.
    pub(super) fn known(&self) -> Option<Known> {
        let (stored, value) = (self.stored.as_ref()?, self.committed()?.clone());
        let response = stored.response.as_ref().map(|response| (response.status, response.body.clone()));
        Some(Known { value, response, parts: stored.parts.clone(), revalidated: None })
    }

    /// A request failed. Gives back why the one before did, if it did.
    pub(super) fn fail(&mut self, error: Error, since: Seq, now: Duration) -> Option<Error> {
        let present = self.users.present();
        present.failed_at = Some(now);
        present.tried = present.tried.max(since);
        present.error.replace(error)
    }

    /// What the entry is estimated to cost in bytes: decoded data is taken to be as large as its body.
    pub(super) fn bytes(&self) -> usize {
        let body = |stored: &Stored| stored.response.as_ref().map_or(0, |response| response.body.len());
        let bytes = |stored: &Stored| body(stored) + self.origin.page_bytes(&stored.value);
        ENTRY_BYTES + self.stored.as_ref().map_or(0, bytes).saturating_mul(2)
    }

    /// What a change by hand leaves as it is.
    pub(super) fn dates(&self, stored: &Stored) -> Dates {
        let (fetched_at, max_age, present) = (stored.fetched_at, self.max_age(), self.users.get());
        let failed_at = present.and_then(|present| present.failed_at);
        let tried = present.map_or(0, |present| present.tried);
        Dates { fetched_at, max_age, failed_at, error: self.users.error().cloned(), tried }
    }

    /// The data is as old as this, and what the last request brought is what it was.
    pub(super) fn date(&mut self, dates: Dates) {
        let Dates { fetched_at, max_age, failed_at, error, tried } = dates;
        let present = self.users.present();
        (present.max_age, present.failed_at, present.error, present.tried) = (max_age, failed_at, error, tried);
        if let Some(stored) = &mut self.stored {
            stored.fetched_at = fetched_at;
        }
    }

    /// When the last request settled, or the data was written.
    pub(super) fn settled_at(&self) -> Option<Duration> {
        let failed_at = self.users.get().and_then(|present| present.failed_at);
        self.stored.as_ref().map(Stored::fetched_at).max(failed_at)
    }

    /// How long the server said that the data is fresh, if it did.
    fn max_age(&self) -> Option<Duration> {
        match &self.stored.as_ref()?.response {
            Some(response) => max_age(&response.headers),
            None => self.users.get()?.max_age,
        }
    }

    /// Whether the data is never stale from this call on.
    pub(super) fn becomes_never_stale(&self, settings: &Said) -> bool {
        settings.never_stale && !self.origin.settings.never_stale
    }

    /// Somebody asks for it to be kept this long.
    pub(super) fn keep_for(&mut self, keep_unused: Duration) {
        self.keep_unused = self.keep_unused.max(Moment::of(keep_unused));
    }

    /// Minds since when nobody uses it. Says whether it may stay.
    ///
    /// Only that somebody leaves starts the time, so what is answered from the cache does not put it off.
    pub(super) fn mind_use(&mut self, now: Duration) -> bool {
        self.users.tidy();
        if self.in_use() {
            self.unused_since = None;
            return true;
        }
        self.unused_since.get_or_insert(Moment::of(now));
        !self.keep_unused.get().is_zero()
    }

    /// When it leaves the cache, if nobody uses it till then.
    pub(super) fn expiry(&self) -> Option<Duration> {
        self.unused_since?.get().checked_add(self.keep_unused.get())
    }

    /// How soon the data is stale for those who watch it: as soon as for the strictest of them.
    pub(super) fn watched_stale_time(&self, defaults: &Defaults) -> Option<Duration> {
        let all = self.users.subscribers().iter().map(|subscriber| &subscriber.plan.settings);
        all.filter_map(|settings| self.stale_time(settings, defaults)).min()
    }

    /// Whether there is data that is stale for those who watch it.
    pub(super) fn is_stale_for_watchers(&self, defaults: &Defaults, now: Duration) -> bool {
        self.stored.is_some() && (!self.is_valid() || self.is_older_than(self.watched_stale_time(defaults), now))
    }

    /// When something is due by time alone, and nothing else happens before.
    pub(super) fn next_due(&self, defaults: &Defaults, hosts: Hosts, now: Duration) -> Option<Duration> {
        if !self.is_watched() {
            return self.expiry().into_iter().chain(self.retry_due(hosts)).min();
        }
        let stale = self.stored.as_ref().and_then(|stored| {
            let at = stored.fetched_at().checked_add(self.watched_stale_time(defaults)?);
            at.filter(|at| now < *at)
        });
        [stale, self.poll_due(hosts), self.retry_due(hosts)].into_iter().flatten().min()
    }

    /// When the entry is to be polled. A request under way is waited for.
    pub(super) fn poll_due(&self, hosts: Hosts) -> Option<Duration> {
        if self.users.flight().is_some() || !hosts.online {
            return None;
        }
        self.users.poll_due(self.settled_at(), hosts.focused)
    }

    /// The state to publish, if it is watched and differs from what was published last.
    pub(super) fn changed_snapshot(&self, defaults: &Defaults, now: Duration) -> Option<Arc<Snapshot>> {
        let (_, last) = self.users.published()?;
        let flight = self.users.flight();
        let (is_fetching, tries) = (flight.is_some(), flight.map(|flight| &flight.tries));
        let failures = tries.map_or(0, |tries| tries.failures);
        let last_failure = tries.and_then(|tries| tries.error.as_ref());
        let is_stale = self.is_stale_for_watchers(defaults, now);
        let coming = self.users.get().map(|present| present.further.coming()).unwrap_or_default();
        let fetched_at = self.stored.as_ref().map(Stored::fetched_at);
        let same = last.is_fetching == is_fetching
            && last.is_stale == is_stale
            && last.coming == coming
            && last.versions.data == self.version
            && last.shown.as_ref().map(|shown| shown.fetched_at) == fetched_at
            && last.failures == failures
            && same_error(last.last_failure.as_ref(), last_failure)
            && same_error(last.error.as_ref(), self.users.error());
        if same {
            return None;
        }
        Some(Arc::new(Snapshot {
            versions: Versions { state: last.versions.state + 1, data: self.version },
            shown: self.stored.as_ref().map(Stored::shown),
            error: self.users.error().cloned(),
            is_fetching,
            is_stale,
            failures,
            last_failure: last_failure.cloned(),
            coming,
        }))
    }
}

/// Tags sorted, each once. A full tag says more than a reference to the same.
fn merged(mut tags: Vec<Tag>) -> Vec<Tag> {
    crate::tags::sort(&mut tags);
    tags
}

fn same_error(one: Option<&Error>, other: Option<&Error>) -> bool {
    one.zip(other).map_or(one.is_none() && other.is_none(), |(one, other)| one.is_same(other))
}
