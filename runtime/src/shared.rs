//! What all clones of a client share: the core under a lock, and the effects that wait to be run.

use std::any::Any;
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::core::{Change, Core, Effect, EntryId, Event, MutationId, RequestId, WaiterId, Write};
use crate::enhance::Enhancements;
use crate::error::Error;
use crate::event::{CallRef, Event as Report};
use crate::events::Audience;
use crate::exchange::Exchange;
use crate::guard::{guarded, lock};
use crate::inspection::Inspection;
use crate::platform::{Instant, MaybeSend, MaybeSync, Spawner, SystemTime};
use crate::query::{EntryKey, Query, Value};
use crate::state::{Snapshot, StateCell};
use crate::target::Kind;

/// A listener: of events, and of what the auditor finds.
pub(crate) trait Listen<E>: MaybeSend + MaybeSync {
    fn hear(&self, event: &E);
}

impl<E, F: Fn(&E) + MaybeSend + MaybeSync> Listen<E> for F {
    fn hear(&self, event: &E) {
        self(event);
    }
}

/// What all clones of a client share.
pub(crate) struct Shared {
    locked: Mutex<Locked>,
    pub(crate) exchange: Exchange,
    /// What the application says of all calls of an operation.
    pub(crate) enhancements: Arc<Enhancements>,
    pub(crate) spawner: Spawner,
    pub(crate) started_at: SystemTime,
    started: Instant,
    pub(crate) audience: Arc<Audience>,
    last_id: AtomicU64,
    #[cfg(feature = "audit")]
    pub(crate) auditor: crate::audit::Auditor,
}

/// No user code runs while this is locked.
struct Locked {
    core: Core,
    audience: Arc<Audience>,
    queue: VecDeque<Task>,
    /// Somebody runs the queue. Whoever adds to it meanwhile leaves it to them, so effects keep their order.
    running: bool,
    waiters: HashMap<WaiterId, oneshot::Sender<Result<Value, Error>>>,
    requests: HashMap<RequestId, oneshot::Sender<()>>,
    mutations: HashMap<MutationId, PendingMutation>,
    timer: Option<oneshot::Sender<()>>,
}

/// A mutation's result, without its type.
pub(crate) type MutationResult = Result<Box<dyn Any + Send>, Error>;

/// The caller of a mutation.
pub(crate) struct PendingMutation {
    pub(crate) result: Option<MutationResult>,
    pub(crate) settled: Option<oneshot::Sender<MutationResult>>,
    pub(crate) refetched: oneshot::Sender<Vec<Error>>,
}

enum Task {
    /// A state was published: the old one is dropped and whoever waits is woken.
    Wake(Arc<StateCell>, #[expect(dead_code, reason = "only to be dropped here")] Arc<Snapshot>),
    Run(Effect),
}

impl Shared {
    pub(crate) fn new(
        core: Core,
        exchange: Exchange,
        spawner: Spawner,
        listener: Option<Box<dyn Listen<Report>>>,
    ) -> Self {
        let audience = Arc::new(Audience::new(listener));
        let locked = Locked {
            core,
            audience: audience.clone(),
            queue: VecDeque::new(),
            running: false,
            waiters: HashMap::new(),
            requests: HashMap::new(),
            mutations: HashMap::new(),
            timer: None,
        };
        Self {
            locked: Mutex::new(locked),
            exchange,
            enhancements: Arc::default(),
            spawner,
            started_at: SystemTime::now(),
            started: Instant::now(),
            audience,
            last_id: AtomicU64::new(0),
            #[cfg(feature = "audit")]
            auditor: crate::audit::Auditor::default(),
        }
    }

    #[cfg(feature = "audit")]
    pub(crate) fn audited(self, audit: Option<crate::audit::Audit>) -> Self {
        Self { auditor: crate::audit::Auditor::new(audit), ..self }
    }

    pub(crate) fn enhanced(self, enhancements: Enhancements) -> Self {
        Self { enhancements: Arc::new(enhancements), ..self }
    }

    /// The time since the client's start.
    pub(crate) fn now(&self) -> Duration {
        self.started.elapsed()
    }

