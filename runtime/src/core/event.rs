//! What goes into the core and what comes out of it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use super::entry::Entry;
use crate::error::Error;
use crate::event::{CallRef, Cause, Event as Report, Outcome};
use crate::parts::Level;
use crate::prefetch::Prefetch;
use crate::query::{QueryPlan, Value};
use crate::state::{Snapshot, StateCell};
use crate::tag::Tag;
use crate::tags::Tags;

/// An entry. Never used again for another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct EntryId(pub(crate) u64);

/// One sending of an entry's request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct RequestId(pub(crate) u64);

/// A caller that waits for data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct WaiterId(pub(crate) u64);

/// One run of a mutation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct MutationId(pub(crate) u64);

/// A point in the order of invalidations. It moves on with each of them.
pub(crate) type Seq = u64;

/// Something that happened outside the core.
pub(crate) enum Event {
    Subscribe { plan: Arc<QueryPlan> },
    Unsubscribe { entry: EntryId },
    Fetch { plan: Arc<QueryPlan>, waiter: WaiterId },
    Refetch { plan: Arc<QueryPlan>, waiter: WaiterId },
    Cancel { plan: Arc<QueryPlan>, waiter: WaiterId },
    Prefetch { plan: Arc<QueryPlan>, when: Prefetch },
    Received { entry: EntryId, request: RequestId, response: Decoded },
    Failed { entry: EntryId, request: RequestId, error: Error },
    Invalidate { tags: Tags },
    MutationStarted { mutation: MutationId, call: CallRef },
    MutationSettled { mutation: MutationId, settlement: Settlement },
    Tick,
}

/// Something to be done outside the core, in the order given.
pub(crate) enum Effect {
    /// Make a state visible. Comes before all others.
    Publish {
        cell: Arc<StateCell>,
        snapshot: Arc<Snapshot>,
    },
    Send(Outgoing),
    Abort {
        request: RequestId,
    },
    Answer {
        waiter: WaiterId,
        result: Result<Value, Error>,
    },
    /// The mutation's caller gets its result.
    AnswerMutation {
        mutation: MutationId,
    },
    /// All refetches that the mutation caused have settled.
    Refetched {
        mutation: MutationId,
        errors: Vec<Error>,
    },
    WakeAt(Duration),
    Report(Report),
    /// Drop what an entry held where user code may run.
    Discard(Box<Entry>),
    /// Drop data that is not needed where user code may run.
    DiscardValue(Value),
}

/// A request to be sent.
pub(crate) struct Outgoing {
    pub(crate) entry: EntryId,
    pub(crate) request: RequestId,
    pub(crate) plan: Arc<QueryPlan>,
    pub(crate) cell: Arc<StateCell>,
    pub(crate) call: CallRef,
    pub(crate) cause: Cause,
}

/// A response, decoded outside the core.
#[derive(Clone)]
pub(crate) struct Decoded {
    pub(crate) value: Value,
    pub(crate) body: Bytes,
    pub(crate) parts: Option<Arc<Level>>,
    pub(crate) tags: Vec<Tag>,
    pub(crate) status: StatusCode,
    pub(crate) headers: Arc<HeaderMap>,
}

/// How a mutation ended, and what follows from it.
pub(crate) struct Settlement {
    pub(crate) outcome: Outcome,
    /// What it invalidates: empty when nothing changed.
    pub(crate) tags: Tags,
    /// Entries that the response is written to.
    pub(crate) writes: Vec<Write>,
    /// Entries that it changed in a way the response does not tell.
    pub(crate) suspects: Vec<Arc<QueryPlan>>,
}

/// Data for an entry.
pub(crate) struct Write {
    pub(crate) plan: Arc<QueryPlan>,
    pub(crate) response: Decoded,
}
