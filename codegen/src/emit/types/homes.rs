//! Which file each type of a large API lives in.

use std::collections::{BTreeMap, BTreeSet};

use heck::ToSnakeCase;

use crate::model::{Api, Operation, TypeId};

/// From this many shared types on, those whose names begin with the same word get a file of their own.
const MANY: usize = 150;

/// A word needs this many types for that.
const FAMILY: usize = 20;

/// The one group that uses each type, if it is one.
pub(super) struct Homes {
    homes: Vec<Home>,
    shared: String,
    /// First words of shared types that have a file of their own.
    words: BTreeSet<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Home {
    Unused,
    Group(usize),
    Shared,
}

impl Homes {
    pub(super) fn find(api: &Api) -> Homes {
        let mut homes = vec![Home::Unused; api.types.len()];
        for group in 0..api.groups.len() {
            let mut roots = Vec::new();
            for operation in api.operations.iter().filter(|operation| operation.group == group) {
                mentioned(api, operation, &mut roots);
            }
            for id in api.reach(roots) {
                homes[id.0] = match homes[id.0] {
                    Home::Unused => Home::Group(group),
                    Home::Group(other) if other == group => Home::Group(group),
                    _ => Home::Shared,
                };
            }
        }
        let mut shared = "shared".to_owned();
        while api.groups.iter().any(|group| group.module.starts_with(&shared)) {
            shared.push_str("_types");
        }
        let words = families(api, &homes);
        Homes { homes, shared, words }
    }

    /// The group that the type at `at` is at home with; `None` when several share it.
    pub(super) fn of_type(&self, at: usize) -> Option<usize> {
        match self.homes.get(at) {
            Some(Home::Group(group)) => Some(*group),
            _ => None,
        }
    }

    /// The module of a type of this name that several groups share.
    pub(super) fn shared(&self, name: &str) -> String {
        let word = first_word(name);
        if self.words.contains(&word) { format!("{}_{word}", self.shared) } else { self.shared.clone() }
    }
}

/// The words that many names of shared types begin with.
fn families(api: &Api, homes: &[Home]) -> BTreeSet<String> {
    let shared = api.types.iter().zip(homes).filter(|(_, home)| **home == Home::Shared);
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for (def, _) in shared {
        *counts.entry(first_word(&def.name)).or_default() += 1;
    }
    if counts.values().sum::<usize>() < MANY {
        return BTreeSet::new();
    }
    counts.into_iter().filter(|(_, count)| *count >= FAMILY).map(|(word, _)| word).collect()
}

fn first_word(name: &str) -> String {
    let name = name.to_snake_case();
    name.split('_').next().unwrap_or_default().to_owned()
}

fn mentioned(api: &Api, operation: &Operation, into: &mut Vec<TypeId>) {
    api.parameters(operation).for_each(|parameter| parameter.ty.named(into));
    operation.body.iter().for_each(|body| body.ty.named(into));
    operation.response.named(into);
    operation.events.iter().for_each(|item| item.named(into));
    operation.headers.iter().for_each(|at| api.headers[*at].ty.named(into));
    operation.errors.iter().filter_map(|error| error.ty.as_ref()).for_each(|ty| ty.named(into));
    operation.error_enum.iter().for_each(|ty| ty.named(into));
}
