//! The kinds of things an API speaks of: paths and schemas that mean the same.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use heck::ToPascalCase;

use super::field::{self, thing};
use super::path::Path;
use super::shape::{self, Shape};
use crate::model::{Api, Field, Operation, Type, TypeId};

/// A kind of thing that has collections, members and schemas.
#[derive(Debug)]
pub(super) struct Entity {
    pub(super) name: String,
    /// Its names in one spelling, of its schemas and collections; the first is the plainest.
    pub(super) things: Vec<String>,
    pub(super) collections: Vec<String>,
    /// Paths of the one that no parameter picks, such as `/user`.
    pub(super) singletons: Vec<String>,
    pub(super) members: Vec<String>,
    pub(super) schemas: Vec<TypeId>,
    /// Each way to name one: the fields, by wire name, in the order of the path's parameters.
    pub(super) ids: Vec<Vec<String>>,
    /// Member paths, by key, whose parameters surely hold what the id's fields do.
    pub(super) exact: BTreeSet<String>,
}

/// All entities, and what leads to them.
#[derive(Debug)]
pub(super) struct Entities {
    pub(super) all: Vec<Entity>,
    by_collection: HashMap<String, usize>,
    by_schema: HashMap<TypeId, usize>,
    /// Types of one schema, such as its sent and its received form, share the first.
    canonical: Vec<TypeId>,
}

/// What paths and schemas are joined by.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Key {
    Collection(String),
    Singleton(String),
    Schema(TypeId),
}

/// A schema that answers for more differently named collections than this is
/// an envelope or a message, not a thing.
const MAX_NAMES_OF_A_SCHEMA: usize = 2;

/// Finds the entities of an API.
pub(super) fn find(api: &Api) -> Entities {
    let canonical = canonical(api);
    let mut joins = joins(api, &canonical);
    drop_shared(&mut joins);
    let mut groups = Groups::default();
    for join in &joins {
        groups.join(&join.key(), join.schema.map(Key::Schema).as_ref());
    }
    let mut all: Vec<Entity> = Vec::new();
    let mut names = BTreeSet::new();
    for keys in join_by_name(groups.sets(), &joins) {
        let entity = entity(api, &canonical, &keys, &joins, &mut names);
        all.extend(entity);
    }
    let mut entities = Entities { all, by_collection: HashMap::new(), by_schema: HashMap::new(), canonical };
    for (at, entity) in entities.all.iter().enumerate() {
        for collection in &entity.collections {
            entities.by_collection.insert(Path::parse(collection).key(), at);
        }
        for schema in &entity.schemas {
            entities.by_schema.insert(*schema, at);
        }
    }
    entities
}

impl Entities {
    /// The entity that a collection's path lists.
    pub(super) fn of_collection(&self, path: &Path) -> Option<usize> {
        self.by_collection.get(&path.key()).copied()
    }

    /// The entity that a schema shows.
    pub(super) fn of_schema(&self, schema: TypeId) -> Option<usize> {
        self.by_schema.get(&self.canonical[schema.0]).copied()
    }

    /// The entity that a type shows.
    pub(super) fn of_type(&self, ty: &Type) -> Option<usize> {
        match ty.inner() {
            Type::Named(id) => self.of_schema(*id),
            _ => None,
        }
    }

    /// The entity whose member a path names, and the path's parameters that pick it.
    pub(super) fn of_member<'p>(&self, path: &'p Path) -> Option<(usize, Vec<&'p str>)> {
        let (collection, picks) = path.member()?;
        Some((self.of_collection(&collection)?, picks))
    }

    /// The entity of that name.
    pub(super) fn named(&self, name: &str) -> Option<usize> {
        self.all.iter().position(|entity| entity.things.iter().any(|thing| thing == name))
    }
}

/// One place where a path and a schema meet.
#[derive(Debug)]
struct Join {
    /// The collection's path, every parameter alike.
    collection: String,
    /// The same as the document writes it.
    template: String,
    /// The member's template, and the wire names of the parameters that pick it.
    member: Option<(String, Vec<String>)>,
    schema: Option<TypeId>,
    /// The path is of one thing, not of a collection.
    singleton: bool,
    /// How well the schema stands for the entity: a member's answer says most.
    weight: u32,
}

impl Join {
    fn key(&self) -> Key {
        let path = self.collection.clone();
        if self.singleton { Key::Singleton(path) } else { Key::Collection(path) }
    }
}

