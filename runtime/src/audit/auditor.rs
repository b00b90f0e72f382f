//! The auditor of one client: notes what happens, and makes a job of each mutation. It sends nothing itself.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use serde_json::Value as Json;

use super::call::Call;
use super::known::{Count, Known, Seen};
use super::{Audit, Pending};
use crate::core::{Held, MutationId};
use crate::event::Outcome;
use crate::guard::lock;
use crate::query::{EntryKey, QueryPlan};
use crate::recorded;
use crate::request::Request;
use crate::response::RawResponse;
use crate::sync::Mutex;
use crate::tag::Tag;

/// The auditor of one client. It is off unless the client was given an [`Audit`].
#[derive(Default)]
pub(crate) struct Auditor(Option<On>);

struct On {
    audit: Audit,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    known: Known,
    /// Mutations that were sent and have not settled.
    started: HashMap<MutationId, Pending>,
    /// Mutations that have settled and whose refetches have not.
    settled: HashMap<MutationId, Job>,
    /// Mutations that are ready to be compared.
    queue: VecDeque<Job>,
    /// Somebody works off the queue.
    working: bool,
}

/// How many mutations had settled when a query's request was sent.
#[derive(Clone, Copy)]
pub(crate) struct Sent(Count);

/// One mutation, with what the cache held before it.
pub(crate) struct Job {
    pub(crate) number: Count,
    pub(crate) call: Call,
    pub(crate) status: u16,
    pub(crate) response: Json,
    pub(crate) items: Vec<Item>,
    _pending: Pending,
}

/// An entry at the time when a mutation settled.
pub(crate) struct Item {
    pub(crate) plan: Arc<QueryPlan>,
    pub(crate) tags: Vec<Tag>,
    /// Its data before the mutation, as far as anybody knew.
    pub(crate) before: Bytes,
    pub(crate) fate: Fate,
    /// Operations that may have changed it, too.
    pub(crate) suspects: Vec<String>,
    pub(crate) last_compared: Count,
}

/// What the mutation did to an entry.
pub(crate) enum Fate {
    /// Nothing: the cache takes it for fresh.
    Untouched,
    /// The response was written into it, which made this of it.
    Written(Bytes),
    /// It was invalidated, and this is what the refetch brought: `None` if it brought nothing to compare.
    Refetched(Option<Seen>),
    /// It was invalidated, and waits for its next reader.
    Stale,
    /// Its entity is gone, and so is the entry.
    Dropped,
}

/// How a mutation ended.
pub(crate) struct Settled<'a> {
    pub(crate) mutation: MutationId,
    pub(crate) request: &'a Request,
    pub(crate) outcome: Outcome,
    pub(crate) response: Option<&'a RawResponse>,
}

impl Auditor {
    pub(crate) fn new(audit: Option<Audit>) -> Auditor {
        Auditor(audit.map(|audit| On { audit, state: Mutex::default() }))
    }

    pub(crate) fn is_on(&self) -> bool {
        self.0.is_some()
    }

    pub(crate) fn audit(&self) -> Option<&Audit> {
        self.0.as_ref().map(|on| &on.audit)
    }

    /// A query's request is about to be sent.
    pub(crate) fn sending(&self) -> Sent {
        Sent(self.with(|state| state.known.settled()).unwrap_or_default())
    }

    /// It was answered.
    pub(crate) fn answered(&self, key: EntryKey<'_>, sent: Sent) {
        self.with(|state| state.known.fetched(key, sent.0));
    }

    pub(crate) fn started(&self, mutation: MutationId) {
        let Some(on) = &self.0 else { return };
        let pending = on.audit.begin();
        let mut state = lock(&on.state);
        state.known.start();
        state.started.insert(mutation, pending);
    }

