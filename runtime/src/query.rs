//! A query: a request, how its response is read, and the tags that the result provides.

mod key;

use std::any::{Any, TypeId};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde::de::DeserializeOwned;

pub(crate) use self::key::EntryKey;
#[cfg(feature = "audit")]
pub(crate) use self::key::KeptKey;
use crate::by_status::ByStatus;
use crate::decode::{self, ACCEPT_ANY, ACCEPT_BY_STATUS, ACCEPT_JSON, ACCEPT_JSON_LINES, ACCEPT_TEXT, Decode};
use crate::enhance::Enhance;
use crate::error::DecodeFailure;
use crate::request::Request;
use crate::response::RawResponse;
use crate::settings::{Refetch, Settings};
use crate::tag::Tag;
use crate::tags::{self, Tags};
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
    /// The response is lines of JSON.
    lines: bool,
    settings: Settings,
    /// A watcher of it is off.
    is_off: bool,
}

impl<T: DeserializeOwned + Send + Sync + 'static> Query<T> {
    /// A query whose response is JSON. An empty body is read as `null`.
    #[inline]
    pub fn new(request: Request) -> Query<T> {
        Query::reading(request, ACCEPT_JSON, decode::json)
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
            request: request.accept_or(accept).keyed(),
            decode,
            tags: Tags::none(),
            tags_from: Vec::new(),
            tags_at: Vec::new(),
            tags_with: Vec::new(),
            tags_are_final: false,
            lines: false,
            settings: Settings::default(),
            is_off: false,
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
        let Query { request, tags, tags_are_final, settings, is_off, .. } = self;
        let of = Query::reading(request.accept(content_type), content_type, decode);
        Query { tags, tags_are_final, settings, is_off, ..of }
    }

    /// How long the result is kept when nobody uses it any more. When callers say different times, or leave it to the
    /// client, the longest counts. Zero is not at all, `Duration::MAX` for ever.
    pub fn keep_unused(mut self, time: Duration) -> Query<T> {
        self.settings.keep_unused = Some(time);
        self
    }

    /// How long the result is fresh for this caller, instead of the client's default. Zero is never.
    pub fn stale_time(mut self, time: Duration) -> Query<T> {
        self.settings.stale_time = Some(time);
        self
    }

    /// Whether the server says how long the result is fresh: `Cache-Control: max-age` is the stale time then, unless the call
    /// says one itself.
    pub fn stale_time_from_server(mut self, on: bool) -> Query<T> {
        self.settings.stale_time_from_server = Some(on);
        self
    }

    /// The result never changes: neither an invalidation nor time makes it stale.
    pub fn never_stale(mut self) -> Query<T> {
        self.settings.never_stale = true;
        self
    }

    /// When a watcher that comes to data which is there has it requested again: [`Refetch::IfStale`], unless the client says
    /// otherwise.
    pub fn refetch_on_watch(mut self, when: Refetch) -> Query<T> {
        self.settings.on_watch = Some(when);
        self
    }

    /// When the result is requested again because the host's window got the focus, while it is watched:
    /// [`Refetch::IfStale`], unless the client says otherwise. Of several watchers the most demanding counts.
    pub fn refetch_on_focus(mut self, when: Refetch) -> Query<T> {
        self.settings.on_focus = Some(when);
        self
    }

    /// As [`refetch_on_focus`](Self::refetch_on_focus), for the moment at which the host is online again. What failed before is
    /// requested unless this is [`Refetch::Never`].
    pub fn refetch_on_reconnect(mut self, when: Refetch) -> Query<T> {
        self.settings.on_reconnect = Some(when);
        self
    }

    /// Requests the result again and again while it is watched, this long after each answer or failure. Of several watchers
    /// the shortest time counts. Polling pauses while the host is offline; zero is not at all.
    pub fn poll_every(mut self, time: Duration) -> Query<T> {
        self.settings.poll_every = Some(time);
        self
    }

    /// Whether this watcher's polling pauses while the host's window has no focus. What was due meanwhile is made up for as
    /// soon as it has it again.
    pub fn poll_only_focused(mut self, on: bool) -> Query<T> {
        self.settings.poll_only_focused = on;
        self
    }

    /// Lets a [`Watcher`](crate::Watcher) that comes to this query from another one show the data of before, marked by
    /// [`State::is_previous`](crate::State::is_previous), until this query's is there.
    pub fn keep_previous(mut self, keep: bool) -> Query<T> {
        self.settings.keep_previous = keep;
        self
    }

    /// Whether to watch the query at all, such as when what it depends on is known. While it is not, a
    /// [`Watcher`](crate::Watcher) of it is off: no subscriber, it sends nothing and keeps its last data. Nothing else minds.
    ///
    /// ```
    /// # fn run(client: &larder::Client, get_user: fn(Option<&str>) -> larder::Query<String>, author: Option<&str>) {
    /// let user = client.watch(get_user(author).when(author.is_some()));
    /// user.set_query(get_user(Some("ada"))); // Later, when the author is known.
    /// # }
    /// ```
    pub fn when(mut self, condition: bool) -> Query<T> {
        self.is_off = !condition;
        self
    }

    pub(crate) fn is_on(&self) -> bool {
        !self.is_off
    }
}

