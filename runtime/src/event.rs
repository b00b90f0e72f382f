//! What a client tells about itself: every request, every invalidation, and why.

use std::fmt;
use std::sync::Arc;

use http::{Method, StatusCode};

use crate::error::Error;
use crate::request::Request;
use crate::tags::Tags;

/// Which entry or call an event speaks of.
#[derive(Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct CallRef {
    /// The operation's id.
    pub operation: &'static str,
    /// The method.
    pub method: Method,
    /// Path and query. This is the application's own data: it holds no host, no credentials and no headers.
    pub url: Arc<str>,
}

impl CallRef {
    pub(crate) fn new(request: &Request) -> CallRef {
        let (operation, method) = (request.operation(), request.method().clone());
        CallRef { operation, method, url: request.path_and_query().into() }
    }
}

/// `GET /posts?limit=20 (listPosts)`
impl fmt::Display for CallRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({})", self.method, self.url, self.operation)
    }
}

/// The query string is left out: what is printed by accident should hold no values.
impl fmt::Debug for CallRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.url.split('?').next().unwrap_or_default();
        write!(f, "{} {path} ({})", self.method, self.operation)
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
        /// Why.
        cause: Cause,
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
        /// The response's status.
        status: StatusCode,
        /// Whether the data is different from before.
        changed: bool,
    },
    /// A query's request failed.
    Failed {
        /// The entry.
        entry: CallRef,
        /// Why.
        error: Error,
    },
    /// A query's request was given up, because nobody needs it any more or because its entry was written.
    Aborted {
        /// The entry.
        entry: CallRef,
    },
    /// A mutation was started.
    MutationStarted {
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
    /// A mutation's response was written into an entry.
    Written {
        /// The entry.
        entry: CallRef,
        /// Whether the data is different from before.
        changed: bool,
    },
    /// Tags were invalidated.
    Invalidated {
        /// The tags.
        tags: Tags,
        /// Watched entries, which are fetched again.
        refetching: Vec<CallRef>,
        /// Entries that wait for their next reader.
        marked_stale: Vec<CallRef>,
        /// Entries whose entity is gone.
        dropped: Vec<CallRef>,
    },
    /// An entry left the cache.
    Removed {
        /// The entry.
        entry: CallRef,
    },
    /// Something that names a mutation's tags or the entries it writes panicked or did not fit. The mutation keeps its
    /// outcome; entries that could not be written count as invalidated.
    TagsIncomplete {
        /// The mutation.
        call: CallRef,
    },
}
