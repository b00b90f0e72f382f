//! What an entry has only while something goes on with it: users, a request, an error.

use std::sync::Arc;
use std::time::Duration;

use super::event::{MutationId, RequestId, Seq, SubscriberId, WaiterId};
use super::layered::Layered;
use super::paging::Further;
use super::retrying::Tries;
use crate::error::Error;
use crate::event::Cause;
use crate::query::QueryPlan;
use crate::state::{Snapshot, StateCell};
use crate::tag::Tag;

/// What an entry has only while something goes on with it. Of most entries nothing does, and they pay for a pointer.
#[derive(Default)]
pub(super) struct Users(Option<Box<Present>>);

/// What goes on.
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
    pub(super) flight: Option<Flight>,
    /// Why the last request failed, if it did.
    pub(super) error: Option<Error>,
    /// When the last request settled that failed.
    pub(super) failed_at: Option<Duration>,
    /// When the last request began that failed. What was wanted up to here was tried.
    pub(super) tried: Seq,
    /// Tags that the args tell beside those of the first call, as further calls of the query say.
    pub(super) more_arg_tags: Vec<Tag>,
    /// How long the server said that the data is fresh which was changed by hand since.
    pub(super) max_age: Option<Duration>,
    /// The layers that change what is shown, with what they change.
    pub(super) layered: Option<Box<Layered>>,
    /// Who waits for one more page.
    pub(super) further: Further,
}

/// A request on its way, or the wait for its next try.
pub(super) struct Flight {
    /// The last that was sent.
    pub(super) request: RequestId,
    pub(super) since: Seq,
    /// Why it was sent.
    pub(super) cause: Cause,
    /// A subscriber wanted it, so it goes on when the callers that wait are gone.
    pub(super) kept: bool,
    /// The response is a stream, which may never end.
    pub(super) streams: bool,
    pub(super) tries: Tries,
    /// When it is sent again. There is no request under way then.
    pub(super) next_try: Option<Duration>,
}

impl Flight {
    /// Whether this request is neither answered nor failed.
    pub(super) fn is_under_way(&self, request: RequestId) -> bool {
        self.request == request && self.next_try.is_none()
    }
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

impl Present {
    /// Whether anybody watches or waits.
    pub(super) fn are_there(&self) -> bool {
        !self.subscribers.is_empty() || !self.waiters.is_empty() || !self.further.is_empty()
    }
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

    pub(super) fn flight(&self) -> Option<&Flight> {
        self.0.as_ref()?.flight.as_ref()
    }

    /// The request under way. There is none while the next try is waited for.
    pub(super) fn under_way(&self) -> Option<&Flight> {
        self.flight().filter(|flight| flight.next_try.is_none())
    }

    /// Whether a next try is waited for.
    pub(super) fn is_retrying(&self) -> bool {
        self.flight().is_some_and(|flight| flight.next_try.is_some())
    }

    pub(super) fn error(&self) -> Option<&Error> {
        self.0.as_ref()?.error.as_ref()
    }

    /// Reads what goes on, if anything does.
    pub(super) fn get(&self) -> Option<&Present> {
        self.0.as_deref()
    }

    /// Gives back the room of what is over.
    pub(super) fn tidy(&mut self) {
        let is_over = |present: &Present| {
            present.subscribers.is_empty()
                && present.waiters.is_empty()
                && present.awaited.is_empty()
                && present.flight.is_none()
                && present.error.is_none()
                && present.failed_at.is_none()
                && present.tried == 0
                && present.more_arg_tags.is_empty()
                && present.max_age.is_none()
                && present.layered.is_none()
                && present.further.is_empty()
        };
        if self.0.as_deref().is_some_and(is_over) {
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
