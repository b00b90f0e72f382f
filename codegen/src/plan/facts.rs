//! What the rules read: the model with what its paths and schemas say by their form.

use std::collections::BTreeSet;

use heck::ToPascalCase;

use super::entity::{self, Entities};
use super::field;
use super::joins::shape_of;
use super::path::Path;
use super::relation::{Foreign, Relations, foreign, path_constraint};
use super::shape::Shape;
use super::spot::{Spot, spot};
use super::views::Views;
use super::words::{asks, is_sweeping, makes, mentions, only_reads, plain, removes, says_how, words};
use super::{Kind, Operation, Source};
use crate::model::{self, Api, Place, Type};

/// What the rules read.
pub(super) struct Facts<'a> {
    pub(super) api: &'a Api,
    pub(super) entities: Entities,
    pub(super) relations: Relations,
    /// Per operation, in the order of [`Api::operations`].
    pub(super) calls: Vec<Call<'a>>,
    /// Per entity: what its queries show of it.
    pub(super) views: Vec<Views>,
    /// Per entity: the constraints that must be named beside its own id, which is unique within its owner alone.
    pub(super) within: Vec<Vec<String>>,
    /// Entities that no query shows, once queries are planned.
    pub(super) unseen: BTreeSet<usize>,
    /// Groups with a query of which nothing but the group is known.
    pub(super) floors: BTreeSet<usize>,
    /// The constraints of queries that show whatever happens; nothing where there is none.
    pub(super) journals: Option<BTreeSet<String>>,
}

/// One operation with what its form says.
pub(super) struct Call<'a> {
    pub(super) operation: &'a model::Operation,
    pub(super) path: Path,
    /// The path with every parameter alike.
    pub(super) key: String,
    /// The constraints that the path names, each with its parameter.
    pub(super) constraints: Vec<(String, Source)>,
    pub(super) kind: Kind,
    pub(super) shape: Option<Shape>,
    pub(super) spot: Spot,
}

