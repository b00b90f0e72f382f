//! Mutations that failed are sent again, where they ask for it and where it is safe.

use std::sync::Arc;

use http::header::RETRY_AFTER;

use super::{Retry, one_try};
use crate::driver::outcome_of;
use crate::enhance::Enhance;
use crate::error::{Error, ErrorKind};
use crate::event::{CallRef, Event as Report, Outcome};
use crate::mutation::Mutation;
use crate::platform::sleep;
use crate::request::Request;
use crate::request_id::LastId;
use crate::response::RawResponse;
use crate::shared::Shared;

/// What became of all tries of a mutation together.
pub(crate) struct Tried {
    pub(crate) response: Result<RawResponse, Error>,
    /// A try before the last one may have been done by the server, whatever the last one ended in.
    pub(crate) may_be_done: bool,
    /// The id of the last try.
    pub(crate) last_id: LastId,
}

impl Tried {
    /// The end of what was not tried again.
    pub(crate) fn once(response: Result<RawResponse, Error>) -> Tried {
        Tried { response, may_be_done: false, last_id: LastId::default() }
    }
}

impl<T> Mutation<T> {
    /// Sends the mutation again when it failed, where that is safe (B25). Unless this is said it is sent once.
    ///
    /// Any failure that may go better the next time is tried again if to do it twice is to do it once: by `PUT`, by `DELETE`, or
    /// with an [idempotency key](Self::idempotency_key). Of others only what surely was not done is: what did not reach the
    /// server, and 429 or 503 with a `Retry-After`. A condition of one's own ([`Retry::when`]) makes nothing safe that is not.
    ///
    /// It settles and invalidates once, at its end. If an earlier try may have been done by the server, the end counts as
    /// unknown, whatever the last try was told: a `DELETE` whose first answer was lost may well hear a 404. While the host is
    /// offline it waits. A mutation that is to be sent again goes on when its caller has gone.
    pub fn retry(mut self, retry: Retry) -> Mutation<T> {
        self.request_mut().sending_mut().retry = Some(retry);
        self
    }
}

/// Sends a mutation by `once`, as often as its policy says. Each wait is over after its time, and once the host is online. What
/// did not reach the server for want of a connection is left to the queue, if it waits there (`waits_offline`).
pub(crate) async fn tried<F: Future<Output = Result<RawResponse, Error>>>(
    shared: &Arc<Shared>,
    request: &Request,
    mutation: u64,
    waits_offline: bool,
    once: impl Fn(LastId) -> F,
) -> Tried {
    let last_id = LastId::default();
    let policy = request.sending().and_then(|sending| sending.retry).unwrap_or(Retry::none());
    let is_repeatable =
        request.method().is_idempotent() || request.has_idempotency_key() || request.has_header(is_idempotency_key);
    let of_call = request.call();
    let began = shared.now();
    let elapsed = || shared.now().saturating_sub(began);
    let (mut failures, mut may_be_done) = (0, false);
    loop {
        let error = match one_try(Box::pin(once(last_id.clone())), &of_call, policy, elapsed()).await {
            Ok(response) => return Tried { response: Ok(response), may_be_done, last_id },
            Err(error) => error,
        };
        failures += 1;
        let is_queued = waits_offline && !may_be_done && !error.was_sent() && !shared.connection.is_online();
        let may_repeat = !is_queued && (is_repeatable || is_surely_not_done(&error));
        let wait = if may_repeat { policy.next_try(&error, failures, elapsed()) } else { None };
        let Some(wait) = wait else { return Tried { response: Err(error), may_be_done, last_id } };
        may_be_done |= outcome_of(&error) == Outcome::Unknown;
        let call = CallRef::new(mutation, request);
        shared.tell(Report::MutationRetrying { call, error, failures, wait });
        sleep(wait).await;
        shared.connection.until_online().await;
    }
}

/// Whether a header of this name says which tries are one and the same.
fn is_idempotency_key(name: &str) -> bool {
    name.replace(['-', '_'], "").ends_with("idempotencykey")
}

/// Whether the server did not do it, and may do it later: it was not reached, or there was no token to reach it with, or it says
/// when to come again.
fn is_surely_not_done(error: &Error) -> bool {
    let is_put_off = || {
        let asks_later = error.status().is_some_and(|status| matches!(status.as_u16(), 429 | 503));
        asks_later && error.headers().is_some_and(|headers| headers.contains_key(RETRY_AFTER))
    };
    match error.kind() {
        ErrorKind::Connect | ErrorKind::Credential => !error.was_sent(),
        ErrorKind::Status => is_put_off(),
        _ => false,
    }
}
