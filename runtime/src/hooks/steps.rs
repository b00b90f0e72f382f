//! Hooks without their types, as mutations hold and run them.

use std::any::Any;
use std::sync::Arc;

use super::MutationEnd;
use crate::error::Error;
use crate::event::{CallRef, HookStep};
use crate::guard::{Panicked, guarded};
use crate::platform::{MaybeSend, MaybeSync};

/// The functions of hooks with a context of type `C`.
pub(super) struct Steps<C> {
    begin: Box<dyn Before<C>>,
    pub(super) success: Option<Box<dyn After<C>>>,
    pub(super) error: Option<Box<dyn After<C>>>,
    pub(super) settled: Option<Box<dyn After<C>>>,
}

impl<C> Steps<C> {
    pub(super) fn new(on_mutate: impl Fn(&CallRef) -> C + MaybeSend + MaybeSync + 'static) -> Steps<C> {
        Steps { begin: Box::new(on_mutate), success: None, error: None, settled: None }
    }
}

pub(super) fn after<C>(
    call: impl Fn(&Ended<'_>, &mut C) + MaybeSend + MaybeSync + 'static,
) -> Option<Box<dyn After<C>>> {
    Some(Box::new(call))
}

/// What makes a context.
pub(super) trait Before<C>: MaybeSend + MaybeSync {
    fn run(&self, call: &CallRef) -> C;
}

impl<C, F: Fn(&CallRef) -> C + MaybeSend + MaybeSync> Before<C> for F {
    fn run(&self, call: &CallRef) -> C {
        self(call)
    }
}

/// What is done at the end.
pub(super) trait After<C>: MaybeSend + MaybeSync {
    fn run(&self, ended: &Ended<'_>, context: &mut C);
}

impl<C, F: Fn(&Ended<'_>, &mut C) + MaybeSend + MaybeSync> After<C> for F {
    fn run(&self, ended: &Ended<'_>, context: &mut C) {
        self(ended, context);
    }
}

/// The end of a mutation with its result, without its type.
pub(crate) struct Ended<'a> {
    pub(crate) end: &'a MutationEnd,
    pub(crate) result: Result<&'a dyn Any, &'a Error>,
}

impl<'a> Ended<'a> {
    /// The result as a `T`, or as the `T` that an `Arc` holds. A mutation's hooks are of its own type, so there is always one.
    pub(super) fn result<T: 'static>(&self) -> Option<Result<&'a T, &'a Error>> {
        let value = match self.result {
            Ok(value) => value,
            Err(error) => return Some(Err(error)),
        };
        let shared = || value.downcast_ref::<Arc<T>>().map(|value| &**value);
        value.downcast_ref::<T>().or_else(shared).map(Ok)
    }
}

/// Hooks without their types.
pub(crate) trait AnyHooks: MaybeSend + MaybeSync {
    /// Makes the context.
    fn begin(self: Arc<Self>, call: &CallRef) -> Box<dyn Begun>;
}

impl<C: MaybeSend + 'static> AnyHooks for Steps<C> {
    fn begin(self: Arc<Self>, call: &CallRef) -> Box<dyn Begun> {
        let context = self.begin.run(call);
        Box::new(WithContext { steps: self, context })
    }
}

/// Hooks with their context.
pub(crate) trait Begun: MaybeSend {
    fn run(&mut self, step: HookStep, ended: &Ended<'_>);
}

struct WithContext<C> {
    steps: Arc<Steps<C>>,
    context: C,
}

impl<C: MaybeSend> Begun for WithContext<C> {
    fn run(&mut self, step: HookStep, ended: &Ended<'_>) {
        let call = match step {
            HookStep::Mutate => &None,
            HookStep::Success => &self.steps.success,
            HookStep::Error => &self.steps.error,
            HookStep::Settled => &self.steps.settled,
        };
        if let Some(call) = call {
            call.run(ended, &mut self.context);
        }
    }
}

/// The hooks of one mutation that was started, in their order.
#[derive(Default)]
pub(crate) struct BegunHooks(Vec<Box<dyn Begun>>);

impl BegunHooks {
    /// Runs what comes before the mutation. Says how often that panicked.
    pub(crate) fn begin<'a>(hooks: impl Iterator<Item = &'a Arc<dyn AnyHooks>>, call: &CallRef) -> (BegunHooks, usize) {
        let mut panics = 0;
        let mut begun = Vec::new();
        for hooks in hooks {
            match guarded(|| hooks.clone().begin(call)) {
                Ok(one) => begun.push(one),
                Err(Panicked) => panics += 1,
            }
        }
        (BegunHooks(begun), panics)
    }

    /// Runs what comes at the end. Says in which steps something panicked.
    pub(crate) fn finish(mut self, ended: &Ended<'_>) -> Vec<HookStep> {
        let first = if ended.result.is_ok() { HookStep::Success } else { HookStep::Error };
        let mut panicked = Vec::new();
        for step in [first, HookStep::Settled] {
            for one in &mut self.0 {
                if guarded(|| one.run(step, ended)).is_err() {
                    panicked.push(step);
                }
            }
        }
        // Contexts are the application's.
        self.0.into_iter().for_each(|one| drop(guarded(|| drop(one))));
        panicked
    }
}
