//! The cache as a synchronous state machine: events in, effects out.
//!
//! It has no I/O, no clock, no tasks and no user code, so every interleaving of events can be tested.
//!
//! Order is told by one number, which each invalidation moves on. A request remembers the number at which it started, an entry
//! the number at which it was last invalidated; comparing the two says whether data is stale.

mod bounds;
mod changes;
mod entries;
mod entry;
mod event;
mod few;
mod growing;
#[cfg(feature = "audit")]
mod held;
mod hosts;
mod inspecting;
mod invalidation;
mod lanes;
mod layered;
mod layers;
mod log;
mod moment;
mod mutations;
mod origin;
mod paging;
mod projecting;
mod reading;
mod refetched;
mod retrying;
mod settling;
mod slab;
mod stored;
mod tag_index;
mod timers;
mod users;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use self::bounds::Bounds;
use self::entries::Entries;
use self::entry::Entry;
pub(crate) use self::event::{
    Change, Decoded, Effect, EntryId, Event, Known, MutationId, Outgoing, RequestId, Seq, Settlement, Shown,
    SubscriberId, Turn, WaiterId, Write,
};
#[cfg(feature = "audit")]
pub(crate) use self::held::Held;
use self::hosts::Hosts;
use self::lanes::Lanes;
use self::layers::Layers;
use self::log::InvalidationLog;
use self::mutations::Running;
use self::origin::Operations;
pub(crate) use self::paging::Coming;
use self::refetched::Awaited;
use self::retrying::Tries;
use self::tag_index::TagIndex;
use self::timers::Timers;
use self::users::Flight;
use crate::event::{CallRef, Cause, Event as Report, Removal};
use crate::paging::Walk;
use crate::query::{EntryKey, QueryPlan, Value};
use crate::settings::Defaults;
use crate::state::StateCell;
use crate::tag::Tag;

/// The cache. See the module's documentation.
pub(crate) struct Core {
    defaults: Defaults,
    entries: Entries,
    operations: Operations,
    /// Entries with subscribers.
    watched: BTreeSet<EntryId>,
    /// Entries whose requests failed and are sent again after a while.
    retrying: BTreeSet<EntryId>,
    index: TagIndex,
    log: InvalidationLog,
    timers: Timers,
    bounds: Bounds,
    hosts: Hosts,
    mutations: HashMap<MutationId, Running>,
    lanes: Lanes,
    layers: Layers,
    awaited: Awaited,
    seq: Seq,
    last_request: RequestId,
    wake_at: Option<Duration>,
    /// Whether anybody hears of what happens. If not, it is not told.
    heard: bool,
    /// Entries of which something may have changed.
    touched: Vec<EntryId>,
    effects: Vec<Effect>,
}

impl Core {
    pub(crate) fn new(defaults: Defaults) -> Self {
        Self {
            bounds: Bounds::new(&defaults),
            defaults,
            entries: Entries::default(),
            operations: Operations::default(),
            watched: BTreeSet::new(),
            retrying: BTreeSet::new(),
            index: TagIndex::default(),
            log: InvalidationLog::default(),
            timers: Timers::default(),
            hosts: Hosts::default(),
            mutations: HashMap::new(),
            lanes: Lanes::default(),
            layers: Layers::default(),
            awaited: Awaited::default(),
            seq: 1,
            last_request: RequestId(0),
            wake_at: None,
            heard: true,
            touched: Vec::new(),
            effects: Vec::new(),
        }
    }

    /// Takes an event in and says what is to be done. `now` is the time since the client's start.
    pub(crate) fn apply(&mut self, event: Event, now: Duration) -> Vec<Effect> {
        match event {
            Event::Subscribe { plan, subscriber } => self.subscribe(&plan, subscriber, now),
            Event::Unsubscribe { entry, subscriber } => self.unsubscribe(entry, subscriber, now),
            Event::Fetch { plan, waiter } => self.fetch(&plan, waiter, now),
            Event::Refetch { plan, waiter } => self.refetch(&plan, waiter, now),
            Event::More { plan, direction, waiter } => self.more(&plan, direction, waiter, now),
            Event::Cancel { plan, waiter } => self.cancel(&plan, waiter, now),
            Event::Prefetch { plan, when } => self.prefetch(&plan, when, now),
            Event::Received { entry, request, response, not_modified } => {
                self.received(entry, request, response, not_modified, now);
            }
            Event::Walked { entry, request, progress } => self.walked(entry, request, progress),
            Event::Grew { entry, request, response } => self.grew(entry, request, response, now),
            Event::Failed { entry, request, error, next_try } => self.failed(entry, request, error, next_try, now),
            Event::Change { changes, token } => self.change(changes, token, now),
            Event::MutationStarted { mutation, call, turn } => self.mutation_started(mutation, call, turn),
            Event::MutationSettled { mutation, settlement } => self.mutation_settled(mutation, settlement, now),
            Event::MutationUnsent { mutation, settlement } => self.mutation_unsent(mutation, settlement, now),
            Event::MutationGivenUp { mutation } => self.give_up_mutation(mutation, now),
            Event::LayerAdded { layer, plan, is_asked_for } => self.layer_added(layer, plan, is_asked_for, now),
            Event::LayerEnded { layer, is_done } => self.layer_ended(layer, is_done, now),
            Event::Loading(is_loading) => self.loading(is_loading),
            Event::Focus(focused) => self.focus(focused, now),
            Event::Online(online) => self.online(online, now),
            Event::Tick => self.tick(now),
        }
        self.finish(now)
    }

