//! A subscriber of an entry.

use std::fmt;
use std::future::pending;
use std::marker::PhantomData;
use std::sync::Arc;

use tokio::sync::watch;

use crate::core::{EntryId, Event, SubscriberId};
use crate::error::Error;
use crate::query::QueryPlan;
use crate::shared::Shared;
use crate::state::{Snapshot, State, StateCell, Versions};

/// A subscriber of an entry: its state now, and each change. Dropping it unsubscribes.
#[must_use = "dropping a watcher unsubscribes it"]
pub struct Watcher<T> {
    shared: Arc<Shared>,
    entry: Option<EntryId>,
    subscriber: SubscriberId,
    cell: Arc<StateCell>,
    versions: watch::Receiver<Versions>,
    seen: Versions,
    ty: PhantomData<fn() -> T>,
}

impl<T: Send + Sync + 'static> Watcher<T> {
    pub(crate) fn new(shared: Arc<Shared>, plan: &Arc<QueryPlan>) -> Self {
        let subscriber = SubscriberId(shared.next_id());
        let found = shared.subscribe(Event::Subscribe { plan: plan.clone(), subscriber }, plan.key());
        let (entry, cell) = match found {
            Some((entry, cell)) => (Some(entry), cell),
            None => (None, Arc::new(StateCell::new())),
        };
        let versions = cell.subscribe();
        let seen = cell.current().versions;
        Self { shared, entry, subscriber, cell, versions, seen, ty: PhantomData }
    }

    /// The state now. Takes no lock on the cache and copies no data.
    pub fn state(&self) -> State<T> {
        self.typed(&self.cell.current())
    }

    /// The next state that this watcher has not been given yet. Changes in between are left out.
    ///
    /// Safe to cancel: a change that was not returned is not lost.
    pub async fn changed(&mut self) -> State<T> {
        let seen = self.seen.state;
        self.wait_until(|versions| seen < versions.state).await
    }

    /// The next state with other data. A refetch that brings equal data, or fails, is no reason to wake.
    ///
    /// Safe to cancel: a change that was not returned is not lost.
    pub async fn data_changed(&mut self) -> State<T> {
        let seen = self.seen.data;
        self.wait_until(|versions| seen < versions.data).await
    }

    /// The data as soon as there is some, stale or not, or why there is none.
    ///
    /// # Errors
    /// When the request failed and there is no earlier data.
    pub async fn ready(&mut self) -> Result<Arc<T>, Error> {
        let mut state = self.state();
        loop {
            match state {
                State { data: Some(data), .. } => return Ok(data),
                State { error: Some(error), is_fetching: false, .. } => return Err(error),
                _ => state = self.changed().await,
            }
        }
    }

    async fn wait_until(&mut self, is_new: impl Fn(&Versions) -> bool) -> State<T> {
        if self.versions.wait_for(is_new).await.is_err() {
            // The cell outlives its watchers.
            pending::<()>().await;
        }
        let snapshot = self.cell.current();
        self.seen = snapshot.versions;
        self.typed(&snapshot)
    }

    fn typed(&self, snapshot: &Snapshot) -> State<T> {
        State::new(snapshot, self.shared.started_at)
    }
}

impl<T> Drop for Watcher<T> {
    fn drop(&mut self) {
        if let Some(entry) = self.entry {
            self.shared.apply(Event::Unsubscribe { entry, subscriber: self.subscriber });
        }
    }
}

impl<T> fmt::Debug for Watcher<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watcher").field("entry", &self.entry).finish_non_exhaustive()
    }
}
