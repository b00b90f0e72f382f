//! What all clones of a client share: the core under a lock, and the effects that wait to be run.

use std::any::Any;
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::core::{Core, Effect, EntryId, Event, MutationId, RequestId, WaiterId};
use crate::enhance::Enhancements;
use crate::error::Error;
use crate::event::{CallRef, Event as Report};
use crate::exchange::Exchange;
use crate::guard::{guarded, lock};
use crate::listeners::{CallbackGuard, Listener, Listeners};
use crate::platform::{Instant, MaybeSend, MaybeSync, Spawner, SystemTime};
use crate::query::{EntryKey, QueryPlan, Value};
use crate::state::{Snapshot, StateCell};
use crate::subscription::Subscription;
use crate::sync::{AtomicU64, Mutex};
use crate::tags::Tags;

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
    pub(crate) exchange: Arc<Exchange>,
    /// What the application says of all calls of an operation.
    pub(crate) enhancements: Arc<Enhancements>,
    pub(crate) spawner: Spawner,
    pub(crate) started_at: SystemTime,
    started: Instant,
    listener: Option<Box<dyn Listen<Report>>>,
    /// Whoever is told after each batch of changes.
    batches: Listeners,
    last_id: AtomicU64,
    #[cfg(feature = "audit")]
    pub(crate) auditor: crate::audit::Auditor,
}