    /// Whether what happens is to be told.
    pub(crate) fn set_heard(&mut self, heard: bool) {
        self.heard = heard;
    }

    /// The entry of a query, with the cell in which its state is published. Only what is watched has one.
    pub(crate) fn watched_cell(&self, key: EntryKey<'_>) -> Option<(EntryId, Arc<StateCell>)> {
        let id = self.entries.find(key)?;
        Some((id, self.entries.get(id)?.users.published()?.0.clone()))
    }

    /// The data of a query, fresh or stale.
    pub(crate) fn data(&self, key: EntryKey<'_>) -> Option<&Value> {
        let entry = self.entries.get(self.entries.find(key)?)?;
        Some(&entry.stored.as_ref()?.value)
    }

    /// Empties the cache at its end, so that what it held can be dropped where user code may run.
    pub(crate) fn take_entries(&mut self) -> impl Iterator<Item = Entry> + use<> {
        std::mem::take(&mut self.entries).into_all()
    }

    /// What a query's entry shows.
    pub(crate) fn shown(&self, key: EntryKey<'_>) -> Option<Shown> {
        Some(self.entries.get(self.entries.find(key)?)?.stored.as_ref()?.shown())
    }

    /// The data that the next response of a query may bring again.
    pub(crate) fn known(&self, key: EntryKey<'_>) -> Option<Known> {
        self.entries.get(self.entries.find(key)?)?.known()
    }

    /// The data of a query without layers.
    pub(crate) fn committed(&self, key: EntryKey<'_>) -> Option<&Value> {
        self.entries.get(self.entries.find(key)?)?.committed()
    }

    /// The entry of a query, made if there is none. What a further call of the same query asks for is taken over.
    fn entry_of(&mut self, plan: &Arc<QueryPlan>, now: Duration) -> EntryId {
        let keep_unused = plan.settings.keep_unused.unwrap_or(self.defaults.keep_unused);
        let found = self.entries.find(plan.key());
        let id = found.unwrap_or_else(|| self.entries.insert(Entry::new(self.operations.origin(plan))));
        let Some(entry) = self.entries.get_mut(id) else { return id };
        entry.keep_for(keep_unused);
        if entry.becomes_never_stale(&plan.settings) {
            entry.origin.settings.never_stale = true;
            self.touched.push(id);
        }
        self.effects.extend(entry.origin.adopt_sending(plan).map(|former| Effect::Discard(Box::new(former))));
        self.bounds.note_use(id);
        if found.is_none() {
            entry.mind_use(now);
            // What is under way since before a reset, or the like, is older than the entry.
            entry.changed_at = self.log.last_of_everything();
            self.index.replace(id, &[], entry.indexed());
            self.touch(id);
        } else if let Some((tags, former)) = entry.adopt(plan, &mut self.operations) {
            let under_way = entry.users.under_way().map(|flight| flight.since);
            let added = self.retag(id, tags);
            self.effects.extend(former.map(|former| Effect::Discard(Box::new(former))));
            if let Some(since) = under_way {
                // A request under way may be older than what happened to tags that nobody told before.
                self.mark_missed(id, &added, since);
            }
        }
        id
    }

    /// The entry has data with these tags. Gives back those that it did not have before.
    fn reindex(&mut self, id: EntryId, data: Vec<Tag>) -> Vec<Tag> {
        let tags = self.entries.get(id).map(|entry| entry.tags_with(data)).unwrap_or_default();
        self.retag(id, tags)
    }

    /// These are the entry's tags from now on. Gives back those that it did not have before.
    fn retag(&mut self, id: EntryId, tags: Vec<Tag>) -> Vec<Tag> {
        let Some(entry) = self.entries.get_mut(id) else { return Vec::new() };
        let known = entry.indexed();
        self.index.replace(id, known, &tags);
        let added = tags.iter().filter(|tag| known.binary_search(tag).is_err()).cloned().collect();
        entry.set_indexed(tags);
        added
    }

    fn next_request(&mut self) -> RequestId {
        self.last_request = RequestId(self.last_request.0 + 1);
        self.last_request
    }

    /// Sends the entry's request. There must be none in flight.
    fn send(&mut self, id: EntryId, cause: Cause, now: Duration) {
        self.send_for(id, cause, None, now);
    }

    /// As [`send`](Self::send), because of this call.
    fn send_for(&mut self, id: EntryId, cause: Cause, call: Option<&QueryPlan>, now: Duration) {
        let Some(entry) = self.entries.get(id) else { return };
        let policy = self.policy(entry, call);
        self.send_try(id, cause, Tries::none(policy, now));
    }

