//! Sends the requests of queries, and reads what comes.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::oneshot;
use tracing::Instrument;

use super::OnDrop;
use crate::conditional;
use crate::core::{Decoded, Event, Known, Outgoing, RequestId};
use crate::error::{DecodeFailure, Error};
use crate::event::Event as Report;
use crate::exchange::{Exchange, Prepared};
use crate::guard::guarded;
use crate::paging::{self, Progress, Walk};
use crate::parts::Parts;
use crate::platform::{First, race};
use crate::query::{QueryPlan, Read, Value};
use crate::response::{RawResponse, SMALL_BODY};
use crate::retry::{Retry, one_try};
use crate::same_json::same_json;
use crate::shared::Shared;
use crate::streaming::grow;
use crate::trace;

/// Sends a request. It is given up when nobody needs it any more, and when the last client has gone.
pub(super) fn send(shared: &Arc<Shared>, outgoing: Outgoing) {
    let Outgoing { entry, request, plan, known, retry, began, failures, walk, mut progress } = outgoing;
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
        let tell = |response| {
            has_grown.store(true, Ordering::Relaxed);
            let Some(shared) = weak.upgrade() else { return };
            shared.apply(Event::Grew { entry, request, response });
        };
        let asking = Asking { exchange: &exchange, plan: &plan, known: known.as_ref(), retry, elapsed };
        let answer = race(asking.answer(built, (walk, &mut progress), tell), aborted).await;
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
                if let Some((shared, progress)) = weak.upgrade().zip(progress.take_if(|_| next_try.is_some())) {
                    shared.apply(Event::Walked { entry, request, progress });
                }
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

/// One try to have a query answered.
struct Asking<'a> {
    exchange: &'a Arc<Exchange>,
    plan: &'a QueryPlan,
    known: Option<&'a Known>,
    retry: Retry,
    /// How long ago the first of the tries began.
    elapsed: Duration,
}

impl Asking<'_> {
    /// What the server answers, and whether that was "not modified". A stream tells meanwhile what it has brought.
    async fn answer(
        self,
        built: Prepared,
        (walk, progress): (Walk, &mut Option<Box<Progress>>),
        tell: impl Fn(Decoded),
    ) -> Result<(Decoded, bool), Error> {
        let Asking { exchange, plan, known, retry, elapsed } = self;
        if let Some(stream) = plan.request.streaming() {
            // Boxed, as the others are, so that the task of a request is small: it is moved when it is started.
            return Box::pin(grow(exchange, plan, &**stream, known, tell)).await.map(|whole| (whole, false));
        }
        let (call, last_id) = (plan.request.call(), built.last_id.clone());
        if let Some(pages) = plan.reader.pages() {
            let asked = Box::pin(paging::read(exchange, plan, pages.clone(), known, walk, progress));
            return one_try(asked, &call, retry, elapsed).await.map(|list| (list, false));
        }
        let asked = Box::pin(conditional::ask(exchange, built, &call, known));
        let (response, not_modified) = one_try(asked, &call, retry, elapsed).await?;
        let groups = exchange.provided_groups(&plan.request, &response.headers);
        let mut response = read(plan, known, response).map_err(|error| last_id.of(error))?;
        response.tags.extend(groups);
        Ok((response, not_modified))
    }
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
