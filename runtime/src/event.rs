//! What a client tells about itself: every request, every invalidation, and why.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::{Method, StatusCode};

use crate::error::{Call, Error};
use crate::notifications::Notification;
use crate::request::Request;
use crate::tags::Tags;

/// Which entry or call an event speaks of.
#[derive(Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct CallRef {
    /// The number of the entry, or of the mutation's run, in its client. It tells calls apart that look alike.
    pub id: u64,
    /// The operation's id.
    pub operation: &'static str,
    /// The method.
    pub method: Method,
    /// The path as the document writes it, with the names of its parameters.
    pub template: &'static str,
    /// Path and query. This is the application's own data: it holds no host, no credentials and no headers.
    pub url: Arc<str>,
}

impl CallRef {
    pub(crate) fn new(id: u64, request: &Request) -> CallRef {
        let Call { operation, method, template } = request.call();
        CallRef { id, operation, method, template, url: request.path_and_query().into() }
    }
}

/// `GET /posts?limit=20 (listPosts)`
impl fmt::Display for CallRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({})", self.method, self.url, self.operation)
    }
}

/// The args are left out: what is printed by accident should hold no values.
impl fmt::Debug for CallRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{} {} {} ({})", self.id, self.method, self.template, self.operation)
    }
}

/// Why a request was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cause {
    /// A caller waits for data that was missing or stale.
    Fetch,
    /// A watcher came to an entry that was missing or stale.
    Watch,
    /// The entry was filled ahead of its use.
    Prefetch,
    /// Asked for by hand.
    Refetch,
    /// An invalidation reached the entry.
    Invalidated,
    /// A watcher asks for it again and again.
    Poll,
    /// The host's window got the focus.
    Focus,
    /// The host is online again.
    Reconnect,
    /// What was there was dropped by hand.
    Reset,
    /// The try before failed.
    Retry,
    /// One more page of a list is wanted.
    Page,
}

/// Why an entry left the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Removal {
    /// Nobody used it for its keep-unused time, or the only caller went away before there was data.
    Unused,
    /// There was no room for it.
    Bounds,
    /// A mutation removed what it is about.
    Gone,
    /// It was invalidated while nobody used it, and the client is set up to remove it then.
    Invalidated,
    /// It was removed by hand.
    ByHand,
}

/// How a mutation ended, as far as the cache is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// The server did it.
    Succeeded,
    /// The server refused it (4xx): nothing changed.
    Refused,
    /// The server may have done it: a timeout, a lost connection, a 5xx.
    Unknown,
    /// It never reached the server.
    NotSent,
}

/// What a mutation waits for before it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WaitsFor {
    /// A connection.
    Connection,
    /// The end of those before it: in its scope, or of those that waited for a connection as it does.
    Turn,
}

/// A step of a mutation at which [`Hooks`](crate::Hooks) run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HookStep {
    /// Before it is sent.
    Mutate,
    /// There is a result.
    Success,
    /// There is none.
    Error,
    /// The end of either.
    Settled,
}

