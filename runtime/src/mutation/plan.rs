//! A mutation without its type, and how its response is read.

use std::any::Any;
use std::sync::Arc;

use super::{TagsWith, WritesFrom};
use crate::decode::Decode;
use crate::enhance::Enhancements;
use crate::error::DecodeFailure;
use crate::guard::{Panicked, guarded};
use crate::optimistic::LayerPlan;
use crate::query::QueryPlan;
use crate::request::Request;
use crate::response::RawResponse;
use crate::tag::Tag;
use crate::tags::Tags;
use crate::tags_at::{self, TagsAt};

/// A mutation without its type, as the driver handles it.
pub(crate) struct MutationPlan {
    pub(crate) request: Request,
    pub(crate) invalidation: bool,
    pub(crate) tags: Tags,
    pub(crate) tags_when_refused: Tags,
    pub(crate) writes: Vec<Arc<QueryPlan>>,
    /// What is shown from its start on.
    pub(crate) layer: Option<Arc<LayerPlan>>,
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
    /// The tags that are known without a result, beside those of the args; and whether a function panicked.
    fn tags_without_result(&self) -> (Vec<Tag>, bool);
}

pub(super) struct TypedReader<T> {
    pub(super) decode: Decode<T>,
    pub(super) tags_from: Vec<fn(&T) -> Tags>,
    pub(super) tags_at: Vec<TagsAt>,
    pub(super) tags_with: Vec<TagsWith<T>>,
    pub(super) tags_when_lost: Tags,
    pub(super) lines: bool,
    pub(super) writes_from: Vec<WritesFrom<T>>,
    pub(super) enhancements: Arc<Enhancements>,
}

impl<T> TypedReader<T> {
    fn tags_with(&self, value: Option<&T>) -> (Vec<Tag>, bool) {
        let (mut tags, mut panicked) = (Vec::new(), false);
        for with in &self.tags_with {
            match guarded(|| with(value)) {
                Ok(more) => tags.extend(more),
                Err(Panicked) => panicked = true,
            }
        }
        (tags, panicked)
    }
}

impl<T: Send + 'static> ReadMutation for TypedReader<T> {
    fn read(&self, response: &RawResponse) -> Result<Result<ReadResult, DecodeFailure>, Panicked> {
        let value = match guarded(|| (self.decode)(response))? {
            Ok(value) => value,
            Err(failure) => return Ok(Err(failure)),
        };
        let (mut tags, mut panicked) = self.tags_with(Some(&value));
        for from in &self.tags_from {
            match guarded(|| from(&value)) {
                Ok(more) => tags.extend(more),
                Err(Panicked) => panicked = true,
            }
        }
        tags.extend(tags_at::read(&self.tags_at, self.lines, response));
        let mut writes = Vec::new();
        for from in &self.writes_from {
            match guarded(|| from(&value, &self.enhancements)) {
                Ok(plan) => writes.push(plan),
                Err(Panicked) => panicked = true,
            }
        }
        Ok(Ok(ReadResult { value: Box::new(value), tags, writes, panicked }))
    }

    fn tags_without_result(&self) -> (Vec<Tag>, bool) {
        let (mut tags, panicked) = self.tags_with(None);
        tags.extend(self.tags_when_lost.iter().cloned());
        (tags, panicked)
    }
}
