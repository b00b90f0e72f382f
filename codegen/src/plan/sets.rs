//! Which of the paths and schemas that meet are one kind of thing.

use std::collections::{BTreeMap, BTreeSet};

use super::joins::{Families, Join, Key};
use super::path::Path;
use super::words::{mentions, thing, words};

/// Sets of keys that mean one kind of thing.
pub(super) fn sets(families: &Families, joins: &[Join]) -> Vec<Vec<Key>> {
    let mut groups = Groups::default();
    for join in joins {
        let key = join.key();
        groups.join(&key, join.schema.map(|schema| families.of(schema)).as_ref());
    }
    // `/admin/users` shows what `/users` does, when `/admin` is nothing by itself.
    let paths: BTreeSet<&str> = joins.iter().map(|join| join.collection.as_str()).collect();
    for path in &paths {
        let Some((first, rest)) = path.strip_prefix('/').and_then(|path| path.split_once('/')) else { continue };
        let (outer, inner) = (format!("/{first}"), format!("/{rest}"));
        let nothing = !paths.contains(outer.as_str()) && !first.contains('{');
        if nothing && !rest.contains('/') && paths.contains(inner.as_str()) {
            groups.join(&Key::Collection((*path).to_owned()), Some(&Key::Collection(inner)));
        }
    }
    views(by_name(groups.sets(), joins), joins)
}

/// What nothing writes, under the name of one thing that something writes, is a view of that: `/search/posts` and
/// `/metrics/posts/{id}` beside `/blogs/{id}/posts`.
fn views(sets: Vec<Vec<Key>>, joins: &[Join]) -> Vec<Vec<Key>> {
    let of = |set: &[Key]| joins.iter().filter(|join| set.contains(&join.key())).collect::<Vec<&Join>>();
    let name = |join: &&Join| Path::parse(&join.template).thing();
    let written = |set: &Vec<Key>| of(set).iter().any(|join| join.writes);
    let family = |set: &[Key]| {
        let named = set.iter().filter_map(|key| match key {
            Key::Family(name) => Some(thing(name)),
            _ => None,
        });
        named.collect::<Vec<String>>()
    };
    let (mut kept, read): (Vec<Vec<Key>>, Vec<Vec<Key>>) = sets.into_iter().partition(written);
    let known: Vec<(BTreeSet<String>, Vec<String>)> =
        kept.iter().map(|set| (of(set).iter().filter_map(name).collect(), family(set))).collect();
    for set in read {
        let own: BTreeSet<String> = of(&set).iter().filter(|join| !join.singleton).filter_map(name).collect();
        let forms = family(&set);
        // `DatasetVersion` is no view of a `PromptVersion`, and `ClientFeature` is one of a `Feature`.
        let alike = |names: &[String]| {
            let one_in_other =
                |form: &String, name: &String| mentions(&words(form), name) || mentions(&words(name), form);
            forms.is_empty() || forms.iter().any(|form| names.iter().any(|name| one_in_other(form, name)))
        };
        let mut same =
            known.iter().enumerate().filter(|(_, (names, family))| !names.is_disjoint(&own) && alike(family));
        match (same.next(), same.next()) {
            (Some((one, _)), None) => kept[one].extend(set),
            _ => kept.push(set),
        }
    }
    sorted(kept, joins)
}

fn sorted(mut sets: Vec<Vec<Key>>, joins: &[Join]) -> Vec<Vec<Key>> {
    let first = |set: &Vec<Key>| joins.iter().position(|join| set.contains(&join.key()));
    sets.sort_by_key(first);
    sets
}

#[derive(Default)]
struct Groups {
    set_of: BTreeMap<Key, usize>,
    sets: Vec<Vec<Key>>,
}

impl Groups {
    fn join(&mut self, key: &Key, other: Option<&Key>) {
        let at = self.set(key);
        let Some(other) = other else { return };
        let from = self.set(other);
        if at != from {
            let moved = std::mem::take(&mut self.sets[from]);
            for key in &moved {
                self.set_of.insert(key.clone(), at);
            }
            self.sets[at].extend(moved);
        }
    }

    fn set(&mut self, key: &Key) -> usize {
        if let Some(at) = self.set_of.get(key) {
            return *at;
        }
        self.sets.push(vec![key.clone()]);
        self.set_of.insert(key.clone(), self.sets.len() - 1);
        self.sets.len() - 1
    }

    fn sets(self) -> Vec<Vec<Key>> {
        self.sets.into_iter().filter(|set| !set.is_empty()).collect()
    }
}

/// A collection of which no schema is known, such as one that only deletes, is
/// taken for the one other that has the same name, or whose schema has.
fn by_name(sets: Vec<Vec<Key>>, joins: &[Join]) -> Vec<Vec<Key>> {
    let name = |set: &[Key]| {
        let join = joins.iter().find(|join| !join.singleton && set.contains(&join.key()))?;
        Path::parse(&join.template).thing()
    };
    let shown = |set: &Vec<Key>| set.iter().any(|key| matches!(key, Key::Schema(_) | Key::Family(_)));
    let (mut kept, bare): (Vec<Vec<Key>>, Vec<Vec<Key>>) = sets.into_iter().partition(shown);
    for set in bare {
        let Some(own) = name(&set) else {
            kept.push(set);
            continue;
        };
        let of_schema = |key: &Key| matches!(key, Key::Family(family) if thing(family) == own);
        let same = |other: &Vec<Key>| name(other).as_deref() == Some(own.as_str()) || other.iter().any(of_schema);
        let found: Vec<usize> = (0..kept.len()).filter(|at| same(&kept[*at])).collect();
        // Of several the one whose schema has that very name.
        let exact = |at: &&usize| kept[**at].iter().any(of_schema);
        let mut by_schema = found.iter().filter(exact);
        let one = match (found.as_slice(), by_schema.next(), by_schema.next()) {
            ([only], ..) => Some(*only),
            (_, Some(one), None) => Some(*one),
            _ => None,
        };
        match one {
            Some(one) => kept[one].extend(set),
            None => kept.push(set),
        }
    }
    sorted(kept, joins)
}
