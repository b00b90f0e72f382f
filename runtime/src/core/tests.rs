//! The core in virtual time: events in, effects looked at.

mod growing;
mod invalidation;
mod lanes;
mod lifetime;
mod matrix;
mod mutations;
mod reading;
pub(crate) mod simulation;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;

use super::*;
use crate::error::Error;
use crate::event::{CallRef, Outcome};
use crate::prefetch::Prefetch;
use crate::query::{Query, Value};
use crate::response::RawResponse;
use crate::state::Snapshot;
use crate::tag::TagType;
use crate::target::{Kind, RefetchOf};
use crate::{Event as Report, Json, Request, Tags};

const POST: TagType = TagType::new("Post");
const USER: TagType = TagType::new("User");

/// A query of a path with the tags that its args tell.
fn query(path: &'static str, tags: impl Into<Tags>) -> Arc<QueryPlan> {
    Query::<Json>::new(Request::get("op", path)).provides(tags).into_plan()
}

fn post(id: i64) -> Arc<QueryPlan> {
    Query::<Json>::new(Request::get("getPost", "/posts/{id}").path_param("id", &id)).provides(POST.id(id)).into_plan()
}

fn decoded(body: &str, tags: impl Into<Tags>) -> Decoded {
    Decoded {
        parts: None,
        value: Arc::new(body.to_owned()),
        response: Some(RawResponse {
            status: StatusCode::OK,
            headers: Arc::default(),
            body: Bytes::copy_from_slice(body.as_bytes()),
        }),
        tags: tags.into().into_iter().collect(),
    }
}

fn text(value: &Value) -> String {
    value.downcast_ref::<String>().cloned().unwrap_or_default()
}

/// The core with a clock, and what came out of it so far.
struct Bench {
    core: Core,
    now: Duration,
    in_flight: Vec<Outgoing>,
    /// How many requests were sent in all.
    sent: usize,
    aborted: usize,
    answers: Vec<(WaiterId, Result<String, Error>)>,
    refetched: Vec<(MutationId, usize)>,
    wake_at: Option<Duration>,
    reports: Vec<Report>,
    /// All effects by their kind, in order.
    order: Vec<&'static str>,
    last_waiter: u64,
    last_subscriber: u64,
    last_mutation: u64,
}

impl Bench {
    fn new() -> Bench {
        Bench::with(Defaults::default())
    }

    fn with(defaults: Defaults) -> Bench {
        Bench {
            core: Core::new(defaults),
            now: Duration::ZERO,
            in_flight: Vec::new(),
            sent: 0,
            aborted: 0,
            answers: Vec::new(),
            refetched: Vec::new(),
            wake_at: None,
            reports: Vec::new(),
            order: Vec::new(),
            last_waiter: 0,
            last_subscriber: 0,
            last_mutation: 0,
        }
    }

    fn apply(&mut self, event: Event) {
        for effect in self.core.apply(event, self.now) {
            self.order.push(kind(&effect));
            match effect {
                Effect::Publish { cell, snapshot } => drop(cell.store(snapshot)),
                Effect::Send(outgoing) => {
                    let twice = self.in_flight.iter().any(|other| other.entry == outgoing.entry);
                    assert!(!twice, "two requests of one entry in flight");
                    self.sent += 1;
                    self.in_flight.push(outgoing);
                }
                Effect::Abort { request } => {
                    self.aborted += 1;
                    self.in_flight.retain(|outgoing| outgoing.request != request);
                }
                Effect::Answer { waiter, result } => self.answers.push((waiter, result.map(|value| text(&value)))),
                Effect::Refetched { mutation, errors } => self.refetched.push((mutation, errors.len())),
                Effect::WakeAt(at) => self.wake_at = Some(at),
                Effect::Report(report) => self.reports.push(report),
                Effect::HoldMutation { .. }
                | Effect::SendMutation { .. }
                | Effect::AnswerMutation { .. }
                | Effect::Empty(_)
                | Effect::Discard(_) => {}
            }
        }
    }

    fn watch(&mut self, plan: &Arc<QueryPlan>) {
        self.last_subscriber += 1;
        self.apply(Event::Subscribe { plan: plan.clone(), subscriber: SubscriberId(self.last_subscriber) });
    }

    fn unwatch(&mut self, plan: &Arc<QueryPlan>) {
        let entry = self.core.entries.find(plan.key()).unwrap();
        let subscriber = self.core.entries.get(entry).unwrap().users.subscribers()[0].id;
        self.apply(Event::Unsubscribe { entry, subscriber });
    }

    fn fetch(&mut self, plan: &Arc<QueryPlan>) -> WaiterId {
        self.last_waiter += 1;
        let waiter = WaiterId(self.last_waiter);
        self.apply(Event::Fetch { plan: plan.clone(), waiter });
        waiter
    }

    fn refetch(&mut self, plan: &Arc<QueryPlan>) -> WaiterId {
        self.last_waiter += 1;
        let waiter = WaiterId(self.last_waiter);
        self.apply(Event::Refetch { plan: plan.clone(), waiter });
        waiter
    }

    fn cancel(&mut self, plan: &Arc<QueryPlan>, waiter: WaiterId) {
        self.apply(Event::Cancel { plan: plan.clone(), waiter });
    }

    fn prefetch(&mut self, plan: &Arc<QueryPlan>, when: Prefetch) {
        self.apply(Event::Prefetch { plan: plan.clone(), when });
    }

    fn take_flight(&mut self, plan: &Arc<QueryPlan>) -> Outgoing {
        let at = self.in_flight.iter().position(|outgoing| outgoing.plan.key() == plan.key());
        self.in_flight.remove(at.expect("a request in flight"))
    }

