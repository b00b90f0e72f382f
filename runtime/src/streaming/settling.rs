//! A mutation whose response is read as a stream: what it made stale, when the stream is at its end.

use std::sync::Arc;

#[cfg(feature = "audit")]
use crate::audit::Settled;
use crate::core::{Event, MutationId, Settlement, Turn};
use crate::driver;
use crate::error::Error;
use crate::event::{CallRef, Event as Report, Outcome};
use crate::mutation::{Mutation, MutationPlan};
use crate::response::ResponseHead;
use crate::retry::Tried;
use crate::shared::Shared;

/// A mutation that is under way. Dropped before its end, nobody knows how it ended.
pub(crate) struct Settling {
    shared: Arc<Shared>,
    mutation: MutationId,
    plan: Option<MutationPlan>,
}

impl Settling {
    pub(crate) fn start<T: Send + 'static>(shared: &Arc<Shared>, mutation: Mutation<T>) -> Settling {
        let mut plan = mutation.into_plan(&shared.enhancements, &shared.mutation_defaults);
        let mutation = MutationId(shared.next_id());
        let call = CallRef::new(mutation.0, &plan.request);
        #[cfg(feature = "audit")]
        shared.auditor.started(mutation);
        // It is sent at once, whatever its scope.
        shared.apply(Event::MutationStarted { mutation, call, turn: Turn::default() });
        if let Some(layer) = plan.layer.take() {
            shared.apply(Event::LayerAdded { layer: mutation, plan: layer, is_asked_for: plan.invalidation });
        }
        Settling { shared: shared.clone(), mutation, plan: Some(plan) }
    }

    pub(crate) fn failed(mut self, error: Error) {
        if let Some(plan) = self.plan.take() {
            driver::settle(&self.shared, self.mutation, &plan, Tried { response: Err(error), may_be_done: false });
        }
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
            self.shared.tell(Report::TagsIncomplete { call: CallRef::new(self.mutation.0, &plan.request) });
        }
        let event = Event::MutationSettled { mutation: self.mutation, settlement };
        #[cfg(feature = "audit")]
        self.shared.apply_settled(
            event,
            &Settled { mutation: self.mutation, request: &plan.request, outcome: Outcome::Succeeded, response: None },
        );
        #[cfg(not(feature = "audit"))]
        self.shared.apply(event);
    }
}

impl Drop for Settling {
    fn drop(&mut self) {
        if let Some(plan) = self.plan.take() {
            let error = Error::aborted(plan.request.call());
            driver::settle(&self.shared, self.mutation, &plan, Tried { response: Err(error), may_be_done: false });
        }
    }
}
