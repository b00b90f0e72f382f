//! A query: a request, how its response is read, and the tags that the result provides.

use std::any::{Any, TypeId};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde::de::DeserializeOwned;

use crate::by_status::ByStatus;
use crate::decode::{self, ACCEPT_ANY, ACCEPT_BY_STATUS, ACCEPT_JSON, ACCEPT_JSON_LINES, ACCEPT_TEXT, Decode};
use crate::enhance::Enhance;
use crate::error::DecodeFailure;
use crate::parts::{self, Level, Previous};
use crate::request::{Identity, Request};
use crate::response::RawResponse;
use crate::tag::Tag;
use crate::tags::Tags;
use crate::tags_at::{self, TagsAt};

/// A function that names tags by a result, and by what it holds of the args.
type TagsWith<T> = Arc<dyn Fn(&T) -> Tags + Send + Sync>;

/// An operation whose result is cached, with its args. Nothing is sent until a [`Client`](crate::Client) is given it.
///
/// Two queries with the same operation, args and result type are the same entry of the cache.
#[must_use = "nothing is sent until a client is given the query"]
pub struct Query<T> {
    request: Request,
    decode: Decode<T>,
    tags: Tags,
    tags_from: Vec<fn(&T) -> Tags>,
    tags_at: Vec<TagsAt>,
    tags_with: Vec<TagsWith<T>>,
    /// The call said all of its tags itself.
    tags_are_final: bool,
    /// The response is one JSON text.
    json: bool,
    /// The response is lines of JSON.
    lines: bool,
    structural_sharing: bool,
    keep_unused: Option<Duration>,
    stale_time: Option<Duration>,
}

impl<T: DeserializeOwned + Send + Sync + 'static> Query<T> {
    /// A query whose response is JSON. An empty body is read as `null`.
    #[inline]
    pub fn new(request: Request) -> Query<T> {
        Query { json: true, ..Query::reading(request, ACCEPT_JSON, decode::json) }
    }
}

impl<T: DeserializeOwned + Send + Sync + 'static> Query<Vec<T>> {
    /// A query whose response is many JSON texts, one a line.
    #[inline]
    pub fn json_lines(request: Request) -> Query<Vec<T>> {
        Query { lines: true, ..Query::reading(request, ACCEPT_JSON_LINES, decode::json_lines) }
    }
}

impl<T: ByStatus> Query<T> {
    /// A query whose status tells what its response is.
    #[inline]
    pub fn by_status(request: Request) -> Query<T> {
        Query::reading(request, ACCEPT_BY_STATUS, decode::by_status)
    }
}

impl Query<String> {
    /// A query whose response is text.
    #[inline]
    pub fn text(request: Request) -> Query<String> {
        Query::reading(request, ACCEPT_TEXT, decode::text)
    }
}

impl Query<Bytes> {
    /// A query whose response is taken as it comes.
    #[inline]
    pub fn bytes(request: Request) -> Query<Bytes> {
        Query::reading(request, ACCEPT_ANY, decode::bytes)
    }
}

impl Query<()> {
    /// A query whose response has no body, or none that matters.
    #[inline]
    pub fn empty(request: Request) -> Query<()> {
        Query::reading(request, ACCEPT_ANY, decode::empty)
    }
}

impl<T> Query<T> {
    #[inline]
    fn reading(request: Request, accept: &'static str, decode: Decode<T>) -> Query<T> {
        Query {
            request: request.accept_or(accept),
            decode,
            tags: Tags::none(),
            tags_from: Vec::new(),
            tags_at: Vec::new(),
            tags_with: Vec::new(),
            tags_are_final: false,
            json: false,
            lines: false,
            structural_sharing: true,
            keep_unused: None,
            stale_time: None,
        }
    }

    /// Adds tags that the args alone tell. They count from the moment the request starts.
    #[inline]
    pub fn provides(mut self, tags: impl Into<Tags>) -> Query<T> {
        self.tags.add(tags.into());
        self
    }

    /// Adds tags that are read from each result. A panic in `tags` ends as an error on the entry.
    #[inline]
    pub fn provides_from(mut self, tags: fn(&T) -> Tags) -> Query<T> {
        self.tags_from.push(tags);
        self
    }