    fn respond(&mut self, plan: &Arc<QueryPlan>, body: &str) {
        self.respond_with(plan, body, Tags::none());
    }

    fn respond_with(&mut self, plan: &Arc<QueryPlan>, body: &str, tags: impl Into<Tags>) {
        let Outgoing { entry, request, .. } = self.take_flight(plan);
        let response = decoded(body, tags);
        self.apply(Event::Received { entry, request, response, not_modified: false });
    }

    fn fail(&mut self, plan: &Arc<QueryPlan>) {
        let Outgoing { entry, request, plan, .. } = self.take_flight(plan);
        let error = Error::timeout(plan.request.call(), Duration::from_secs(30));
        self.apply(Event::Failed { entry, request, error, next_try: None });
    }

    fn invalidate(&mut self, tags: impl Into<Tags>) {
        self.invalidate_and(Kind::Tags(tags.into()), RefetchOf::Watched);
    }

    fn invalidate_and(&mut self, target: Kind, refetch: RefetchOf) {
        self.change(vec![Change::Invalidate { target, refetch }]);
    }

    fn change(&mut self, changes: Vec<Change>) {
        self.last_mutation += 1;
        self.apply(Event::Change { changes, token: MutationId(self.last_mutation) });
    }

    fn start(&mut self) -> MutationId {
        self.last_mutation += 1;
        let mutation = MutationId(self.last_mutation);
        let call = CallRef::new(self.last_mutation, &Request::post("mutate", "/mutate"));
        self.apply(Event::MutationStarted { mutation, call, turn: Turn::default() });
        mutation
    }

    fn settle(&mut self, mutation: MutationId, tags: impl Into<Tags>) {
        self.settle_writing(mutation, tags, Vec::new());
    }

    fn settle_writing(&mut self, mutation: MutationId, tags: impl Into<Tags>, writes: Vec<(&Arc<QueryPlan>, Decoded)>) {
        let writes = writes
            .into_iter()
            .map(|(plan, response)| Write { plan: plan.clone(), response, tags_are_all: true })
            .collect();
        let settlement = Settlement { outcome: Outcome::Succeeded, tags: tags.into(), writes, suspects: Vec::new() };
        self.apply(Event::MutationSettled { mutation, settlement });
    }

    fn mutate(&mut self, tags: impl Into<Tags>) {
        let mutation = self.start();
        self.settle(mutation, tags);
    }

    fn advance(&mut self, time: Duration) {
        self.now += time;
        self.apply(Event::Tick);
    }

    /// What is published of it, if it is watched.
    fn state(&self, plan: &Arc<QueryPlan>) -> Option<Arc<Snapshot>> {
        Some(self.core.watched_cell(plan.key())?.1.current())
    }

    fn entry(&self, plan: &Arc<QueryPlan>) -> Option<&Entry> {
        self.core.entries.get(self.core.entries.find(plan.key())?)
    }

    fn data(&self, plan: &Arc<QueryPlan>) -> Option<String> {
        Some(text(self.core.data(plan.key())?))
    }

    fn is_stale(&self, plan: &Arc<QueryPlan>) -> bool {
        self.entry(plan).is_some_and(|entry| {
            entry.stored.is_some() && !entry.is_fresh(&entry.origin.settings, &self.core.defaults, self.now)
        })
    }

    fn flights(&self, plan: &Arc<QueryPlan>) -> usize {
        self.in_flight.iter().filter(|outgoing| outgoing.plan.key() == plan.key()).count()
    }

    fn answer_to(&self, waiter: WaiterId) -> Option<Result<String, Error>> {
        self.answers.iter().find(|(id, _)| *id == waiter).map(|(_, result)| result.clone())
    }

    /// The tag index holds exactly the tags of the entries that there are, and timers speak of them alone.
    fn assert_consistent(&self) {
        let tags: usize = self.core.entries.iter().map(|(_, entry)| entry.indexed().len()).sum();
        assert_eq!(self.core.index.len(), tags, "tags in the index");
        for (at, id) in self.core.timers.entries() {
            assert_eq!(self.core.entries.get(id).and_then(|entry| entry.queued), Some(at), "a timer of nothing");
        }
        let watched = self.core.entries.iter().filter(|(_, entry)| entry.is_watched()).count();
        assert_eq!(self.core.watched.len(), watched, "watched entries");
    }

    /// Nothing is left behind.
    fn assert_empty(&self) {
        self.assert_consistent();
        assert_eq!(self.core.entries.len(), 0, "entries");
        assert!(self.core.index.is_empty(), "index");
        assert!(self.core.log.is_idle(), "log");
        assert!(self.core.awaited.is_empty(), "awaited refetches");
        assert!(self.core.mutations.is_empty(), "mutations");
        assert!(self.core.layers.is_empty(), "layers");
        assert!(self.core.lanes.is_empty(), "lanes");
        assert!(self.core.timers.next().is_none(), "timers");
        assert!(self.core.bounds.is_empty(), "bounds");
        assert!(self.in_flight.is_empty(), "requests");
    }
}

fn kind(effect: &Effect) -> &'static str {
    match effect {
        Effect::Publish { .. } => "publish",
        Effect::Send(_) => "send",
        Effect::Abort { .. } => "abort",
        Effect::Answer { .. } => "answer",
        Effect::HoldMutation { .. } => "hold mutation",
        Effect::SendMutation { .. } => "send mutation",
        Effect::AnswerMutation { .. } => "answer mutation",
        Effect::Refetched { .. } => "refetched",
        Effect::WakeAt(_) => "wake",
        Effect::Report(_) => "report",
        Effect::Empty(_) | Effect::Discard(_) => "discard",
    }
}