/// Something that happened in a client.
///
/// Events come one at a time, in order, and outside every lock: a listener may call the client.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// A query's request was sent.
    Requested {
        /// The entry.
        entry: CallRef,
        /// The number of this request in its client.
        request: u64,
        /// Why.
        cause: Cause,
    },
    /// A watcher came.
    Subscribed {
        /// The entry.
        entry: CallRef,
        /// How many watch it now.
        subscribers: usize,
    },
    /// A watcher went.
    Unsubscribed {
        /// The entry.
        entry: CallRef,
        /// How many watch it now.
        subscribers: usize,
    },
    /// A caller or watcher was answered without a request.
    AnsweredFromCache {
        /// The entry.
        entry: CallRef,
    },
    /// A caller or watcher joined a request that was already on its way.
    Joined {
        /// The entry.
        entry: CallRef,
    },
    /// A response was stored.
    Received {
        /// The entry.
        entry: CallRef,
        /// The request's number.
        request: u64,
        /// The response's status.
        status: StatusCode,
        /// The server was asked whether what is there still holds, and confirmed it: the data stays, and is fresh again.
        not_modified: bool,
        /// Whether the data is different from before.
        changed: bool,
    },
    /// A stream brought more, and goes on.
    Grew {
        /// The entry.
        entry: CallRef,
        /// The request's number.
        request: u64,
    },
    /// A query's request failed, and is not sent again.
    Failed {
        /// The entry.
        entry: CallRef,
        /// The request's number.
        request: u64,
        /// Why.
        error: Error,
    },
    /// A query's request failed, and will be sent again.
    Retrying {
        /// The entry.
        entry: CallRef,
        /// The number of the request that failed.
        request: u64,
        /// Why.
        error: Error,
        /// How many tries failed so far, this one included.
        failures: u32,
        /// How long until the next.
        wait: Duration,
    },
    /// A query's request, or the next try of it that was to come, was given up, because nobody needs it any more or because its entry was written.
    Aborted {
        /// The entry.
        entry: CallRef,
        /// The request's number.
        request: u64,
    },
    /// A mutation was started.
    MutationStarted {
        /// The call.
        call: CallRef,
    },
    /// A mutation failed, and will be sent again.
    MutationRetrying {
        /// The call.
        call: CallRef,
        /// Why.
        error: Error,
        /// How many tries failed so far, this one included.
        failures: u32,
        /// How long until the next.
        wait: Duration,
    },
    /// A mutation was not sent yet.
    MutationWaiting {
        /// The call.
        call: CallRef,
        /// What it waits for.
        waits_for: WaitsFor,
    },
    /// A mutation that waited is sent.
    MutationResumed {
        /// The call.
        call: CallRef,
    },
    /// A mutation ended.
    MutationSettled {
        /// The call.
        call: CallRef,
        /// How it ended.
        outcome: Outcome,
        /// What it makes stale.
        tags: Tags,
    },
    /// A mutation's response, or data of the application's own, was written into an entry.
    Written {
        /// The entry.
        entry: CallRef,
        /// Whether the data is different from before.
        changed: bool,
    },
    /// Optimistic changes were put over an entry's data, or taken away from it.
    Layered {
        /// The entry.
        entry: CallRef,
        /// How many layers change what it shows now.
        layers: usize,
    },
    /// An optimistic change panicked. Its layer is left out of this entry; all else goes on.
    LayerFailed {
        /// The entry.
        entry: CallRef,
    },
    /// Tags were invalidated.
    Invalidated {
        /// The tags. None, where something else than tags was named by hand.
        tags: Tags,
        /// Entries, most of them watched, which are fetched again.
        refetching: Vec<CallRef>,
        /// Entries that wait for their next reader.
        marked_stale: Vec<CallRef>,
        /// Entries that leave the cache, because what they are about is gone or because the client is set up so.
        dropped: Vec<CallRef>,
    },
    /// An entry left the cache.
    Removed {
        /// The entry.
        entry: CallRef,
        /// Why.
        why: Removal,
    },
    /// The data of a watched entry was dropped by hand.
    Reset {
        /// The entry.
        entry: CallRef,
    },
    /// The user is told of a call.
    Notified {
        /// What is told.
        notification: Notification,
    },
    /// The host's window got the focus, or lost it.
    Focus(bool),
    /// The host went online, or offline.
    Online(bool),
    /// A reader of [`Events`](crate::Events) was too slow for these.
    Missed {
        /// How many.
        events: u64,
    },
    /// Something that names a mutation's tags or the entries it writes panicked or did not fit. The mutation keeps its
    /// outcome; entries that could not be written count as invalidated.
    TagsIncomplete {
        /// The mutation.
        call: CallRef,
    },
    /// Something could not be kept in the [outbox](crate::Outbox), taken out of it, or read from it.
    OutboxFailed {
        /// The mutation, if it is one of this run. It waits all the same.
        call: Option<CallRef>,
        /// What, and why.
        detail: String,
    },
    /// A hook of a mutation panicked. The mutation keeps its outcome, and the other hooks run.
    HookPanicked {
        /// The mutation.
        call: CallRef,
        /// Where.
        step: HookStep,
    },
}