    /// A mutation settled; these are the entries right before and right after.
    pub(crate) fn settled(&self, settled: &Settled<'_>, before: Vec<Held>, after: &[Held]) {
        self.with(|state| {
            let may_have_changed = matches!(settled.outcome, Outcome::Succeeded | Outcome::Unknown);
            let number = state.known.settle(settled.request.operation(), may_have_changed);
            let Some(pending) = state.started.remove(&settled.mutation) else { return };
            let (Outcome::Succeeded, Some(response)) = (settled.outcome, settled.response) else { return };
            let keys: HashSet<EntryKey<'_>> = before.iter().chain(after).map(|held| held.plan.key()).collect();
            state.known.forget(&keys);
            let after: HashMap<EntryKey<'_>, &Held> = after.iter().map(|held| (held.plan.key(), held)).collect();
            let items = before.into_iter().filter_map(|held| item(&mut state.known, number, held, &after)).collect();
            let job = Job {
                number,
                call: Call::new(settled.request),
                status: response.status().as_u16(),
                response: recorded::without_secrets(recorded::read(response.body())),
                items,
                _pending: pending,
            };
            state.settled.insert(settled.mutation, job);
        });
    }

    /// The refetches that a mutation caused have settled, which left these entries. Whether somebody must be found who works.
    pub(crate) fn refetched(&self, mutation: MutationId, held: &[Held]) -> bool {
        let ready = self.with(|state| {
            let Some(mut job) = state.settled.remove(&mutation) else { return false };
            let held: HashMap<EntryKey<'_>, &Held> = held.iter().map(|held| (held.plan.key(), held)).collect();
            let is_quiet = state.known.is_quiet_since(job.number);
            for item in &mut job.items {
                if let Fate::Refetched(brought) = &mut item.fate {
                    *brought = held.get(&item.plan.key()).filter(|_| is_quiet).and_then(|held| brought_by(held));
                }
            }
            state.queue.push_back(job);
            !std::mem::replace(&mut state.working, true)
        });
        ready.unwrap_or(false)
    }

    /// The next job for whoever works.
    pub(crate) fn next_job(&self) -> Option<Job> {
        self.with(|state| {
            let job = state.queue.pop_front();
            state.working = job.is_some();
            job
        })
        .flatten()
    }

    pub(crate) fn is_quiet_since(&self, number: Count) -> bool {
        self.with(|state| state.known.is_quiet_since(number)).unwrap_or(false)
    }

    pub(crate) fn compared(&self, key: EntryKey<'_>, at: Count, seen: Option<Seen>) {
        self.with(|state| state.known.compared(key, at, seen));
    }

    fn with<R>(&self, work: impl FnOnce(&mut State) -> R) -> Option<R> {
        self.0.as_ref().map(|on| work(&mut lock(&on.state)))
    }
}

/// What is to be compared of an entry. Nothing of one that was stale before, or that the application never asked for.
fn item(known: &mut Known, number: Count, held: Held, after: &HashMap<EntryKey<'_>, &Held>) -> Option<Item> {
    let key = held.plan.key();
    if !held.is_valid || !known.was_asked(key) {
        return None;
    }
    let before = match known.seen(key) {
        // That was told when it was seen.
        Some(Seen::Gone) => return None,
        Some(Seen::Body(newer)) => newer,
        None => held.body.clone(),
    };
    let (suspects, last_compared) = (known.suspects(key, number), known.last_compared(key));
    let fate = match after.get(&key) {
        None => Fate::Dropped,
        Some(now) if now.changed_at == held.changed_at => Fate::Untouched,
        Some(now) if now.is_valid => {
            known.written(key, number);
            Fate::Written(now.body.clone())
        }
        Some(now) if now.is_fetching => Fate::Refetched(None),
        Some(_) => Fate::Stale,
    };
    Some(Item { plan: held.plan, tags: held.tags, before, fate, suspects, last_compared })
}

fn brought_by(held: &Held) -> Option<Seen> {
    match held.failed {
        Some(Some(status)) if is_gone(status.as_u16()) => Some(Seen::Gone),
        Some(_) => None,
        None => held.is_valid.then(|| Seen::Body(held.body.clone())),
    }
}

/// Whether a status says that there is nothing there.
pub(crate) fn is_gone(status: u16) -> bool {
    matches!(status, 404 | 410)
}
