//! The constraints of lists, and which of them meet.

use std::sync::Arc;

use super::Name;

/// A list: the whole collection, or the part of it that its constraints describe. Shared by all copies of its tag.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct List(Option<Arc<Constraints>>);

/// Constraints, sorted by name; each has a sorted set of values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Constraints {
    // Apart from the values, because the index looks lists up by the names alone.
    names: Vec<Name>,
    values: Vec<Vec<Box<str>>>,
}

impl List {
    pub(crate) fn constraints(&self) -> &Constraints {
        static NONE: Constraints = Constraints { names: Vec::new(), values: Vec::new() };
        self.0.as_deref().unwrap_or(&NONE)
    }

    /// Adds values to a constraint. Naming it twice widens it, which can only make a tag reach more.
    pub(super) fn add(&mut self, name: Name, values: Vec<Box<str>>) {
        if !values.is_empty() {
            Arc::make_mut(self.0.get_or_insert_default()).add(name, values);
        }
    }
}

impl Constraints {
    fn add(&mut self, name: Name, mut values: Vec<Box<str>>) {
        match self.names.binary_search(&name) {
            Ok(at) => {
                let set = &mut self.values[at];
                set.append(&mut values);
                sort(set);
            }
            Err(at) => {
                sort(&mut values);
                self.names.reserve_exact(1);
                self.values.reserve_exact(1);
                self.names.insert(at, name);
                self.values.insert(at, values);
            }
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Name, &[Box<str>])> {
        self.names.iter().zip(self.values.iter().map(Vec::as_slice))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&[Box<str>]> {
        let at = self.names.binary_search_by(|other| other.as_str().cmp(name)).ok()?;
        self.values.get(at).map(Vec::as_slice)
    }

    pub(crate) fn names(&self) -> &[Name] {
        &self.names
    }

    /// No constraint that both name has disjoint values; and when `filtered`, at least one is named by both.
    pub(crate) fn meets(&self, provided: &Constraints, filtered: bool) -> bool {
        let mut shared = false;
        for (name, values) in self.iter() {
            let Some(others) = provided.get(name.as_str()) else { continue };
            shared = true;
            if values.iter().all(|value| others.binary_search(value).is_err()) {
                return false;
            }
        }
        shared || !filtered
    }
}

fn sort(values: &mut Vec<Box<str>>) {
    values.sort_unstable();
    values.dedup();
}
