//! Mutations between their start and the end of their refetches.

use std::any::Any;
use std::sync::Arc;

use tokio::sync::oneshot;

use super::Shared;
use super::queue::Task;
use crate::core::{Effect, Event, MutationId, Turn};
use crate::error::{Error, ErrorKind};
use crate::event::{CallRef, Event as Report, Outcome, WaitsFor};
use crate::guard::{guarded, lock};
use crate::hooks::{BegunHooks, Ended, MutationEnd};
use crate::mutation::MutationPlan;
use crate::platform::SystemTime;
use crate::query::Value;
use crate::response::ResponseHead;
use crate::trigger::{Shown, TriggerCell, TriggerStatus};

/// A mutation's result, without its type.
pub(crate) type MutationResult = Result<Box<dyn Any + Send>, Error>;

/// What a mutation's caller is told.
pub(crate) struct MutationAnswer {
    pub(crate) result: MutationResult,
    /// Status and headers of the response that brought the result.
    pub(crate) head: Option<ResponseHead>,
}

/// A mutation, or a change by hand, whose refetches somebody may wait for.
pub(crate) struct PendingMutation {
    /// Nothing for a change by hand.
    pub(crate) run: Option<Box<Run>>,
    pub(crate) refetched: oneshot::Sender<Vec<Error>>,
}

/// A mutation that has not been told of its end.
pub(crate) struct Run {
    pub(crate) plan: Arc<MutationPlan>,
    pub(crate) call: CallRef,
    pub(crate) hooks: BegunHooks,
    pub(crate) started_at: SystemTime,
    pub(crate) shows: Option<Shows>,
    pub(crate) ending: Option<Ending>,
    pub(crate) settled: oneshot::Sender<MutationAnswer>,
}

/// The trigger that started a mutation, and shows how it goes.
pub(crate) struct Shows {
    pub(crate) cell: Arc<TriggerCell>,
    /// The result, to be shown beside being given to the caller.
    pub(crate) share: fn(&dyn Any) -> Option<Value>,
}

impl Shows {
    /// Shows a step of the mutation. Gives back what was shown before.
    pub(super) fn step(&self, effect: &Effect, ending: Option<&Ending>) -> Option<Arc<Shown>> {
        match (effect, ending) {
            (Effect::HoldMutation { mutation }, _) => self.cell.update(*mutation, |shown| shown.is_waiting = true),
            (Effect::SendMutation { mutation }, _) => self.cell.update(*mutation, |shown| shown.is_waiting = false),
            (Effect::AnswerMutation { mutation }, Some(ending)) => self.cell.update(*mutation, |shown| {
                shown.is_waiting = false;
                shown.head = ending.head.clone();
                match &ending.result {
                    Ok(value) => (shown.status, shown.data) = (TriggerStatus::Success, (self.share)(&**value)),
                    Err(error) => (shown.status, shown.error) = (TriggerStatus::Error, Some(error.clone())),
                }
            }),
            _ => None,
        }
    }
}

/// How a mutation ended.
pub(crate) struct Ending {
    pub(crate) result: MutationResult,
    pub(crate) outcome: Outcome,
    /// Of the response that brought the result.
    pub(crate) head: Option<ResponseHead>,
}

impl Shared {
    pub(crate) fn start_mutation(self: &Arc<Self>, mutation: MutationId, pending: PendingMutation, turn: Turn) {
        let Some(run) = &pending.run else { return };
        let call = run.call.clone();
        let shows =
            run.shows.as_ref().map(|shows| (shows.cell.clone(), Arc::new(run.plan.request.clone()), run.started_at));
        self.enter(|locked, now| {
            if let Some((cell, request, started_at)) = shows {
                let before = cell.begin(mutation, request, started_at);
                locked.show(&cell, before);
            }
            locked.mutations.insert(mutation, pending);
            locked.apply(Event::MutationStarted { mutation, call, turn }, now);
        });
    }

    /// A trigger is to show nothing.
    pub(crate) fn reset_trigger(self: &Arc<Self>, cell: &Arc<TriggerCell>) {
        self.enter(|locked, _| {
            let before = cell.reset();
            locked.show(cell, before);
            locked.queue.push_back(Task::BatchEnds);
        });
    }

    /// What is to be sent.
    pub(crate) fn mutation_plan(&self, mutation: MutationId) -> Option<Arc<MutationPlan>> {
        let locked = lock(&self.locked);
        Some(locked.mutations.get(&mutation)?.run.as_ref()?.plan.clone())
    }

