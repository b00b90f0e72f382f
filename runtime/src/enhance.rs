//! What an application says of all calls of an operation, given to the client once.

use std::any::{Any, TypeId};
use std::collections::HashMap;

use bytes::Bytes;

use crate::guard::guarded;
use crate::request::Request;

/// A query or a mutation, as far as it can be changed.
pub(crate) trait Enhance: Clone {
    fn request(&self) -> &Request;
    /// The call after a change, with what it said itself before.
    fn keep(self, before: Self) -> Self;
    fn request_mut(&mut self) -> &mut Request;
    /// For the list of a query's pages: the list of that query with these changes.
    fn within(&self, _changes: &Changes) -> Option<Self> {
        None
    }
}

type Change<C> = Box<dyn Fn(C) -> C + Send + Sync>;

/// Changes of the calls of one operation.
#[derive(Default)]
pub(crate) struct Changes(Vec<Box<dyn Any + Send + Sync>>);

/// Changes of calls, by the operation's id. Each is a [`Change`] of one type of call.
#[derive(Default)]
pub(crate) struct Enhancements {
    by_operation: HashMap<String, Changes>,
}

impl Enhancements {
    pub(crate) fn add<C: 'static>(&mut self, operation_id: String, change: impl Fn(C) -> C + Send + Sync + 'static) {
        let change: Change<C> = Box::new(change);
        self.by_operation.entry(operation_id).or_default().0.push(Box::new(change));
    }

    /// The call with all changes of its operation.
    pub(crate) fn apply<C: Enhance + 'static>(&self, call: C) -> C {
        if self.by_operation.is_empty() {
            return call;
        }
        match self.by_operation.get(call.request().operation()) {
            Some(changes) => changes.apply(call),
            None => call,
        }
    }
}

impl Changes {
    pub(crate) fn apply<C: Enhance + 'static>(&self, call: C) -> C {
        enhanced(call, self)
    }
}

fn enhanced<C: Enhance + 'static>(call: C, changes: &Changes) -> C {
    let within = call.within(changes);
    let is_within = within.is_some();
    let call = within.unwrap_or(call);
    let mut before = call.clone();
    let operation = call.request().operation();
    let mut changed = call;
    for change in &changes.0 {
        let Some(change) = change.downcast_ref::<Change<C>>() else {
            // The same response as text or as bytes is another call, of which nothing was said.
            if !is_within && !is_reread::<C>() && before.request().streaming().is_none() {
                let what = std::any::type_name::<C>();
                before
                    .request_mut()
                    .fail(format!("the client was told how to change {operation}, but not as what it is: {what}"));
                return before;
            }
            continue;
        };
        let Ok(next) = guarded(|| change(changed)) else {
            before.request_mut().fail(format!("the function that changes every call of {operation} panicked"));
            return before;
        };
        changed = next;
    }
    changed.request_mut().keep_sending(before.request());
    changed.keep(before)
}

fn is_reread<C: 'static>() -> bool {
    use crate::{Mutation, Query};
    let text = [TypeId::of::<Query<String>>(), TypeId::of::<Mutation<String>>()];
    let bytes = [TypeId::of::<Query<Bytes>>(), TypeId::of::<Mutation<Bytes>>()];
    // It was changed before its response was to be taken as it comes.
    let raw = [TypeId::of::<Mutation<crate::RawResponse>>()];
    text.into_iter().chain(bytes).chain(raw).any(|ty| ty == TypeId::of::<C>())
}
