//! The kinds of things an API speaks of: paths and schemas that mean the same.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use heck::ToPascalCase;

use super::field::{self, is_bare_id};
use super::joins::{self, Families, Join, Key, parameter_type};
use super::path::Path;
use super::sets;
use super::words::thing;
use crate::model::{Api, Field, Type, TypeId};

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
    /// The same, every parameter alike.
    pub(super) member_keys: BTreeSet<String>,
    pub(super) schemas: Vec<TypeId>,
    /// Each way to name one: the fields, by wire name, in the order of the path's parameters.
    pub(super) ids: Vec<Vec<String>>,
    /// Of each id: whether the parameters of every path that picks by it surely hold what the fields do.
    pub(super) sure: Vec<bool>,
    /// By the key of a member's path: the ways in which its parameters can name one, as indexes into `ids`.
    pub(super) picked_by: BTreeMap<String, Vec<usize>>,
    /// Member paths, by key, whose parameters surely hold what the id's fields do.
    pub(super) exact: BTreeSet<String>,
}

/// All entities, and what leads to them.
#[derive(Debug)]
pub(super) struct Entities {
    pub(super) all: Vec<Entity>,
    families: Families,
    by_path: HashMap<String, usize>,
    by_schema: HashMap<Key, usize>,
    by_thing: HashMap<String, Option<usize>>,
}

/// Finds the entities of an API.
pub(super) fn find(api: &Api) -> Entities {
    let families = Families::find(api);
    let joins = joins::find(api, &families);
    let mut all: Vec<Entity> = Vec::new();
    let mut names = BTreeSet::new();
    let (mut by_path, mut by_schema, mut by_thing) = (HashMap::new(), HashMap::new(), HashMap::new());
    for keys in sets::sets(&families, &joins) {
        let Some(entity) = entity(api, &families, &keys, &joins, &mut names) else { continue };
        let at = all.len();
        for key in keys {
            match key {
                Key::Collection(path) => {
                    by_path.insert(path, at);
                }
                Key::Singleton(_) => {}
                schema => {
                    by_schema.insert(schema, at);
                }
            }
        }
        all.push(entity);
    }
    // A name that several share names none of them, unless it is the plainest name of one.
    for (at, entity) in all.iter().enumerate() {
        for thing in &entity.things {
            by_thing.entry(thing.clone()).and_modify(|known| *known = None).or_insert(Some(at));
        }
    }
    for (at, entity) in all.iter().enumerate().rev() {
        by_thing.extend(entity.things.first().map(|thing| (thing.clone(), Some(at))));
    }
    Entities { all, families, by_path, by_schema, by_thing }
}

impl Entities {
    /// The entity that a collection's path lists.
    pub(super) fn of_collection(&self, path: &Path) -> Option<usize> {
        self.by_path.get(&path.key()).copied()
    }

    /// The entity that a schema shows.
    pub(super) fn of_schema(&self, schema: TypeId) -> Option<usize> {
        self.by_schema.get(&self.families.of(schema)).copied()
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
        let aliased = collection.aliased(&picks).and_then(|aliased| self.of_collection(&aliased));
        let entity = aliased.or_else(|| self.of_collection(&collection))?;
        // `/repos/{owner}` picks nothing where `/repos/{owner}/{repo}` picks one.
        let key = path.key();
        let longer = format!("{key}/{{}}");
        let known = &self.all[entity].member_keys;
        (known.contains(&key) || !known.contains(&longer)).then_some((entity, picks))
    }

    /// The entity of that name.
    pub(super) fn named(&self, thing: &str) -> Option<usize> {
        self.by_thing.get(thing).copied().flatten()
    }

    /// The entity of that name, or of the end of it: `assigned_user` is a `user`.
    pub(super) fn named_by_end(&self, thing: &str) -> Option<usize> {
        let mut rest = thing;
        loop {
            if let Some(found) = self.named(rest) {
                return Some(found);
            }
            rest = rest.split_once('_')?.1;
        }
    }
}

