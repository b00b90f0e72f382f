//! Where paths and schemas meet: what says that a collection and a schema are of the same kind of thing.

use std::collections::{BTreeSet, HashMap};

use super::field;
use super::path::Path;
use super::shape::{self, Shape};
use super::words::{core, only_reads, plain, says_how_it_went, thing, words};
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
    /// It changes something there.
    pub(super) writes: bool,
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
        let names: Vec<&String> = api.types.iter().filter_map(|def| def.schema.as_ref()).collect();
        // A word that ends most names of a document says nothing: `PostSchema`, `UserSchema`, `TagSchema`.
        let mut ends: HashMap<String, usize> = HashMap::new();
        for name in &names {
            *ends.entry(plain(name).rsplit('_').next().unwrap_or_default().to_owned()).or_default() += 1;
        }
        let says_nothing = |(_, count): &(String, usize)| *count >= 8 && count * 5 >= names.len() * 2;
        let noise: Vec<String> = ends.into_iter().filter(says_nothing).map(|(word, _)| word).collect();
        let bare = |name: &str| {
            let plain = plain(name);
            let cut = noise.iter().find_map(|word| plain.strip_suffix(word.as_str())?.strip_suffix('_'));
            cut.map_or_else(|| name.to_owned(), str::to_owned)
        };
        let key = |(at, def): (usize, &TypeDef)| match &def.schema {
            Some(name) => Key::Family(core(&bare(name), &known)),
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
                writes: operation.method != "GET",
                weight,
            });
        } else if path.ends_in_literal() {
            joins.extend(of_literal(api, operation, &path, shape.as_ref(), &collections));
        }
    }
    // `UpdateResult` tells how it went, and nothing of what there is.
    for join in &mut joins {
        let thing = Path::parse(&join.template).thing();
        let name = join.schema.and_then(|schema| families.name(schema));
        if name.is_some_and(|name| says_how_it_went(name) && thing.as_deref() != Some(name)) {
            join.schema = None;
        }
    }
    drop_answers(families, &mut joins);
    drop_shared(families, &mut joins);
    joins
}

/// What a collection lists and what its members are says more than what a write answers with.
fn drop_answers(families: &Families, joins: &mut [Join]) {
    let mut read: HashMap<String, BTreeSet<Key>> = HashMap::new();
    for join in joins.iter().filter(|join| !join.writes) {
        read.entry(join.collection.clone()).or_default().extend(join.schema.map(|schema| families.of(schema)));
    }
    for join in joins.iter_mut().filter(|join| join.writes && !join.singleton) {
        let known = read.get(&join.collection).filter(|known| !known.is_empty());
        let other = |schema: TypeId| known.is_some_and(|known| !known.contains(&families.of(schema)));
        if join.schema.is_some_and(other) {
            join.schema = None;
        }
    }
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
        Some(Join { collection: key, template, member: None, schema, singleton: false, writes: weight == 1, weight })
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
        let schema = one;
        return Some(Join {
            collection: key,
            template,
            member: None,
            schema,
            singleton: true,
            writes: true,
            weight: 1,
        });
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
