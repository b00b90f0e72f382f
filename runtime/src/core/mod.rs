//! The cache as a synchronous state machine: events in, effects out.
//!
//! It has no I/O, no clock, no tasks and no user code, so every interleaving of events can be tested.
//!
//! Order is told by one number, which each invalidation moves on. A request remembers the number at which it started, an entry
//! the number at which it was last invalidated; comparing the two says whether data is stale.

mod entry;
mod event;
#[cfg(feature = "audit")]
mod held;
mod invalidation;
mod log;
mod reading;
mod refetched;
mod settling;
mod tag_index;
mod timers;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use self::entry::{Entry, Flight};
pub(crate) use self::event::{
    Decoded, Effect, EntryId, Event, MutationId, Outgoing, RequestId, Seq, Settlement, WaiterId, Write,
};
#[cfg(feature = "audit")]
pub(crate) use self::held::Held;
use self::log::InvalidationLog;
use self::refetched::Awaited;
use self::tag_index::TagIndex;
use self::timers::{Due, Timers};
use crate::event::{CallRef, Cause, Event as Report};
use crate::query::{EntryKey, QueryPlan};
use crate::state::StateCell;
use crate::tags::Tags;

/// What holds for every entry unless its query says otherwise.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Defaults {
    pub(crate) keep_unused: Duration,
    pub(crate) stale_time: Option<Duration>,
}

/// The cache. See the module's documentation.
pub(crate) struct Core {
    defaults: Defaults,
    entries: HashMap<EntryId, Entry>,
    by_key: HashMap<EntryKey, EntryId>,
    index: TagIndex,
    log: InvalidationLog,
    timers: Timers,
    mutations: HashMap<MutationId, Running>,
    awaited: Awaited,
    seq: Seq,
    last_entry: u64,
    last_request: u64,
    wake_at: Option<Duration>,
    /// Entries whose state may have changed.
    touched: Vec<EntryId>,
    effects: Vec<Effect>,
}

/// A mutation that has not settled.
struct Running {
    since: Seq,
    call: CallRef,
}

impl Core {
    pub(crate) fn new(defaults: Defaults) -> Self {
        Self {
            defaults,
            entries: HashMap::new(),
            by_key: HashMap::new(),
            index: TagIndex::default(),
            log: InvalidationLog::default(),
            timers: Timers::default(),
            mutations: HashMap::new(),
            awaited: Awaited::default(),
            seq: 1,
            last_entry: 0,
            last_request: 0,
            wake_at: None,
            touched: Vec::new(),
            effects: Vec::new(),
        }
    }

    /// Takes an event in and says what is to be done. `now` is the time since the client's start.
    pub(crate) fn apply(&mut self, event: Event, now: Duration) -> Vec<Effect> {
        match event {
            Event::Subscribe { plan } => self.subscribe(&plan, now),
            Event::Unsubscribe { entry } => self.unsubscribe(entry, now),
            Event::Fetch { plan, waiter } => self.fetch(&plan, waiter, now),
            Event::Refetch { plan, waiter } => self.refetch(&plan, waiter, now),
            Event::Cancel { plan, waiter } => self.cancel(&plan, waiter, now),
            Event::Prefetch { plan, when } => self.prefetch(&plan, when, now),
            Event::Received { entry, request, response } => self.received(entry, request, response, now),
            Event::Failed { entry, request, error } => self.failed(entry, request, error, now),
            Event::Invalidate { tags } => self.invalidate_by_hand(tags),
            Event::MutationStarted { mutation, call } => self.mutation_started(mutation, call),
            Event::MutationSettled { mutation, settlement } => self.mutation_settled(mutation, settlement, now),
            Event::Tick => self.tick(now),
        }
        self.finish(now)
    }

    /// The entry of a query, with the cell in which its state is published.
    pub(crate) fn find(&self, key: &EntryKey) -> Option<(EntryId, Arc<StateCell>)> {
        let id = *self.by_key.get(key)?;
        Some((id, self.entries.get(&id)?.cell.clone()))
    }

    /// The calls whose entries an invalidation of the tags would reach.
    pub(crate) fn would_reach(&self, tags: &Tags) -> Vec<CallRef> {
        self.reached(tags).iter().filter_map(|id| Some(self.entries.get(id)?.call.clone())).collect()
    }

    /// Empties the cache at its end, so that what it held can be dropped where user code may run.
    pub(crate) fn take_entries(&mut self) -> Vec<Entry> {
        std::mem::take(&mut self.entries).into_values().collect()
    }

