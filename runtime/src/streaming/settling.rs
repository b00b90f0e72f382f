//! A mutation whose response is read as a stream: what it made stale, when the stream is at its end.

use std::any::Any;
use std::mem::take;
use std::sync::Arc;

#[cfg(feature = "audit")]
use crate::audit::Settled;
use crate::core::{Event, MutationId, Settlement, Turn};
use crate::driver;
use crate::error::Error;
use crate::event::{CallRef, Event as Report, HookStep, Outcome};
use crate::hooks::{BegunHooks, Ended, MutationEnd};
use crate::mutation::{Mutation, MutationPlan};
use crate::response::ResponseHead;
use crate::retry::Tried;
use crate::shared::Shared;

/// A mutation that is under way. Dropped before its end, nobody knows how it ended.
pub(crate) struct Settling {
    shared: Arc<Shared>,
    mutation: MutationId,
    call: CallRef,
    /// Those of the client alone: the others are told of a result that nobody has here.
    hooks: BegunHooks,
    plan: Option<MutationPlan>,
}

impl Settling {
    pub(crate) fn start<T: Send + 'static>(shared: &Arc<Shared>, mutation: Mutation<T>) -> Settling {
        let mut plan = mutation.into_plan(&shared.enhancements, &shared.mutation_defaults);
        let mutation = MutationId(shared.next_id());
        let call = CallRef::new(mutation.0, &plan.request);
        let (hooks, panics) = BegunHooks::begin(shared.mutation_defaults.hooks.iter(), &call);
        for _ in 0..panics {
            shared.tell(Report::HookPanicked { call: call.clone(), step: HookStep::Mutate });
        }
        #[cfg(feature = "audit")]
        shared.auditor.started(mutation);
        // It is sent at once, whatever its scope.
        shared.apply(Event::MutationStarted { mutation, call: call.clone(), turn: Turn::default() });
        if let Some(layer) = plan.layer.take() {
            shared.apply(Event::LayerAdded { layer: mutation, plan: layer, is_asked_for: plan.invalidation });
        }
        Settling { shared: shared.clone(), mutation, call, hooks, plan: Some(plan) }
    }

    pub(crate) fn failed(mut self, error: Error) {
        self.fail(error);
    }

    fn fail(&mut self, error: Error) {
        let Some(plan) = self.plan.take() else { return };
        driver::settle(&self.shared, self.mutation, &plan, Tried::once(Err(error.clone())));
        self.finish(driver::outcome_of(&error), None, Some(error));
    }

    /// The stream came to its end, so the server did it. What its items tell is not known here: what stands for that counts.
    pub(crate) fn succeeded(mut self, head: Option<&ResponseHead>) {
        let Some(plan) = self.plan.take() else { return };
        let (more, panicked) = if plan.invalidation { plan.reader.tags_without_result() } else { Default::default() };
        let groups = self.shared.exchange.invalidated_groups(&plan.request, head.map(ResponseHead::headers));
        let all = plan.tags.iter().cloned().chain(more).chain(groups);
        let tags = all.filter(|_| plan.invalidation).collect();
        let suspects = if plan.invalidation { plan.writes.clone() } else { Vec::new() };
        let settlement = Settlement { outcome: Outcome::Succeeded, tags, writes: Vec::new(), suspects };
        if panicked {
            self.shared.tell(Report::TagsIncomplete { call: self.call.clone() });
        }
        let event = Event::MutationSettled { mutation: self.mutation, settlement };
        #[cfg(feature = "audit")]
        self.shared.apply_settled(
            event,
            &Settled { mutation: self.mutation, request: &plan.request, outcome: Outcome::Succeeded, response: None },
        );
        #[cfg(not(feature = "audit"))]
        self.shared.apply(event);
        self.finish(Outcome::Succeeded, head, None);
    }

    /// The client's hooks hear of the end.
    fn finish(&mut self, outcome: Outcome, head: Option<&ResponseHead>, error: Option<Error>) {
        let status = head.map(ResponseHead::status).or_else(|| error.as_ref().and_then(Error::status));
        let end = MutationEnd { call: self.call.clone(), outcome, status, head: head.cloned(), error };
        let result = end.error.as_ref().map_or(Ok(&() as &dyn Any), Err);
        for step in take(&mut self.hooks).finish(&Ended { end: &end, result }) {
            self.shared.tell(Report::HookPanicked { call: end.call.clone(), step });
        }
    }
}

impl Drop for Settling {
    fn drop(&mut self) {
        let Some(plan) = &self.plan else { return };
        let error = Error::aborted(plan.request.call());
        self.fail(error);
    }
}