    fn send_try(&mut self, id: EntryId, cause: Cause, mut tries: Tries) {
        let request = self.next_request();
        let progress = self.progress_of(&mut tries);
        let Some(entry) = self.entries.get_mut(id) else { return };
        let kept = entry.is_watched() || tries.walk != Walk::Again;
        let plan = entry.origin.plan();
        let streams = plan.request.streaming().is_some();
        let (retry, began, failures, walk) = (tries.policy, tries.began, tries.failures, tries.walk);
        let flight = Flight { request, since: self.seq, cause, kept, streams, tries, next_try: None };
        entry.users.present().flight = Some(flight);
        self.log.begin(self.seq);
        let revalidated = entry.revalidated(&self.defaults);
        // What a stream brought that did not come to its end is nothing to go on from.
        let is_partial = streams && entry.stored.as_ref().is_some_and(|stored| !stored.is_whole());
        let known = entry.known().filter(|_| !is_partial).map(|known| Known { revalidated, ..known });
        self.touch(id);
        self.report_of(id, |entry| Report::Requested { entry, request: request.0, cause });
        self.effects.push(Effect::Send(Outgoing {
            entry: id,
            request,
            plan,
            known,
            retry,
            began,
            failures,
            walk,
            progress,
        }));
    }

    /// Gives up the entry's request, if there is one.
    fn abort(&mut self, id: EntryId) {
        let Some(entry) = self.entries.get_mut(id) else { return };
        let flight = entry.users.present_if_any().and_then(|present| present.flight.take());
        let Some(flight) = flight else { return };
        let (_, mut tries) = self.give_up(id, flight);
        self.effects.extend(tries.spent());
    }

    /// Gives up a flight that was taken off its entry. Gives back why it was sent, and the tries so far.
    fn give_up(&mut self, id: EntryId, flight: Flight) -> (Cause, Tries) {
        let Flight { request, since, cause, tries, next_try, .. } = flight;
        if next_try.is_none() {
            self.log.end(since);
            self.effects.push(Effect::Abort { request });
        }
        self.retrying.remove(&id);
        self.touch(id);
        self.report_of(id, |entry| Report::Aborted { entry, request: request.0 });
        (cause, tries)
    }

    /// Takes the entry out of the cache, with its tags, its timers and its request.
    fn remove(&mut self, id: EntryId, why: Removal) {
        self.abort(id);
        self.give_up_further(id);
        self.release_awaited(id, Seq::MAX, None);
        self.report_of(id, |entry| Report::Removed { entry, why });
        let Some(entry) = self.entries.remove(id) else { return };
        self.layers.leave(id);
        self.index.replace(id, entry.indexed(), &[]);
        self.watched.remove(&id);
        self.timers.set(id, entry.queued, None);
        self.bounds.forget(id);
        self.effects.push(Effect::Discard(Box::new(entry)));
    }

    /// Whoever used the entry may be gone, or somebody may have come: its keep-unused time starts or stops.
    fn mind_use(&mut self, id: EntryId, now: Duration) {
        let Some(entry) = self.entries.get_mut(id) else { return };
        if entry.unused_since.is_none() && !entry.in_use() {
            // It was in use until now.
            self.bounds.note_use(id);
        }
        if entry.mind_use(now) { self.touch(id) } else { self.remove(id, Removal::Unused) }
    }

    fn touch(&mut self, id: EntryId) {
        self.touched.push(id);
    }

    /// Tells of an entry.
    fn report_of(&mut self, id: EntryId, report: impl FnOnce(CallRef) -> Report) {
        if self.heard
            && let Some(entry) = self.entries.get(id)
        {
            self.effects.push(Effect::Report(report(entry.origin.call(id))));
        }
    }

    /// Sets timers, publishes what changed ahead of all other effects, and asks to be woken in time.
    fn finish(&mut self, now: Duration) -> Vec<Effect> {
        self.keep_within_bounds();
        self.tidy_layers();
        let mut touched = std::mem::take(&mut self.touched);
        touched.sort_unstable();
        touched.dedup();
        let mut effects = Vec::with_capacity(self.effects.len() + 1);
        for id in touched {
            self.mind_timer(id, now);
            let Some(entry) = self.entries.get_mut(id) else { continue };
            let Some(snapshot) = entry.changed_snapshot(&self.defaults, now) else { continue };
            let users = entry.users.present();
            users.published = snapshot.clone();
            effects.extend(users.cell.clone().map(|cell| Effect::Publish { cell, snapshot }));
        }
        effects.append(&mut self.effects);
        if let Some(next) = self.timers.next().filter(|next| self.wake_at.is_none_or(|wake_at| *next < wake_at)) {
            self.wake_at = Some(next);
            effects.push(Effect::WakeAt(next));
        }
        effects
    }
}

#[cfg(test)]
pub(crate) mod tests;
