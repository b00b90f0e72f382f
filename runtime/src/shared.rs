//! What all clones of a client share: the core under a lock, and who waits for what.

mod connection;
mod keepers;
mod projecting;
mod queue;
mod runs;
mod spent;

use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::sync::oneshot;

use self::connection::Connection;
use self::keepers::Forgotten;
use self::queue::{Locked, Task};
pub(crate) use self::runs::{Ending, MutationAnswer, MutationResult, PendingMutation, Run, Shows, WaitingRun};
use crate::core::{Change, Core, Effect, Event, Known, MutationId, RequestId, Shown, SubscriberId, WaiterId, Write};
use crate::enhance::Enhancements;
use crate::error::Error;
use crate::event::{CallRef, Event as Report};
use crate::events::Audience;
use crate::exchange::Exchange;
use crate::guard::{guarded, lock};
use crate::inspection::Inspection;
use crate::listeners::{CallbackGuard, Listener, Listeners};
use crate::mutation::MutationDefaults;
use crate::notifications::Notices;
use crate::outbox::Keeper;
use crate::platform::{Instant, MaybeSend, MaybeSync, Spawner, SystemTime};
use crate::query::{EntryKey, Query, QueryPlan, Value};
use crate::subscription::{Source, Subscription};
use crate::sync::{AtomicU64, Mutex};
use crate::target::Kind;
use crate::trigger::Keyed;

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
    /// What it says of all mutations.
    pub(crate) mutation_defaults: MutationDefaults,
    pub(crate) spawner: Spawner,
    pub(crate) started_at: SystemTime,
    started: Instant,
    /// Whoever is told after each batch of changes.
    batches: Listeners,
    /// Watchers that may show what was kept of an entry which they left.
    keepers: Mutex<Vec<Weak<Subscription>>>,
    pub(crate) connection: Connection,
    pub(crate) triggers: Keyed,
    /// Where mutations that wait for a connection are kept.
    pub(crate) outbox: Option<Arc<Keeper>>,
    pub(crate) audience: Audience,
    last_id: AtomicU64,
    #[cfg(target_arch = "wasm32")]
    host: Mutex<crate::platform::HostListeners>,
    #[cfg(feature = "audit")]
    pub(crate) auditor: crate::audit::Auditor,
}

impl Shared {
    pub(crate) fn new(
        core: Core,
        exchange: Exchange,
        spawner: Spawner,
        listener: Option<Box<dyn Listen<Report>>>,
        notices: Notices,
    ) -> Self {
        Self {
            locked: Mutex::new(Locked::new(core)),
            exchange: Arc::new(exchange),
            enhancements: Arc::default(),
            mutation_defaults: MutationDefaults::default(),
            spawner,
            started_at: SystemTime::now(),
            started: Instant::now(),
            batches: Listeners::default(),
            keepers: Mutex::default(),
            connection: Connection::new(),
            triggers: Keyed::default(),
            outbox: None,
            audience: Audience::new(listener, notices),
            last_id: AtomicU64::new(0),
            #[cfg(target_arch = "wasm32")]
            host: Mutex::default(),
            #[cfg(feature = "audit")]
            auditor: crate::audit::Auditor::default(),
        }
    }

    /// Hears of the page's focus and connection, as long as the client is there.
    #[cfg(target_arch = "wasm32")]
    pub(crate) fn mind_host(self: &Arc<Self>) {
        use crate::platform::HostEvent;

        let weak = Arc::downgrade(self);
        let report = move |event| {
            let Some(shared) = weak.upgrade() else { return };
            shared.apply(match event {
                HostEvent::Focused(focused) => Event::Focus(focused),
                HostEvent::Online(online) => return shared.set_online(online),
            });
        };
        *lock(&self.host) = crate::platform::mind_host(report);
    }

    #[cfg(feature = "audit")]
    pub(crate) fn audited(self, audit: Option<crate::audit::Audit>) -> Self {
        Self { auditor: crate::audit::Auditor::new(audit), ..self }
    }

    pub(crate) fn enhanced(self, enhancements: Enhancements, mutation_defaults: MutationDefaults) -> Self {
        Self { enhancements: Arc::new(enhancements), mutation_defaults, ..self }
    }

    /// The host is online, or offline.
    pub(crate) fn set_online(self: &Arc<Self>, online: bool) {
        self.apply(Event::Online(online));
        self.connection.tell(online);
    }

