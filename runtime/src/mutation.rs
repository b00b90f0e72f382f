//! A mutation: a request that changes the server, and the tags it makes stale.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use serde::de::DeserializeOwned;

use crate::by_status::ByStatus;
use crate::decode::{self, ACCEPT_ANY, ACCEPT_BY_STATUS, ACCEPT_JSON, ACCEPT_JSON_LINES, ACCEPT_TEXT, Decode};
use crate::error::DecodeFailure;
use crate::guard::{Panicked, guarded};
use crate::query::{Query, QueryPlan};
use crate::request::Request;
use crate::response::RawResponse;
use crate::tag::Tag;
use crate::tags::Tags;
use crate::tags_at::{self, TagsAt};

/// Which entry a result is written to.
type WritesFrom<T> = Arc<dyn Fn(&T) -> Arc<QueryPlan> + Send + Sync>;

/// An operation that changes the server, with its args. Nothing is sent until a [`Client`](crate::Client) is given it.
///
/// What it invalidates is made stale when it succeeded, and when its outcome is unknown: a timeout, a lost connection, a
/// 5xx. A refusal (4xx) and a mutation that was never sent invalidate nothing.
#[must_use = "nothing is sent until a client is given the mutation"]
pub struct Mutation<T> {
    request: Request,
    decode: Decode<T>,
    tags: Tags,
    tags_from: Vec<fn(&T) -> Tags>,
    tags_at: Vec<TagsAt>,
    /// The response is lines of JSON.
    lines: bool,
    writes: Vec<Arc<QueryPlan>>,
    writes_from: Vec<WritesFrom<T>>,
    invalidation: bool,
}

impl<T: DeserializeOwned + Send + 'static> Mutation<T> {
    /// A mutation whose response is JSON. An empty body is read as `null`.
    #[inline]
    pub fn new(request: Request) -> Mutation<T> {
        Mutation::reading(request, ACCEPT_JSON, decode::json)
    }
}

impl<T: DeserializeOwned + Send + 'static> Mutation<Vec<T>> {
    /// A mutation whose response is many JSON texts, one a line.
    #[inline]
    pub fn json_lines(request: Request) -> Mutation<Vec<T>> {
        Mutation { lines: true, ..Mutation::reading(request, ACCEPT_JSON_LINES, decode::json_lines) }
    }
}

impl<T: ByStatus> Mutation<T> {
    /// A mutation whose status tells what its response is.
    #[inline]
    pub fn by_status(request: Request) -> Mutation<T> {
        Mutation::reading(request, ACCEPT_BY_STATUS, decode::by_status)
    }
}

impl Mutation<String> {
    /// A mutation whose response is text.
    #[inline]
    pub fn text(request: Request) -> Mutation<String> {
        Mutation::reading(request, ACCEPT_TEXT, decode::text)
    }
}

impl Mutation<Bytes> {
    /// A mutation whose response is taken as it comes.
    #[inline]
    pub fn bytes(request: Request) -> Mutation<Bytes> {
        Mutation::reading(request, ACCEPT_ANY, decode::bytes)
    }
}

impl Mutation<()> {
    /// A mutation whose response has no body, or none that matters.
    #[inline]
    pub fn empty(request: Request) -> Mutation<()> {
        Mutation::reading(request, ACCEPT_ANY, decode::empty)
    }
}

impl<T> Mutation<T> {
    #[inline]
    fn reading(request: Request, accept: &'static str, decode: Decode<T>) -> Mutation<T> {
        Mutation {
            request: request.accept_or(accept),
            decode,
            tags: Tags::none(),
            tags_from: Vec::new(),
            tags_at: Vec::new(),
            lines: false,
            writes: Vec::new(),
            writes_from: Vec::new(),
            invalidation: true,
        }
    }

    /// Adds tags that the args alone tell. They count on success, and when the outcome is unknown.
    #[inline]
    pub fn invalidates(mut self, tags: impl Into<Tags>) -> Mutation<T> {
        self.tags.add(tags.into());
        self
    }

    /// Adds tags that are read from the result. A panic in `tags` is contained: the other tags count all the same.
    #[inline]
    pub fn invalidates_from(mut self, tags: fn(&T) -> Tags) -> Mutation<T> {
        self.tags_from.push(tags);
        self
    }

    /// Adds tags that are looked up in the JSON of the result.
    #[inline]
    pub fn invalidates_at(mut self, tags: TagsAt) -> Mutation<T> {
        self.tags_at.push(tags);
        self
    }

