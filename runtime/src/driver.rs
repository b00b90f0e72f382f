//! Runs the core's effects: the only place with tasks and timers.

mod mutations;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::oneshot;
use tracing::Instrument;

pub(crate) use self::mutations::{mutate, outcome_of, resume, settle};
use crate::conditional;
use crate::core::{Decoded, Effect, Event, Known, Outgoing, RequestId};
use crate::error::{DecodeFailure, Error};
use crate::event::Event as Report;
use crate::guard::guarded;
use crate::paging;
use crate::parts::Parts;
use crate::platform::{First, LONGEST_SLEEP, race, sleep};
use crate::query::{QueryPlan, Read, Value};
use crate::response::{RawResponse, SMALL_BODY};
use crate::retry::one_try;
use crate::same_json::same_json;
use crate::shared::Shared;
use crate::streaming::grow;
use crate::trace;

/// Runs one effect.
pub(crate) fn run(shared: &Arc<Shared>, effect: Effect) {
    match effect {
        Effect::Send(outgoing) => send(shared, outgoing),
        Effect::Abort { request } => shared.drop_request(request),
        Effect::Answer { waiter, result } => shared.answer(waiter, result),
        Effect::HoldMutation { mutation } => mutations::hold(shared, mutation),
        Effect::SendMutation { mutation } => mutations::send(shared, mutation),
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
    let Outgoing { entry, request, plan, known, retry, began, failures, walk } = outgoing;
    if let Some(notify) = plan.request.notify() {
        let operation = plan.request.operation();
        let notification = shared.audience.notices.queries.begin(entry.number(), request.0, operation, notify);
        notification.into_iter().for_each(|notification| shared.audience.hear(&Report::Notified { notification }));
    }
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
        let has_grown = AtomicBool::new(false);
        let work = async {
            if let Some(stream) = plan.request.streaming() {
                let tell = |response| {
                    has_grown.store(true, Ordering::Relaxed);
                    let Some(shared) = weak.upgrade() else { return };
                    shared.apply(Event::Grew { entry, request, response });
                };
                let whole = grow(&exchange, &plan, &**stream, known.as_ref(), tell).await?;
                return Ok((whole, false));
            }
            let call = plan.request.call();
            if let Some(pages) = plan.reader.pages() {
                let asked = paging::read(&exchange, &plan, pages.clone(), known.as_ref(), walk);
                return one_try(asked, &call, retry, elapsed).await.map(|list| (list, false));
            }
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
                weak.upgrade().into_iter().for_each(|shared| {
                    #[cfg(feature = "audit")]
                    shared.auditor.answered(plan.key(), sent);
                    shared.audience.notices.queries.answered(entry.number(), &response.value);
                });
                Some(Event::Received { entry, request, response, not_modified })
            }
            First::One(Err(error)) => {
                let elapsed = weak.upgrade().map(|shared| shared.now().saturating_sub(began)).unwrap_or_default();
                // What a stream brought stays to be seen beside the error.
                let next_try = retry.next_try(&error, failures + 1, elapsed).filter(|_| !has_grown.into_inner());
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
    let (value, body, parts) = match guarded(|| decode(&*plan.reader, plan.settings.is_new_each_time, known, &response))
    {
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
pub(crate) fn decode(
    reader: &dyn Read,
    anew: bool,
    known: Option<&Known>,
    response: &RawResponse,
) -> Result<(Value, Bytes, Option<Arc<Parts>>), DecodeFailure> {
    if anew {
        let (value, parts) = reader.decode(response, None)?;
        return Ok((value, kept(&response.body), parts));
    }
    // The same bytes under another status may be other data.
    let is_same = |status: http::StatusCode, body: &Bytes| {
        status == response.status && (response.body == body || reader.is_json() && same_json(body, &response.body))
    };
    if let Some(known) = known
        && let Some((status, body)) = &known.response
        && is_same(*status, body)
    {
        return Ok((known.value.clone(), body.clone(), known.parts.clone()));
    }
    let none = Parts::default();
    let previous = known.and_then(|known| known.parts.as_deref()).unwrap_or(&none);
    let (value, parts) = reader.decode(response, Some(previous))?;
    Ok((value, kept(&response.body), parts))
}

/// A body to be kept. A small one is copied, since it would keep all of the larger buffer that it was read into.
fn kept(body: &Bytes) -> Bytes {
    if body.len() <= SMALL_BODY { Bytes::copy_from_slice(body) } else { body.clone() }
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
