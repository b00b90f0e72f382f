//! What a watcher follows: an entry of the cache, another one later, or none.

use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock, Weak};

use crate::core::{EntryId, Event, Shown, SubscriberId};
use crate::guard::{guarded, lock};
use crate::listeners::{Listener, Listeners};
use crate::observed::{Heard, Observed, Stamp};
use crate::query::QueryPlan;
use crate::shared::Shared;
use crate::state::{Snapshot, State, StateCell};
use crate::sync::{AtomicBool, Mutex};

/// A place among an entry's subscribers, held by a watcher, by what was selected of it and by its callbacks together.
pub(crate) struct Subscription {
    shared: Arc<Shared>,
    listeners: Listeners,
    /// Locked after the cache, if both are, and before the state's cell.
    view: Mutex<View>,
    /// Where the entry's state is published that was followed first. Nearly all stay with it, and then are read there at once.
    first: OnceLock<Arc<StateCell>>,
    /// There may be something else to show than what is published there.
    is_moved: AtomicBool,
}

/// What is shown.
#[derive(Default)]
struct View {
    /// Counts the entries that were followed.
    turn: u64,
    source: Option<Source>,
    kept: Option<Kept>,
    /// The client knows that something may be kept here.
    is_keeper: bool,
}

/// The entry that is followed.
#[derive(Clone)]
pub(crate) struct Source {
    pub(crate) entry: EntryId,
    pub(crate) subscriber: SubscriberId,
    pub(crate) plan: Arc<QueryPlan>,
    pub(crate) cell: Arc<StateCell>,
}

impl Source {
    pub(crate) fn unsubscribe(&self) -> Event {
        Event::Unsubscribe { entry: self.entry, subscriber: self.subscriber }
    }

    /// Whether a query says nothing that the one which is followed did not say.
    fn is_same(&self, plan: &QueryPlan) -> bool {
        self.plan.key() == plan.key()
            && self.plan.settings == plan.settings
            && self.plan.tags == plan.tags
            && self.plan.reader.tag_sources() == plan.reader.tag_sources()
    }
}

/// What was shown before, for as long as there is nothing else.
#[derive(Clone)]
pub(crate) struct Kept {
    entry: EntryId,
    plan: Arc<QueryPlan>,
    snapshot: Arc<Snapshot>,
    /// It is of another query than the one that was asked for last.
    is_previous: bool,
}

impl Subscription {
    /// One that follows nothing yet.
    pub(crate) fn new(shared: Arc<Shared>) -> Arc<Self> {
        Arc::new(Self {
            shared,
            listeners: Listeners::default(),
            view: Mutex::default(),
            first: OnceLock::new(),
            is_moved: AtomicBool::new(false),
        })
    }

    /// Leaves what it followed, and follows this, if it is on.
    pub(crate) fn follow(self: &Arc<Self>, plan: Arc<QueryPlan>, is_on: bool) {
        if !self.source().is_some_and(|source| is_on && source.is_same(&plan)) {
            let old = self.shared.resubscribe(is_on.then(|| plan.clone()), self, |to| self.turn_to(to, &plan, is_on));
            // It may hold the last data of an entry that is gone.
            let _ = guarded(|| drop(old));
        }
        // What a query holds is the application's.
        let _ = guarded(|| drop(plan));
    }

