//! Builds the model from a document's pieces.

use super::builder::Builder;
use super::name::{self, Scope};
use super::operation::{self, group_name};
use super::{Api, Group, Type, TypeId, recursion};
use crate::normalise::Spec;

/// Builds the model of everything in `spec`; what cannot be expressed is reported there.
pub(crate) fn build(spec: &Spec<'_>) -> Api {
    let mut builder = Builder::new(spec);
    let raw = spec.operations();
    let info = spec.info();
    let groups = groups(&raw, &info.groups);
    let operations = operation::lower(&mut builder, raw, &groups);
    let schemas = builder.schemas();
    let mut api = Api { title: info.title, version: info.version, groups, types: builder.types, operations, schemas };
    recursion::box_cycles(&mut api);
    directions(&mut api);
    api
}

/// The groups that operations belong to, sorted by module.
fn groups(operations: &[crate::normalise::Operation], described: &[(String, String)]) -> Vec<Group> {
    let mut names: Vec<String> = operations.iter().map(group_name).collect();
    names.sort();
    names.dedup();
    let mut modules = Scope::default();
    for taken in ["types", "tags", "r#mod", "self_", "larder", "std"] {
        modules.reserve(taken);
    }
    let description = |name: &str| {
        let found = described.iter().find(|(other, _)| other == name);
        found.map(|(_, text)| text.clone()).unwrap_or_default()
    };
    let mut groups: Vec<Group> = names
        .into_iter()
        .map(|name| {
            let module = name::snake_name(&name);
            let module = modules.prefer(&module, &format!("{}_api", module.trim_start_matches("r#")));
            Group { description: description(&name), module, name }
        })
        .collect();
    groups.sort_by(|a, b| a.module.cmp(&b.module));
    groups
}

/// Marks which types travel to the server and which come from it.
fn directions(api: &mut Api) {
    let mut sent = Vec::new();
    let mut received = Vec::new();
    for operation in &api.operations {
        for parameter in api.parameters(operation) {
            named(&parameter.ty, &mut sent);
        }
        if let Some(body) = &operation.body {
            named(&body.ty, &mut sent);
        }
        named(&operation.response, &mut received);
        for error in operation.errors.iter().filter_map(|error| error.ty.as_ref()) {
            named(error, &mut received);
        }
    }
    for id in reach(api, sent) {
        api.types[id.0].sent = true;
    }
    for id in reach(api, received) {
        api.types[id.0].received = true;
    }
}

fn reach(api: &Api, mut open: Vec<TypeId>) -> Vec<TypeId> {
    let mut seen = vec![false; api.types.len()];
    let mut reached = Vec::new();
    while let Some(id) = open.pop() {
        if std::mem::replace(&mut seen[id.0], true) {
            continue;
        }
        reached.push(id);
        for ty in recursion::parts(&api.def(id).kind) {
            named(ty, &mut open);
        }
    }
    reached
}

/// Collects the declared types that `ty` mentions.
pub(crate) fn named(ty: &Type, into: &mut Vec<TypeId>) {
    match ty {
        Type::Named(id) => into.push(*id),
        Type::List(ty) | Type::Map(ty) | Type::Boxed(ty) | Type::Nullable(ty) => named(ty, into),
        _ => {}
    }
}
