//! Changes of values whose type is not known where they are made.

use std::any::{Any, TypeId};
use std::sync::Arc;

use super::is_of;
use crate::nullable::Nullable;
use crate::part::Part;
use crate::query::Value;

/// Changes what is at a place. Says whether it was of the type.
type InPlace = Arc<dyn Fn(&mut dyn Any) -> bool + Send + Sync>;

/// Makes another value of one that others hold.
type Anew = Arc<dyn Fn(&Value) -> Option<Value> + Send + Sync>;

/// An entity as an element of a list of this type, if it can be one.
type Element = Arc<dyn Fn(TypeId) -> Option<Box<dyn Any>> + Send + Sync>;

/// A change of values of one type, wherever such a value is.
#[derive(Clone)]
pub(crate) struct Edit {
    ty: TypeId,
    in_place: InPlace,
    anew: Anew,
}

impl Edit {
    pub(super) fn new<E>(change: impl Fn(&mut E) + Send + Sync + 'static) -> Edit
    where
        E: Clone + Send + Sync + 'static,
    {
        let change = Arc::new(change);
        let of_copy = change.clone();
        Edit {
            ty: TypeId::of::<E>(),
            in_place: Arc::new(move |place| found::<E>(place).map(|value| change(value)).is_some()),
            anew: Arc::new(move |value| {
                let mut copy = value.downcast_ref::<E>()?.clone();
                of_copy(&mut copy);
                Some(Arc::new(copy))
            }),
        }
    }

    /// The type of the values.
    pub(super) fn ty(&self) -> TypeId {
        self.ty
    }

    /// Changes what is at a place, if it is of the type.
    pub(super) fn at(&self, place: &mut dyn Any) -> bool {
        (self.in_place)(place)
    }

    /// The changed value, if it is of the type.
    pub(super) fn whole(&self, value: &Value) -> Option<Value> {
        (self.anew)(value)
    }
}

/// The entity that a place is or holds.
fn found<E: Clone + 'static>(place: &mut dyn Any) -> Option<&mut E> {
    // One after another, because a reference that was tried is lost otherwise.
    if place.is::<E>() {
        return place.downcast_mut();
    }
    if place.is::<Part<E>>() {
        return place.downcast_mut().map(Part::make_mut);
    }
    if place.is::<Box<E>>() {
        return place.downcast_mut::<Box<E>>().map(Box::as_mut);
    }
    if place.is::<Option<E>>() {
        return place.downcast_mut::<Option<E>>()?.as_mut();
    }
    if place.is::<Option<Box<E>>>() {
        return place.downcast_mut::<Option<Box<E>>>()?.as_deref_mut();
    }
    if place.is::<Option<Part<E>>>() {
        return place.downcast_mut::<Option<Part<E>>>()?.as_mut().map(Part::make_mut);
    }
    match place.downcast_mut::<Nullable<E>>()? {
        Nullable::Value(value) => Some(value),
        Nullable::Absent | Nullable::Null => None,
    }
}

/// An entity to be put into lists.
#[derive(Clone)]
pub(crate) struct Item {
    element: Element,
    is_last: bool,
}

impl Item {
    pub(super) fn first<E: Clone + Send + Sync + 'static>(entity: E) -> Item {
        Item::new(entity, false)
    }

    pub(super) fn last<E: Clone + Send + Sync + 'static>(entity: E) -> Item {
        Item::new(entity, true)
    }

    fn new<E: Clone + Send + Sync + 'static>(entity: E, is_last: bool) -> Item {
        // One part, whatever list it is in and however often it is put there: it keeps its identity.
        let entity = Part::from(entity);
        let element = move |ty: TypeId| -> Option<Box<dyn Any>> {
            if is_of::<Part<E>>(ty) {
                return Some(Box::new(entity.clone()));
            }
            if is_of::<E>(ty) {
                return Some(Box::new(E::clone(&entity)));
            }
            is_of::<Box<E>>(ty).then(|| Box::new(Box::new(E::clone(&entity))) as Box<dyn Any>)
        };
        Item { element: Arc::new(element), is_last }
    }

    /// The entity as an element.
    pub(super) fn as_element<I: 'static>(&self) -> Option<I> {
        (self.element)(TypeId::of::<I>())?.downcast().ok().map(|element| *element)
    }

    /// Where in a list of so many it goes.
    pub(super) fn place(&self, len: usize) -> usize {
        if self.is_last { len } else { 0 }
    }
}
