//! A mutation without its type, and how its response is read.

use std::any::Any;
use std::sync::Arc;

use super::{Mutation, MutationDefaults, TagsWith, WritesFrom};
use crate::core::Turn;
use crate::decode::Decode;
use crate::enhance::Enhancements;
use crate::error::DecodeFailure;
use crate::guard::{Panicked, guarded};
use crate::hooks::AnyHooks;
use crate::optimistic::LayerPlan;
use crate::query::QueryPlan;
use crate::request::Request;
use crate::response::RawResponse;
use crate::tag::Tag;
use crate::tags::Tags;
use crate::tags_at::{self, TagsAt};

impl<T: Send + 'static> Mutation<T> {
    /// The mutation without its type.
    pub(crate) fn into_plan(self, enhancements: &Arc<Enhancements>, defaults: &MutationDefaults) -> MutationPlan {
        self.planned(enhancements, defaults, |value| Box::new(value))
    }

    /// As [`into_plan`](Self::into_plan), of which the result is an `Arc`.
    pub(crate) fn into_shared_plan(self, enhancements: &Arc<Enhancements>, defaults: &MutationDefaults) -> MutationPlan
    where
        T: Sync,
    {
        self.planned(enhancements, defaults, |value| Box::new(Arc::new(value)))
    }

    fn planned(
        self,
        enhancements: &Arc<Enhancements>,
        defaults: &MutationDefaults,
        erase: fn(T) -> Box<dyn Any + Send>,
    ) -> MutationPlan {
        let (turn, hooks) = (self.settings.turn(defaults), self.settings.hooks(defaults));
        let request = self.settings.keyed(self.request, defaults);
        let Mutation { decode, tags, lines, invalidation, optimistic, .. } = self;
        let layer = (!optimistic.is_empty()).then(|| optimistic.into_plan(enhancements));
        let writes = self.writes.iter().map(|write| write(enhancements)).collect();
        let reader = Box::new(TypedReader {
            decode,
            erase,
            tags_from: self.tags_from,
            tags_at: self.tags_at,
            tags_with: self.tags_with,
            tags_when_lost: self.tags_when_lost,
            lines,
            writes_from: self.writes_from,
            enhancements: enhancements.clone(),
        });
        MutationPlan {
            request,
            turn,
            hooks,
            invalidation,
            tags,
            tags_when_refused: self.tags_when_refused,
            writes,
            layer,
            reader,
        }
    }
}

/// A mutation without its type, as the driver handles it.
pub(crate) struct MutationPlan {
    pub(crate) request: Request,
    pub(crate) turn: Turn,
    pub(crate) hooks: Vec<Arc<dyn AnyHooks>>,
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

struct TypedReader<T> {
    decode: Decode<T>,
    erase: fn(T) -> Box<dyn Any + Send>,
    tags_from: Vec<fn(&T) -> Tags>,
    tags_at: Vec<TagsAt>,
    tags_with: Vec<TagsWith<T>>,
    tags_when_lost: Tags,
    lines: bool,
    writes_from: Vec<WritesFrom<T>>,
    enhancements: Arc<Enhancements>,
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
        Ok(Ok(ReadResult { value: (self.erase)(value), tags, writes, panicked }))
    }

    fn tags_without_result(&self) -> (Vec<Tag>, bool) {
        let (mut tags, panicked) = self.tags_with(None);
        tags.extend(self.tags_when_lost.iter().cloned());
        (tags, panicked)
    }
}
