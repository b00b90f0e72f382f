//! Whoever uses an entry: subscribers, callers that wait, mutations whose callers wait for its refetch.

use std::sync::Arc;
use std::time::Duration;

use super::event::{MutationId, Seq, SubscriberId, WaiterId};
use crate::query::QueryPlan;
use crate::state::{Snapshot, StateCell};

/// Whoever uses an entry now. Most entries are used by nobody, and then have none of this.
#[derive(Default)]
pub(super) struct Users(Option<Box<Present>>);

/// Somebody.
#[derive(Default)]
pub(super) struct Present {
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
    pub(super) fn subscribers(&self) -> &[Subscriber] {
        self.0.as_ref().map_or(&[], |present| &present.subscribers)
    }

    pub(super) fn waiters(&self) -> &[Waiter] {
        self.0.as_ref().map_or(&[], |present| &present.waiters)
    }

    /// For changes, with room for somebody.
    pub(super) fn present(&mut self) -> &mut Present {
        self.0.get_or_insert_default()
    }

    /// For changes, if there is anybody.
    pub(super) fn present_if_any(&mut self) -> Option<&mut Present> {
        self.0.as_deref_mut()
    }

    /// Where the state is published, and what was published last.
    pub(super) fn published(&self) -> Option<(&Arc<StateCell>, &Arc<Snapshot>)> {
        let present = self.0.as_ref()?;
        Some((present.cell.as_ref()?, &present.published))
    }

    /// Gives back the room of those who are gone.
    pub(super) fn tidy(&mut self) {
        let is_nobody = |present: &Present| {
            present.subscribers.is_empty() && present.waiters.is_empty() && present.awaited.is_empty()
        };
        if self.0.as_deref().is_some_and(is_nobody) {
            self.0 = None;
        }
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
        self.subscribers().iter().filter_map(due).min()
    }
}
