//! The model while it grows.

use std::collections::{HashMap, HashSet};

use super::alike::Alike;
use super::family;
use super::headers::Headers;
use super::name::{self, Scope};
use super::sides::Side;
use super::uses::Uses;
use super::{Field, SchemaType, Type, TypeDef, TypeId, TypeKind};
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
    /// Components that only say whose body they are, and what they are called instead.
    pub(super) bodies: HashMap<String, String>,
    /// Bodies of refusals that several operations have.
    pub(super) alike: Alike,
    /// The schemas that extend a parent which tells them apart.
    pub(super) children: HashMap<NodeId, Vec<NodeId>>,
    /// The name of the next type that is declared, when it is but one form of what its schema describes.
    pub(super) inner: Option<String>,
    /// Whether a schema differs between requests and responses.
    pub(super) sided: HashMap<NodeId, bool>,
    /// Security schemes that were named and not found.
    pub(super) unknown_schemes: HashSet<String>,
    /// How many schemas are being lowered within one another.
    pub(super) depth: usize,
    pub(super) headers: Headers,
    /// How many schemas got a type.
    pub(super) uses: Uses,
}

/// Schemas within schemas beyond this are read as untyped JSON. The stack of
/// the generator's thread bears more; documents of thousands of schemas stay far below.
pub(super) const MAX_DEPTH: usize = 20_000;

impl<'s, 'd> Builder<'s, 'd> {
    /// Nothing but the names of the component schemas.
    pub(super) fn new(spec: &'s Spec<'d>, settings: Settings) -> Builder<'s, 'd> {
        let components = spec.component_names();
        Builder {
            spec,
            settings,
            types: Vec::new(),
            type_names: Scope::default(),
            known: HashMap::new(),
            promised: HashMap::new(),
            children: family::children(spec, &components),
            components,
            bodies: HashMap::new(),
            alike: Alike::default(),
            inner: None,
            sided: HashMap::new(),
            unknown_schemes: HashSet::new(),
            depth: 0,
            headers: Headers::default(),
            uses: Uses::default(),
        }
    }

    /// Adds a type whose content follows later, or takes the one that was promised.
    pub(super) fn declare(&mut self, schema: &Schema, hint: &str, side: Side) -> TypeId {
        if let Some(stem) = self.inner.take() {
            return self.add_inner(schema, stem, side);
        }
        let key = (schema.at, self.relevant(schema.at, side));
        if let Some(id) = self.promised.remove(&key) {
            return id;
        }
        self.add(schema, hint, side)
    }

    /// Makes a type known before it has its content, so that what is in it can hold it.
    pub(super) fn settle(&mut self, key: (NodeId, Option<Side>), ty: Type) {
        self.known.insert(key, Known::Done(ty));
    }

    /// Adds the type of a schema, under its own name if it has one, else under `hint`.
    pub(super) fn add(&mut self, schema: &Schema, hint: &str, side: Side) -> TypeId {
        let component = self.components.get(&schema.at).cloned();
        let stem = self.own_name(schema.at).unwrap_or_else(|| name::type_name(hint));
        let id = self.add_inner(schema, stem, side);
        self.types[id.0].schema = component;
        id
    }

    /// What a schema with a name is called in Rust.
    pub(super) fn own_name(&self, schema: NodeId) -> Option<String> {
        let component = self.components.get(&schema)?;
        Some(self.bodies.get(component).cloned().unwrap_or_else(|| name::type_name(component)))
    }

    /// Adds a type that is but one form of what a schema describes.
    pub(super) fn add_inner(&mut self, schema: &Schema, stem: String, side: Side) -> TypeId {
        let name = match self.relevant(schema.at, side) {
            Some(Side::Sent) => self.type_names.unique(&format!("{stem}Input")),
            _ => self.type_names.unique(&stem),
        };
        self.types.push(TypeDef {
            name,
            schema: None,
            doc: schema.doc(&stem),
            stem,
            deprecated: schema.deprecated,
            kind: TypeKind::Struct { fields: Vec::new(), additional: None },
            sent: false,
            received: false,
        });
        TypeId(self.types.len() - 1)
    }

    /// What every schema that was asked for became.
    pub(super) fn schemas(&self) -> Vec<SchemaType> {
        let done = |((node, side), known): (&(NodeId, Option<Side>), &Known)| match known {
            Known::Done(ty) => Some(SchemaType { node: *node, side: *side, ty: ty.clone() }),
            Known::Open => None,
        };
        self.known.iter().filter_map(done).collect()
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