    /// The state now, as [`Observed::read`] gives it.
    pub(crate) fn state<T: Send + Sync + 'static>(&self) -> State<T> {
        let is_moved = || self.is_moved.load(Ordering::Acquire);
        match self.first.get() {
            Some(cell) if !is_moved() => {
                let state = cell.with(|now| State::new(now, now.shown.as_ref(), self.shared.started_at));
                // Once it has moved on, there may be nothing left in the cell.
                if is_moved() { self.read().1 } else { state }
            }
            _ => self.read().1,
        }
    }

    pub(crate) fn source(&self) -> Option<Source> {
        lock(&self.view).source.clone()
    }

    /// Gives back what is no longer shown, to be dropped where user code may run.
    fn turn_to(self: &Arc<Self>, source: Option<Source>, plan: &QueryPlan, is_on: bool) -> impl Sized + use<> {
        let cell = source.as_ref().map(|source| source.cell.clone());
        let mut view = lock(&self.view);
        view.turn += 1;
        match &cell {
            // There is nothing else to show yet.
            Some(cell) if view.turn == 1 => drop(self.first.set(cell.clone())),
            _ => self.is_moved.store(true, Ordering::Release),
        }
        let old_source = std::mem::replace(&mut view.source, source);
        let old_kept = view.kept.take();
        let shown = old_source.as_ref().map(Kept::of).filter(|shown| shown.snapshot.shown.is_some() || !is_on);
        let kept = shown.or_else(|| old_kept.clone());
        let is_previous = kept.as_ref().is_some_and(|kept| kept.plan.key() != plan.key());
        view.kept = kept
            .filter(|_| !is_on || plan.settings.keep_previous || !is_previous)
            .map(|kept| Kept { is_previous, ..kept });
        let is_new_keeper = view.kept.is_some() && !std::mem::replace(&mut view.is_keeper, true);
        drop(view);
        if is_new_keeper {
            self.shared.add_keeper(Arc::downgrade(self));
        }
        // In this order, since it may be the same cell. What is published in between is looked for in the listener's turn.
        let listener: Weak<dyn Listener> = Arc::downgrade(self) as _;
        if let Some(old) = &old_source {
            old.cell.listeners.remove(&listener);
        }
        if let Some(cell) = cell {
            cell.listeners.add(listener);
        }
        (old_source, old_kept)
    }
}

impl Subscription {
    /// Stops showing what was kept, if it is meant, and gives it back.
    pub(crate) fn forget_kept(&self, is_meant: impl FnOnce(EntryId, &QueryPlan) -> bool) -> Option<Kept> {
        let mut view = lock(&self.view);
        let kept = view.kept.take_if(|kept| is_meant(kept.entry, &kept.plan))?;
        view.turn += 1;
        Some(kept)
    }
}

impl Kept {
    fn of(source: &Source) -> Self {
        let (plan, snapshot) = (source.plan.clone(), source.cell.current());
        Self { entry: source.entry, plan, snapshot, is_previous: false }
    }
}

impl<T: Send + Sync + 'static> Observed<State<T>> for Subscription {
    fn read(&self) -> (Stamp, State<T>) {
        let view = lock(&self.view);
        let started_at = self.shared.started_at;
        let kept = view.kept.as_ref();
        let stamp = |snapshot: &Snapshot, shown: Option<(EntryId, &Snapshot)>| Stamp {
            state: (view.turn, snapshot.versions.state),
            data: shown.map(|(entry, of)| (Some(entry), of.versions.data)),
        };
        match (&view.source, kept) {
            (Some(source), kept) => source.cell.with(|now| match (&now.shown, kept) {
                (None, Some(kept)) if kept.snapshot.shown.is_some() => {
                    let state = State::new(now, kept.shown(), started_at);
                    let state = State { is_stale: kept.snapshot.is_stale, is_previous: kept.is_previous, ..state };
                    (stamp(now, Some((kept.entry, &kept.snapshot))), state)
                }
                (shown, _) => {
                    let of = shown.as_ref().map(|_| (source.entry, &**now));
                    (stamp(now, of), State::new(now, shown.as_ref(), started_at))
                }
            }),
            (None, Some(kept)) => {
                let state = State::new(&kept.snapshot, kept.shown(), started_at);
                let state = State { is_loading: false, is_fetching: false, failures: 0, last_failure: None, ..state };
                let state = State { is_previous: kept.is_previous, ..state };
                let of = kept.shown().map(|_| (kept.entry, &*kept.snapshot));
                (stamp(&kept.snapshot, of), state)
            }
            (None, None) => (stamp(&Snapshot::default(), None), State::empty()),
        }
    }
}

impl Heard for Subscription {
    fn listeners(&self) -> &Listeners {
        &self.listeners
    }

    fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }
}

impl Kept {
    fn shown(&self) -> Option<&Shown> {
        self.snapshot.shown.as_ref()
    }
}

impl Listener for Subscription {
    fn notify(&self) {
        // Nothing that was kept is shown again once there was something else.
        let mut view = lock(&self.view);
        let is_there = |source: &Source| source.cell.with(|now| now.shown.is_some());
        let kept = if view.source.as_ref().is_some_and(is_there) { view.kept.take() } else { None };
        drop(view);
        let _ = guarded(|| drop(kept));
        self.listeners.notify();
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let view = std::mem::take(&mut *lock(&self.view));
        if let Some(source) = &view.source {
            self.shared.apply(source.unsubscribe());
        }
        let _ = guarded(|| drop(view));
    }
}