    /// Adds tags that are looked up in the JSON of each result.
    #[inline]
    pub fn provides_at(mut self, tags: TagsAt) -> Query<T> {
        self.tags_at.push(tags);
        self
    }

    /// Adds tags that a function tells which may hold what it needs of the args. It is called with each result; a panic in
    /// it ends as an error on the entry.
    pub fn provides_with<G: Into<Tags>>(mut self, tags: impl Fn(&T) -> G + Send + Sync + 'static) -> Query<T>
    where
        T: 'static,
    {
        self.tags_with.push(Arc::new(move |value| tags(value).into()));
        self
    }

    /// Provides these tags and no others, whatever was inferred, and whatever the client says of all calls.
    ///
    /// ```
    /// # use larder::{Json, Query, Request, TagType};
    /// # const POST: TagType = TagType::new("Post");
    /// # fn get_post(id: i64) -> Query<Json> {
    /// #     Query::new(Request::get("getPost", "/posts/{id}").path_param("id", &id)).provides(POST.id(id))
    /// # }
    /// // This one is asked for again whenever any post changes.
    /// let newest = get_post(1).provides_only(POST.list());
    /// # let _ = newest;
    /// ```
    pub fn provides_only(mut self, tags: impl Into<Tags>) -> Query<T> {
        self.tags = tags.into();
        self.tags_from.clear();
        self.tags_at.clear();
        self.tags_with.clear();
        self.tags_are_final = true;
        self
    }

    /// What is sent.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// The same query for the response as text of another media type, such as `text/csv`, where the server offers several.
    /// The tags that the args tell stay; those that were read from the result are gone.
    pub fn as_text(self, content_type: &'static str) -> Query<String> {
        self.reread(content_type, decode::text)
    }

    /// As [`as_text`](Self::as_text), for the response as it comes, such as `image/png`.
    pub fn as_bytes(self, content_type: &'static str) -> Query<Bytes> {
        self.reread(content_type, decode::bytes)
    }

    fn reread<U>(self, content_type: &'static str, decode: Decode<U>) -> Query<U> {
        let Query { request, tags, tags_are_final, structural_sharing, keep_unused, stale_time, .. } = self;
        let request = request.accept(content_type);
        Query {
            tags,
            tags_are_final,
            structural_sharing,
            keep_unused,
            stale_time,
            ..Query::reading(request, content_type, decode)
        }
    }

    /// How long the result is kept when nobody uses it any more. When callers say different times, the longest counts.
    pub fn keep_unused(mut self, time: Duration) -> Query<T> {
        self.keep_unused = Some(time);
        self
    }

    /// How long the result is fresh for this caller, instead of the client's default.
    pub fn stale_time(mut self, time: Duration) -> Query<T> {
        self.stale_time = Some(time);
        self
    }

    /// Whether a response that brings what is there already leaves it in place, as it does unless told otherwise.
    ///
    /// Equal data keeps its `Arc`, and no watcher is told that data changed; where some of it changed, each
    /// [`Part`](crate::Part) that did not is the same as before. With `false` every response is new data.
    pub fn structural_sharing(mut self, on: bool) -> Query<T> {
        self.structural_sharing = on;
        self
    }
}

impl<T: Send + Sync + 'static> Query<T> {
    pub(crate) fn key(&self) -> EntryKey {
        EntryKey(Arc::new(KeyParts { identity: self.request.identity(), ty: TypeId::of::<T>() }))
    }

    /// The query without its type.
    pub(crate) fn into_plan(self) -> Arc<QueryPlan> {
        Arc::new(QueryPlan {
            key: self.key(),
            request: self.request,
            tags: self.tags.into_iter().map(Tag::into_provided).collect(),
            keep_unused: self.keep_unused,
            stale_time: self.stale_time,
            structural_sharing: self.structural_sharing,
            json: self.json,
            reader: Box::new(TypedReader {
                decode: self.decode,
                tags_from: self.tags_from,
                tags_at: self.tags_at,
                tags_with: self.tags_with,
                lines: self.lines,
            }),
        })
    }
}

