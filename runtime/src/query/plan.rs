//! A query without its type, as the core and the driver handle it.

use std::any::TypeId;
use std::sync::Arc;

use super::key::EntryKey;
use super::reader::Read;
use crate::request::Request;
use crate::settings::Settings;
use crate::tag::Tag;
use crate::tags::{self, Tags};

/// A query without its type, as the core and the driver handle it.
pub(crate) struct QueryPlan {
    pub(crate) request: Request,
    pub(crate) ty: TypeId,
    /// The tags that the args alone tell, sorted, each once.
    pub(crate) tags: Box<[Tag]>,
    pub(crate) settings: Settings,
    pub(crate) reader: Arc<dyn Read>,
}

/// Tags as a plan holds them.
pub(super) fn provided(tags: Tags) -> Box<[Tag]> {
    let mut tags: Vec<Tag> = tags.into_iter().map(Tag::into_provided).collect();
    tags::sort(&mut tags);
    tags.into()
}

impl QueryPlan {
    pub(crate) fn key(&self) -> EntryKey<'_> {
        EntryKey::of(&self.request, self.ty)
    }
}