    /// A number that was never given before.
    pub(crate) fn next_id(&self) -> u64 {
        self.last_id.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// A mutation settled, which the auditor is told of together with what the cache held before and after.
    #[cfg(feature = "audit")]
    pub(crate) fn apply_settled(self: &Arc<Self>, event: Event, settled: &crate::audit::Settled<'_>) {
        if !self.auditor.is_on() {
            return self.apply(event);
        }
        let mut locked = lock(&self.locked);
        let before = locked.core.held();
        locked.apply(event, self.now());
        let after = locked.core.held();
        // Before anybody can tell of the refetches. No user code runs in there.
        self.auditor.settled(settled, before, &after);
        drop(locked);
        self.run_queue();
    }

    /// Puts an event into the core and runs what follows.
    pub(crate) fn apply(self: &Arc<Self>, event: Event) {
        let mut locked = lock(&self.locked);
        locked.apply(event, self.now());
        drop(locked);
        self.run_queue();
    }

    /// Subscribes, and gives back the entry with the cell in which its state is published.
    pub(crate) fn subscribe(self: &Arc<Self>, event: Event, key: EntryKey<'_>) -> Option<(EntryId, Arc<StateCell>)> {
        let mut locked = lock(&self.locked);
        locked.apply(event, self.now());
        let found = locked.core.watched_cell(key);
        drop(locked);
        self.run_queue();
        found
    }

    /// Puts a caller that waits into the core.
    pub(crate) fn wait(self: &Arc<Self>, waiter: WaiterId, event: Event) -> oneshot::Receiver<Result<Value, Error>> {
        let (answer, answered) = oneshot::channel();
        let mut locked = lock(&self.locked);
        locked.waiters.insert(waiter, answer);
        locked.apply(event, self.now());
        drop(locked);
        self.run_queue();
        answered
    }

    /// A caller no longer waits.
    pub(crate) fn forget(self: &Arc<Self>, waiter: WaiterId, event: Event) {
        drop(lock(&self.locked).waiters.remove(&waiter));
        self.apply(event);
    }

    pub(crate) fn start_mutation(self: &Arc<Self>, mutation: MutationId, pending: PendingMutation, call: CallRef) {
        let mut locked = lock(&self.locked);
        locked.mutations.insert(mutation, pending);
        locked.apply(Event::MutationStarted { mutation, call }, self.now());
        drop(locked);
        self.run_queue();
    }

    /// Keeps a mutation's result until its caller may have it.
    pub(crate) fn keep_result(&self, mutation: MutationId, result: MutationResult) {
        if let Some(pending) = lock(&self.locked).mutations.get_mut(&mutation) {
            pending.result = Some(result);
        }
    }

    pub(crate) fn answer(&self, waiter: WaiterId, result: Result<Value, Error>) {
        let answer = lock(&self.locked).waiters.remove(&waiter);
        // A caller that is gone needs no answer.
        let _ = answer.map(|answer| answer.send(result));
    }

    pub(crate) fn answer_mutation(&self, mutation: MutationId) {
        let answer = lock(&self.locked)
            .mutations
            .get_mut(&mutation)
            .and_then(|pending| Some((pending.settled.take()?, pending.result.take()?)));
        let _ = answer.map(|(settled, result)| settled.send(result));
    }

    pub(crate) fn tell_refetched(self: &Arc<Self>, mutation: MutationId, errors: Vec<Error>) {
        let pending = lock(&self.locked).mutations.remove(&mutation);
        let _ = pending.map(|pending| pending.refetched.send(errors));
        #[cfg(feature = "audit")]
        self.audit_refetched(mutation);
    }

    /// The auditor takes its turn.
    #[cfg(feature = "audit")]
    fn audit_refetched(self: &Arc<Self>, mutation: MutationId) {
        if !self.auditor.is_on() {
            return;
        }
        let held = lock(&self.locked).core.held();
        if self.auditor.refetched(mutation, &held) {
            self.spawner.spawn(crate::audit::work(self.clone()));
        }
    }

    /// Remembers how to give up a request. It is given up when the sender is dropped.
    pub(crate) fn keep_request(&self, request: RequestId, abort: oneshot::Sender<()>) {
        lock(&self.locked).requests.insert(request, abort);
    }

    pub(crate) fn drop_request(&self, request: RequestId) {
        let abort = lock(&self.locked).requests.remove(&request);
        drop(abort);
    }

    /// Replaces the timer. The one before ends when its sender is dropped.
    pub(crate) fn keep_timer(&self, stop: oneshot::Sender<()>) {
        let before = lock(&self.locked).timer.replace(stop);
        drop(before);
    }

    /// The data of a query that needs no request. Nothing where somebody wants to hear of that.
    pub(crate) fn hit<T: Send + Sync + 'static>(&self, query: &Query<T>) -> Option<Value> {
        if self.audience.is_there() {
            return None;
        }
        lock(&self.locked).core.hit(query, || self.now())
    }

