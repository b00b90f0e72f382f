//! Which entries provide which tags: finding what an invalidation reaches costs what it reaches.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::Hash;
use std::sync::Arc;

use super::event::EntryId;
use crate::tag::{Constraints, Scope, Tag};

/// The entries of a tag, and for each whether it merely refers to it.
type Postings = HashMap<EntryId, bool>;
type List = Arc<Constraints>;

/// Entries by the tags that they provide.
#[derive(Default)]
pub(super) struct TagIndex {
    types: HashMap<String, OfType>,
}

#[derive(Default)]
struct OfType {
    all: Postings,
    ids: HashMap<Box<str>, Postings>,
    /// Lists by the names of their constraints. An API has few such combinations, however many lists it has.
    shapes: HashMap<Vec<Cow<'static, str>>, Shape>,
}

#[derive(Default)]
struct Shape {
    lists: HashMap<List, Postings>,
    /// For each constraint, in the order of the names: the lists by value.
    by_value: Vec<HashMap<Box<str>, HashSet<List>>>,
}

impl TagIndex {
    /// Replaces an entry's tags. Both lists are sorted and hold each tag once.
    pub(super) fn replace(&mut self, entry: EntryId, old: &[Tag], new: &[Tag]) {
        for tag in old.iter().filter(|tag| new.binary_search(tag).is_err()) {
            self.remove(entry, tag);
        }
        for tag in new.iter().filter(|tag| old.binary_search(tag).is_err()) {
            self.insert(entry, tag);
        }
    }

    /// Adds the entries that an invalidation of the tag reaches.
    pub(super) fn reach(&self, tag: &Tag, found: &mut BTreeSet<EntryId>) {
        let Some(of_type) = self.types.get(tag.type_name()) else { return };
        let mut add = |postings: &Postings| {
            found.extend(
                postings.iter().filter(|(_, reference)| !**reference || tag.is_reference()).map(|(entry, _)| *entry),
            );
        };
        match tag.scope() {
            Scope::Nothing => {}
            Scope::Type => {
                add(&of_type.all);
                of_type.ids.values().for_each(&mut add);
                of_type.shapes.values().flat_map(|shape| shape.lists.values()).for_each(add);
            }
            Scope::Id(id) => of_type.ids.get(id).into_iter().for_each(add),
            Scope::List(constraints) => {
                for (names, shape) in &of_type.shapes {
                    reach_shape(names, shape, constraints, tag.is_filtered(), &mut add);
                }
            }
        }
    }

    fn insert(&mut self, entry: EntryId, tag: &Tag) {
        let of_type = self.types.entry(tag.type_name().to_owned()).or_default();
        let postings = match tag.scope() {
            Scope::Nothing => return,
            Scope::Type => &mut of_type.all,
            Scope::Id(id) => of_type.ids.entry(id.clone()).or_default(),
            Scope::List(constraints) => of_type.shapes.entry(constraints.names()).or_default().insert(constraints),
        };
        postings.insert(entry, tag.is_reference());
    }

    fn remove(&mut self, entry: EntryId, tag: &Tag) {
        let Some(of_type) = self.types.get_mut(tag.type_name()) else { return };
        let reference = tag.is_reference();
        match tag.scope() {
            Scope::Nothing => {}
            Scope::Type => remove_posting(&mut of_type.all, entry, reference),
            Scope::Id(id) => remove_nested(&mut of_type.ids, id, |postings| {
                remove_posting(postings, entry, reference);
                postings.is_empty()
            }),
            Scope::List(constraints) => remove_nested(&mut of_type.shapes, &constraints.names(), |shape| {
                shape.remove(constraints, entry, reference);
                shape.lists.is_empty()
            }),
        }
        if of_type.all.is_empty() && of_type.ids.is_empty() && of_type.shapes.is_empty() {
            self.types.remove(tag.type_name());
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        let of_type = |of_type: &OfType| {
            let lists = of_type.shapes.values().flat_map(|shape| shape.lists.values());
            of_type.all.len() + of_type.ids.values().chain(lists).map(HashMap::len).sum::<usize>()
        };
        self.types.values().map(of_type).sum()
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.types.is_empty()
    }
}

impl Shape {
    fn insert(&mut self, constraints: &Constraints) -> &mut Postings {
        let list: List = Arc::new(constraints.clone());
        if !self.lists.contains_key(&list) {
            self.by_value.resize_with(constraints.iter().count(), HashMap::new);
            for ((_, values), by_value) in constraints.iter().zip(&mut self.by_value) {
                for value in values {
                    by_value.entry(value.clone()).or_default().insert(list.clone());
                }
            }
        }
        self.lists.entry(list).or_default()
    }

    fn remove(&mut self, constraints: &Constraints, entry: EntryId, reference: bool) {
        let Some(postings) = self.lists.get_mut(constraints) else { return };
        remove_posting(postings, entry, reference);
        if !postings.is_empty() {
            return;
        }
        self.lists.remove(constraints);
        for ((_, values), by_value) in constraints.iter().zip(&mut self.by_value) {
            for value in values {
                remove_nested(by_value, value, |lists| {
                    lists.remove(constraints);
                    lists.is_empty()
                });
            }
        }
    }
}

fn reach_shape(
    names: &[Cow<'static, str>],
    shape: &Shape,
    constraints: &Constraints,
    filtered: bool,
    add: &mut impl FnMut(&Postings),
) {
    // Of the constraints that both name, the one with the fewest lists leads; the others are checked list by list.
    let candidates = |place: usize, values: &[Box<str>]| -> HashSet<&List> {
        values.iter().filter_map(|value| shape.by_value.get(place)?.get(value)).flatten().collect()
    };
    let shared = names.iter().enumerate().filter_map(|(place, name)| Some(candidates(place, constraints.get(name)?)));
    match shared.min_by_key(HashSet::len) {
        Some(lists) => lists
            .into_iter()
            .filter(|list| constraints.meets(list, filtered))
            .filter_map(|list| shape.lists.get(list))
            .for_each(add),
        None if filtered => {}
        None => shape.lists.values().for_each(add),
    }
}

/// An entry provides a tag fully or as a reference. When it changes from the one to the other, the new one may already be there.
fn remove_posting(postings: &mut Postings, entry: EntryId, reference: bool) {
    if postings.get(&entry) == Some(&reference) {
        postings.remove(&entry);
    }
}

/// Takes something out of an inner collection, and the inner collection itself once it is empty.
fn remove_nested<K: Hash + Eq, V>(map: &mut HashMap<K, V>, key: &K, take_out: impl FnOnce(&mut V) -> bool) {
    if map.get_mut(key).is_some_and(take_out) {
        map.remove(key);
    }
}

#[cfg(test)]
#[path = "tag_index_tests.rs"]
mod tests;
