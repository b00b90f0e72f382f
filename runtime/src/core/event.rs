//! What goes into the core and what comes out of it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use crate::error::Error;
use crate::event::{CallRef, Event as Report, Outcome};
use crate::optimistic::LayerPlan;
use crate::paging::{Direction, Progress, Walk};
use crate::parts::Parts;
use crate::platform::MaybeSend;
use crate::prefetch::Prefetch;
use crate::query::{QueryPlan, Value};
use crate::response::RawResponse;
use crate::retry::Retry;
use crate::state::{Snapshot, StateCell};
use crate::tag::Tag;
use crate::tags::Tags;
use crate::target::{Kind, RefetchOf};

pub(crate) use super::lanes::Turn;
pub(crate) use super::slab::EntryId;

/// One sending of an entry's request. Later ones are greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct RequestId(pub(crate) u64);

/// A caller that waits for data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct WaiterId(pub(crate) u64);

/// A subscriber of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct SubscriberId(pub(crate) u64);

/// One run of a mutation with its layer, a layer by hand, or a change by hand whose refetches somebody waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct MutationId(pub(crate) u64);

/// A point in the order of invalidations. It moves on with each of them.
pub(crate) type Seq = u64;

/// Something that happened outside the core.
pub(crate) enum Event {
    Subscribe {
        plan: Arc<QueryPlan>,
        subscriber: SubscriberId,
    },
    Unsubscribe {
        entry: EntryId,
        subscriber: SubscriberId,
    },
    Fetch {
        plan: Arc<QueryPlan>,
        waiter: WaiterId,
    },
    Refetch {
        plan: Arc<QueryPlan>,
        waiter: WaiterId,
    },
    /// One more page of a list.
    More {
        plan: Arc<QueryPlan>,
        direction: Direction,
        waiter: WaiterId,
    },
    Cancel {
        plan: Arc<QueryPlan>,
        waiter: WaiterId,
    },
    Prefetch {
        plan: Arc<QueryPlan>,
        when: Prefetch,
    },
    Received {
        entry: EntryId,
        request: RequestId,
        response: Decoded,
        /// The server confirmed what was there.
        not_modified: bool,
    },
    Failed {
        entry: EntryId,
        request: RequestId,
        error: Error,
        /// How long until it is to be sent again, if it is.
        next_try: Option<Duration>,
    },
    /// How far a request of several pages came, which failed and may be sent again.
    Walked {
        entry: EntryId,
        request: RequestId,
        progress: Box<Progress>,
    },
    /// More came of a response that is a stream and goes on. The data is all that came so far.
    Grew {
        entry: EntryId,
        request: RequestId,
        response: Decoded,
    },
    /// Changes by hand, as one. `token` is told when the refetches that they cause are through.
    Change {
        changes: Vec<Change>,
        token: MutationId,
    },
    MutationStarted {
        mutation: MutationId,
        call: CallRef,
        turn: Turn,
    },
    MutationSettled {
        mutation: MutationId,
        settlement: Settlement,
    },
    /// Changes are shown over committed data. A mutation's layer goes by its number and settles with it.
    LayerAdded {
        layer: MutationId,
        plan: Arc<LayerPlan>,
        /// Once it is done, the entries that it changed are invalidated.
        is_asked_for: bool,
    },
    /// A layer that was made by hand is over.
    LayerEnded {
        layer: MutationId,
        /// The server has done it.
        is_done: bool,
    },
    /// For want of a connection it surely did not reach the server. This is how it ends, unless it may wait for one.
    MutationUnsent {
        mutation: MutationId,
        settlement: Settlement,
    },
    /// A mutation that waits is not to be sent any more.
    MutationGivenUp {
        mutation: MutationId,
    },
    /// What an earlier run of the program left to be sent is being looked up, or is known from now on.
    Loading(bool),
    /// The host's window got the focus, or lost it.
    Focus(bool),
    /// The host is online, or offline.
    Online(bool),
    Tick,
}

/// A change of the cache by hand.
pub(crate) enum Change {
    Invalidate {
        target: Kind,
        refetch: RefetchOf,
    },
    /// Data of the application's own, as good as an answer that began now.
    Write(Write),
    /// Data of the application's own that was made of what is there.
    Rework(Write),
    /// Entries leave the cache, unless they are watched.
    Remove(Kind),
    /// Data and requests are dropped; what is watched is fetched anew.
    Reset(Kind),
}

/// Something to be done outside the core, in the order given.
pub(crate) enum Effect {
    /// Make a state visible. Comes before all others.
    Publish {
        cell: Arc<StateCell>,
        snapshot: Arc<Snapshot>,
    },
    /// Nobody follows the cell any more: whoever still holds it keeps nothing of what was shown there.
    Empty(Arc<StateCell>),
    Send(Outgoing),
    Abort {
        request: RequestId,
    },
    Answer {
        waiter: WaiterId,
        result: Result<Value, Error>,
    },
    /// The mutation waits.
    HoldMutation {
        mutation: MutationId,
    },
    /// It is the mutation's turn to be sent.
    SendMutation {
        mutation: MutationId,
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
    /// Drop what is not needed any more where user code may run.
    Discard(Box<dyn Discarded>),
}

/// Something that may be the last to hold what is the application's: its data, what a query carries, the bytes of a body.
pub(crate) trait Discarded: MaybeSend {}
impl<T: MaybeSend> Discarded for T {}

/// A request to be sent.
pub(crate) struct Outgoing {
    pub(crate) entry: EntryId,
    pub(crate) request: RequestId,
    pub(crate) plan: Arc<QueryPlan>,
    /// The data that is there, which equal data keeps.
    pub(crate) known: Option<Known>,
    /// Whether it is sent again if it fails, where the tries before count.
    pub(crate) retry: Retry,
    /// When the first of the tries began.
    pub(crate) began: Duration,
    pub(crate) failures: u32,
    /// What of a list of pages is to be brought.
    pub(crate) walk: Walk,
    /// How far the try before came, where it can be gone on from there.
    pub(crate) progress: Option<Box<Progress>>,
}

/// The data of an entry, as watchers are shown it.
#[derive(Clone)]
pub(crate) struct Shown {
    pub(crate) value: Value,
    /// Status and headers of the response. Nothing where the application wrote the data.
    pub(crate) head: Option<(StatusCode, Arc<HeaderMap>)>,
    pub(crate) fetched_at: Duration,
}

/// The data of an entry, with what tells whether the next response brings the same.
#[derive(Clone)]
pub(crate) struct Known {
    pub(crate) value: Value,
    /// Nothing where the application wrote the data.
    pub(crate) response: Option<(StatusCode, Bytes)>,
    /// Those of the last response.
    pub(crate) parts: Option<Arc<Parts>>,
    /// The headers of the response, if the server may be asked whether it still holds.
    pub(crate) revalidated: Option<Arc<HeaderMap>>,
}

/// A response, decoded outside the core, or data of the application's own.
#[derive(Clone)]
pub(crate) struct Decoded {
    pub(crate) value: Value,
    pub(crate) response: Option<RawResponse>,
    /// What of the value the next response may bring again.
    pub(crate) parts: Option<Arc<Parts>>,
    pub(crate) tags: Vec<Tag>,
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
    /// No others are in the response's JSON. If there may be, those stay that are known.
    pub(crate) tags_are_all: bool,
}