impl<'a> Facts<'a> {
    /// All that can be known before any operation is planned.
    pub(super) fn new(api: &'a Api) -> Facts<'a> {
        let entities = entity::find(api);
        let relations = Relations::find(api, &entities);
        let calls = api.operations.iter().map(|operation| call(api, &entities, operation)).collect();
        let views = entities.all.iter().map(|_| Views::default()).collect();
        let within = entities.all.iter().map(|entity| within(api, &entities, entity)).collect();
        Facts {
            api,
            entities,
            relations,
            calls,
            views,
            within,
            unseen: BTreeSet::new(),
            floors: BTreeSet::new(),
            journals: None,
        }
    }

    pub(super) fn name(&self, entity: usize) -> String {
        self.entities.all[entity].name.clone()
    }

    /// What a field or a parameter refers to.
    pub(super) fn foreign(&self, wire: &str, ty: &Type) -> Option<Foreign> {
        foreign(self.api, &self.entities, wire, ty)
    }

    /// The constraints that a path names, each with its parameter.
    pub(super) fn path_constraints(&self, path: &Path) -> Vec<(String, Source)> {
        path_constraints(&self.entities, path)
    }

    /// The constraints under which a call lists an entity: name, parameter, and
    /// the parameter's type where a field of the entity holds the value.
    pub(super) fn constraints(&self, call: &Call<'_>, entity: usize) -> Vec<(String, Source, Option<Type>)> {
        let mut found: Vec<(String, Source, Option<Type>)> = Vec::new();
        for (name, source) in call.constraints.clone() {
            let Source::Path { name: parameter } = &source else { continue };
            let argument = call.operation.arguments.iter().find(|argument| argument.wire == *parameter);
            let ty = argument.map_or(Type::String, |argument| argument.ty.clone());
            // A field holds the same value only where the parent is surely picked by its id.
            let parent = call.path.up_to(parameter);
            let picked = self.entities.of_member(&parent);
            let exact = picked.is_none_or(|(owner, _)| self.entities.all[owner].exact.contains(&parent.key()));
            let by_field = exact && self.is_held(entity, &name, &ty);
            found.push((name, source, by_field.then_some(ty)));
        }
        for parameter in self.api.parameters(call.operation).filter(|parameter| parameter.place == Place::Query) {
            if field::is_paging(&parameter.wire) {
                continue;
            }
            let foreign = self.foreign(&parameter.wire, &parameter.ty);
            let name = foreign.map_or_else(|| plain(&parameter.wire), |foreign| foreign.constraint);
            let known = found.iter().any(|(other, ..)| *other == name);
            if !known && self.is_held(entity, &name, &parameter.ty) {
                found.push((name, Source::Query { name: parameter.wire.clone() }, Some(parameter.ty.clone())));
            }
        }
        found
    }

    /// Whether a field of an entity holds what a constraint of that name and type asks for.
    fn is_held(&self, entity: usize, constraint: &str, ty: &Type) -> bool {
        self.entities.all[entity].schemas.iter().any(|schema| {
            let fields = self.api.fields(&Type::Named(*schema));
            let refers = |field: &model::Field| {
                let foreign = self.foreign(&field.wire, &field.ty);
                foreign.is_some_and(|foreign| foreign.constraint == constraint)
            };
            field::narrowing(self.api, fields, constraint, ty).is_some() || fields.iter().any(refers)
        })
    }

    /// The ids of an entity that a schema shows, as indexes into its ids.
    pub(super) fn shown_ids(&self, schema: model::TypeId, entity: usize) -> Vec<usize> {
        let fields = self.api.fields(&Type::Named(schema));
        let shows = |id: &Vec<String>| id.iter().all(|name| fields.iter().any(|field| field.wire == *name));
        let ids = self.entities.all[entity].ids.iter().enumerate();
        ids.filter(|(_, id)| shows(id)).map(|(at, _)| at).collect()
    }

    /// The id of a member that a path picks: what it is within, and the parameters themselves.
    pub(super) fn picked_id(&self, entity: usize, member: &Path) -> Vec<Source> {
        let picks = member.member().map(|(_, picks)| picks).unwrap_or_default();
        let picks = picks.into_iter().map(Source::path);
        match self.named_within(entity, &self.path_constraints(member)) {
            Some(owners) => owners.into_iter().chain(picks).collect(),
            None => picks.collect(),
        }
    }

    /// What an entity's id is within, if `known` names all of it.
    pub(super) fn named_within(&self, entity: usize, known: &[(String, Source)]) -> Option<Vec<Source>> {
        let find = |name: &String| known.iter().find(|(other, _)| other == name).map(|(_, source)| source.clone());
        self.within[entity].iter().map(find).collect()
    }

    /// What the path says of the collection that a member is in.
    pub(super) fn constraints_above(&self, member: &Path) -> Vec<(String, Source)> {
        let picks = member.member().map(|(_, picks)| picks).unwrap_or_default();
        let is_pick = |source: &Source| matches!(source, Source::Path { name } if picks.contains(&name.as_str()));
        self.path_constraints(member).into_iter().filter(|(_, source)| !is_pick(source)).collect()
    }

    /// Whether some operation may change many of an entity at once that its path tells from others.
    pub(super) fn is_swept(&self, entity: usize) -> bool {
        self.calls.iter().any(|call| {
            let sweeping = match &call.spot {
                Spot::Collection { entity: own } => *own == entity && call.operation.method == "DELETE",
                Spot::Under { entity: own, .. } => *own == entity,
                _ => false,
            };
            sweeping && call.kind == Kind::Mutation && !call.path.parameters().is_empty()
        })
    }

    /// Whether some operation changes an entity by its own path.
    pub(super) fn is_written(&self, entity: usize) -> bool {
        self.calls.iter().any(|call| {
            call.kind == Kind::Mutation
                && match &call.spot {
                    Spot::Member { entity: own } | Spot::Collection { entity: own } => *own == entity,
                    Spot::Under { entity: own, .. } => *own == entity,
                    _ => false,
                }
        })
    }

    /// Whether some operation makes one of an entity; what none makes comes about by other things.
    pub(super) fn is_created(&self, entity: usize) -> bool {
        self.calls.iter().any(|call| {
            let puts = matches!(call.operation.method.as_str(), "POST" | "PUT");
            let here = match &call.spot {
                Spot::Collection { entity: own } => *own == entity,
                Spot::Member { entity: own } => *own == entity && call.operation.method == "PUT",
                Spot::Under { entity: own, collection } => {
                    *own == entity && makes(&call.path.literals_after(collection).join("_"))
                }
                Spot::Below { member, .. } => {
                    let answered = call.shape.as_ref().and_then(|shape| self.entities.of_schema(shape.schema?));
                    answered == Some(entity) && makes(&call.path.literals_after(member).join("_"))
                }
                Spot::Nowhere => false,
            };
            call.kind == Kind::Mutation && puts && here
        })
    }

    /// Whether a path puts things together and takes them apart, and what it names is at home
    /// elsewhere: `DELETE /groups/{group}/users/{user}` deletes no user.
    pub(super) fn is_relation(&self, entity: usize, path: &Path) -> bool {
        let key = path.key();
        let read = |call: &Call<'_>| {
            call.operation.method == "GET"
                && call.operation.response != Type::Unit
                && call.spot == Spot::Member { entity }
        };
        let here = |call: &Call<'_>| {
            call.key == key || call.path.member().is_some_and(|(collection, _)| collection.key() == key)
        };
        let below = self.owner_of(path).is_some() || !path.is_fixed() || path.member().is_some();
        below
            && !self.calls.iter().any(|call| read(call) && here(call))
            && self.calls.iter().any(|call| read(call) && !here(call))
    }

    /// Entities that some words speak of; of two that overlap, the longer name.
    pub(super) fn spoken_of(&self, said: &[String]) -> BTreeSet<usize> {
        let all = self.entities.all.iter().enumerate();
        let named: Vec<(usize, &String)> = all
            .filter_map(|(at, entity)| Some((at, entity.things.iter().find(|thing| mentions(said, thing))?)))
            .collect();
        let longest = |(_, thing): &&(usize, &String)| {
            !named.iter().any(|(_, other)| other.len() > thing.len() && mentions(&words(other), thing))
        };
        named.iter().filter(longest).map(|(at, _)| *at).collect()
    }

    /// The member that a path is below.
    pub(super) fn owner_of(&self, path: &Path) -> Option<(usize, Path)> {
        let collection = path.member().map_or_else(|| path.clone(), |(collection, _)| collection);
        let owner = collection.parent_member()?;
        let (entity, _) = self.entities.of_member(&owner)?;
        Some((entity, owner))
    }

    /// The tag type of last resort for the queries of a group. Groups whose names
    /// differ in spelling alone share one, which can only reach more.
    pub(super) fn floor(&self, group: usize) -> String {
        self.free_name(&self.api.groups[group].name.to_pascal_case(), "Group")
    }

    /// The tag type of what any change may change: logs, histories, searches.
    pub(super) fn journal(&self) -> String {
        self.free_name("Activity", "Journal")
    }

    fn free_name(&self, name: &str, more: &str) -> String {
        let mut name = name.to_owned();
        while name.is_empty() || self.entities.all.iter().any(|entity| entity.name == name) {
            name.push_str(more);
        }
        name
    }

    pub(super) fn planned(&self, call: &Call<'_>) -> Operation {
        let operation = call.operation;
        let module = &self.api.groups[operation.group].module;
        Operation {
            id: operation.id.clone(),
            kind: call.kind,
            method: operation.method.clone(),
            path: operation.path.clone(),
            function: format!("{module}::{}", operation.function),
            provides: Vec::new(),
            invalidates: Vec::new(),
            writes: Vec::new(),
            paging: None,
            with: None,
            why: Vec::new(),
        }
    }

    /// The entity that a query is about, and whether it shows many of it.
    pub(super) fn main(&self, call: &Call<'_>) -> Option<(usize, bool)> {
        let many = call.shape.as_ref().is_some_and(|shape| shape.many);
        let by_schema = call.shape.as_ref().and_then(|shape| self.entities.of_schema(shape.schema?));
        if let Some(entity) = by_schema {
            return Some((entity, many));
        }
        let plain_list = call.operation.response != Type::Unit && !self.is_number(&call.operation.response);
        match &call.spot {
            Spot::Member { entity } => Some((*entity, many)),
            Spot::Collection { entity } if plain_list => Some((*entity, true)),
            Spot::Under { entity, collection } => {
                let how = call.path.literals_after(collection).iter().all(|literal| says_how(literal));
                (how && many).then_some((*entity, true))
            }
            _ => None,
        }
    }

    /// Whether a response is a number, or several by name.
    pub(super) fn is_number(&self, ty: &Type) -> bool {
        match ty.inner() {
            Type::Map(ty) => ty.is_number(),
            Type::Named(_) => matches!(self.api.fields(ty), [only] if only.ty.is_number()),
            ty => ty.is_number(),
        }
    }
}