fn entity(
    api: &Api,
    families: &Families,
    keys: &[Key],
    joins: &[Join],
    names: &mut BTreeSet<String>,
) -> Option<Entity> {
    let own: Vec<&Join> = joins.iter().filter(|join| keys.contains(&join.key())).collect();
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
    // A collection with members says best what it is called.
    let home = own.iter().find(|join| join.member.is_some()).or(own.first());
    let literal = home.and_then(|join| Path::parse(&join.template).thing())?;
    let family = schemas.iter().find_map(|schema| families.name(*schema).map(str::to_owned));
    let family = family.map(|family| if listed.is_empty() { family } else { thing(&family) });
    // `/prompts` shows a `PromptMeta`: that is a prompt.
    let longer = |family: &String| family.strip_prefix(&literal).is_some_and(|rest| rest.starts_with('_'));
    let plainest = family.filter(|family| !longer(family)).unwrap_or_else(|| literal.clone());
    let mut things = vec![thing(&plainest)];
    // A list of it below another thing is named for what it is there: `/repos/{id}/subscribers` are users.
    let at_home = |join: &&&Join| join.member.is_some() || Path::parse(&join.template).is_fixed();
    let names_of = |join: &&Join| Path::parse(&join.template).thing().filter(|thing| !is_bare_id(thing));
    things.extend(listed.iter().filter(at_home).filter_map(names_of));
    things.extend(schemas.iter().filter_map(|schema| families.name(*schema)).map(thing));
    let things = distinct(things.into_iter().filter(|thing| !thing.is_empty()));
    let mut name = plainest.to_pascal_case();
    if name.is_empty() {
        name = "Thing".to_owned();
    }
    let (mut unique, mut number) = (name.clone(), 2);
    while !names.insert(unique.clone()) {
        unique = format!("{name}{number}");
        number += 1;
    }
    let mut entity = Entity {
        name: unique,
        things,
        collections,
        singletons,
        member_keys: members.iter().map(|path| Path::parse(path).key()).collect(),
        members,
        schemas,
        ids: Vec::new(),
        sure: Vec::new(),
        picked_by: BTreeMap::new(),
        exact: BTreeSet::new(),
    };
    entity.find_ids(api, &own);
    Some(entity)
}

impl Entity {
    /// Each way in which a path picks a member, as fields of the entity's schemas, and
    /// the paths of which that is sure.
    fn find_ids(&mut self, api: &Api, joins: &[&Join]) {
        for (path, picks) in joins.iter().filter_map(|join| join.member.as_ref()) {
            let key = Path::parse(path).key();
            for (fields, exact) in self.fields_of(api, path, picks) {
                let at = self.ids.iter().position(|id| *id == fields).unwrap_or_else(|| {
                    self.ids.push(fields);
                    self.sure.push(true);
                    self.ids.len() - 1
                });
                self.sure[at] &= exact;
                let known = self.picked_by.entry(key.clone()).or_default();
                if !known.contains(&at) {
                    known.push(at);
                }
                if exact {
                    self.exact.insert(key.clone());
                }
            }
        }
        // A thing that no path picks can still have an id of its own.
        if self.ids.is_empty() {
            let bare = self.schemas.iter().find_map(|schema| {
                let fields = api.fields(&Type::Named(*schema));
                fields.iter().find(|field| field.wire == "id" && field.ty.is_scalar())
            });
            self.ids.extend(bare.map(|field: &Field| vec![field.wire.clone()]));
            self.sure.resize(self.ids.len(), true);
        }
    }

    /// The fields that the picks of a path stand for; `{id_or_name}` can be either of two.
    fn fields_of(&self, api: &Api, path: &str, picks: &[String]) -> Vec<(Vec<String>, bool)> {
        let operation = api.operations.iter().find(|operation| operation.path == *path);
        let either: Vec<Vec<String>> = match picks {
            [only] if only.contains("_or_") => only.split("_or_").map(|one| vec![one.to_owned()]).collect(),
            picks => vec![picks.to_vec()],
        };
        let mut found = Vec::new();
        for picks in either {
            let fields = self.schemas.iter().find_map(|schema| {
                let fields = api.fields(&Type::Named(*schema));
                let of = |pick: &String| {
                    let ty = operation.and_then(|operation| parameter_type(operation, pick));
                    field::id_field(fields, pick, ty, &self.things)
                };
                picks.iter().map(of).collect::<Option<Vec<&Field>>>()
            });
            let Some(fields) = fields else { continue };
            // One field cannot stand for two parameters.
            let wires: Vec<String> = fields.iter().map(|field| field.wire.clone()).collect();
            if distinct(wires.iter()).len() < wires.len() {
                continue;
            }
            let exact = fields.iter().zip(&picks).all(|(field, pick)| field::is_exact(field, pick, &self.things));
            found.push((wires, exact));
        }
        found
    }
}

pub(super) fn distinct<T: PartialEq>(values: impl Iterator<Item = T>) -> Vec<T> {
    values.fold(Vec::new(), |mut kept, value| {
        if !kept.contains(&value) {
            kept.push(value);
        }
        kept
    })
}
