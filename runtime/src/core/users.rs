//! Whoever uses an entry: subscribers, callers that wait, mutations whose callers wait for its refetch.

use std::sync::Arc;
use std::time::Duration;

use super::event::{MutationId, Seq, SubscriberId, WaiterId};
use crate::query::QueryPlan;
use crate::state::{Snapshot, StateCell};

/// Whoever uses an entry now.
#[derive(Default)]
pub(super) struct Users {
    pub(super) subscribers: Vec<Subscriber>,
    pub(super) waiters: Vec<Waiter>,
    /// Mutations whose callers may wait for a request that started no earlier than this.
    pub(super) awaited: Vec<(MutationId, Seq)>,
    /// Where the state is published. Only what is watched has one.
    pub(super) cell: Option<Arc<StateCell>>,
    /// What was published there last.
    pub(super) published: Arc<Snapshot>,
}

pub(super) struct Subscriber {
    pub(super) id: SubscriberId,
    /// What it asked for, with its own settings.
    pub(super) plan: Arc<QueryPlan>,
    pub(super) since: Duration,
}

/// A caller that waits, or a prefetch, which nobody waits for.
pub(super) struct Waiter {
    pub(super) id: Option<WaiterId>,
    pub(super) called: Seq,
}

impl Users {
    /// The state cell, made for the first who needs it.
    pub(super) fn cell(&mut self) -> &Arc<StateCell> {
        self.cell.get_or_insert_with(|| Arc::new(StateCell::new()))
    }

    /// When the first of the subscribers wants to be polled for: its interval after the last settle, or after it came if
    /// that was later. Those that pause without focus do not count then.
    pub(super) fn poll_due(&self, settled_at: Option<Duration>, focused: bool) -> Option<Duration> {
        let due = |subscriber: &Subscriber| {
            let settings = &subscriber.plan.settings;
            let every = settings.poll_every.filter(|every| !every.is_zero())?;
            let counts = focused || !settings.poll_only_focused;
            let from = settled_at.unwrap_or_default().max(subscriber.since);
            counts.then(|| from.checked_add(every)).flatten()
        };
        self.subscribers.iter().filter_map(due).min()
    }

    pub(super) fn is_waiting(&self, waiter: WaiterId) -> bool {
        self.waiters.iter().any(|waiting| waiting.id == Some(waiter))
    }
}
