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
    pub(crate) exchange: Exchange,
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

    /// Moves a subscription to another entry, or to none. `turn` is told the entry that it leaves and the one it comes to, and
    /// gives back what is to be dropped outside the lock.
    pub(crate) fn resubscribe<D>(
        self: &Arc<Self>,
        plan: Option<Arc<QueryPlan>>,
        subscription: &Arc<Subscription>,
        turn: impl FnOnce(Option<(EntryId, Arc<StateCell>)>) -> D,
    ) -> D {
        let key = plan.as_ref().map(|plan| plan.key.clone());
        let mut locked = lock(&self.locked);
        let now = self.now();
        // The new one comes first, so that an entry which both want is never unused.
        let come = plan.map(|plan| Event::Subscribe { plan });
        let leave = subscription.source().map(|source| Event::Unsubscribe { entry: source.entry });
        let listener: Weak<dyn Listener> = Arc::downgrade(subscription) as _;
        locked.apply_all([come, leave].into_iter().flatten(), Some(listener), now);
        let found = key.and_then(|key| locked.core.find(&key));
        let done = turn(found);
        drop(locked);
        self.run_queue();
        done
    }

    /// Lets one listener look for news, after all that was published before.
    pub(crate) fn notify(self: &Arc<Self>, listener: Weak<dyn Listener>) {
        lock(&self.locked).queue.push_back(Task::Notify(listener));
        self.run_queue();
    }

    pub(crate) fn on_batch(&self, call: Arc<dyn Listener>) -> CallbackGuard {
        self.batches.add(Arc::downgrade(&call));
        CallbackGuard::new(call)
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

    /// Runs the effects that wait, unless somebody does already.
    fn run_queue(self: &Arc<Self>) {
        if std::mem::replace(&mut lock(&self.locked).running, true) {
            return;
        }
        while let Some(task) = self.next_task() {
            // Dropping data runs user code, too.
            let _ = guarded(|| match task {
                Task::Wake(cell, _) => cell.wake(),
                Task::Notify(listener) => listener.upgrade().into_iter().for_each(|listener| listener.notify()),
                Task::BatchEnds => self.batches.notify(),
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
    fn apply(&mut self, event: Event, now: Duration) {
        self.apply_all([event], None, now);
    }

    /// States become visible at once, so that whoever applied the events sees them. All else waits its turn: first whoever
    /// listens is told of all of them, then the other effects run.
    fn apply_all(&mut self, events: impl IntoIterator<Item = Event>, moved: Option<Weak<dyn Listener>>, now: Duration) {
        let mut others = Vec::new();
        let before = self.queue.len();
        for event in events {
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
