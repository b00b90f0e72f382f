//! Runs the core's effects: the only place with tasks and timers.

mod mutations;
mod queries;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;

pub(crate) use self::mutations::{mutate, outcome_of, resume, settle};
pub(crate) use self::queries::decode;
use crate::core::{Effect, Event};
use crate::platform::{First, LONGEST_SLEEP, race, sleep};
use crate::shared::Shared;

/// Runs one effect.
pub(crate) fn run(shared: &Arc<Shared>, effect: Effect) {
    match effect {
        Effect::Send(outgoing) => queries::send(shared, outgoing),
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
