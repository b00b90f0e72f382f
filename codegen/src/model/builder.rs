//! The model while it grows.

use std::collections::{HashMap, HashSet};

use super::family;
use super::name::Scope;
use super::sides::Side;
use super::{Field, Type, TypeDef, TypeId, TypeKind};
use crate::load::NodeId;
use crate::normalise::{Schema, Spec};
use crate::settings::Settings;

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
    pub(super) settings: Settings,
    pub(super) types: Vec<TypeDef>,
    pub(super) type_names: Scope,
    pub(super) known: HashMap<(NodeId, Option<Side>), Known>,
    /// Types of schemas that were met within themselves and are not declared yet.
    pub(super) promised: HashMap<(NodeId, Option<Side>), TypeId>,
    /// Names of the component schemas.
    pub(super) components: HashMap<NodeId, String>,
    /// The schemas that extend a parent which tells them apart.
    pub(super) children: HashMap<NodeId, Vec<NodeId>>,
    /// Whether a schema differs between requests and responses.
    pub(super) sided: HashMap<NodeId, bool>,
    /// Security schemes that were named and not found.
    pub(super) unknown_schemes: HashSet<String>,
    /// How many schemas are being lowered within one another.
    pub(super) depth: usize,
}

/// Schemas within schemas beyond this are read as untyped JSON. The stack of
/// the generator's thread bears more; documents of thousands of schemas stay far below.
pub(super) const MAX_DEPTH: usize = 20_000;

impl<'s, 'd> Builder<'s, 'd> {
    /// Nothing but the names of the component schemas.
    pub(super) fn new(spec: &'s Spec<'d>, settings: Settings) -> Builder<'s, 'd> {
        let components = components(spec);
        Builder {
            spec,
            settings,
            types: Vec::new(),
            type_names: Scope::default(),
            known: HashMap::new(),
            promised: HashMap::new(),
            children: family::children(spec, &components),
            components,
            sided: HashMap::new(),
            unknown_schemes: HashSet::new(),
            depth: 0,
        }
    }

    /// Adds a type whose content follows later, or takes the one that was promised.
    pub(super) fn declare(&mut self, schema: &Schema, hint: &str, side: Side) -> TypeId {
        let key = (schema.at, self.relevant(schema.at, side));
        if let Some(id) = self.promised.remove(&key) {
            return id;
        }
        let name = self.type_name(schema, hint, side);
        self.add(name, schema)
    }

    /// Makes a type known before it has its content, so that what is in it can hold it.
    pub(super) fn settle(&mut self, key: (NodeId, Option<Side>), ty: Type) {
        self.known.insert(key, Known::Done(ty));
    }

    pub(super) fn add(&mut self, name: String, schema: &Schema) -> TypeId {
        self.types.push(TypeDef {
            name,
            schema: self.components.get(&schema.at).cloned(),
            doc: schema.doc(),
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

fn components(spec: &Spec<'_>) -> HashMap<NodeId, String> {
    let root = spec.document.root();
    let Some(components) = spec.document.get(root, "components") else { return HashMap::new() };
    spec.document.members(components, "schemas").map(|(name, node)| (node, name.to_owned())).collect()
}
