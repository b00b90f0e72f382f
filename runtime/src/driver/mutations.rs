//! Sends mutations, and says what follows from how they ended.

use std::sync::Arc;

use tokio::sync::oneshot;
use tracing::Instrument;

use super::{OnDrop, decode};
#[cfg(feature = "audit")]
use crate::audit::Settled;
use crate::core::{Decoded, Event, MutationId, Settlement, Write};
use crate::error::{Error, ErrorKind};
use crate::event::{CallRef, Event as Report, HookStep, Outcome};
use crate::exchange::Exchange;
use crate::guard::guarded;
use crate::hooks::BegunHooks;
use crate::mutation::{MutationPlan, ReadResult};
use crate::outbox::Record;
use crate::platform::SystemTime;
use crate::query::QueryPlan;
use crate::request_id::LastId;
use crate::response::RawResponse;
use crate::retry::{Tried, tried};
use crate::shared::{Ending, MutationAnswer, MutationResult, PendingMutation, Run, Shared, Shows};
use crate::tag::Tag;
use crate::tags::Tags;
use crate::trace;

/// Starts a mutation: it is sent at once, or waits for its turn. Once sent, it goes on whatever becomes of its caller.
pub(crate) fn mutate(
    shared: &Arc<Shared>,
    plan: MutationPlan,
    shows: Option<Shows>,
) -> (oneshot::Receiver<MutationAnswer>, oneshot::Receiver<Vec<Error>>) {
    start(shared, MutationId(shared.next_id()), plan, shows, SystemTime::now())
}

/// Starts a mutation that an earlier run of the program left. Nobody waits for its result.
pub(crate) fn resume(shared: &Arc<Shared>, mutation: MutationId, record: Record) {
    let started_at = record.started_at;
    let plan = record.into_plan(&shared.enhancements, &shared.mutation_defaults);
    drop(start(shared, mutation, plan, None, started_at));
}

fn start(
    shared: &Arc<Shared>,
    mutation: MutationId,
    mut plan: MutationPlan,
    shows: Option<Shows>,
    started_at: SystemTime,
) -> (oneshot::Receiver<MutationAnswer>, oneshot::Receiver<Vec<Error>>) {
    let ((settled, is_settled), (refetched, is_refetched)) = (oneshot::channel(), oneshot::channel());
    let call = CallRef::new(mutation.0, &plan.request);
    let turn = plan.turn.clone();
    // What this writes into the cache is older than the mutation.
    let (hooks, panics) = BegunHooks::begin(plan.hooks.iter(), &call);
    for _ in 0..panics {
        shared.tell(Report::HookPanicked { call: call.clone(), step: HookStep::Mutate });
    }
    // It is there before the mutation can settle.
    if let Some(layer) = plan.layer.take() {
        shared.apply(Event::LayerAdded { layer: mutation, plan: layer, is_asked_for: plan.invalidation });
    }
    let run = Run { plan: Arc::new(plan), call, hooks, started_at, shows, ending: None, settled };
    shared.start_mutation(mutation, PendingMutation { run: Some(Box::new(run)), refetched }, turn);
    (is_settled, is_refetched)
}

/// A mutation waits. If there is an outbox, it is kept until it has settled.
pub(super) fn hold(shared: &Arc<Shared>, mutation: MutationId) {
    let Some(outbox) = &shared.outbox else { return };
    let Some((plan, call, started_at)) = shared.held_mutation(mutation) else { return };
    if !plan.turn.waits_offline || outbox.keeps(mutation) {
        return;
    }
    match Record::of(&plan, started_at) {
        Ok(record) => outbox.keep(shared, mutation, call, record),
        Err(why) => {
            shared
                .tell(Report::OutboxFailed { call: Some(call), detail: format!("it waits in this run alone: {why}") });
        }
    }
}

/// Sends a mutation whose turn it is. It keeps the client alive until it has settled.
pub(super) fn send(shared: &Arc<Shared>, mutation: MutationId) {
    let Some(plan) = shared.mutation_plan(mutation) else { return };
    #[cfg(feature = "audit")]
    shared.auditor.started(mutation);
    let (dropped_plan, task_shared, dropped_shared) = (plan.clone(), shared.clone(), shared.clone());
    let unfinished = OnDrop::new(move || {
        let error = Error::aborted(dropped_plan.request.call());
        settle(&dropped_shared, mutation, &dropped_plan, Tried { may_be_done: true, ..Tried::once(Err(error)) });
    });
    let span = trace::request(&plan.request, mutation.0);
    let task = async move {
        let shared = task_shared;
        let waits_offline = plan.turn.waits_offline;
        let tried =
            tried(&shared, &plan.request, mutation.0, waits_offline, |id| attempt(&shared.exchange, &plan, id)).await;
        unfinished.cancel();
        settle(&shared, mutation, &plan, tried);
        // What a mutation holds is the application's.
        let _ = guarded(|| drop(plan));
    };
    shared.spawner.spawn(task.instrument(span));
}

/// Sends a mutation once.
async fn attempt(exchange: &Exchange, plan: &MutationPlan, last_id: LastId) -> Result<RawResponse, Error> {
    let mut built = exchange.build_mutation(&plan.request)?;
    built.last_id = last_id;
    exchange.run(built, &plan.request.call()).await
}

pub(crate) fn settle(shared: &Arc<Shared>, mutation: MutationId, plan: &MutationPlan, tried: Tried) {
    let Tried { response, may_be_done, last_id } = tried;
    #[cfg(feature = "audit")]
    let answer = response.as_ref().ok().cloned();
    let headers = response.as_ref().map_or_else(Error::headers, |response| Some(&*response.headers));
    let groups = shared.exchange.invalidated_groups(&plan.request, headers);
    let head = response.as_ref().ok().map(|response| response.head(plan.request.operation()));
    // Also where no token could be asked for.
    let no_connection =
        |error: &Error| !error.was_sent() && (error.kind() == ErrorKind::Connect || error.again().is_some());
    let is_unsent = response.as_ref().is_err_and(no_connection) && !may_be_done;
    let (result, mut settlement, panicked) = match response {
        Ok(response) => {
            let (result, settlement, panicked) = succeeded(shared, plan, response);
            (result.map_err(|error| last_id.of(error)), settlement, panicked)
        }
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
    shared.keep_ending(mutation, Ending { result, outcome: settlement.outcome, head });
    #[cfg(feature = "audit")]
    let settled = Settled { mutation, request: &plan.request, outcome: settlement.outcome, response: answer.as_ref() };
    let event = if is_unsent {
        Event::MutationUnsent { mutation, settlement }
    } else {
        Event::MutationSettled { mutation, settlement }
    };
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
    let anew = plan.settings.is_new_each_time;
    let (value, body, parts) = guarded(|| decode(&*plan.reader, anew, known.as_ref(), response)).ok()?.ok()?;
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
