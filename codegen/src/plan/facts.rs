//! What the rules read: the model with what its paths and schemas say by their form.

use std::collections::{BTreeMap, BTreeSet};

use heck::ToPascalCase;

use super::entity::{self, Entities};
use super::field::{self, plain, thing};
use super::path::Path;
use super::shape::{self, Shape};
use super::{Kind, Operation, Scope};
use crate::model::{self, Api, Place, Type};

/// What the rules read.
pub(super) struct Facts<'a> {
    pub(super) api: &'a Api,
    pub(super) entities: Entities,
    /// Per operation, in the order of [`Api::operations`].
    pub(super) calls: Vec<Call<'a>>,
    /// Per entity: how its lists are cut down and shown.
    pub(super) lists: Vec<Lists>,
    /// Groups with a query of which nothing but the group is known.
    pub(super) floors: BTreeSet<usize>,
}

/// One operation with what its form says.
pub(super) struct Call<'a> {
    pub(super) operation: &'a model::Operation,
    pub(super) path: Path,
    pub(super) kind: Kind,
    pub(super) shape: Option<Shape>,
}

/// What is known of the lists of one entity.
#[derive(Debug, Default)]
pub(super) struct Lists {
    /// Constraints by which some list is cut down; with a type where a field of the entity holds the value.
    pub(super) constraints: BTreeMap<String, Option<Type>>,
    /// Some list comes in pages or with a total, so what it lacks can change it.
    pub(super) paged: bool,
    /// Some list does not show the ids of what it holds.
    pub(super) anonymous: bool,
    /// Something counts or embeds what a list holds without being that list.
    pub(super) derived: bool,
}

impl<'a> Facts<'a> {
    /// All that can be known before any operation is planned.
    pub(super) fn new(api: &'a Api) -> Facts<'a> {
        let calls = api.operations.iter().map(|operation| call(api, operation)).collect();
        let entities = entity::find(api);
        let mut facts = Facts { api, entities, calls, lists: Vec::new(), floors: BTreeSet::new() };
        facts.lists = lists(&facts);
        facts
    }

    /// The constraints under which a call lists an entity: name, parameter, and
    /// the parameter's type where a field of the entity holds the value.
    pub(super) fn constraints(&self, call: &Call<'_>, shape: &Shape) -> Vec<(String, super::Source, Option<Type>)> {
        let fields = self.api.fields(&Type::Named(shape.entity));
        let mut found = Vec::new();
        for (literal, parameter) in call.path.parameters() {
            let name = self.path_constraint(literal, parameter);
            let argument = call.operation.arguments.iter().find(|argument| argument.wire == parameter);
            let ty = argument.map_or(Type::String, |argument| argument.ty.clone());
            // A field holds the same value only where the parent is surely picked by its id.
            let parent = call.path.up_to(parameter);
            let picked = self.entities.of_member(&parent);
            let exact = picked.is_none_or(|(entity, _)| self.entities.all[entity].exact.contains(&parent.key()));
            let by_field = field::narrowing(self.api, fields, &name, &ty).filter(|_| exact).map(|_| ty);
            found.push((name, super::Source::path(parameter), by_field));
        }
        for parameter in self.api.parameters(call.operation).filter(|parameter| parameter.place == Place::Query) {
            let name = plain(&parameter.wire);
            let paging = field::is_paging(&parameter.wire);
            if !paging && field::narrowing(self.api, fields, &name, &parameter.ty).is_some() {
                found.push((name, super::Source::Query { name: parameter.wire.clone() }, Some(parameter.ty.clone())));
            }
        }
        found
    }

    /// What a path parameter constrains: `/posts/{id}/…` constrains `post_id`.
    pub(super) fn path_constraint(&self, literal: Option<&str>, parameter: &str) -> String {
        let parameter_name = plain(parameter);
        match literal {
            Some(literal) if field::is_bare_id(parameter) => format!("{}_{parameter_name}", thing(literal)),
            _ => parameter_name,
        }
    }

    /// The ids of an entity that a schema shows, each as wire names of fields.
    pub(super) fn shown_ids(&self, shape: &Shape, entity: usize) -> Vec<&[String]> {
        let fields = self.api.fields(&Type::Named(shape.entity));
        let shows = |id: &&Vec<String>| id.iter().all(|name| fields.iter().any(|field| field.wire == *name));
        self.entities.all[entity].ids.iter().filter(shows).map(Vec::as_slice).collect()
    }

    /// The tag type of last resort for the queries of a group. Groups whose names
    /// differ in spelling alone share one, which can only reach more.
    pub(super) fn floor(&self, group: usize) -> String {
        let mut name = self.api.groups[group].name.to_pascal_case();
        while name.is_empty() || self.entities.all.iter().any(|entity| entity.name == name) {
            name.push_str("Group");
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
            why: Vec::new(),
        }
    }
}

fn call<'a>(api: &'a Api, operation: &'a model::Operation) -> Call<'a> {
    let path = Path::parse(&operation.path);
    let shape = shape::of(api, &operation.response);
    let reads = matches!(operation.method.as_str(), "GET" | "HEAD" | "OPTIONS" | "TRACE" | "QUERY")
        || only_reads(operation, &path);
    let kind = if reads { Kind::Query } else { Kind::Mutation };
    Call { operation, path, kind, shape }
}

/// `POST /posts/search` and the like: a verb of reading at the end of the path, and an answer.
fn only_reads(operation: &model::Operation, path: &Path) -> bool {
    const VERBS: [&str; 9] =
        ["search", "query", "filter", "count", "paginate", "lookup", "validate", "aggregate", "history"];
    if operation.method != "POST" || operation.response == Type::Unit || !path.ends_in_literal() {
        return false;
    }
    let last = path.last_literal().map(plain).unwrap_or_default();
    VERBS
        .iter()
        .any(|verb| last == *verb || last.ends_with(&format!("_{verb}")) || last.starts_with(&format!("{verb}_")))
}

fn lists(facts: &Facts<'_>) -> Vec<Lists> {
    let mut lists: Vec<Lists> = facts.entities.all.iter().map(|_| Lists::default()).collect();
    for call in facts.calls.iter().filter(|call| call.kind == Kind::Query) {
        let Some(shape) = call.shape.as_ref().filter(|shape| shape.many) else { continue };
        let Some(entity) = facts.entities.of_schema(shape.entity) else { continue };
        let known = &mut lists[entity];
        for (name, _, ty) in facts.constraints(call, shape) {
            let entry = known.constraints.entry(name).or_default();
            *entry = entry.take().or(ty);
        }
        let paged = facts.api.parameters(call.operation).any(|parameter| field::is_paging(&parameter.wire));
        known.paged |= paged || shape.pointer != "/*";
        known.anonymous |= facts.shown_ids(shape, entity).is_empty();
    }
    lists
}

/// Notes lists that some other query depends on.
pub(super) fn note_derived(facts: &mut Facts<'_>, queries: &[(usize, Operation)]) {
    for (at, planned) in queries {
        let shape = facts.calls[*at].shape.as_ref().filter(|shape| shape.many);
        let listed = shape.and_then(|shape| facts.entities.of_schema(shape.entity));
        for tag in planned.provides.iter().filter(|tag| matches!(tag.scope, Scope::List { .. })) {
            let entity = facts.entities.all.iter().position(|entity| entity.name == tag.tag_type);
            if let Some(entity) = entity.filter(|entity| Some(*entity) != listed) {
                facts.lists[entity].derived = true;
            }
        }
    }
}
