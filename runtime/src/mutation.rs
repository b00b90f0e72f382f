//! A mutation: a request that changes the server, and the tags it makes stale.

mod plan;
mod settings;

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use serde::de::DeserializeOwned;

pub(crate) use self::plan::{MutationPlan, ReadResult};
pub(crate) use self::settings::{MutationDefaults, MutationSettings};
use crate::Json;
use crate::by_status::ByStatus;
use crate::decode::{self, ACCEPT_ANY, ACCEPT_BY_STATUS, ACCEPT_JSON, ACCEPT_JSON_LINES, ACCEPT_TEXT, Decode};
use crate::enhance::{Enhance, Enhancements};
use crate::guard::guarded;
use crate::optimistic::Optimistic;
use crate::query::{Query, QueryPlan};
use crate::request::Request;
use crate::response::RawResponse;
use crate::tag::Tag;
use crate::tags::Tags;
use crate::tags_at::TagsAt;

/// Which entry a result is written to.
type WritesFrom<T> = Arc<dyn Fn(&T, &Enhancements) -> Arc<QueryPlan> + Send + Sync>;

/// An entry that a result is written to.
type Writes = Arc<dyn Fn(&Enhancements) -> Arc<QueryPlan> + Send + Sync>;

/// A function that names tags by a result, if there is one, and by what it holds of the args.
type TagsWith<T> = Arc<dyn Fn(Option<&T>) -> Tags + Send + Sync>;

/// An operation that changes the server, with its args. Nothing is sent until a [`Client`](crate::Client) is given it.
///
/// What it invalidates is made stale when it succeeded, and when its outcome is unknown: a timeout, a lost connection, a
/// 5xx. A refusal (4xx) and a mutation that was never sent invalidate nothing, unless
/// [`invalidates_when_refused`](Self::invalidates_when_refused) says so of a refusal.
#[must_use = "nothing is sent until a client is given the mutation"]
pub struct Mutation<T> {
    request: Request,
    decode: Decode<T>,
    tags: Tags,
    tags_from: Vec<fn(&T) -> Tags>,
    tags_at: Vec<TagsAt>,
    tags_with: Vec<TagsWith<T>>,
    /// In place of those that only a result tells.
    tags_when_lost: Tags,
    /// What a refusal makes stale.
    tags_when_refused: Tags,
    /// The call said all of its tags itself.
    tags_are_final: bool,
    /// The response is lines of JSON.
    lines: bool,
    writes: Vec<Writes>,
    writes_from: Vec<WritesFrom<T>>,
    /// What is shown from its start on.
    optimistic: Optimistic,
    invalidation: bool,
    settings: MutationSettings,
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

impl Mutation<Json> {
    /// A mutation of whose response a document says nothing. See [`Query::undescribed`].
    #[inline]
    pub fn undescribed(request: Request) -> Mutation<Json> {
        Mutation::reading(request, ACCEPT_BY_STATUS, decode::undescribed)
    }
}

impl<T> Mutation<T> {
    #[inline]
    pub(crate) fn reading(request: Request, accept: &'static str, decode: Decode<T>) -> Mutation<T> {
        Mutation {
            request: request.accept_or(accept),
            decode,
            tags: Tags::none(),
            tags_from: Vec::new(),
            tags_at: Vec::new(),
            tags_with: Vec::new(),
            tags_when_lost: Tags::none(),
            tags_when_refused: Tags::none(),
            tags_are_final: false,
            lines: false,
            writes: Vec::new(),
            writes_from: Vec::new(),
            optimistic: Optimistic::new(),
            invalidation: true,
            settings: MutationSettings::default(),
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

    /// Adds tags for when the outcome is unknown or the response cannot be read: in place of those that only it tells.
    #[inline]
    pub fn invalidates_when_lost(mut self, tags: impl Into<Tags>) -> Mutation<T> {
        self.tags_when_lost.add(tags.into());
        self
    }

    /// Adds tags that a refusal (4xx) makes stale, which otherwise invalidates nothing: where "conflict" or "not found" means
    /// that what the application shows is old.
    #[inline]
    pub fn invalidates_when_refused(mut self, tags: impl Into<Tags>) -> Mutation<T> {
        self.tags_when_refused.add(tags.into());
        self
    }

    /// Adds tags that a function tells which may hold what it needs of the args. It is called once, with `None` when the
    /// outcome is unknown or the response cannot be read. A panic in it is contained.
    pub fn invalidates_with<G: Into<Tags>>(
        mut self,
        tags: impl Fn(Option<&T>) -> G + Send + Sync + 'static,
    ) -> Mutation<T>
    where
        T: 'static,
    {
        self.tags_with.push(Arc::new(move |value| tags(value).into()));
        self
    }

    /// Invalidates these tags and no others, whatever was inferred, and whatever the client says of all calls. For none at
    /// all there is [`without_invalidation`](Self::without_invalidation).
    pub fn invalidates_only(mut self, tags: impl Into<Tags>) -> Mutation<T> {
        self.tags = tags.into();
        self.tags_from.clear();
        self.tags_at.clear();
        self.tags_with.clear();
        self.tags_when_lost = Tags::none();
        self.tags_when_refused = Tags::none();
        self.tags_are_final = true;
        self
    }

    /// The response is written to no entry. What it would have filled is refetched if a tag reaches it.
    pub fn without_writes(mut self) -> Mutation<T> {
        self.writes.clear();
        self.writes_from.clear();
        self
    }

    /// What is sent.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// The response is what this query returns: it is written into that entry instead of being fetched again.
    ///
    /// When another mutation of the same data overlapped, nobody can tell which of them the server did last, so the entry
    /// is refetched after all.
    #[inline]
    pub fn writes<U: Send + Sync + 'static>(mut self, query: Query<U>) -> Mutation<T> {
        self.writes.push(Arc::new(move |enhancements| enhancements.apply(query.clone()).into_plan()));
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
        self.writes_from.push(Arc::new(move |value, enhancements| enhancements.apply(query(value)).into_plan()));
        self
    }

    /// Sends the body under another content type that the server takes, such as `application/merge-patch+json`.
    pub fn content_type(self, content_type: &str) -> Mutation<T> {
        Mutation { request: self.request.content_type(content_type), ..self }
    }

    /// The same mutation for the response as text of another media type, such as `text/event-stream`, where the server
    /// offers several. What it would have written is refetched, and so is what only its result would have told of. Hooks are
    /// of the type of the result: those that it had are left out.
    pub fn as_text(self, content_type: &'static str) -> Mutation<String> {
        self.reread(content_type, decode::text)
    }

    /// As [`as_text`](Self::as_text), for the response as it comes, such as `application/zip`.
    pub fn as_bytes(self, content_type: &'static str) -> Mutation<Bytes> {
        self.reread(content_type, decode::bytes)
    }

    /// As [`as_text`](Self::as_text), for the response as JSON of a type of yours, where the document describes it wrongly or
    /// not at all: the token that a sign-in answers with.
    pub fn as_json<U: DeserializeOwned + Send + 'static>(self) -> Mutation<U> {
        self.reread(ACCEPT_JSON, decode::json)
    }

