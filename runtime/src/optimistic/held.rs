//! Where a result holds entities.

use std::any::TypeId;
use std::collections::BTreeMap;

use super::Doing;
use crate::nullable::Nullable;
use crate::part::Part;
use crate::tag::Tag;

/// Goes through the entities that a result holds: what a query's table is written with. See [`Query::holds`](crate::Query::holds).
///
/// A place is named with the tag of the entity there. Entities within entities are reached by [`each`](Self::each) and
/// [`parts`](Self::parts):
///
/// ```
/// # use larder::{Held, Part, TagType};
/// # const POST: TagType = TagType::new("Post");
/// # const USER: TagType = TagType::new("User");
/// # #[derive(Clone)] struct User { id: i64 }
/// # #[derive(Clone)] struct Post { id: i64, author: User }
/// fn table(posts: &mut Vec<Part<Post>>, held: &mut Held<'_>) {
///     held.list(posts, |post| POST.id(post.id));
///     held.parts(posts, |post, held| held.one(&mut post.author, |user| USER.id(user.id)));
/// }
/// # let _ = table;
/// ```
pub struct Held<'o> {
    /// What is looked for.
    tag: &'o Tag,
    doing: &'o Doing,
    changed: bool,
    /// Something was put in, which is done once.
    inserted: bool,
    /// How many lists and maps are around.
    lists: usize,
    /// How many values are around that hold this one.
    depth: usize,
    /// The type of the whole value.
    root: TypeId,
    /// The whole value was looked at as an entity.
    met_whole: bool,
}

impl<'o> Held<'o> {
    pub(super) fn new(tag: &'o Tag, doing: &'o Doing, root: TypeId) -> Held<'o> {
        Held { tag, doing, changed: false, inserted: false, lists: 0, depth: 0, root, met_whole: false }
    }

    /// Whether the value as a whole was looked at as an entity.
    pub(super) fn met_whole(&self) -> bool {
        self.met_whole
    }

    /// A copy of the value that `table` changed, if it did.
    pub(crate) fn go_through<T>(&mut self, mut copy: T, table: fn(&mut T, &mut Held<'_>)) -> Option<T> {
        table(&mut copy, self);
        self.changed.then_some(copy)
    }

    /// One entity.
    pub fn one<I: 'static>(&mut self, entity: &mut I, tag: fn(&I) -> Tag) {
        // A value holds no other one of its own type directly.
        self.met_whole |= self.depth == 0 && TypeId::of::<I>() == self.root;
        self.look(entity, tag);
    }

    /// An entity that may be missing: in an `Option`, or a [`Nullable`].
    pub fn optional<C: Elements>(&mut self, entity: &mut C, tag: fn(&C::Item) -> Tag) {
        entity.each_mut(&mut |entity| self.look(entity, tag));
    }

    /// A list of entities, which can lose some and get more.
    pub fn list<I: 'static>(&mut self, entities: &mut Vec<I>, tag: fn(&I) -> Tag) {
        match self.doing {
            Doing::Change(_) => entities.iter_mut().for_each(|entity| self.look(entity, tag)),
            Doing::Remove => {
                let before = entities.len();
                entities.retain(|entity| !self.tag.reaches(&tag(entity)));
                self.changed |= entities.len() < before;
            }
            Doing::Insert(item) => {
                if self.lists > 0 || self.inserted {
                    return;
                }
                let Some(new) = item.as_element::<I>() else { return };
                let its = tag(&new);
                if its.is_nothing() || its.type_name() == self.tag.type_name() {
                    self.inserted = true;
                    if its.is_nothing() || !entities.iter().any(|entity| its.reaches(&tag(entity))) {
                        entities.insert(item.place(entities.len()), new);
                        self.changed = true;
                    }
                }
            }
        }
    }

    /// A map of entities, which can lose some.
    pub fn map<K: Ord, I: 'static>(&mut self, entities: &mut BTreeMap<K, I>, tag: fn(&I) -> Tag) {
        match self.doing {
            Doing::Change(_) => entities.values_mut().for_each(|entity| self.look(entity, tag)),
            Doing::Remove => {
                let before = entities.len();
                entities.retain(|_, entity| !self.tag.reaches(&tag(entity)));
                self.changed |= entities.len() < before;
            }
            Doing::Insert(_) => {}
        }
    }

    /// What holds entities, element by element: of a list or a map, or of what may be missing.
    pub fn each<C: Elements>(&mut self, elements: &mut C, table: fn(&mut C::Item, &mut Held<'_>)) {
        self.within(C::IS_MANY, |held| elements.each_mut(&mut |element| table(element, held)));
    }

    /// As [`each`](Self::each), for elements that are parts. One in which nothing changes stays the same part.
    pub fn parts<E, C>(&mut self, parts: &mut C, table: fn(&mut E, &mut Held<'_>))
    where
        E: Clone,
        C: Elements<Item = Part<E>>,
    {
        let within = |held: &mut Held<'_>| {
            parts.each_mut(&mut |part| {
                let before = std::mem::replace(&mut held.changed, false);
                let mut copy = E::clone(part);
                table(&mut copy, held);
                if held.changed {
                    *part = Part::from(copy);
                }
                held.changed |= before;
            });
        };
        self.within(C::IS_MANY, within);
    }

    fn within(&mut self, is_many: bool, walk: impl FnOnce(&mut Self)) {
        (self.lists, self.depth) = (self.lists + usize::from(is_many), self.depth + 1);
        walk(self);
        (self.lists, self.depth) = (self.lists - usize::from(is_many), self.depth - 1);
    }

    fn look<I: 'static>(&mut self, entity: &mut I, tag: fn(&I) -> Tag) {
        if let Doing::Change(edit) = self.doing
            && self.tag.reaches(&tag(entity))
        {
            self.changed |= edit.at(entity);
        }
    }
}

/// What holds any number of values: lists, maps, and what may be missing.
pub trait Elements {
    /// A value in it.
    type Item: 'static;
    /// Whether there can be more than one.
    const IS_MANY: bool;
    /// Calls a function with each value, in order.
    fn each_mut(&mut self, call: &mut dyn FnMut(&mut Self::Item));
}

impl<I: 'static> Elements for Vec<I> {
    type Item = I;
    const IS_MANY: bool = true;

    fn each_mut(&mut self, call: &mut dyn FnMut(&mut I)) {
        self.iter_mut().for_each(call);
    }
}

impl<K: Ord, I: 'static> Elements for BTreeMap<K, I> {
    type Item = I;
    const IS_MANY: bool = true;

    fn each_mut(&mut self, call: &mut dyn FnMut(&mut I)) {
        self.values_mut().for_each(call);
    }
}

impl<I: 'static> Elements for Option<I> {
    type Item = I;
    const IS_MANY: bool = false;

    fn each_mut(&mut self, call: &mut dyn FnMut(&mut I)) {
        self.iter_mut().for_each(call);
    }
}

impl<I: 'static> Elements for Nullable<I> {
    type Item = I;
    const IS_MANY: bool = false;

    fn each_mut(&mut self, call: &mut dyn FnMut(&mut I)) {
        if let Nullable::Value(value) = self {
            call(value);
        }
    }
}