    /// What is known of a mutation that waits.
    pub(crate) fn held_mutation(&self, mutation: MutationId) -> Option<(Arc<MutationPlan>, CallRef, SystemTime)> {
        let locked = lock(&self.locked);
        let run = locked.mutations.get(&mutation)?.run.as_ref()?;
        Some((run.plan.clone(), run.call.clone(), run.started_at))
    }

    /// Keeps how a mutation ended until its caller may know.
    pub(crate) fn keep_ending(&self, mutation: MutationId, ending: Ending) {
        let mut locked = lock(&self.locked);
        let run = locked.mutations.get_mut(&mutation).and_then(|pending| pending.run.as_mut());
        // What came of an attempt that did not come to the server is dropped outside of the lock.
        let before = run.and_then(|run| run.ending.replace(ending));
        drop(locked);
        let _ = guarded(|| drop(before));
    }

    /// The mutation has settled: its hooks run, and then its caller has the result.
    pub(crate) fn answer_mutation(self: &Arc<Self>, mutation: MutationId) {
        let run = lock(&self.locked).mutations.get_mut(&mutation).and_then(|pending| pending.run.take());
        let Some(run) = run else { return };
        let Run { plan, call, hooks, ending, settled, shows, .. } = *run;
        // What a mutation holds is the application's, and so is what a trigger shows that nobody looks at.
        let _ = guarded(|| drop(plan));
        let _ = guarded(|| drop(shows));
        let Some(Ending { result, outcome, head }) = ending else { return };
        let status = head.as_ref().map(ResponseHead::status).or_else(|| result.as_ref().err().and_then(Error::status));
        let error = result.as_ref().err().cloned();
        let end = MutationEnd { call, outcome, status, head: head.clone(), error };
        let result_now = result.as_ref().map(|value| &**value as &dyn Any);
        for step in hooks.finish(&Ended { end: &end, result: result_now }) {
            self.tell(Report::HookPanicked { call: end.call.clone(), step });
        }
        // One that the end of the runtime took away may not have been done: the next run sends it once more.
        let is_cut_off = end.error.as_ref().is_some_and(|error| error.kind() == ErrorKind::Aborted && error.was_sent());
        if let Some(outbox) = self.outbox.as_ref().filter(|_| !is_cut_off) {
            outbox.release(self, mutation);
        }
        // A caller that is gone needs no answer.
        let _ = guarded(|| drop(settled.send(MutationAnswer { result, head })));
    }

    pub(crate) fn tell_refetched(self: &Arc<Self>, mutation: MutationId, errors: Vec<Error>) {
        let pending = lock(&self.locked).mutations.remove(&mutation);
        let _ = pending.map(|pending| pending.refetched.send(errors));
        #[cfg(feature = "audit")]
        self.audit_refetched(mutation);
    }

    /// Gives up a mutation that waits. Says whether it waited.
    pub(crate) fn give_up_mutation(self: &Arc<Self>, mutation: MutationId) -> bool {
        // What it is to be given instead of may be the application's: it is dropped outside of the lock.
        let (has_waited, before) = self.enter_with(Event::MutationGivenUp { mutation }, |locked, event, now| {
            let has_waited = locked.core.is_waiting(mutation);
            let run = locked.mutations.get_mut(&mutation).and_then(|pending| pending.run.as_mut());
            let before = run.filter(|_| has_waited).and_then(|run| {
                let result = Err(Error::cancelled(run.plan.request.call()));
                run.ending.replace(Ending { result, outcome: Outcome::NotSent, head: None })
            });
            locked.apply(event, now);
            (has_waited, before)
        });
        let _ = guarded(|| drop(before));
        has_waited
    }

    /// The mutations that wait, in their order: which, what is asked, since when, and what for.
    pub(crate) fn waiting_mutations(&self) -> Vec<WaitingRun> {
        let locked = lock(&self.locked);
        let run = |(mutation, waits_for): (MutationId, WaitsFor)| {
            let run = locked.mutations.get(&mutation)?.run.as_ref()?;
            let scope = run.plan.turn.scope.clone();
            Some(WaitingRun { mutation, call: run.call.clone(), scope, started_at: run.started_at, waits_for })
        };
        locked.core.waiting().into_iter().filter_map(run).collect()
    }
}

/// What there is to know of a mutation that waits.
pub(crate) struct WaitingRun {
    pub(crate) mutation: MutationId,
    pub(crate) call: CallRef,
    pub(crate) scope: Option<Arc<str>>,
    pub(crate) started_at: SystemTime,
    pub(crate) waits_for: WaitsFor,
}
