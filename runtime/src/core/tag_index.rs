//! Which entries provide which tags: finding what an invalidation reaches costs what it reaches.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;

use super::event::EntryId;
use super::few::{Few, is_sparse};
use crate::tag::{Constraints, Id, List, Name, Scope, Tag};

/// An entry that provides a tag.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Posting {
    entry: EntryId,
    /// It merely refers to what the tag names.
    reference: bool,
}

type Postings = Few<Posting>;

/// Entries by the tags that they provide.
#[derive(Default)]
pub(super) struct TagIndex {
    types: HashMap<Name, OfType>,
    /// Groups that servers named.
    groups: HashMap<Tag, Postings>,
}

#[derive(Default)]
struct OfType {
    all: Option<Postings>,
    ids: HashMap<Id, Postings>,
    /// Lists by the names of their constraints. An API has few such combinations, however many lists it has.
    shapes: HashMap<Vec<Name>, Shape>,
}

#[derive(Default)]
struct Shape {
    lists: HashMap<List, Postings>,
    /// For each constraint, in the order of the names: the lists by value.
    by_value: Vec<HashMap<Box<str>, Few<List>>>,
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

    /// Adds the entries that an invalidation of the tag reaches, in no order, and perhaps several times.
    pub(super) fn reach(&self, tag: &Tag, found: &mut Vec<EntryId>) {
        if tag.is_group() {
            return found.extend(self.groups.get(tag).into_iter().flat_map(Few::iter).map(|posting| posting.entry));
        }
        let Some(of_type) = self.types.get(tag.type_name()) else { return };
        let mut add = |postings: &Postings| {
            let reached = postings.iter().filter(|posting| !posting.reference || tag.is_reference());
            found.extend(reached.map(|posting| posting.entry));
        };
        match tag.scope() {
            Scope::Nothing | Scope::Group(_) => {}
            Scope::Type => {
                of_type.all.iter().for_each(&mut add);
                of_type.ids.values().for_each(&mut add);
                of_type.shapes.values().flat_map(|shape| shape.lists.values()).for_each(add);
            }
            Scope::Id(id) => of_type.ids.get(id).into_iter().for_each(add),
            Scope::List(list) => {
                for (names, shape) in &of_type.shapes {
                    shape.reach(names, list.constraints(), tag.is_filtered(), &mut add);
                }
            }
        }
    }

    fn insert(&mut self, entry: EntryId, tag: &Tag) {
        let posting = Posting { entry, reference: tag.is_reference() };
        if tag.is_group() {
            insert_into(&mut self.groups, tag, posting);
            return;
        }
        if tag.is_nothing() {
            return;
        }
        let of_type = self.types.entry(tag.name().clone()).or_default();
        match tag.scope() {
            Scope::Nothing | Scope::Group(_) => {}
            Scope::Type => match &mut of_type.all {
                Some(postings) => postings.insert(posting),
                all => *all = Some(Few::One(posting)),
            },
            Scope::Id(id) => drop(insert_into(&mut of_type.ids, id, posting)),
            Scope::List(list) => {
                let names = list.constraints().names();
                if !of_type.shapes.contains_key(names) {
                    of_type.shapes.insert(names.to_vec(), Shape::default());
                }
                if let Some(shape) = of_type.shapes.get_mut(names) {
                    shape.insert(list, posting);
                }
            }
        }
    }

    fn remove(&mut self, entry: EntryId, tag: &Tag) {
        let posting = Posting { entry, reference: tag.is_reference() };
        if tag.is_group() {
            return take_out(&mut self.groups, tag, |postings| postings.remove(&posting));
        }
        take_out(&mut self.types, tag.type_name(), |of_type| {
            match tag.scope() {
                Scope::Nothing | Scope::Group(_) => {}
                Scope::Type => {
                    if of_type.all.as_mut().is_some_and(|postings| postings.remove(&posting)) {
                        of_type.all = None;
                    }
                }
                Scope::Id(id) => take_out(&mut of_type.ids, id, |postings| postings.remove(&posting)),
                Scope::List(list) => {
                    take_out(&mut of_type.shapes, list.constraints().names(), |shape| shape.remove(list, posting));
                }
            }
            of_type.all.is_none() && of_type.ids.is_empty() && of_type.shapes.is_empty()
        });
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        let of_type = |of_type: &OfType| {
            let lists = of_type.shapes.values().flat_map(|shape| shape.lists.values());
            of_type.all.iter().chain(of_type.ids.values()).chain(lists).map(Few::len).sum::<usize>()
        };
        self.types.values().map(of_type).sum::<usize>() + self.groups.values().map(Few::len).sum::<usize>()
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.types.is_empty() && self.groups.is_empty()
    }
}

impl Shape {
    fn insert(&mut self, list: &List, posting: Posting) {
        if !insert_into(&mut self.lists, list, posting) {
            return;
        }
        let constraints = list.constraints();
        self.by_value.resize_with(constraints.names().len(), HashMap::new);
        for ((_, values), by_value) in constraints.iter().zip(&mut self.by_value) {
            for value in values {
                insert_into(by_value, value, list.clone());
            }
        }
    }

    /// Whether nothing is left.
    fn remove(&mut self, list: &List, posting: Posting) -> bool {
        take_out(&mut self.lists, list, |postings| postings.remove(&posting));
        if !self.lists.contains_key(list) {
            for ((_, values), by_value) in list.constraints().iter().zip(&mut self.by_value) {
                for value in values {
                    take_out(by_value, value, |lists| lists.remove(list));
                }
            }
        }
        self.lists.is_empty()
    }

    fn reach(&self, names: &[Name], constraints: &Constraints, filtered: bool, add: &mut impl FnMut(&Postings)) {
        // Of the constraints that both name, the one with the fewest lists leads; the others are checked list by list.
        let lists_of = |place: usize, values: &[Box<str>]| -> Vec<&Few<List>> {
            values.iter().filter_map(|value| self.by_value.get(place)?.get(value)).collect()
        };
        let shared = names.iter().enumerate();
        let shared = shared.filter_map(|(place, name)| Some(lists_of(place, constraints.get(name.as_str())?)));
        match shared.min_by_key(|lists| lists.iter().map(|lists| lists.len()).sum::<usize>()) {
            Some(lists) => lists
                .into_iter()
                .flat_map(Few::iter)
                .filter(|list| constraints.meets(list.constraints(), filtered))
                .filter_map(|list| self.lists.get(list))
                .for_each(add),
            None if filtered => {}
            None => self.lists.values().for_each(add),
        }
    }
}

/// Adds a member to the set of a key. Whether the set is new.
fn insert_into<K: Hash + Eq + Clone, T: Hash + Eq>(map: &mut HashMap<K, Few<T>>, key: &K, member: T) -> bool {
    match map.get_mut(key) {
        Some(members) => {
            members.insert(member);
            false
        }
        None => map.insert(key.clone(), Few::One(member)).is_none(),
    }
}

/// Takes something out of what a key leads to, and that itself once it is empty.
fn take_out<K, Q, V>(map: &mut HashMap<K, V>, key: &Q, take_out: impl FnOnce(&mut V) -> bool)
where
    K: Hash + Eq + Borrow<Q>,
    Q: Hash + Eq + ?Sized,
{
    if map.get_mut(key).is_some_and(take_out) {
        map.remove(key);
        if is_sparse(map.len(), map.capacity()) {
            map.shrink_to(map.len() * 2);
        }
    }
}

#[cfg(test)]
#[path = "tag_index_tests.rs"]
mod tests;