fn call<'a>(api: &'a Api, entities: &Entities, operation: &'a model::Operation) -> Call<'a> {
    let path = Path::parse(&operation.path);
    let shape = shape_of(api, operation, &path);
    let reads = operation.said_to_read().unwrap_or_else(|| {
        matches!(operation.method.as_str(), "GET" | "HEAD" | "OPTIONS" | "TRACE" | "QUERY")
            || reading_post(api, operation, &path)
    });
    let kind = if reads { Kind::Query } else { Kind::Mutation };
    let spot = spot(entities, &path, |_| true);
    let (key, constraints) = (path.key(), path_constraints(entities, &path));
    Call { operation, path, key, constraints, kind, shape, spot }
}

fn path_constraints(entities: &Entities, path: &Path) -> Vec<(String, Source)> {
    let parameters = path.parameters().into_iter();
    let named = parameters
        .map(|(literal, parameter)| (path_constraint(entities, path, literal, parameter), Source::path(parameter)));
    named.collect()
}

/// `POST /posts/search` and the like: a verb of reading at the end of the path, and an answer. Not so `POST /entry_list`,
/// which makes what `DELETE /entry_list/{id}` takes away.
fn reading_post(api: &Api, operation: &model::Operation, path: &Path) -> bool {
    let reads =
        |last: &str| only_reads(last) || (asks(&operation.id) && !makes(last) && !removes(last) && !is_sweeping(last));
    let makes_one = || {
        let written = api.operations.iter().filter(|other| matches!(other.method.as_str(), "PUT" | "PATCH" | "DELETE"));
        let key = path.key();
        written.filter_map(|other| Some(Path::parse(&other.path).member()?.0.key())).any(|collection| collection == key)
    };
    operation.method == "POST"
        && operation.response != Type::Unit
        && path.ends_in_literal()
        && path.last_literal().is_some_and(reads)
        && !makes_one()
}

