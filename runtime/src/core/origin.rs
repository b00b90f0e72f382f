//! The call that an entry was made by, in little room.

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::Arc;

use super::event::EntryId;
use crate::event::CallRef;
use crate::paging::Direction;
use crate::query::{EntryKey, QueryPlan, Read, Value};
use crate::request::{Args, Common, Request};
use crate::response::RawResponse;
use crate::sending::Sending;
use crate::settings::Settings;
use crate::tag::Tag;

/// The call that an entry was made by: what is sent, how it is read, the tags that its args tell.
///
/// What all calls of an operation have alike is held once for all of them.
#[repr(C)]
pub(super) struct Origin {
    args: Args,
    operation: Arc<Operation>,
    pub(super) settings: Settings,
    pub(super) tags: Box<[Tag]>,
}

/// What all calls of an operation have alike, if their results are read alike.
struct Operation {
    common: Common,
    ty: TypeId,
    reader: Arc<dyn Read>,
}

/// The operations that are known. There are as many as the program has, however many entries there are.
#[derive(Default)]
pub(super) struct Operations(HashMap<(Common, TypeId), Arc<Operation>>);

impl Operations {
    pub(super) fn origin(&mut self, plan: &QueryPlan) -> Origin {
        Origin {
            operation: self.operation(plan),
            args: plan.request.args().clone(),
            tags: plan.tags.clone(),
            settings: plan.settings.clone(),
        }
    }

    fn operation(&mut self, plan: &QueryPlan) -> Arc<Operation> {
        let (common, ty) = (*plan.request.common(), plan.ty);
        let new = || Arc::new(Operation { common, ty, reader: plan.reader.clone() });
        if !plan.reader.is_of_no_call() {
            return new();
        }
        let known = self.0.entry((common, ty)).or_insert_with(new);
        if known.reader.is_like(&*plan.reader) { known.clone() } else { new() }
    }
}

impl Origin {
    pub(super) fn key(&self) -> EntryKey<'_> {
        EntryKey::new(&self.operation.common, &self.args, self.operation.ty)
    }

    pub(super) fn operation_id(&self) -> &'static str {
        self.operation.common.operation()
    }

    pub(super) fn path(&self) -> &str {
        self.args.path(&self.operation.common)
    }

    pub(super) fn request(&self) -> Request {
        Request::of(self.operation.common, self.args.clone())
    }

    /// Whether responses are streams.
    pub(super) fn streams(&self) -> bool {
        self.args.streams()
    }

    pub(super) fn plan(&self) -> Arc<QueryPlan> {
        Arc::new(QueryPlan {
            request: self.request(),
            ty: self.operation.ty,
            tags: self.tags.clone(),
            settings: self.settings.clone(),
            reader: self.operation.reader.clone(),
        })
    }

    /// Takes over how a further call is sent, if it says anything of that. Gives back what was said before, to be discarded.
    pub(super) fn adopt_sending(&mut self, plan: &QueryPlan) -> Option<Box<Sending>> {
        self.args.adopt_sending(plan.request.args())
    }

    /// How many functions and descriptions tell tags by the result.
    pub(super) fn tag_sources(&self) -> usize {
        self.operation.reader.tag_sources()
    }

    /// Whether the value is a list of pages.
    pub(super) fn is_list_of_pages(&self) -> bool {
        self.operation.reader.pages().is_some()
    }

    /// The response, if it tells data from other data: that of a list says nothing of its pages.
    pub(super) fn tells_data<'r>(&self, response: Option<&'r RawResponse>) -> Option<&'r RawResponse> {
        response.filter(|_| !self.is_list_of_pages())
    }

    /// Whether a list of pages goes on.
    pub(super) fn has_more(&self, list: &Value, direction: Direction) -> bool {
        self.operation.reader.pages().is_some_and(|pages| pages.has_more(list, direction))
    }

    /// How large the bodies of a list of pages are.
    pub(super) fn page_bytes(&self, list: &Value) -> usize {
        self.operation.reader.pages().map_or(0, |pages| pages.body_bytes(list))
    }

    pub(super) fn call(&self, id: EntryId) -> CallRef {
        CallRef::new(id.number(), &self.request())
    }
}
