//! How a query's responses are read, without the type of the result.

use std::any::Any;
use std::ptr::fn_addr_eq;
use std::sync::Arc;

use super::{TagsWith, Value};
use crate::decode::Decode;
use crate::error::DecodeFailure;
use crate::optimistic::Held;
use crate::paging::ReadPages;
use crate::parts::{self, Parts};
use crate::response::RawResponse;
use crate::tag::Tag;
use crate::tags::Tags;
use crate::tags_at::{self, TagsAt};

/// Reads a response's body. Runs user code.
pub(crate) trait Read: Send + Sync {
    /// The value, and its parts; those that stood in the previous response as well are taken from there. Without a previous
    /// response the value has no parts.
    fn decode(
        &self,
        response: &RawResponse,
        previous: Option<&Parts>,
    ) -> Result<(Value, Option<Arc<Parts>>), DecodeFailure>;
    /// The tags of a value that was read from this response.
    fn tags(&self, value: &Value, response: &RawResponse) -> Vec<Tag>;
    /// The tags of a value that the application made, and whether these are all: others may have to be read from JSON.
    fn tags_of_value(&self, value: &Value) -> (Vec<Tag>, bool);
    /// A value as it is after its entities were gone through; nothing if none of them changed.
    fn hold(&self, value: &Value, held: &mut Held<'_>) -> Option<Value>;
    /// How many functions and descriptions of tags there are.
    fn tag_sources(&self) -> usize;
    /// How pages are read, if the value is a list of them.
    fn pages(&self) -> Option<&Arc<dyn ReadPages>> {
        None
    }
    /// Whether the response is one JSON text.
    fn is_json(&self) -> bool;
    /// Whether nothing of one call's args is held, so that other calls of the operation can read by it.
    fn is_of_no_call(&self) -> bool;
    /// Whether both read alike, as far as can be told.
    fn is_like(&self, other: &dyn Read) -> bool;
    fn as_any(&self) -> &dyn Any;
}

/// Reads what a query of this type says.
pub(super) struct TypedReader<T> {
    pub(super) decode: Decode<T>,
    /// Nothing where the args tell all tags.
    pub(super) sources: Option<Box<Sources<T>>>,
    /// Where the value holds entities.
    pub(super) holds: Option<Holds<T>>,
    /// The response is one JSON text.
    pub(super) json: bool,
    /// The response is lines of JSON.
    pub(super) lines: bool,
    /// The value is a list of pages, which are read so.
    pub(super) pages: Option<Arc<dyn ReadPages>>,
    /// The tags of the pages are those of the list.
    pub(super) pages_tell: bool,
}

/// How a result is copied, and where it holds entities.
pub(super) type Holds<T> = (fn(&T) -> T, fn(&mut T, &mut Held<'_>));

/// What tells tags by a result.
pub(super) struct Sources<T> {
    tags_from: Vec<fn(&T) -> Tags>,
    tags_at: Vec<TagsAt>,
    tags_with: Vec<TagsWith<T>>,
}

impl<T> Sources<T> {
    pub(super) fn new(
        tags_from: Vec<fn(&T) -> Tags>,
        tags_at: Vec<TagsAt>,
        tags_with: Vec<TagsWith<T>>,
    ) -> Option<Box<Sources<T>>> {
        let sources = Sources { tags_from, tags_at, tags_with };
        (sources.count() > 0).then(|| Box::new(sources))
    }

    fn is_like(&self, other: &Sources<T>) -> bool {
        // Functions that hold something are never told to be alike.
        self.tags_with.is_empty()
            && other.tags_with.is_empty()
            && self.tags_from.len() == other.tags_from.len()
            && self.tags_at == other.tags_at
            && self.tags_from.iter().zip(&other.tags_from).all(|(one, other)| fn_addr_eq(*one, *other))
    }

    fn count(&self) -> usize {
        self.tags_from.len() + self.tags_with.len() + self.tags_at.len()
    }
}

impl<T: Send + Sync + 'static> Read for TypedReader<T> {
    fn decode(
        &self,
        response: &RawResponse,
        previous: Option<&Parts>,
    ) -> Result<(Value, Option<Arc<Parts>>), DecodeFailure> {
        if let Some(previous) = previous
            && let (Ok(value), parts) = parts::sharing(&response.body, previous, || (self.decode)(response))
        {
            return Ok((Arc::new(value), parts));
        }
        // What is wrong within a part is told by its place in the part, and here by its place in the body.
        (self.decode)(response).map(|value| (Arc::new(value) as Value, None))
    }

    fn tags(&self, value: &Value, response: &RawResponse) -> Vec<Tag> {
        let (mut tags, _) = self.tags_of_value(value);
        if let Some(sources) = &self.sources {
            tags.extend(tags_at::read(&sources.tags_at, self.lines, response).into_iter().map(Tag::into_provided));
        }
        tags
    }

    fn tags_of_value(&self, value: &Value) -> (Vec<Tag>, bool) {
        let pages = self.pages.as_ref().filter(|_| self.pages_tell);
        let (of_pages, are_all) = pages.map_or((Vec::new(), true), |pages| pages.tags(value));
        let Some((sources, value)) = self.sources.as_ref().zip(value.downcast_ref()) else {
            return (of_pages, are_all);
        };
        let typed = sources.tags_from.iter().flat_map(|tags| tags(value));
        let with = sources.tags_with.iter().flat_map(|tags| tags(value));
        (
            of_pages.into_iter().chain(typed.chain(with).map(Tag::into_provided)).collect(),
            are_all && sources.tags_at.is_empty(),
        )
    }

    fn hold(&self, value: &Value, held: &mut Held<'_>) -> Option<Value> {
        if let Some(pages) = &self.pages {
            return pages.hold(value, held);
        }
        let (copy, table) = self.holds?;
        held.go_through(copy(value.downcast_ref()?), table).map(|value| Arc::new(value) as Value)
    }

    fn tag_sources(&self) -> usize {
        let of_pages = self.pages.as_ref().filter(|_| self.pages_tell).map_or(0, |pages| pages.of_page().tag_sources());
        self.sources.as_ref().map_or(0, |sources| sources.count()) + of_pages
    }

    fn pages(&self) -> Option<&Arc<dyn ReadPages>> {
        self.pages.as_ref()
    }

    fn is_json(&self) -> bool {
        self.json
    }

    fn is_of_no_call(&self) -> bool {
        // A list begins where its call says.
        self.pages.is_none()
            && self.sources.as_ref().is_none_or(|sources| {
                sources.tags_with.is_empty() && sources.tags_at.iter().all(TagsAt::is_of_results_alone)
            })
    }

    fn is_like(&self, other: &dyn Read) -> bool {
        let Some(other) = other.as_any().downcast_ref::<TypedReader<T>>() else { return false };
        let same_sources = match (&self.sources, &other.sources) {
            (None, None) => true,
            (Some(one), Some(other)) => one.is_like(other),
            _ => false,
        };
        let same_holds = match (self.holds, other.holds) {
            (None, None) => true,
            (Some((_, one)), Some((_, other))) => fn_addr_eq(one, other),
            _ => false,
        };
        same_sources
            && same_holds
            && self.pages.is_none()
            && other.pages.is_none()
            && fn_addr_eq(self.decode, other.decode)
            && self.json == other.json
            && self.lines == other.lines
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
