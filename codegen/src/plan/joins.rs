//! Where paths and schemas meet: what says that a collection and a schema are of the same kind of thing.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::field;
use super::path::Path;
use super::shape::{self, Shape};
use super::words::{core, only_reads, thing, words};
use crate::model::{Api, Operation, Type, TypeDef, TypeId};

/// What paths and schemas are joined by.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Key {
    Collection(String),
    Singleton(String),
    /// Schemas that have a name, by the name that their forms share.
    Family(String),
    Schema(TypeId),
}

/// One place where a path and a schema meet.
#[derive(Debug)]
pub(super) struct Join {
    /// The collection's path, every parameter alike.
    pub(super) collection: String,
    /// The same as the document writes it.
    pub(super) template: String,
    /// The member's template, and the wire names of the parameters that pick it.
    pub(super) member: Option<(String, Vec<String>)>,
    pub(super) schema: Option<TypeId>,
    /// The path is of one thing, not of a collection.
    pub(super) singleton: bool,
    /// How well the schema stands for the entity: a member's answer says most.
    pub(super) weight: u32,
}

/// A schema that answers for more differently named collections than this is
/// an envelope or a message, not a thing.
const MAX_NAMES_OF_A_SCHEMA: usize = 2;

impl Join {
    pub(super) fn key(&self) -> Key {
        let path = self.collection.clone();
        if self.singleton { Key::Singleton(path) } else { Key::Collection(path) }
    }
}

/// What each type's schema is joined by.
#[derive(Debug)]
pub(super) struct Families(Vec<Key>);

impl Families {
    pub(super) fn find(api: &Api) -> Families {
        let literals = api
            .operations
            .iter()
            .flat_map(|operation| Path::parse(&operation.path).literals().into_iter().map(thing).collect::<Vec<_>>());
        let known: BTreeSet<String> = literals.collect();
        let key = |(at, def): (usize, &TypeDef)| match &def.schema {
            Some(name) => Key::Family(core(name, &known)),
            None => Key::Schema(TypeId(at)),
        };
        Families(api.types.iter().enumerate().map(key).collect())
    }

    /// What a schema is joined by.
    pub(super) fn of(&self, schema: TypeId) -> Key {
        self.0.get(schema.0).cloned().unwrap_or(Key::Schema(schema))
    }

    /// The name that the forms of a schema share.
    pub(super) fn name(&self, schema: TypeId) -> Option<&str> {
        match self.0.get(schema.0) {
            Some(Key::Family(name)) => Some(name),
            _ => None,
        }
    }
}

/// What the response of an operation is made of.
pub(super) fn shape_of(api: &Api, operation: &Operation, path: &Path) -> Option<Shape> {
    shape::of(api, &operation.response, &path.thing().unwrap_or_default())
}

/// Everything that the operations say of which path shows which schema.
pub(super) fn find(api: &Api, families: &Families) -> Vec<Join> {
    let mut joins: Vec<Join> = Vec::new();
    let collections = collections(api);
    for operation in &api.operations {
        let path = Path::parse(&operation.path);
        let shape = shape_of(api, operation, &path);
        if let Some(picked) = member(api, operation) {
            let weight = match operation.method.as_str() {
                "GET" => 8,
                "PUT" | "PATCH" => 4,
                _ => 0,
            };
            let one = shape.as_ref().filter(|shape| !shape.many && weight > 0);
            joins.push(Join {
                collection: picked.collection.key(),
                template: path.template(picked.segments),
                member: Some((operation.path.clone(), picked.picks)),
                schema: one.and_then(|shape| shape.schema),
                singleton: false,
                weight,
            });
        } else if path.ends_in_literal() {
            joins.extend(of_literal(api, operation, &path, shape.as_ref(), &collections));
        }
    }
    drop_shared(families, &mut joins);
    joins
}

/// A member that a path picks.
struct Picked {
    collection: Path,
    picks: Vec<String>,
    /// How many segments it has beyond the collection.
    segments: usize,
}

fn member(api: &Api, operation: &Operation) -> Option<Picked> {
    let path = Path::parse(&operation.path);
    let (collection, picks) = path.member()?;
    if !picks_one(api, operation, &picks) {
        return None;
    }
    let (collection, more) = match collection.aliased(&picks) {
        Some(aliased) => (aliased, 1),
        None => (collection, 0),
    };
    Some(Picked { collection, segments: picks.len() + more, picks: picks.iter().map(ToString::to_string).collect() })
}

/// Paths, by key, whose members can be picked, or which can be listed.
fn collections(api: &Api) -> BTreeSet<String> {
    let of_members = api.operations.iter().filter_map(|operation| Some(member(api, operation)?.collection.key()));
    let listed = api.operations.iter().filter_map(|operation| {
        let path = Path::parse(&operation.path);
        let many = shape_of(api, operation, &path).is_some_and(|shape| shape.many);
        match operation.method.as_str() {
            "GET" => (many && path.ends_in_literal()).then(|| path.key()),
            "POST" if many && path.last_literal().is_some_and(only_reads) => {
                path.read_collection().map(|path| path.key())
            }
            _ => None,
        }
    });
    of_members.chain(listed).collect()
}