    /// The response is what this query returns: it is written into that entry instead of being fetched again.
    ///
    /// When another mutation of the same data overlapped, nobody can tell which of them the server did last, so the entry
    /// is refetched after all.
    #[inline]
    pub fn writes<U: Send + Sync + 'static>(mut self, query: Query<U>) -> Mutation<T> {
        self.writes.push(query.into_plan());
        self
    }

    /// As [`writes`](Self::writes), for a query whose args are read from the result.
    #[inline]
    pub fn writes_from<U: Send + Sync + 'static>(
        mut self,
        query: impl Fn(&T) -> Query<U> + Send + Sync + 'static,
    ) -> Mutation<T>
    where
        T: 'static,
    {
        self.writes_from.push(Arc::new(move |value| query(value).into_plan()));
        self
    }

    /// Sends the body under another content type that the server takes, such as `application/merge-patch+json`.
    pub fn content_type(self, content_type: &str) -> Mutation<T> {
        Mutation { request: self.request.content_type(content_type), ..self }
    }

    /// The same mutation for the response as text of another media type, such as `text/event-stream`, where the server
    /// offers several. What it would have written is refetched, and tags that were read from the result are gone.
    pub fn as_text(self, content_type: &'static str) -> Mutation<String> {
        self.reread(content_type, decode::text)
    }

    /// As [`as_text`](Self::as_text), for the response as it comes, such as `application/zip`.
    pub fn as_bytes(self, content_type: &'static str) -> Mutation<Bytes> {
        self.reread(content_type, decode::bytes)
    }

    fn reread<U>(self, content_type: &'static str, decode: Decode<U>) -> Mutation<U> {
        let Mutation { request, tags, writes, invalidation, .. } = self;
        let request = request.accept(content_type);
        Mutation { tags, writes, invalidation, ..Mutation::reading(request, content_type, decode) }
    }

    /// This call makes nothing stale. What it writes is written all the same.
    pub fn without_invalidation(mut self) -> Mutation<T> {
        self.invalidation = false;
        self
    }
}

impl<T: Send + 'static> Mutation<T> {
    /// The mutation without its type.
    pub(crate) fn into_plan(self) -> MutationPlan {
        let Mutation { request, decode, tags, tags_from, tags_at, lines, writes, writes_from, invalidation } = self;
        let reader = Box::new(TypedReader { decode, tags_from, tags_at, lines, writes_from });
        MutationPlan { request, invalidation, tags, writes, reader }
    }
}

impl<T> Clone for Mutation<T> {
    fn clone(&self) -> Mutation<T> {
        Mutation {
            request: self.request.clone(),
            decode: self.decode,
            tags: self.tags.clone(),
            tags_from: self.tags_from.clone(),
            tags_at: self.tags_at.clone(),
            lines: self.lines,
            writes: self.writes.clone(),
            writes_from: self.writes_from.clone(),
            invalidation: self.invalidation,
        }
    }
}

impl<T> fmt::Debug for Mutation<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mutation").field("request", &self.request).finish_non_exhaustive()
    }
}

/// A mutation without its type, as the driver handles it.
pub(crate) struct MutationPlan {
    pub(crate) request: Request,
    pub(crate) invalidation: bool,
    pub(crate) tags: Tags,
    pub(crate) writes: Vec<Arc<QueryPlan>>,
    pub(crate) reader: Box<dyn ReadMutation>,
}

/// A mutation's result, and what it says about the cache.
pub(crate) struct ReadResult {
    pub(crate) value: Box<dyn Any + Send>,
    pub(crate) tags: Vec<Tag>,
    pub(crate) writes: Vec<Arc<QueryPlan>>,
    /// A function that names tags or entries panicked.
    pub(crate) panicked: bool,
}

/// Reads the body of a mutation's response. Runs user code, guarded.
pub(crate) trait ReadMutation: Send + Sync {
    fn read(&self, response: &RawResponse) -> Result<Result<ReadResult, DecodeFailure>, Panicked>;
}

struct TypedReader<T> {
    decode: Decode<T>,
    tags_from: Vec<fn(&T) -> Tags>,
    tags_at: Vec<TagsAt>,
    lines: bool,
    writes_from: Vec<WritesFrom<T>>,
}

impl<T: Send + 'static> ReadMutation for TypedReader<T> {
    fn read(&self, response: &RawResponse) -> Result<Result<ReadResult, DecodeFailure>, Panicked> {
        let value = match guarded(|| (self.decode)(response))? {
            Ok(value) => value,
            Err(failure) => return Ok(Err(failure)),
        };
        let mut panicked = false;
        let mut tags = Vec::new();
        for from in &self.tags_from {
            match guarded(|| from(&value)) {
                Ok(more) => tags.extend(more),
                Err(Panicked) => panicked = true,
            }
        }
        tags.extend(tags_at::read(&self.tags_at, self.lines, response));
        let mut writes = Vec::new();
        for from in &self.writes_from {
            match guarded(|| from(&value)) {
                Ok(plan) => writes.push(plan),
                Err(Panicked) => panicked = true,
            }
        }
        Ok(Ok(ReadResult { value: Box::new(value), tags, writes, panicked }))
    }
}
