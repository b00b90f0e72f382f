//! Runs the core's effects: the only place with tasks and timers.

use std::sync::{Arc, Weak};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::oneshot;
use tracing::Instrument;

#[cfg(feature = "audit")]
use crate::audit::Settled;
use crate::conditional;
use crate::core::{Decoded, Effect, Event, Known, MutationId, Outgoing, RequestId, Settlement, Write};
use crate::error::{DecodeFailure, Error, ErrorKind};
use crate::event::{CallRef, Event as Report, Outcome};
use crate::exchange::Exchange;
use crate::guard::guarded;
use crate::mutation::{MutationPlan, ReadResult};
use crate::parts::Parts;
use crate::platform::{First, LONGEST_SLEEP, race, sleep};
use crate::query::{QueryPlan, Value};
use crate::response::{RawResponse, SMALL_BODY};
use crate::retry::{Tried, one_try, tried};
use crate::same_json::same_json;
use crate::shared::{MutationResult, PendingMutation, Shared};
use crate::tag::Tag;
use crate::tags::Tags;
use crate::trace;

/// Runs one effect.
pub(crate) fn run(shared: &Arc<Shared>, effect: Effect) {
    match effect {
        Effect::Send(outgoing) => send(shared, outgoing),
        Effect::Abort { request } => shared.drop_request(request),
        Effect::Answer { waiter, result } => shared.answer(waiter, result),
        Effect::AnswerMutation { mutation } => shared.answer_mutation(mutation),
        Effect::Refetched { mutation, errors } => shared.tell_refetched(mutation, errors),
        Effect::WakeAt(at) => wake_at(shared, at),
        Effect::Report(event) => shared.audience.hear(&event),
        Effect::Publish { cell, snapshot } => drop(cell.store(snapshot)),
        Effect::Empty(cell) => drop(cell.store(Arc::default())),
        Effect::Discard(unneeded) => drop(unneeded),
    }
}

fn send(shared: &Arc<Shared>, outgoing: Outgoing) {
    let Outgoing { entry, request, plan, known, retry, began, failures } = outgoing;
    let built = match shared.exchange.build(&plan.request) {
        Ok(built) => built,
        Err(error) => return shared.apply(Event::Failed { entry, request, error, next_try: None }),
    };
    let elapsed = shared.now().saturating_sub(began);
    let (abort, aborted) = oneshot::channel();
    shared.keep_request(request, abort);
    let gone = Error::aborted(plan.request.call());
    // The task does not keep the client alive: the last one to go drops `abort`, which gives the request up.
    let (weak, exchange) = (Arc::downgrade(shared), shared.exchange.clone());
    let unfinished = OnDrop::new({
        let weak = weak.clone();
        move || end(&weak, request, Event::Failed { entry, request, error: gone, next_try: None })
    });
    #[cfg(feature = "audit")]
    let sent = shared.auditor.sending();
    let span = trace::request(&plan.request, request.0);
    let task = async move {
        let work = async {
            let call = plan.request.call();
            let asked = conditional::ask(&exchange, built, &call, known.as_ref());
            let (response, not_modified) = one_try(asked, &call, retry, elapsed).await?;
            let groups = exchange.provided_groups(&plan.request, &response.headers);
            let mut response = read(&plan, known.as_ref(), response)?;
            response.tags.extend(groups);
            Ok((response, not_modified))
        };
        let answer = race(work, aborted).await;
        unfinished.cancel();
        let event = match answer {
            First::One(Ok((response, not_modified))) => {
                #[cfg(feature = "audit")]
                weak.upgrade().into_iter().for_each(|shared| shared.auditor.answered(plan.key(), sent));
                Some(Event::Received { entry, request, response, not_modified })
            }
            First::One(Err(error)) => {
                let elapsed = weak.upgrade().map(|shared| shared.now().saturating_sub(began)).unwrap_or_default();
                let next_try = retry.next_try(&error, failures + 1, elapsed);
                Some(Event::Failed { entry, request, error, next_try })
            }
            First::Other(_) => None,
        };
        event.into_iter().for_each(|event| end(&weak, request, event));
        // What a query holds, and its data, are the application's.
        let _ = guarded(|| drop((plan, known)));
    };
    shared.spawner.spawn(task.instrument(span));
}

/// A request is through, if anybody still cares.
fn end(shared: &Weak<Shared>, request: RequestId, event: Event) {
    let Some(shared) = shared.upgrade() else { return };
    shared.drop_request(request);
    shared.apply(event);
}