/// No user code runs while this is locked.
struct Locked {
    core: Core,
    queue: VecDeque<Task>,
    /// Somebody runs the queue. Whoever adds to it meanwhile leaves it to them, so effects keep their order.
    is_running: bool,
    waiters: HashMap<WaiterId, oneshot::Sender<Result<Value, Error>>>,
    requests: HashMap<RequestId, oneshot::Sender<()>>,
    mutations: HashMap<MutationId, PendingMutation>,
    timer: Option<oneshot::Sender<()>>,
    /// What the last event was about. It may be the last to hold what user code gave, so it is dropped outside the lock.
    spent: Option<Arc<QueryPlan>>,
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
    /// A state was published: the old one is dropped and whoever listens is told.
    Wake(Arc<StateCell>, #[expect(dead_code, reason = "only to be dropped here")] Arc<Snapshot>),
    /// One listener is to look whether there is news.
    Notify(Weak<dyn Listener>),
    /// All who listen to what changed together have been told.
    BatchEnds,
    Run(Effect),
}

impl Shared {
    pub(crate) fn new(
        core: Core,
        exchange: Exchange,
        spawner: Spawner,
        listener: Option<Box<dyn Listen<Report>>>,
    ) -> Self {
        let locked = Locked {
            core,
            queue: VecDeque::new(),
            is_running: false,
            waiters: HashMap::new(),
            requests: HashMap::new(),
            mutations: HashMap::new(),
            timer: None,
            spent: None,
        };
        Self {
            locked: Mutex::new(locked),
            exchange: Arc::new(exchange),
            enhancements: Arc::default(),
            spawner,
            started_at: SystemTime::now(),
            started: Instant::now(),
            listener,
            batches: Listeners::default(),
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
        self.enter(|locked, now| {
            let before = locked.core.held();
            locked.apply(event, now);
            let after = locked.core.held();
            // Before anybody can tell of the refetches. No user code runs in there.
            self.auditor.settled(settled, before, &after);
        });
    }

    /// Puts an event into the core and runs what follows.
    pub(crate) fn apply(self: &Arc<Self>, event: Event) {
        self.enter(|locked, now| locked.apply(event, now));
    }

    /// Works on what is locked, and then runs what follows, unless somebody does already. `work` runs no user code.
    fn enter<R>(self: &Arc<Self>, work: impl FnOnce(&mut Locked, Duration) -> R) -> R {
        let mut locked = lock(&self.locked);
        let now = self.now();
        let result = work(&mut locked, now);
        let spent = locked.spent.take();
        let is_runner = !locked.queue.is_empty() && !std::mem::replace(&mut locked.is_running, true);
        drop(locked);
        let _ = guarded(|| drop(spent));
        self.run_queue(is_runner);
        result
    }

    /// Moves a subscription to another entry, or to none. `turn` is told the entry that it leaves and the one it comes to, and
    /// gives back what is to be dropped outside the lock.
    pub(crate) fn resubscribe<D>(
        self: &Arc<Self>,
        plan: Option<Arc<QueryPlan>>,
        subscription: &Arc<Subscription>,
        turn: impl FnOnce(Option<(EntryId, Arc<StateCell>)>) -> D,
    ) -> D {
        let key = plan.as_ref().map(|plan| plan.key.clone());
        self.enter(|locked, now| {
            // The new one comes first, so that an entry which both want is never unused.
            let come = plan.map(|plan| Event::Subscribe { plan });
            let leave = subscription.source().map(|source| Event::Unsubscribe { entry: source.entry });
            let listener: Weak<dyn Listener> = Arc::downgrade(subscription) as _;
            locked.apply_all([come, leave].into_iter().flatten(), Some(listener), now);
            turn(key.and_then(|key| locked.core.find(&key)))
        })
    }

    /// Lets one listener look for news, after all that was published before.
    pub(crate) fn notify(self: &Arc<Self>, listener: Weak<dyn Listener>) {
        self.enter(|locked, _| locked.queue.push_back(Task::Notify(listener)));
    }

    pub(crate) fn on_batch(&self, call: Arc<dyn Listener>) -> CallbackGuard {
        self.batches.add(Arc::downgrade(&call));
        CallbackGuard::new(call)
    }

    /// Puts a caller that waits into the core.
    pub(crate) fn wait(self: &Arc<Self>, waiter: WaiterId, event: Event) -> oneshot::Receiver<Result<Value, Error>> {
        let (answer, answered) = oneshot::channel();
        self.enter(|locked, now| {
            locked.waiters.insert(waiter, answer);
            locked.apply(event, now);
        });
        answered
    }

    /// A caller no longer waits.
    pub(crate) fn forget(self: &Arc<Self>, waiter: WaiterId, event: Event) {
        drop(lock(&self.locked).waiters.remove(&waiter));
        self.apply(event);
    }

    pub(crate) fn start_mutation(self: &Arc<Self>, mutation: MutationId, pending: PendingMutation, call: CallRef) {
        self.enter(|locked, now| {
            locked.mutations.insert(mutation, pending);
            locked.apply(Event::MutationStarted { mutation, call }, now);
        });
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

    pub(crate) fn find(&self, key: &EntryKey) -> Option<Arc<StateCell>> {
        lock(&self.locked).core.find(key).map(|(_, cell)| cell)
    }

    pub(crate) fn would_reach(&self, tags: &Tags) -> Vec<CallRef> {
        lock(&self.locked).core.would_reach(tags)
    }

    /// Tells the listener. A panic of its stays there.
    pub(crate) fn report(&self, event: &Report) {
        if let Some(listener) = &self.listener {
            let _ = guarded(|| listener.hear(event));
        }
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
        queue.into_iter().for_each(|task| drop(guarded(|| drop(task))));
        entries.into_iter().for_each(|entry| drop(guarded(|| drop(entry))));
    }
}

impl Locked {
    fn apply(&mut self, event: Event, now: Duration) {
        self.apply_all([event], None, now);
    }

    /// States become visible at once, so that whoever applied the events sees them. All else waits its turn: first whoever
    /// listens is told of all of them, then the other effects run.
    fn apply_all(&mut self, events: impl IntoIterator<Item = Event>, moved: Option<Weak<dyn Listener>>, now: Duration) {
        let mut others = Vec::new();
        let before = self.queue.len();
        for event in events {
            if let Some(plan) = event.plan() {
                self.spent = Some(plan.clone());
            }
            for effect in self.core.apply(event, now) {
                match effect {
                    Effect::Publish { cell, snapshot } => {
                        let old = cell.store(snapshot);
                        self.queue.push_back(Task::Wake(cell, old));
                    }
                    other => others.push(Task::Run(other)),
                }
            }
        }
        self.queue.extend(moved.map(Task::Notify));
        if before < self.queue.len() {
            self.queue.push_back(Task::BatchEnds);
        }
        self.queue.extend(others);
    }
}
