//! Builds the model from a document's pieces.

use std::collections::HashMap;

use super::name::{self, Scope};
use super::sides::Side;
use super::{Api, Field, Group, Type, TypeDef, TypeId, TypeKind, operation, recursion};
use crate::load::NodeId;
use crate::normalise::{Schema, Spec};

/// What is known of a schema that was asked for before.
#[derive(Clone)]
pub(super) enum Known {
    /// It is being lowered right now, so it contains itself.
    Open,
    Done(Type),
}

/// The model while it grows.
pub(super) struct Builder<'s, 'd> {
    pub(super) spec: &'s Spec<'d>,
    pub(super) types: Vec<TypeDef>,
    pub(super) type_names: Scope,
    pub(super) known: HashMap<(NodeId, Option<Side>), Known>,
    /// Types of schemas that were met within themselves and are not declared yet.
    pub(super) promised: HashMap<(NodeId, Option<Side>), TypeId>,
    /// Names of the component schemas.
    pub(super) components: HashMap<NodeId, String>,
    /// Whether a schema differs between requests and responses.
    pub(super) sided: HashMap<NodeId, bool>,
}

/// Builds the model of everything in `spec`; what cannot be expressed is reported there.
pub(crate) fn build(spec: &Spec<'_>) -> Api {
    let mut builder = Builder {
        spec,
        types: Vec::new(),
        type_names: Scope::default(),
        known: HashMap::new(),
        promised: HashMap::new(),
        components: components(spec),
        sided: HashMap::new(),
    };
    let raw = spec.operations();
    let info = spec.info();
    let groups = groups(&raw, &info.groups);
    let operations = operation::lower(&mut builder, raw, &groups);
    let mut api = Api { title: info.title, version: info.version, groups, types: builder.types, operations };
    recursion::box_cycles(&mut api);
    directions(&mut api);
    api
}

fn components(spec: &Spec<'_>) -> HashMap<NodeId, String> {
    let root = spec.document.root();
    let Some(components) = spec.document.get(root, "components") else { return HashMap::new() };
    spec.document.members(components, "schemas").map(|(name, node)| (node, name.to_owned())).collect()
}

/// The groups that operations belong to, sorted by module.
fn groups(operations: &[crate::normalise::Operation], described: &[(String, String)]) -> Vec<Group> {
    let mut names: Vec<String> = operations.iter().map(group_name).collect();
    names.sort();
    names.dedup();
    let mut modules = Scope::default();
    for taken in ["types", "tags", "self_", "larder", "std"] {
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

/// An operation's first group; without one, the first segment of its path that says something.
pub(super) fn group_name(operation: &crate::normalise::Operation) -> String {
    if let Some(group) = operation.groups.first().filter(|group| !group.is_empty()) {
        return group.clone();
    }
    let says_nothing = |segment: &str| {
        let version = segment.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        segment.is_empty() || segment.starts_with('{') || segment == "api" || version
    };
    let segment = operation.path.split('/').find(|segment| !says_nothing(segment));
    segment.unwrap_or("root").to_owned()
}

impl Builder<'_, '_> {
    /// Adds a type whose content follows later, or takes the one that was promised.
    pub(super) fn declare(&mut self, schema: &Schema, hint: &str, side: Side) -> TypeId {
        let key = (schema.at, self.relevant(schema.at, side));
        if let Some(id) = self.promised.remove(&key) {
            return id;
        }
        let name = self.type_name(schema, hint, side);
        self.add(name, schema)
    }

    pub(super) fn add(&mut self, name: String, schema: &Schema) -> TypeId {
        self.types.push(TypeDef {
            name,
            schema: self.components.get(&schema.at).cloned(),
            doc: doc(schema),
            deprecated: schema.deprecated,
            kind: TypeKind::Struct { fields: Vec::new(), additional: None },
            sent: false,
            received: false,
        });
        TypeId(self.types.len() - 1)
    }

    /// The fields of a struct that was lowered.
    pub(super) fn fields(&self, ty: &Type) -> &[Field] {
        match ty.inner() {
            Type::Named(id) => match &self.types[id.0].kind {
                TypeKind::Struct { fields, .. } => fields,
                _ => &[],
            },
            _ => &[],
        }
    }
}

/// What a schema says of itself to people.
pub(super) fn doc(schema: &Schema) -> String {
    schema.description.clone().or_else(|| schema.title.clone()).unwrap_or_default()
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
fn named(ty: &Type, into: &mut Vec<TypeId>) {
    match ty {
        Type::Named(id) => into.push(*id),
        Type::List(ty) | Type::Map(ty) | Type::Boxed(ty) | Type::Nullable(ty) => named(ty, into),
        _ => {}
    }
}