/// Decodes a query's response. What equals the data that is there, or a part of it, needs no decoding.
fn read(plan: &QueryPlan, known: Option<&Known>, response: RawResponse) -> Result<Decoded, Error> {
    let call = || plan.request.call();
    let (value, body, parts) = match guarded(|| decode(plan, known, &response)) {
        Ok(Ok(read)) => read,
        Ok(Err(failure)) => return Err(Error::decode(call(), failure, response)),
        Err(_) => return Err(Error::panicked(call(), "decoding the response")),
    };
    match guarded(|| plan.reader.tags(&value, &response)) {
        Ok(tags) => Ok(Decoded { value, response: Some(RawResponse { body, ..response }), parts, tags }),
        Err(_) => Err(Error::panicked(call(), "reading tags from the response")),
    }
}

/// The value of a response, the body that it is kept with, and its parts.
fn decode(
    plan: &QueryPlan,
    known: Option<&Known>,
    response: &RawResponse,
) -> Result<(Value, Bytes, Option<Arc<Parts>>), DecodeFailure> {
    if plan.settings.is_new_each_time {
        let (value, parts) = plan.reader.decode(response, None)?;
        return Ok((value, kept(&response.body), parts));
    }
    // The same bytes under another status may be other data.
    let is_same = |status: http::StatusCode, body: &Bytes| {
        status == response.status && (response.body == body || plan.reader.is_json() && same_json(body, &response.body))
    };
    if let Some(known) = known
        && let Some((status, body)) = &known.response
        && is_same(*status, body)
    {
        return Ok((known.value.clone(), body.clone(), known.parts.clone()));
    }
    let none = Parts::default();
    let previous = known.and_then(|known| known.parts.as_deref()).unwrap_or(&none);
    let (value, parts) = plan.reader.decode(response, Some(previous))?;
    Ok((value, kept(&response.body), parts))
}

/// A body to be kept. A small one is copied, since it would keep all of the larger buffer that it was read into.
fn kept(body: &Bytes) -> Bytes {
    if body.len() <= SMALL_BODY { Bytes::copy_from_slice(body) } else { body.clone() }
}

/// Starts a mutation. It goes on whatever becomes of its caller.
pub(crate) fn mutate(
    shared: &Arc<Shared>,
    mut plan: MutationPlan,
) -> (oneshot::Receiver<MutationResult>, oneshot::Receiver<Vec<Error>>) {
    let mutation = MutationId(shared.next_id());
    let ((settled, is_settled), (refetched, is_refetched)) = (oneshot::channel(), oneshot::channel());
    let call = CallRef::new(mutation.0, &plan.request);
    #[cfg(feature = "audit")]
    shared.auditor.started(mutation);
    shared.start_mutation(mutation, PendingMutation { result: None, settled: Some(settled), refetched }, call);
    if let Some(layer) = plan.layer.take() {
        shared.apply(Event::LayerAdded { layer: mutation, plan: layer, is_asked_for: plan.invalidation });
    }
    let plan = Arc::new(plan);
    let dropped_plan = plan.clone();
    // A mutation keeps the client alive until it has settled.
    let (task_shared, dropped_shared) = (shared.clone(), shared.clone());
    let unfinished = OnDrop::new(move || {
        let error = Error::aborted(dropped_plan.request.call());
        settle(&dropped_shared, mutation, &dropped_plan, Tried { response: Err(error), may_be_done: true });
    });
    let span = trace::request(&plan.request, mutation.0);
    let task = async move {
        let shared = task_shared;
        let tried = tried(&shared, &plan.request, mutation.0, || attempt(&shared.exchange, &plan)).await;
        unfinished.cancel();
        settle(&shared, mutation, &plan, tried);
    };
    shared.spawner.spawn(task.instrument(span));
    (is_settled, is_refetched)
}

/// Sends a mutation once.
async fn attempt(exchange: &Exchange, plan: &MutationPlan) -> Result<RawResponse, Error> {
    let built = exchange.build_mutation(&plan.request)?;
    exchange.run(built, &plan.request.call()).await
}