fn of_literal(
    api: &Api,
    operation: &Operation,
    path: &Path,
    shape: Option<&Shape>,
    collections: &BTreeSet<String>,
) -> Option<Join> {
    let reads = operation.method == "GET";
    let key = path.key();
    let many = shape.filter(|shape| shape.many);
    let join = |key: String, drop: usize, schema, weight| {
        let template = path.template(drop);
        Some(Join { collection: key, template, member: None, schema, singleton: false, weight })
    };
    // `/posts/search` lists what `/posts` holds.
    let reading_post = operation.method == "POST" && path.last_literal().is_some_and(only_reads);
    if let Some(read) = path.read_collection().filter(|read| {
        many.is_some() && (reads || reading_post) && read.ends_in_literal() && collections.contains(&read.key())
    }) {
        return join(read.key(), 1, many.and_then(|shape| shape.schema), 2);
    }
    if let (Some(many), true) = (many, reads) {
        return join(key, 0, many.schema, 2);
    }
    let one = shape.filter(|shape| !shape.many).and_then(|shape| shape.schema);
    if operation.method == "POST" && collections.contains(&key) && !reading_post {
        return join(key, 0, one, 1);
    }
    let alone = reads && one.is_some() && path.parent_member().is_none() && !collections.contains(&key);
    if alone && is_written(api, &operation.path) {
        let template = path.template(0);
        return Some(Join { collection: key, template, member: None, schema: one, singleton: true, weight: 1 });
    }
    None
}

/// Whether the parameters can be an id: a list or an object of things cannot.
fn picks_one(api: &Api, operation: &Operation, picks: &[&str]) -> bool {
    picks.iter().all(|pick| parameter_type(operation, pick).is_none_or(|ty| field::is_comparable(api, ty)))
}

pub(super) fn parameter_type<'a>(operation: &'a Operation, wire: &str) -> Option<&'a Type> {
    operation.arguments.iter().find(|parameter| parameter.wire == wire).map(|parameter| &parameter.ty)
}

/// Whether something on that very path changes what it shows.
fn is_written(api: &Api, path: &str) -> bool {
    let writes = |operation: &Operation| {
        operation.path == path && matches!(operation.method.as_str(), "PUT" | "PATCH" | "POST" | "DELETE")
    };
    api.operations.iter().any(writes)
}

/// Forgets schemas that many differently named collections share, such as `Message` or `Status`.
/// A collection whose name and the schema's have a word in common is no stranger: `/queues` shows a `WorkQueue`.
fn drop_shared(families: &Families, joins: &mut [Join]) {
    let mut names: HashMap<Key, BTreeSet<String>> = HashMap::new();
    for join in joins.iter().filter(|join| join.member.is_some()) {
        let Some(key) = join.schema.map(|schema| families.of(schema)) else { continue };
        let Some(name) = Path::parse(&join.template).thing() else { continue };
        let related = matches!(&key, Key::Family(family) if words(family).last() == words(&name).last());
        if !related {
            names.entry(key).or_default().insert(name);
        }
    }
    // A list's schema that lists of other members share says less than the members' own.
    let mut homes: HashMap<String, Key> = HashMap::new();
    for join in joins.iter().filter(|join| join.member.is_some()) {
        if let Some(schema) = join.schema {
            homes.entry(join.collection.clone()).or_insert_with(|| families.of(schema));
        }
    }
    let mut listed: HashMap<Key, BTreeSet<&Key>> = HashMap::new();
    for join in joins.iter().filter(|join| join.member.is_none()) {
        if let (Some(schema), Some(home)) = (join.schema, homes.get(&join.collection)) {
            listed.entry(families.of(schema)).or_default().insert(home);
        }
    }
    let envelopes: BTreeSet<Key> =
        listed.into_iter().filter(|(key, homes)| homes.len() > 1 && !homes.contains(key)).map(|(key, _)| key).collect();
    for join in joins {
        let envelope = |schema: TypeId| envelopes.contains(&families.of(schema));
        if join.member.is_none() && join.schema.is_some_and(envelope) {
            join.schema = None;
        }
        let shared =
            |schema: TypeId| names.get(&families.of(schema)).is_some_and(|names| names.len() > MAX_NAMES_OF_A_SCHEMA);
        if join.schema.is_some_and(shared) {
            join.schema = None;
        }
    }
}

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
        let Some((first, rest)) = path[1..].split_once('/') else { continue };
        let (first, rest) = (format!("/{first}"), format!("/{rest}"));
        let nothing = !paths.contains(first.as_str()) && !first.contains('{');
        if nothing && !rest[1..].contains('/') && paths.contains(rest.as_str()) {
            groups.join(&Key::Collection((*path).to_owned()), Some(&Key::Collection(rest)));
        }
    }
    by_name(groups.sets(), joins)
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
        let same = |other: &&mut Vec<Key>| {
            let of_schema = |key: &Key| matches!(key, Key::Family(family) if thing(family) == own);
            name(other).as_deref() == Some(own.as_str()) || other.iter().any(of_schema)
        };
        let mut found = kept.iter_mut().filter(same);
        match (found.next(), found.next()) {
            (Some(one), None) => one.extend(set),
            _ => kept.push(set),
        }
    }
    let first = |set: &Vec<Key>| joins.iter().position(|join| set.contains(&join.key()));
    kept.sort_by_key(first);
    kept
}