    pub(crate) fn kept_by(self, outbox: Option<Keeper>) -> Self {
        Self { outbox: outbox.map(Arc::new), ..self }
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
        self.enter_with(event, |locked, event, now| {
            let before = locked.core.held();
            locked.apply(event, now);
            let after = locked.core.held();
            // Before anybody can tell of the refetches. No user code runs in there.
            self.auditor.settled(settled, before, &after);
        });
    }

    /// Puts an event into the core and runs what follows.
    pub(crate) fn apply(self: &Arc<Self>, event: Event) {
        self.enter_with(event, |locked, event, now| locked.apply(event, now));
    }

    /// Moves a subscription to another entry, or to none. `turn` is told where it comes to, and gives back what is to be
    /// dropped outside the lock.
    pub(crate) fn resubscribe<D>(
        self: &Arc<Self>,
        plan: Option<Arc<QueryPlan>>,
        subscription: &Arc<Subscription>,
        turn: impl FnOnce(Option<Source>) -> D,
    ) -> D {
        let key = plan.clone();
        self.enter(|locked, now| {
            // The new one comes first, so that an entry which both want is never unused.
            let subscriber = SubscriberId(self.next_id());
            let come = plan.map(|plan| Event::Subscribe { plan, subscriber });
            let leave = subscription.source().map(|source| source.unsubscribe());
            let listener: Weak<dyn Listener> = Arc::downgrade(subscription) as _;
            locked.apply_all([come, leave].into_iter().flatten(), Some(listener), now);
            turn(key.and_then(|plan| {
                let (entry, cell) = locked.core.watched_cell(plan.key())?;
                Some(Source { entry, subscriber, plan, cell })
            }))
        })
    }

    /// Lets one listener look for news, after all that was published before.
    pub(crate) fn notify(self: &Arc<Self>, listener: Weak<dyn Listener>) {
        self.enter(|locked, _| locked.queue.push_back(Task::Notify(listener)));
    }

    /// Tells of something that the core knows nothing of, in its turn.
    pub(crate) fn tell(self: &Arc<Self>, report: Report) {
        self.enter(|locked, _| locked.queue.push_back(Task::Run(Effect::Report(report))));
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
        let answer = lock(&self.locked).waiters.remove(&waiter);
        drop(answer);
        self.apply(event);
    }

    pub(crate) fn answer(&self, waiter: WaiterId, result: Result<Value, Error>) {
        let answer = lock(&self.locked).waiters.remove(&waiter);
        // A caller that is gone needs no answer.
        let _ = answer.map(|answer| answer.send(result));
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

    /// The data that the next response of a query may bring again.
    pub(crate) fn known(&self, key: EntryKey<'_>) -> Option<Known> {
        lock(&self.locked).core.known(key)
    }

    /// The cached data of a query without layers.
    pub(crate) fn committed(&self, key: EntryKey<'_>) -> Option<Value> {
        lock(&self.locked).core.committed(key).cloned()
    }

    /// What a query's entry shows, with the head of the response that brought it.
    pub(crate) fn shown(&self, key: EntryKey<'_>) -> Option<Shown> {
        lock(&self.locked).core.shown(key)
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
        let (refetched, is_refetched) = oneshot::channel();
        let token = MutationId(self.next_id());
        let spent = self.enter_with(Event::Change { changes, token }, |locked, event, now| {
            locked.mutations.insert(token, PendingMutation { run: None, refetched });
            let Forgotten { told, spent } = self.forget_kept(&event, locked);
            locked.apply_all([event], told, now);
            spent
        });
        spent.into_iter().for_each(|one| drop(guarded(|| drop(one))));
        is_refetched
    }

    /// Writes an entry, unless its committed data is no longer what the write was made of. Says whether it was written.
    pub(crate) fn write_over(self: &Arc<Self>, expected: Option<&Value>, write: Write) -> bool {
        let token = MutationId(self.next_id());
        let plan = write.plan.clone();
        let change = if expected.is_some() { Change::Rework } else { Change::Write };
        let event = Event::Change { changes: vec![change(write)], token };
        // What is not written may be the last that holds the application's data: it is dropped outside of the lock.
        let unwritten = self.enter_with(event, |locked, event, now| {
            let is_expected = match (expected, locked.core.committed(plan.key())) {
                (Some(expected), Some(current)) => Arc::ptr_eq(expected, current),
                (None, None) => true,
                _ => false,
            };
            if !is_expected {
                return Some(event);
            }
            locked.apply(event, now);
            None
        });
        unwritten.is_none()
    }

    pub(crate) fn inspect(&self) -> Inspection {
        lock(&self.locked).core.inspect(self.now())
    }
}