fn settle(shared: &Arc<Shared>, mutation: MutationId, plan: &MutationPlan, tried: Tried) {
    let Tried { response, may_be_done } = tried;
    #[cfg(feature = "audit")]
    let answer = response.as_ref().ok().cloned();
    let headers = response.as_ref().map_or_else(Error::headers, |response| Some(&*response.headers));
    let groups = shared.exchange.invalidated_groups(&plan.request, headers);
    let (result, mut settlement, panicked) = match response {
        Ok(response) => succeeded(shared, plan, response),
        Err(error) => {
            let outcome = match outcome_of(&error) {
                // What the last try ended in says nothing of those before it.
                Outcome::Refused | Outcome::NotSent if may_be_done => Outcome::Unknown,
                outcome => outcome,
            };
            let touched = outcome == Outcome::Unknown && plan.invalidation;
            let (more, panicked) = if touched { plan.reader.tags_without_result() } else { Default::default() };
            let tags = match outcome {
                // Nobody knows whether it is gone, so that is asked for.
                Outcome::Unknown => plan.tags.iter().cloned().chain(more).map(Tag::without_gone).collect(),
                Outcome::Refused => plan.tags_when_refused.clone(),
                Outcome::Succeeded | Outcome::NotSent => Tags::none(),
            };
            let settlement = Settlement {
                outcome,
                tags: if plan.invalidation { tags } else { Tags::none() },
                writes: Vec::new(),
                suspects: if touched { plan.writes.clone() } else { Vec::new() },
            };
            (Err(error), settlement, panicked)
        }
    };
    settlement.tags.extend(groups.into_iter().filter(|_| plan.invalidation));
    if panicked {
        shared.tell(Report::TagsIncomplete { call: CallRef::new(mutation.0, &plan.request) });
    }
    shared.keep_result(mutation, result);
    #[cfg(feature = "audit")]
    let settled = Settled { mutation, request: &plan.request, outcome: settlement.outcome, response: answer.as_ref() };
    let event = Event::MutationSettled { mutation, settlement };
    #[cfg(feature = "audit")]
    shared.apply_settled(event, &settled);
    #[cfg(not(feature = "audit"))]
    shared.apply(event);
}

/// The server did it, even if the response cannot be read: what the args tell is invalidated in any case.
fn succeeded(shared: &Shared, plan: &MutationPlan, response: RawResponse) -> (MutationResult, Settlement, bool) {
    let call = || plan.request.call();
    let (result, read) = match plan.reader.read(&response) {
        Ok(Ok(ReadResult { value, tags, writes, panicked })) => (Ok(value), Some((tags, writes, panicked))),
        Ok(Err(failure)) => (Err(Error::decode(call(), failure, response.clone())), None),
        Err(_) => (Err(Error::panicked(call(), "decoding the response")), None),
    };
    let (more_tags, more_writes, panicked) = read.unwrap_or_else(|| {
        let (tags, panicked) = if plan.invalidation { plan.reader.tags_without_result() } else { Default::default() };
        (tags, Vec::new(), panicked)
    });
    let mut settlement =
        Settlement { outcome: Outcome::Succeeded, tags: Tags::none(), writes: Vec::new(), suspects: Vec::new() };
    if plan.invalidation {
        settlement.tags = plan.tags.iter().cloned().chain(more_tags).collect();
    }
    for written in plan.writes.iter().cloned().chain(more_writes) {
        match read_write(shared, &written, &response) {
            Some(response) => settlement.writes.push(Write { plan: written, response, tags_are_all: true }),
            None if plan.invalidation => settlement.suspects.push(written),
            None => {}
        }
    }
    (result, settlement, panicked)
}

/// A mutation's response as the data of a query. An empty answer, or one that only says "accepted", is no data.
fn read_write(shared: &Shared, plan: &QueryPlan, response: &RawResponse) -> Option<Decoded> {
    let whole = matches!(response.status.as_u16(), 200 | 201) && !response.body.iter().all(u8::is_ascii_whitespace);
    if !whole {
        return None;
    }
    let known = shared.known(plan.key());
    let (value, body, parts) = guarded(|| decode(plan, known.as_ref(), response)).ok()?.ok()?;
    let tags = guarded(|| plan.reader.tags(&value, response)).ok()?;
    Some(Decoded { value, response: Some(RawResponse { body, ..response.clone() }), parts, tags })
}

/// What an error says of what the server did.
pub(crate) fn outcome_of(error: &Error) -> Outcome {
    if !error.was_sent() {
        return Outcome::NotSent;
    }
    match error.status() {
        Some(status) if error.kind() == ErrorKind::Status && status.is_client_error() => Outcome::Refused,
        _ => Outcome::Unknown,
    }
}

/// Sets the timer. It does not keep the client alive, and ends with it.
fn wake_at(shared: &Arc<Shared>, at: Duration) {
    let (stop, stopped) = oneshot::channel();
    shared.keep_timer(stop);
    let wait = at.saturating_sub(shared.now()).min(LONGEST_SLEEP);
    let weak = Arc::downgrade(shared);
    shared.spawner.spawn(async move {
        let First::Other(()) = race(stopped, sleep(wait)).await else { return };
        if let Some(shared) = weak.upgrade() {
            shared.apply(Event::Tick);
        }
    });
}

/// Does something when a task is dropped before its end, which happens when its runtime ends.
struct OnDrop<F: FnOnce()>(Option<F>);

impl<F: FnOnce()> OnDrop<F> {
    fn new(then: F) -> Self {
        Self(Some(then))
    }

    fn cancel(mut self) {
        self.0 = None;
    }
}

impl<F: FnOnce()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        if let Some(then) = self.0.take() {
            then();
        }
    }
}