    /// The entry of a query, made if there is none.
    fn entry_of(&mut self, plan: &Arc<QueryPlan>) -> EntryId {
        let keep_unused = plan.keep_unused.unwrap_or(self.defaults.keep_unused);
        if let Some(id) = self.by_key.get(&plan.key).copied() {
            self.adopt(id, plan);
            return id;
        }
        self.last_entry += 1;
        let id = EntryId(self.last_entry);
        self.entries.insert(id, Entry::new(plan.clone(), keep_unused));
        self.by_key.insert(plan.key.clone(), id);
        self.reindex(id);
        id
    }

    /// Takes over what a further call of the same query asks for.
    fn adopt(&mut self, id: EntryId, plan: &Arc<QueryPlan>) {
        let Some(entry) = self.entries.get_mut(&id) else { return };
        if let Some(keep_unused) = plan.keep_unused {
            entry.keep_unused = entry.keep_unused.max(keep_unused);
        }
        entry.plan = plan.clone();
        let new: Vec<_> = plan.tags.iter().filter(|tag| !entry.arg_tags.contains(tag)).cloned().collect();
        if !new.is_empty() {
            entry.arg_tags.extend(new);
            self.reindex(id);
        }
    }

    fn reindex(&mut self, id: EntryId) {
        let Some(entry) = self.entries.get_mut(&id) else { return };
        let tags = entry.tags();
        self.index.replace(id, &entry.indexed, &tags);
        entry.indexed = tags;
    }

    /// Sends the entry's request. There must be none in flight.
    fn send(&mut self, id: EntryId, cause: Cause) {
        let Some(entry) = self.entries.get_mut(&id) else { return };
        self.last_request += 1;
        let request = RequestId(self.last_request);
        let (kept, held) = (entry.subscribers > 0, cause == Cause::Prefetch);
        entry.flight = Some(Flight { request, since: self.seq, kept, held });
        self.log.begin(self.seq);
        self.touched.push(id);
        self.effects.push(Effect::Send(Outgoing {
            entry: id,
            request,
            plan: entry.plan.clone(),
            cell: entry.cell.clone(),
            call: entry.call.clone(),
            cause,
        }));
    }

    /// Gives up the entry's request, if there is one.
    fn abort(&mut self, id: EntryId) {
        let Some(entry) = self.entries.get_mut(&id) else { return };
        let Some(flight) = entry.flight.take() else { return };
        self.log.end(flight.since);
        self.touched.push(id);
        self.effects.push(Effect::Abort { request: flight.request });
        self.effects.push(Effect::Report(Report::Aborted { entry: entry.call.clone() }));
    }

    /// Takes the entry out of the cache, with its tags, its timers and its request.
    fn remove(&mut self, id: EntryId) {
        self.abort(id);
        self.release_awaited(id, Seq::MAX, None);
        let Some(entry) = self.entries.remove(&id) else { return };
        self.by_key.remove(&entry.plan.key);
        self.index.replace(id, &entry.indexed, &[]);
        self.timers.clear(id);
        self.effects.push(Effect::Report(Report::Removed { entry: entry.call.clone() }));
        self.effects.push(Effect::Discard(Box::new(entry)));
    }

    /// Starts the keep-unused time of an entry that nobody uses, and stops it for one in use.
    fn mind_expiry(&mut self, id: EntryId, now: Duration) {
        let Some(entry) = self.entries.get(&id) else { return };
        if entry.in_use() {
            return self.timers.set(id, Due::Expire, None);
        }
        if entry.keep_unused.is_zero() {
            return self.remove(id);
        }
        // A time that cannot be told is one that never comes.
        self.timers.set(id, Due::Expire, now.checked_add(entry.keep_unused));
    }

    fn tick(&mut self, now: Duration) {
        self.wake_at = None;
        while let Some((id, due)) = self.timers.pop(now) {
            match due {
                Due::Stale => self.touched.push(id),
                Due::Expire if self.entries.get(&id).is_some_and(|entry| !entry.in_use()) => self.remove(id),
                Due::Expire => {}
            }
        }
    }

    /// Publishes what changed, ahead of all other effects, and asks to be woken in time.
    fn finish(&mut self, now: Duration) -> Vec<Effect> {
        let mut touched = std::mem::take(&mut self.touched);
        touched.sort_unstable();
        touched.dedup();
        let mut effects = Vec::with_capacity(touched.len() + self.effects.len() + 1);
        for id in touched {
            let Some(entry) = self.entries.get_mut(&id) else { continue };
            if let Some(snapshot) = entry.changed_snapshot(self.defaults.stale_time, now) {
                entry.published = snapshot.clone();
                effects.push(Effect::Publish { cell: entry.cell.clone(), snapshot });
            }
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
mod tests;
