//! The core under its lock, and the effects that wait to be run: one at a time, in order, by whoever comes first.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::sync::oneshot;

use super::spent::Spent;
use super::{PendingMutation, Shared};
use crate::core::{Core, Effect, Event, MutationId, RequestId, WaiterId};
use crate::error::Error;
use crate::guard::{guarded, lock};
use crate::listeners::Listener;
use crate::query::Value;
use crate::state::{Snapshot, StateCell};
use crate::trigger::{Shown, TriggerCell};

/// No user code runs while this is locked.
pub(super) struct Locked {
    pub(super) core: Core,
    pub(super) queue: VecDeque<Task>,
    /// Somebody runs the queue. Whoever adds to it meanwhile leaves it to them, so effects keep their order.
    is_running: bool,
    pub(super) waiters: HashMap<WaiterId, oneshot::Sender<Result<Value, Error>>>,
    pub(super) requests: HashMap<RequestId, oneshot::Sender<()>>,
    pub(super) mutations: HashMap<MutationId, PendingMutation>,
    pub(super) timer: Option<oneshot::Sender<()>>,
    /// What the last events brought, to be dropped outside the lock.
    spent: Spent,
}

pub(super) enum Task {
    /// A state was published: the old one is dropped and whoever listens is told.
    Wake(Arc<StateCell>, #[expect(dead_code, reason = "only to be dropped here")] Arc<Snapshot>),
    /// One listener is to look whether there is news.
    Notify(Weak<dyn Listener>),
    /// All who listen to what changed together have been told.
    BatchEnds,
    Run(Effect),
}

impl Shared {
    /// Works on what is locked, and then runs what follows, unless somebody does already. `work` runs no user code.
    pub(super) fn enter<R>(self: &Arc<Self>, work: impl FnOnce(&mut Locked, Duration) -> R) -> R {
        // What filters traces is the application's. If that panics, too much is told rather than too little.
        let is_heard = guarded(|| self.audience.is_there()).unwrap_or(true);
        let mut locked = lock(&self.locked);
        locked.core.set_heard(is_heard);
        let now = self.now();
        let result = work(&mut locked, now);
        let spent = std::mem::take(&mut locked.spent);
        let is_runner = !locked.queue.is_empty() && !std::mem::replace(&mut locked.is_running, true);
        drop(locked);
        let _ = guarded(|| drop(spent));
        self.run_queue(is_runner);
        result
    }

    /// Runs what waits, if the caller is who does.
    fn run_queue(self: &Arc<Self>, is_runner: bool) {
        let mut tasks = VecDeque::new();
        while is_runner && self.next_tasks(&mut tasks) {
            for task in tasks.drain(..) {
                // Dropping data runs user code, too.
                let _ = guarded(|| match task {
                    Task::Wake(cell, _) => cell.wake(),
                    Task::Notify(listener) => listener.upgrade().into_iter().for_each(|listener| listener.notify()),
                    Task::BatchEnds => self.batches.notify(),
                    Task::Run(effect) => crate::driver::run(self, effect),
                });
            }
        }
    }

    /// Takes out what waits, or ends the run if there is nothing. The emptied queue is used again.
    fn next_tasks(&self, emptied: &mut VecDeque<Task>) -> bool {
        const MOST_KEPT: usize = 1024;
        emptied.shrink_to(MOST_KEPT);
        let mut locked = lock(&self.locked);
        locked.is_running = !locked.queue.is_empty();
        std::mem::swap(&mut locked.queue, emptied);
        locked.is_running
    }
}

impl Drop for Locked {
    fn drop(&mut self) {
        // The client is gone, and so is its lock. Dropping data runs user code.
        let (queue, entries) = (std::mem::take(&mut self.queue), self.core.take_entries());
        let mutations = std::mem::take(&mut self.mutations);
        queue.into_iter().for_each(|task| drop(guarded(|| drop(task))));
        let layers = self.core.take_layers();
        layers.into_iter().for_each(|layer| drop(guarded(|| drop(layer))));
        mutations.into_iter().for_each(|pending| drop(guarded(|| drop(pending))));
        entries.into_iter().for_each(|entry| drop(guarded(|| drop(entry))));
    }
}

impl Locked {
    pub(super) fn new(core: Core) -> Self {
        Self {
            core,
            queue: VecDeque::new(),
            is_running: false,
            waiters: HashMap::new(),
            requests: HashMap::new(),
            mutations: HashMap::new(),
            timer: None,
            spent: Spent::default(),
        }
    }

    pub(super) fn apply(&mut self, event: Event, now: Duration) {
        self.apply_all([event], None, now);
    }

    /// States become visible at once, so that whoever applied the events sees them. All else waits its turn: first whoever
    /// listens is told of all of them, then the other effects run.
    pub(super) fn apply_all(
        &mut self,
        events: impl IntoIterator<Item = Event>,
        moved: impl IntoIterator<Item = Weak<dyn Listener>>,
        now: Duration,
    ) {
        let mut others = Vec::new();
        let before = self.queue.len();
        for event in events {
            self.spent.hold(&event);
            for effect in self.core.apply(event, now) {
                match effect {
                    Effect::Publish { cell, snapshot } => {
                        let old = cell.store(snapshot);
                        self.queue.push_back(Task::Wake(cell, old));
                    }
                    other => {
                        self.show_step(&other);
                        others.push(Task::Run(other));
                    }
                }
            }
        }
        self.queue.extend(moved.into_iter().map(Task::Notify));
        if before < self.queue.len() {
            self.queue.push_back(Task::BatchEnds);
        }
        self.queue.extend(others);
    }

    /// What a mutation came to is visible at once where a trigger shows it.
    fn show_step(&mut self, effect: &Effect) {
        let (Effect::SendMutation { mutation }
        | Effect::HoldMutation { mutation }
        | Effect::AnswerMutation { mutation }) = effect
        else {
            return;
        };
        let Some(run) = self.mutations.get(mutation).and_then(|pending| pending.run.as_ref()) else { return };
        let Some(shows) = &run.shows else { return };
        let (cell, before) = (shows.cell.clone(), shows.step(effect, run.ending.as_ref()));
        before.into_iter().for_each(|before| self.show(&cell, before));
    }

    /// Something else is shown in the cell than before, which is dropped where user code may run.
    pub(super) fn show(&mut self, cell: &Arc<TriggerCell>, before: Arc<Shown>) {
        let listener: Weak<dyn Listener> = Arc::downgrade(cell) as _;
        self.queue.push_back(Task::Notify(listener));
        self.queue.push_back(Task::Run(Effect::Discard(Box::new(before))));
    }
}
