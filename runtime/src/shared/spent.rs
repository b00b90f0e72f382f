//! What an event brought, held until the lock is gone: it may be the last of what is the application's.

use std::sync::Arc;

use crate::core::{Change, Decoded, Event, Write};
use crate::error::Error;
use crate::optimistic::LayerPlan;
use crate::query::{QueryPlan, Value};
use crate::response::{RawResponse, SMALL_BODY};
use crate::target::Kind;

/// What events brought.
#[derive(Default)]
pub(super) struct Spent {
    /// Most events bring one thing, which needs no memory of its own.
    first: Option<Held>,
    others: Vec<Held>,
}

#[expect(dead_code, reason = "only to be dropped")]
enum Held {
    Plan(Arc<QueryPlan>),
    Answer(Value, Option<RawResponse>),
    Error(Error),
    Layer(Arc<LayerPlan>),
}

impl Spent {
    pub(super) fn hold(&mut self, event: &Event) {
        match event {
            Event::Subscribe { plan, .. }
            | Event::Fetch { plan, .. }
            | Event::Refetch { plan, .. }
            | Event::More { plan, .. }
            | Event::Cancel { plan, .. }
            | Event::Prefetch { plan, .. } => self.plan(plan),
            Event::Received { response, .. } | Event::Grew { response, .. } => self.answer(response),
            Event::Failed { error, .. } => self.add(Held::Error(error.clone())),
            Event::Change { changes, .. } => changes.iter().for_each(|change| self.change(change)),
            Event::MutationSettled { settlement, .. } | Event::MutationUnsent { settlement, .. } => {
                settlement.writes.iter().for_each(|write| self.write(write));
                settlement.suspects.iter().for_each(|plan| self.plan(plan));
            }
            Event::LayerAdded { plan, .. } => self.add(Held::Layer(plan.clone())),
            // It is held or given up by the core.
            Event::Walked { .. }
            | Event::Unsubscribe { .. }
            | Event::LayerEnded { .. }
            | Event::MutationStarted { .. }
            | Event::MutationGivenUp { .. }
            | Event::Loading(_)
            | Event::Focus(_)
            | Event::Online(_)
            | Event::Tick => {}
        }
    }

    fn change(&mut self, change: &Change) {
        match change {
            Change::Write(write) | Change::Rework(write) => self.write(write),
            Change::Invalidate { target, .. } | Change::Remove(target) | Change::Reset(target) => {
                if let Kind::Query(plan) = target {
                    self.plan(plan);
                }
            }
        }
    }

    fn write(&mut self, write: &Write) {
        self.plan(&write.plan);
        self.answer(&write.response);
    }

    fn plan(&mut self, plan: &Arc<QueryPlan>) {
        self.add(Held::Plan(plan.clone()));
    }

    fn answer(&mut self, answer: &Decoded) {
        // A body that was copied runs nobody's code when it is dropped.
        let response = answer.response.as_ref().filter(|response| SMALL_BODY < response.body.len());
        self.add(Held::Answer(answer.value.clone(), response.cloned()));
    }

    fn add(&mut self, held: Held) {
        match &self.first {
            None => self.first = Some(held),
            Some(_) => self.others.push(held),
        }
    }
}