impl<T: Send + Sync + 'static> Query<T> {
    pub(crate) fn key(&self) -> EntryKey<'_> {
        EntryKey::new(&self.request, TypeId::of::<T>())
    }

    /// The tags that the args tell, and how many functions and descriptions tell others by the result.
    pub(crate) fn tells(&self) -> (&Tags, usize) {
        (&self.tags, self.tags_from.len() + self.tags_with.len() + self.tags_at.len())
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The query without its type.
    pub(crate) fn into_plan(self) -> Arc<QueryPlan> {
        Arc::new(QueryPlan {
            request: self.request,
            ty: TypeId::of::<T>(),
            tags: provided(self.tags),
            settings: self.settings,
            reader: Box::new(TypedReader {
                decode: self.decode,
                sources: Sources::new(self.tags_from, self.tags_at, self.tags_with),
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
        self.settings = before.settings.clone().or(self.settings);
        self.is_off |= before.is_off;
        if !before.tags_are_final {
            return self;
        }
        let Query { request, decode, lines, settings, is_off, .. } = self;
        Query { request, decode, lines, settings, is_off, ..before }
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
            lines: self.lines,
            settings: self.settings.clone(),
            is_off: self.is_off,
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

/// A query without its type, as the core and the driver handle it.
pub(crate) struct QueryPlan {
    pub(crate) request: Request,
    ty: TypeId,
    /// The tags that the args alone tell, sorted, each once.
    pub(crate) tags: Box<[Tag]>,
    pub(crate) settings: Settings,
    pub(crate) reader: Box<dyn Read>,
}

fn provided(tags: Tags) -> Box<[Tag]> {
    let mut tags: Vec<Tag> = tags.into_iter().map(Tag::into_provided).collect();
    tags::sort(&mut tags);
    tags.into()
}

impl QueryPlan {
    pub(crate) fn key(&self) -> EntryKey<'_> {
        EntryKey::new(&self.request, self.ty)
    }
}

/// Reads a response's body. Runs user code.
pub(crate) trait Read: Send + Sync {
    fn decode(&self, response: &RawResponse) -> Result<Value, DecodeFailure>;
    /// The tags of a value that was read from this response.
    fn tags(&self, value: &Value, response: &RawResponse) -> Vec<Tag>;
    /// The tags of a value that the application made, and whether these are all: others may have to be read from JSON.
    fn tags_of_value(&self, value: &Value) -> (Vec<Tag>, bool);
    /// How many functions and descriptions of tags there are.
    fn tag_sources(&self) -> usize;
}

struct TypedReader<T> {
    decode: Decode<T>,
    /// Nothing where the args tell all tags.
    sources: Option<Box<Sources<T>>>,
    lines: bool,
}

/// What tells tags by a result.
struct Sources<T> {
    tags_from: Vec<fn(&T) -> Tags>,
    tags_at: Vec<TagsAt>,
    tags_with: Vec<TagsWith<T>>,
}

impl<T> Sources<T> {
    fn new(
        tags_from: Vec<fn(&T) -> Tags>,
        tags_at: Vec<TagsAt>,
        tags_with: Vec<TagsWith<T>>,
    ) -> Option<Box<Sources<T>>> {
        let sources = Sources { tags_from, tags_at, tags_with };
        (sources.count() > 0).then(|| Box::new(sources))
    }

    fn count(&self) -> usize {
        self.tags_from.len() + self.tags_with.len() + self.tags_at.len()
    }
}

impl<T: Send + Sync + 'static> Read for TypedReader<T> {
    fn decode(&self, response: &RawResponse) -> Result<Value, DecodeFailure> {
        (self.decode)(response).map(|value| Arc::new(value) as Value)
    }

    fn tags(&self, value: &Value, response: &RawResponse) -> Vec<Tag> {
        let (mut tags, _) = self.tags_of_value(value);
        if let Some(sources) = &self.sources {
            tags.extend(tags_at::read(&sources.tags_at, self.lines, response).into_iter().map(Tag::into_provided));
        }
        tags
    }

    fn tags_of_value(&self, value: &Value) -> (Vec<Tag>, bool) {
        let Some((sources, value)) = self.sources.as_ref().zip(value.downcast_ref()) else {
            return (Vec::new(), true);
        };
        let typed = sources.tags_from.iter().flat_map(|tags| tags(value));
        let with = sources.tags_with.iter().flat_map(|tags| tags(value));
        (typed.chain(with).map(Tag::into_provided).collect(), sources.tags_at.is_empty())
    }

    fn tag_sources(&self) -> usize {
        self.sources.as_ref().map_or(0, |sources| sources.count())
    }
}