    /// The cached data of a query.
    pub(crate) fn peek(&self, key: EntryKey<'_>) -> Option<Value> {
        lock(&self.locked).core.data(key).cloned()
    }

    pub(crate) fn would_reach(&self, target: &Kind) -> Vec<CallRef> {
        lock(&self.locked).core.would_reach(target)
    }

    /// Makes changes by hand. What is given back hears when the refetches that they cause are through.
    pub(crate) fn change(self: &Arc<Self>, changes: Vec<Change>) -> oneshot::Receiver<Vec<Error>> {
        let (mut locked, token, is_refetched) = self.changing();
        locked.apply(Event::Change { changes, token }, self.now());
        drop(locked);
        self.run_queue();
        is_refetched
    }

    /// Writes an entry, unless its data is no longer what the write was made of. Says whether it was written.
    pub(crate) fn write_over(self: &Arc<Self>, expected: Option<&Value>, write: Write) -> bool {
        let (mut locked, token, _) = self.changing();
        let current = locked.core.data(write.plan.key());
        let is_expected = match (expected, current) {
            (Some(expected), Some(current)) => Arc::ptr_eq(expected, current),
            (None, None) => true,
            _ => false,
        };
        // What is not written may be the last that holds the application's data: it is dropped outside of the lock.
        let mut write = Some(write);
        if is_expected {
            let change = if expected.is_some() { Change::Rework } else { Change::Write };
            let changes = write.take().into_iter().map(change).collect();
            locked.apply(Event::Change { changes, token }, self.now());
        } else {
            locked.mutations.remove(&token);
        }
        drop(locked);
        self.run_queue();
        is_expected
    }

    /// Locked, for a change that is about to be made.
    fn changing(&self) -> (MutexGuard<'_, Locked>, MutationId, oneshot::Receiver<Vec<Error>>) {
        let (refetched, is_refetched) = oneshot::channel();
        let token = MutationId(self.next_id());
        let mut locked = lock(&self.locked);
        locked.mutations.insert(token, PendingMutation { result: None, settled: None, refetched });
        (locked, token, is_refetched)
    }

    pub(crate) fn inspect(&self) -> Inspection {
        lock(&self.locked).core.inspect(self.now())
    }

    /// Runs the effects that wait, unless somebody does already.
    fn run_queue(self: &Arc<Self>) {
        if std::mem::replace(&mut lock(&self.locked).running, true) {
            return;
        }
        while let Some(task) = self.next_task() {
            // Dropping data runs user code, too.
            let _ = guarded(|| match task {
                Task::Wake(cell, _) => cell.wake(),
                Task::Run(effect) => crate::driver::run(self, effect),
            });
        }
    }

    fn next_task(&self) -> Option<Task> {
        let mut locked = lock(&self.locked);
        let task = locked.queue.pop_front();
        locked.running = task.is_some();
        task
    }
}

impl Locked {
    /// States become visible at once, so that whoever applied the event sees them. All else waits its turn.
    fn apply(&mut self, event: Event, now: Duration) {
        self.core.set_heard(self.audience.is_there());
        for effect in self.core.apply(event, now) {
            let task = match effect {
                Effect::Publish { cell, snapshot } => {
                    let old = cell.store(snapshot);
                    Task::Wake(cell, old)
                }
                other => Task::Run(other),
            };
            self.queue.push_back(task);
        }
    }
}