fn canonical(api: &Api) -> Vec<TypeId> {
    let mut first: HashMap<&str, TypeId> = HashMap::new();
    let canonical = api.types.iter().enumerate().map(|(at, def)| match &def.schema {
        Some(schema) => *first.entry(schema).or_insert(TypeId(at)),
        None => TypeId(at),
    });
    canonical.collect()
}

fn joins(api: &Api, canonical: &[TypeId]) -> Vec<Join> {
    let member = |operation: &Operation| {
        let path = Path::parse(&operation.path);
        let (collection, picks) = path.member()?;
        picks_one(api, operation, &picks)
            .then(|| (collection, picks.iter().map(ToString::to_string).collect::<Vec<_>>()))
    };
    let collections: BTreeSet<String> =
        api.operations.iter().filter_map(|operation| Some(member(operation)?.0.key())).collect();
    let mut joins = Vec::new();
    for operation in &api.operations {
        let path = Path::parse(&operation.path);
        let shape = shape::of(api, &operation.response);
        let schema = |shape: &Shape| canonical[shape.entity.0];
        if let Some((collection, picks)) = member(operation) {
            let one = shape.as_ref().filter(|shape| !shape.many);
            let weight = match operation.method.as_str() {
                "GET" => 8,
                "PUT" | "PATCH" => 4,
                _ => 0,
            };
            joins.push(Join {
                collection: collection.key(),
                template: template(&operation.path, picks.len()),
                member: Some((operation.path.clone(), picks)),
                schema: one.filter(|_| weight > 0).map(schema),
                singleton: false,
                weight,
            });
        } else if path.ends_in_literal() {
            let listed = shape.as_ref().filter(|shape| shape.many && operation.method == "GET").map(schema);
            let created = || {
                let made = matches!(operation.method.as_str(), "POST") && collections.contains(&path.key());
                made.then(|| shape.as_ref().filter(|shape| !shape.many).map(schema)).flatten()
            };
            let read = shape.as_ref().filter(|shape| {
                let alone = !shape.many && operation.method == "GET" && path.parent_member().is_none();
                alone && is_written(api, &operation.path)
            });
            let singleton = read.is_some() && !collections.contains(&path.key());
            let weight = if listed.is_some() { 2 } else { 1 };
            let read = read.filter(|_| singleton).map(schema);
            let Some(schema) = listed.or_else(created).or(read) else { continue };
            let template = operation.path.clone();
            joins.push(Join {
                collection: path.key(),
                template,
                member: None,
                schema: Some(schema),
                singleton,
                weight,
            });
        }
    }
    joins
}

/// Whether the parameters can be an id: a list or an object of things cannot.
fn picks_one(api: &Api, operation: &Operation, picks: &[&str]) -> bool {
    picks.iter().all(|pick| parameter_type(operation, pick).is_none_or(|ty| field::is_comparable(api, ty)))
}

/// Whether something on that very path changes what it shows.
fn is_written(api: &Api, path: &str) -> bool {
    let writes = |operation: &Operation| {
        operation.path == path && matches!(operation.method.as_str(), "PUT" | "PATCH" | "POST" | "DELETE")
    };
    api.operations.iter().any(writes)
}

/// The template without its last `picks` segments.
fn template(path: &str, picks: usize) -> String {
    let mut segments: Vec<&str> = path.trim_end_matches('/').split('/').collect();
    segments.truncate(segments.len().saturating_sub(picks));
    segments.join("/")
}

/// Forgets schemas that many differently named collections share, such as `Message` or `Status`.
fn drop_shared(joins: &mut [Join]) {
    let mut names: HashMap<TypeId, BTreeSet<String>> = HashMap::new();
    for join in joins.iter().filter(|join| join.member.is_some()) {
        if let (Some(schema), Some(name)) = (join.schema, Path::parse(&join.template).last_literal()) {
            names.entry(schema).or_default().insert(thing(name));
        }
    }
    for join in joins {
        if join.schema.is_some_and(|schema| names.get(&schema).is_some_and(|names| names.len() > MAX_NAMES_OF_A_SCHEMA))
        {
            join.schema = None;
        }
    }
}

/// Sets of keys that were joined.
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
/// taken for the one other collection that has the same name.
fn join_by_name(sets: Vec<Vec<Key>>, joins: &[Join]) -> Vec<Vec<Key>> {
    let name = |set: &[Key]| {
        let join = joins.iter().find(|join| !join.singleton && set.contains(&join.key()))?;
        Path::parse(&join.template).last_literal().map(thing)
    };
    let shown = |set: &Vec<Key>| set.iter().any(|key| matches!(key, Key::Schema(_)));
    let (mut kept, bare): (Vec<Vec<Key>>, Vec<Vec<Key>>) = sets.into_iter().partition(shown);
    for set in bare {
        let own = name(&set);
        let mut same = kept.iter_mut().filter(|other| own.is_some() && name(other) == own);
        match (same.next(), same.next()) {
            (Some(one), None) => one.extend(set),
            _ => kept.push(set),
        }
    }
    let first = |set: &Vec<Key>| joins.iter().position(|join| set.contains(&join.key()));
    kept.sort_by_key(first);
    kept
}