/// What an entity's id is unique within, if not by itself: a text or a running number, always picked below the
/// same owners.
fn within(api: &Api, entities: &Entities, entity: &entity::Entity) -> Vec<String> {
    let mut owners: Option<Vec<String>> = None;
    for member in &entity.members {
        let path = Path::parse(member);
        let picks = path.member().map_or(0, |(_, picks)| picks.len());
        let parameters = path.parameters();
        let above = &parameters[..parameters.len() - picks.min(parameters.len())];
        let above: Vec<String> =
            above.iter().map(|(literal, parameter)| path_constraint(entities, &path, *literal, parameter)).collect();
        let known = entity.picked_by.get(&path.key()).and_then(|ids| entity.ids.get(*ids.first()?));
        let unique = known.is_some_and(|id| {
            id.iter().any(|wire| {
                let opaque = |field: &model::Field| matches!(field.ty.inner(), Type::Text(model::TextFormat::Uuid));
                let fields = entity.schemas.iter().flat_map(|schema| api.fields(&Type::Named(*schema)));
                let name = plain(wire);
                ["id", "uuid", "guid", "pk", "_id"].contains(&name.as_str())
                    || name.ends_with("_id")
                    || name.ends_with("uuid")
                    || fields.into_iter().any(|field| field.wire == *wire && opaque(field))
            })
        });
        if above.is_empty() || unique || owners.as_ref().is_some_and(|known| *known != above) {
            return Vec::new();
        }
        owners = Some(above);
    }
    owners.unwrap_or_default()
}