    pub(crate) fn reread<U>(self, content_type: &'static str, decode: Decode<U>) -> Mutation<U> {
        let Mutation {
            request,
            mut tags,
            tags_when_lost,
            tags_when_refused,
            tags_are_final,
            writes,
            optimistic,
            invalidation,
            settings,
            ..
        } = self;
        tags.add(tags_when_lost);
        let read = Mutation::reading(request.without_stream().accept(content_type), content_type, decode);
        Mutation {
            tags,
            tags_when_refused,
            tags_are_final,
            writes,
            optimistic,
            invalidation,
            settings: settings.without_hooks(),
            ..read
        }
    }

    pub(crate) fn optimistic_mut(&mut self) -> &mut Optimistic {
        &mut self.optimistic
    }

    /// The same mutation for the response as it came.
    pub(crate) fn into_raw(self) -> Mutation<RawResponse> {
        let accept = self.request.accepted();
        self.reread(accept, decode::raw)
    }

    /// How its response is read.
    pub(crate) fn decode(&self) -> Decode<T> {
        self.decode
    }

    /// The same mutation with its tags changed.
    pub(crate) fn map_tags(mut self, change: impl Fn(Tag) -> Tag) -> Mutation<T> {
        self.tags = self.tags.into_iter().map(change).collect();
        self
    }

    /// What is stale when what the mutation started has ended: all that is known without a result.
    pub(crate) fn tags_of_end(&self) -> Tags {
        if !self.invalidation {
            return Tags::none();
        }
        let with = self.tags_with.iter().filter_map(|with| guarded(|| with(None)).ok()).flatten();
        self.tags.iter().chain(self.tags_when_lost.iter()).cloned().chain(with).collect()
    }

    pub(crate) fn map_request(self, change: impl FnOnce(Request) -> Request) -> Mutation<T> {
        Mutation { request: change(self.request), ..self }
    }

    /// This call makes nothing stale. What it writes is written all the same.
    pub fn without_invalidation(mut self) -> Mutation<T> {
        self.invalidation = false;
        self
    }
}

impl<T> Enhance for Mutation<T> {
    fn request(&self) -> &Request {
        &self.request
    }

    fn keep(mut self, before: Mutation<T>) -> Mutation<T> {
        self.invalidation &= before.invalidation;
        self.settings = self.settings.keep(before.settings.clone());
        if !before.tags_are_final {
            return self;
        }
        let Mutation { request, decode, lines, writes, writes_from, optimistic, invalidation, settings, .. } = self;
        Mutation { request, decode, lines, writes, writes_from, optimistic, invalidation, settings, ..before }
    }

    fn request_mut(&mut self) -> &mut Request {
        &mut self.request
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
            tags_with: self.tags_with.clone(),
            tags_when_lost: self.tags_when_lost.clone(),
            tags_when_refused: self.tags_when_refused.clone(),
            tags_are_final: self.tags_are_final,
            lines: self.lines,
            writes: self.writes.clone(),
            writes_from: self.writes_from.clone(),
            optimistic: self.optimistic.clone(),
            invalidation: self.invalidation,
            settings: self.settings.clone(),
        }
    }
}

impl<T> fmt::Debug for Mutation<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mutation").field("request", &self.request).finish_non_exhaustive()
    }
}