fn entity(
    api: &Api,
    canonical: &[TypeId],
    keys: &[Key],
    joins: &[Join],
    names: &mut BTreeSet<String>,
) -> Option<Entity> {
    let own = |join: &&Join| keys.contains(&join.key());
    let own: Vec<&Join> = joins.iter().filter(own).collect();
    let mut weights: BTreeMap<TypeId, u32> = BTreeMap::new();
    for join in &own {
        if let Some(schema) = join.schema {
            *weights.entry(schema).or_default() += join.weight;
        }
    }
    let mut schemas: Vec<TypeId> = weights.keys().copied().collect();
    schemas.sort_by_key(|schema| (std::cmp::Reverse(weights[schema]), *schema));
    let (singletons, listed): (Vec<&Join>, Vec<&Join>) = own.iter().copied().partition(|join| join.singleton);
    let collections = distinct(listed.iter().map(|join| join.template.clone()));
    let singletons = distinct(singletons.iter().map(|join| join.template.clone()));
    let members = distinct(own.iter().filter_map(|join| Some(join.member.clone()?.0)));
    let literal = own.first().and_then(|join| Path::parse(&join.template).last_literal().map(thing))?;
    let named = schemas.iter().find(|schema| api.def(**schema).schema.is_some());
    let name = named.map_or_else(|| literal.to_pascal_case(), |schema| api.def(*schema).name.clone());
    let mut things: Vec<String> = vec![thing(&name)];
    things.extend(collections.iter().filter_map(|path| Path::parse(path).last_literal().map(thing)));
    let things = distinct(things.into_iter());
    let (ids, exact) = ids(api, canonical, &schemas, &own, &things);
    let mut unique = name.clone();
    let mut number = 2;
    while !names.insert(unique.clone()) {
        unique = format!("{name}{number}");
        number += 1;
    }
    Some(Entity { name: unique, things, collections, singletons, members, schemas, ids, exact })
}

/// Each way in which a path picks a member, as fields of the entity's schemas, and
/// the paths of which that is sure.
fn ids(
    api: &Api,
    canonical: &[TypeId],
    schemas: &[TypeId],
    joins: &[&Join],
    things: &[String],
) -> (Vec<Vec<String>>, BTreeSet<String>) {
    let mut ids: Vec<Vec<String>> = Vec::new();
    let mut exact = BTreeSet::new();
    for (path, picks) in joins.iter().filter_map(|join| join.member.as_ref()) {
        let operation = api.operations.iter().find(|operation| operation.path == *path);
        let found = schemas.iter().find_map(|schema| {
            let fields = api.fields(&Type::Named(*schema));
            let of = |pick: &String| {
                let ty = operation.and_then(|operation| parameter_type(operation, pick));
                field::id_field(fields, pick, ty, things)
            };
            picks.iter().map(of).collect::<Option<Vec<&Field>>>()
        });
        let Some(found) = found else { continue };
        if found.iter().zip(picks).all(|(field, pick)| field::is_exact(field, pick, things)) {
            exact.insert(Path::parse(path).key());
        }
        let found = found.into_iter().map(|field| field.wire.clone()).collect();
        if !ids.contains(&found) {
            ids.push(found);
        }
    }
    // A thing that no path picks can still have an id of its own.
    if ids.is_empty() {
        let bare = schemas.iter().find_map(|schema| {
            let fields = api.fields(&Type::Named(canonical[schema.0]));
            fields.iter().find(|field| field.wire == "id" && field.ty.is_scalar())
        });
        ids.extend(bare.map(|field: &Field| vec![field.wire.clone()]));
    }
    (ids, exact)
}

fn parameter_type<'a>(operation: &'a Operation, wire: &str) -> Option<&'a Type> {
    operation.arguments.iter().find(|parameter| parameter.wire == wire).map(|parameter| &parameter.ty)
}

fn distinct<T: PartialEq>(values: impl Iterator<Item = T>) -> Vec<T> {
    values.fold(Vec::new(), |mut kept, value| {
        if !kept.contains(&value) {
            kept.push(value);
        }
        kept
    })
}
