//! What happens, for `tracing`: events at level `DEBUG`, and a span around each request.
//!
//! Args, ids, headers and bodies are left out, because logs are kept: operations, the numbers of entries and requests, and
//! the types of tags are enough to find the rest with [`Client::inspect`](crate::Client::inspect).

use tracing::{Level, Span, debug, debug_span, enabled};

use crate::event::{CallRef, Event};
use crate::request::Request;
use crate::tags::Tags;

/// Whether anybody hears.
pub(crate) fn is_on() -> bool {
    enabled!(Level::DEBUG)
}

/// A span for the sending of a request, up to the end of its response. `request` is its number, or that of the mutation.
pub(crate) fn request(request: &Request, number: u64) -> Span {
    let call = request.call();
    debug_span!("request", operation = call.operation, method = %call.method, path = call.template, number)
}

/// Tells of an event.
pub(crate) fn event(event: &Event) {
    match event {
        Event::Requested { entry, request, cause } => {
            debug!(operation = entry.operation, entry = entry.id, request, ?cause, "requested");
        }
        Event::Subscribed { entry, subscribers } => {
            debug!(operation = entry.operation, entry = entry.id, subscribers, "subscribed");
        }
        Event::Unsubscribed { entry, subscribers } => {
            debug!(operation = entry.operation, entry = entry.id, subscribers, "unsubscribed");
        }
        Event::AnsweredFromCache { entry } => {
            debug!(operation = entry.operation, entry = entry.id, "answered from the cache");
        }
        Event::Joined { entry } => debug!(operation = entry.operation, entry = entry.id, "joined a request"),
        Event::Received { entry, request, status, not_modified, changed } => {
            debug!(
                operation = entry.operation,
                entry = entry.id,
                request,
                status = status.as_u16(),
                changed,
                not_modified,
                "received"
            );
        }
        Event::Grew { entry, request } => {
            debug!(operation = entry.operation, entry = entry.id, request, "grew");
        }
        Event::Failed { entry, request, error } => {
            let status = error.status().map(|status| status.as_u16());
            debug!(operation = entry.operation, entry = entry.id, request, kind = ?error.kind(), status, "failed");
        }
        Event::Retrying { entry, request, error, failures, wait } => {
            let status = error.status().map(|status| status.as_u16());
            let (kind, wait) = (error.kind(), wait.as_millis());
            debug!(
                operation = entry.operation,
                entry = entry.id,
                request,
                ?kind,
                status,
                failures,
                wait,
                "is tried again"
            );
        }
        Event::Aborted { entry, request } => {
            debug!(operation = entry.operation, entry = entry.id, request, "given up");
        }
        Event::MutationStarted { call } => debug!(operation = call.operation, mutation = call.id, "mutation started"),
        Event::MutationRetrying { call, error, failures, wait } => {
            let status = error.status().map(|status| status.as_u16());
            let (kind, wait) = (error.kind(), wait.as_millis());
            debug!(operation = call.operation, mutation = call.id, ?kind, status, failures, wait, "is tried again");
        }
        Event::MutationWaiting { call, waits_for } => {
            debug!(operation = call.operation, mutation = call.id, ?waits_for, "mutation waits");
        }
        Event::MutationResumed { call } => debug!(operation = call.operation, mutation = call.id, "mutation resumed"),
        Event::MutationSettled { call, outcome, tags } => {
            debug!(operation = call.operation, mutation = call.id, ?outcome, tags = types(tags), "mutation settled");
        }
        Event::Written { entry, changed } => {
            debug!(operation = entry.operation, entry = entry.id, changed, "written");
        }
        Event::Layered { entry, layers } => {
            debug!(operation = entry.operation, entry = entry.id, layers, "layered");
        }
        Event::LayerFailed { entry } => {
            debug!(operation = entry.operation, entry = entry.id, "an optimistic change panicked");
        }
        Event::Invalidated { tags, refetching, marked_stale, dropped } => {
            let (refetching, stale, dropped) = (numbers(refetching), numbers(marked_stale), numbers(dropped));
            debug!(tags = types(tags), ?refetching, ?stale, ?dropped, "invalidated");
        }
        Event::Removed { entry, why } => {
            debug!(operation = entry.operation, entry = entry.id, ?why, "removed");
        }
        Event::Reset { entry } => debug!(operation = entry.operation, entry = entry.id, "reset"),
        Event::Notified { notification } => {
            debug!(operation = notification.operation, notification = notification.id, phase = ?notification.phase, "notified");
        }
        Event::Focus(focused) => debug!(focused, "focus"),
        Event::Online(online) => debug!(online, "online"),
        Event::TagsIncomplete { call } => {
            debug!(operation = call.operation, mutation = call.id, "could not tell all of its tags");
        }
        Event::OutboxFailed { call, .. } => {
            debug!(operation = call.as_ref().map(|call| call.operation), "the outbox failed");
        }
        Event::HookPanicked { call, step } => {
            debug!(operation = call.operation, mutation = call.id, ?step, "a hook panicked");
        }
        Event::Missed { .. } => {}
    }
}

fn types(tags: &Tags) -> String {
    let mut types: Vec<&str> = tags.iter().map(|tag| tag.type_name()).collect();
    types.sort_unstable();
    types.dedup();
    types.join(" ")
}

fn numbers(calls: &[CallRef]) -> Vec<u64> {
    calls.iter().map(|call| call.id).collect()
}