impl<T> Enhance for Query<T> {
    fn request(&self) -> &Request {
        &self.request
    }

    fn keep(mut self, before: Query<T>) -> Query<T> {
        self.keep_unused = before.keep_unused.or(self.keep_unused);
        self.stale_time = before.stale_time.or(self.stale_time);
        if !before.tags_are_final {
            return self;
        }
        let Query { request, decode, json, lines, keep_unused, stale_time, .. } = self;
        Query { request, decode, json, lines, keep_unused, stale_time, ..before }
    }

    fn fail(&mut self, problem: String) {
        self.request.fail(problem);
    }
}

impl<T> Clone for Query<T> {
    fn clone(&self) -> Query<T> {
        Query {
            request: self.request.clone(),
            decode: self.decode,
            tags: self.tags.clone(),
            tags_from: self.tags_from.clone(),
            tags_at: self.tags_at.clone(),
            tags_with: self.tags_with.clone(),
            tags_are_final: self.tags_are_final,
            json: self.json,
            lines: self.lines,
            structural_sharing: self.structural_sharing,
            keep_unused: self.keep_unused,
            stale_time: self.stale_time,
        }
    }
}

impl<T> fmt::Debug for Query<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Query").field("request", &self.request).finish_non_exhaustive()
    }
}

/// Decoded data without its type.
pub(crate) type Value = Arc<dyn Any + Send + Sync>;

/// What makes two queries the same entry. Compared in full, so equal hashes never mix entries up.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct EntryKey(Arc<KeyParts>);

#[derive(PartialEq, Eq, Hash)]
struct KeyParts {
    identity: Identity,
    ty: TypeId,
}

/// A query without its type, as the core and the driver handle it.
pub(crate) struct QueryPlan {
    pub(crate) key: EntryKey,
    pub(crate) request: Request,
    pub(crate) tags: Vec<Tag>,
    pub(crate) keep_unused: Option<Duration>,
    pub(crate) stale_time: Option<Duration>,
    /// What a response brings again stays in place.
    pub(crate) structural_sharing: bool,
    /// The response is one JSON text.
    pub(crate) json: bool,
    pub(crate) reader: Box<dyn Read>,
}

/// Reads a response's body. Runs user code.
pub(crate) trait Read: Send + Sync {
    /// The value, and its parts; those that stood in the previous response as well are taken from there. Without a previous
    /// response the value has no parts.
    fn decode(
        &self,
        response: &RawResponse,
        previous: Option<Previous>,
    ) -> Result<(Value, Option<Arc<Level>>), DecodeFailure>;
    /// The tags of a value that was read from this response.
    fn tags(&self, value: &Value, response: &RawResponse) -> Vec<Tag>;
}

struct TypedReader<T> {
    decode: Decode<T>,
    tags_from: Vec<fn(&T) -> Tags>,
    tags_at: Vec<TagsAt>,
    tags_with: Vec<TagsWith<T>>,
    lines: bool,
}

impl<T: Send + Sync + 'static> Read for TypedReader<T> {
    fn decode(
        &self,
        response: &RawResponse,
        previous: Option<Previous>,
    ) -> Result<(Value, Option<Arc<Level>>), DecodeFailure> {
        if let Some(previous) = previous
            && let (Ok(value), parts) = parts::sharing(&response.body, previous, || (self.decode)(response))
        {
            return Ok((Arc::new(value), parts));
        }
        // What is wrong within a part is told by its place in the part, and here by its place in the body.
        (self.decode)(response).map(|value| (Arc::new(value) as Value, None))
    }

    fn tags(&self, value: &Value, response: &RawResponse) -> Vec<Tag> {
        let Some(value) = value.downcast_ref() else { return Vec::new() };
        let typed = self.tags_from.iter().flat_map(|tags| tags(value));
        typed
            .chain(self.tags_with.iter().flat_map(|tags| tags(value)))
            .chain(tags_at::read(&self.tags_at, self.lines, response))
            .map(Tag::into_provided)
            .collect()
    }
}
