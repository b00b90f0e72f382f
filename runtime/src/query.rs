//! A query: a request, how its response is read, and the tags that the result provides.

mod key;
mod paged;
mod plan;
mod reader;
mod settings;

use std::any::{Any, TypeId};
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use serde::de::DeserializeOwned;

pub(crate) use self::key::EntryKey;
#[cfg(feature = "audit")]
pub(crate) use self::key::KeptKey;
pub(crate) use self::plan::QueryPlan;
pub(crate) use self::reader::Read;
use self::reader::{Holds, Sources, TypedReader};
use crate::Json;
use crate::by_status::ByStatus;
use crate::decode::{self, ACCEPT_ANY, ACCEPT_BY_STATUS, ACCEPT_JSON, ACCEPT_JSON_LINES, ACCEPT_TEXT, Decode};
use crate::enhance::{Changes, Enhance};
use crate::paging::{PagedOf, Paging};
use crate::request::Request;
use crate::settings::Settings;
use crate::tags::Tags;
use crate::tags_at::TagsAt;

/// Decoded data without its type.
pub(crate) type Value = Arc<dyn Any + Send + Sync>;

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
    /// Where the result holds entities.
    holds: Option<Holds<T>>,
    /// The call said all of its tags itself.
    tags_are_final: bool,
    /// The response is one JSON text.
    json: bool,
    /// The response is lines of JSON.
    lines: bool,
    settings: Settings,
    /// A watcher of it is off.
    is_off: bool,
    /// How its pages follow each other.
    paging: Option<Arc<Paging<T>>>,
    /// The query of which this is the list of pages.
    list_of: Option<Arc<dyn PagedOf<T>>>,
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

impl Query<Json> {
    /// A query of whose response a document says nothing: JSON as it comes, a text as a JSON string, an empty body as `null`.
    /// [`as_json`](Self::as_json) reads it as a type of yours.
    #[inline]
    pub fn undescribed(request: Request) -> Query<Json> {
        Query::reading(request, ACCEPT_BY_STATUS, decode::undescribed)
    }
}

impl<T> Query<T> {
    #[inline]
    pub(crate) fn reading(request: Request, accept: &'static str, decode: Decode<T>) -> Query<T> {
        Query {
            request: request.accept_or(accept).keyed(),
            decode,
            tags: Tags::none(),
            tags_from: Vec::new(),
            tags_at: Vec::new(),
            tags_with: Vec::new(),
            holds: None,
            tags_are_final: false,
            json: false,
            lines: false,
            settings: Settings::default(),
            is_off: false,
            paging: None,
            list_of: None,
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

    /// The same query for the response as JSON of a type of yours, where the document describes it wrongly or not at all. The
    /// tags that the args tell stay, and those that are looked up in the JSON; those that were read from the typed result are
    /// gone.
    ///
    /// ```
    /// # use larder::{Client, Error, Json, Query, Request};
    /// # fn get_status() -> Query<Json> { Query::undescribed(Request::get("getStatus", "/status")) }
    /// #[derive(larder::serde::Deserialize)]
    /// # #[serde(crate = "larder::serde")]
    /// struct Status { uptime: f64 }
    ///
    /// # async fn run(client: Client) -> Result<(), Error> {
    /// let status = client.fetch(get_status().as_json::<Status>()).await?;
    /// println!("up for {} s", status.uptime);
    /// # Ok(())
    /// # }
    /// ```
    pub fn as_json<U: DeserializeOwned + Send + Sync + 'static>(mut self) -> Query<U> {
        let tags_at = std::mem::take(&mut self.tags_at);
        Query { json: true, tags_at, ..self.reread(ACCEPT_JSON, decode::json) }
    }

    pub(crate) fn reread<U>(self, content_type: &'static str, decode: Decode<U>) -> Query<U> {
        let Query { request, tags, tags_are_final, settings, is_off, .. } = self;
        let of = Query::reading(request.without_stream().accept(content_type), content_type, decode);
        Query { tags, tags_are_final, settings, is_off, ..of }
    }

    #[inline]
    pub(crate) fn holding(self, holds: Holds<T>) -> Query<T> {
        Query { holds: Some(holds), ..self }
    }

    pub(crate) fn map_request(self, change: impl FnOnce(Request) -> Request) -> Query<T> {
        Query { request: change(self.request), ..self }
    }

    pub(crate) fn is_on(&self) -> bool {
        !self.is_off
    }
}

impl<T: Send + Sync + 'static> Query<T> {
    pub(crate) fn key(&self) -> EntryKey<'_> {
        EntryKey::of(&self.request, TypeId::of::<T>())
    }

    /// The tags that the args tell, and how many functions and descriptions tell others by the result.
    pub(crate) fn tells(&self) -> (&Tags, usize) {
        let of_pages = self.pages_that_tell().map_or(0, PagedOf::tag_sources);
        (&self.tags, self.tags_from.len() + self.tags_with.len() + self.tags_at.len() + of_pages)
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The query without its type.
    pub(crate) fn into_plan(self) -> Arc<QueryPlan> {
        Arc::new(QueryPlan {
            request: self.request,
            ty: TypeId::of::<T>(),
            tags: plan::provided(self.tags),
            settings: self.settings,
            reader: Arc::new(TypedReader {
                decode: self.decode,
                sources: Sources::new(self.tags_from, self.tags_at, self.tags_with),
                holds: self.holds,
                json: self.json,
                lines: self.lines,
                pages: self.list_of.as_ref().map(|list| list.reader()),
                pages_tell: !self.tags_are_final,
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
        let Query { request, decode, holds, json, lines, settings, is_off, paging, list_of, .. } = self;
        Query { request, decode, holds, json, lines, settings, is_off, paging, list_of, ..before }
    }

    fn request_mut(&mut self) -> &mut Request {
        &mut self.request
    }

    fn within(&self, changes: &Changes) -> Option<Query<T>> {
        self.enhanced_list(changes)
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
            holds: self.holds,
            tags_are_final: self.tags_are_final,
            json: self.json,
            lines: self.lines,
            settings: self.settings.clone(),
            is_off: self.is_off,
            paging: self.paging.clone(),
            list_of: self.list_of.clone(),
        }
    }
}

impl<T> fmt::Debug for Query<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Query").field("request", &self.request).finish_non_exhaustive()
    }
}
