//! `oneOf` and `anyOf`: a value that may have one of several types.

use super::builder::Builder;
use super::name::{self, Scope};
use super::sides::Side;
use super::{TaggedVariant, Type, TypeKind, UnionVariant};
use crate::load::NodeId;
use crate::normalise::{Discriminator, Schema};

/// How many schemas are searched for the values of a discriminator.
const MAX_LISTED: usize = 200;

impl Builder<'_, '_> {
    /// Whether a schema is a choice of types. Variants that only list
    /// `required` names are rules about one type, not types.
    pub(super) fn is_union(&self, schema: &Schema) -> bool {
        let shapes = |node: &NodeId| self.spec.schema(*node).map_or(true, |schema| schema.is_structural());
        let variants = variants(schema);
        !variants.is_empty() && variants.iter().all(shapes)
    }

    /// The type of a schema that is nothing but a choice.
    pub(super) fn union(&mut self, schema: &Schema, hint: &str, side: Side) -> Type {
        let variants = variants(schema);
        if let [only] = variants {
            return self.ty(*only, hint, side);
        }
        if let Some(texts) = self.texts(variants) {
            return self.string_enum(schema, texts, hint);
        }
        let types: Vec<Type> = variants
            .iter()
            .enumerate()
            .map(|(at, node)| {
                let title = self.spec.schema(*node).ok().and_then(|variant| variant.title);
                let own = title.map_or_else(
                    || format!("{hint}Variant{}", at + 1),
                    |title| format!("{hint}{}", name::type_name(&title)),
                );
                self.ty(*node, &own, side)
            })
            .collect();
        self.tagged(schema, &types, hint, side).unwrap_or_else(|| self.untagged(schema, types, hint, side))
    }

    /// A union whose variants are told apart by one property.
    fn tagged(&mut self, schema: &Schema, types: &[Type], hint: &str, side: Side) -> Option<Type> {
        let declared = |ty: &Type| matches!(ty.inner(), Type::Named(_)) && !ty.is_nullable();
        if !types.iter().all(declared) {
            return None;
        }
        let nodes: Option<Vec<NodeId>> = variants(schema).iter().map(|node| self.spec.resolve(*node).ok()).collect();
        let nodes = nodes?;
        let (property, values) = match self.spelled_out(schema, &nodes) {
            Some(found) => found,
            None => {
                let schemas: Option<Vec<Schema>> = nodes.iter().map(|node| self.flat(*node)).collect();
                self.told_apart_by(schema, &schemas?.iter().collect::<Vec<_>>())?
            }
        };
        let id = self.declare(schema, hint, side);
        let owner = self.types[id.0].stem.clone();
        let variants = self.tagged_variants(&owner, types.iter().cloned().zip(values), &property);
        self.types[id.0].kind = TypeKind::TaggedUnion { property, variants };
        Some(Type::Named(id))
    }

    /// The discriminator's property, and the values of it for each variant, as the document has them: by its
    /// mapping, else by the variant's own property, else by the variant's name.
    fn spelled_out(&self, schema: &Schema, nodes: &[NodeId]) -> Option<(String, Vec<Vec<String>>)> {
        let by = schema.discriminator.as_ref()?;
        let mut values = Vec::new();
        for target in nodes {
            let mut found = self.mapped(by, *target);
            if found.is_empty() {
                found = self.listed(*target, &by.property, &mut MAX_LISTED.clone());
            }
            if found.is_empty() {
                found = self.components.get(target).cloned().into_iter().collect();
            }
            if found.is_empty() {
                return None;
            }
            values.push(found);
        }
        Some((by.property.clone(), values))
    }

    /// The values that a discriminator's mapping gives to the schema at `target`.
    pub(super) fn mapped(&self, by: &Discriminator, target: NodeId) -> Vec<String> {
        let means = |node: NodeId| node == target || self.spec.resolve(node).is_ok_and(|node| node == target);
        by.mapping.iter().filter(|(_, node)| means(*node)).map(|(value, _)| value.clone()).collect()
    }

    /// The texts that the property `name` of the schema at `node` can have; none when it does not list them.
    fn listed(&self, node: NodeId, name: &str, budget: &mut usize) -> Vec<String> {
        let Some(rest) = budget.checked_sub(1) else { return Vec::new() };
        *budget = rest;
        let Ok(schema) = self.spec.resolve(node).and_then(|node| self.spec.schema(node)) else { return Vec::new() };
        if let Some(texts) = schema.properties.get(name).and_then(|node| self.texts(&[*node])) {
            return texts;
        }
        let parts = schema.all_of.iter().chain(variants(&schema));
        parts.flat_map(|part| self.listed(*part, name, budget)).collect()
    }

    /// A schema with what it combines merged into it, if there is but one way to do so.
    fn flat(&self, node: NodeId) -> Option<Schema> {
        let schema = self.spec.schema(node).ok()?;
        let mut ways = self.alternatives(&schema)?;
        if ways.len() == 1 { ways.pop().map(|way| way.schema) } else { None }
    }

    /// The property that every one of `schemas` requires, each with other texts than the rest; the discriminator's if it
    /// has one.
    pub(super) fn told_apart_by(&self, schema: &Schema, schemas: &[&Schema]) -> Option<(String, Vec<Vec<String>>)> {
        let first = schemas.first()?;
        let named = schema.discriminator.as_ref().map(|by| &by.property);
        for property in named.into_iter().chain(first.properties.keys()) {
            let texts = |schema: &&Schema| {
                let required = named == Some(property) || schema.required.contains(property);
                let node = schema.properties.get(property).filter(|_| required)?;
                self.texts(&[*node])
            };
            let Some(values) = schemas.iter().map(texts).collect::<Option<Vec<Vec<String>>>>() else { continue };
            let mut seen = std::collections::HashSet::new();
            if values.iter().flatten().all(|value| seen.insert(value)) {
                return Some((property.clone(), values));
            }
        }
        None
    }

    /// Variants by tag. One of several values becomes several variants, unless its type holds the value itself.
    pub(super) fn tagged_variants(
        &self,
        owner: &str,
        variants: impl Iterator<Item = (Type, Vec<String>)>,
        property: &str,
    ) -> Vec<TaggedVariant> {
        let mut names = Scope::default();
        let mut found: Vec<TaggedVariant> = Vec::new();
        for (ty, values) in variants {
            let holds = self.fields(&ty).iter().any(|field| field.wire == *property) || !self.is_struct(&ty);
            if let Some(same) = found.iter_mut().find(|variant| holds && variant.ty == ty) {
                same.values.extend(values);
            } else if holds || values.len() < 2 {
                let name = names.unique(&name::variant_within(owner, &self.shape_name(&ty)));
                found.push(TaggedVariant { name, values, ty });
            } else {
                for value in values {
                    let name = names.unique(&name::variant_within(owner, &value));
                    found.push(TaggedVariant { name, values: vec![value], ty: ty.clone() });
                }
            }
        }
        found
    }

    /// A choice among types by what the value looks like.
    pub(super) fn untagged(&mut self, schema: &Schema, types: Vec<Type>, hint: &str, side: Side) -> Type {
        let nullable = types.iter().any(Type::is_nullable);
        let mut distinct: Vec<Type> = Vec::new();
        for ty in types {
            let ty = if let Type::Nullable(inner) = ty { *inner } else { ty };
            // What is not described needs no variant: a union keeps what it does not know.
            if ty != Type::Json && !distinct.contains(&ty) {
                distinct.push(ty);
            }
        }
        let described = distinct.len();
        let texts = distinct.iter().filter(|ty| self.is_text(ty)).count();
        if texts > 1 && distinct.contains(&Type::String) || distinct.iter().filter(|ty| ty.is_text()).count() > 1 {
            distinct.retain(|ty| !self.is_text(ty));
            distinct.push(Type::String);
        }
        if distinct.iter().filter(|ty| ty.is_number()).count() > 1 {
            distinct.retain(|ty| !ty.is_number());
            distinct.push(Type::F64);
        }
        let ty = match distinct.as_slice() {
            [] => Type::Json,
            [only] if described == distinct.len() || texts + 1 > described || only.is_number() => only.clone(),
            _ => self.declare_union(schema, distinct, hint, side),
        };
        if nullable { ty.nullable() } else { ty }
    }

    fn declare_union(&mut self, schema: &Schema, types: Vec<Type>, hint: &str, side: Side) -> Type {
        let id = self.declare(schema, hint, side);
        let owner = self.types[id.0].stem.clone();
        self.types[id.0].kind = TypeKind::UntaggedUnion(self.untagged_variants(&owner, types));
        Type::Named(id)
    }

    pub(super) fn untagged_variants(&self, owner: &str, types: Vec<Type>) -> Vec<UnionVariant> {
        let mut names = Scope::default();
        let variant = |ty: Type| {
            let name = names.unique(&name::variant_within(owner, &self.shape_name(&ty)));
            UnionVariant { name, keys: self.keys(&ty), ty }
        };
        types.into_iter().map(variant).collect()
    }

    /// The keys of an object, with the text of those that always have the same.
    pub(super) fn keys(&self, ty: &Type) -> Vec<(String, Option<String>)> {
        self.fields(ty).iter().map(|field| (field.wire.clone(), field.always.clone())).collect()
    }

    fn is_struct(&self, ty: &Type) -> bool {
        matches!(ty.inner(), Type::Named(id) if matches!(self.types[id.0].kind, TypeKind::Struct { .. }))
    }

    fn is_text(&self, ty: &Type) -> bool {
        match ty {
            Type::Named(id) => matches!(self.types[id.0].kind, TypeKind::StringEnum(_)),
            ty => ty.is_text(),
        }
    }

    pub(super) fn shape_name(&self, ty: &Type) -> String {
        match ty {
            Type::Bool => "Bool".to_owned(),
            Type::I32 | Type::I64 | Type::U32 | Type::U64 => "Integer".to_owned(),
            Type::F64 => "Number".to_owned(),
            Type::String | Type::Text(_) => "Text".to_owned(),
            Type::List(ty) => format!("{}List", self.shape_name(ty)),
            Type::Tuple(_) => "Tuple".to_owned(),
            Type::Map(_) => "Map".to_owned(),
            Type::Named(id) => name::variant_name(&self.types[id.0].stem),
            Type::Boxed(ty) | Type::Nullable(ty) | Type::Shared(ty) => self.shape_name(ty),
            Type::File => "File".to_owned(),
            Type::Bytes | Type::Unit | Type::Json => "Other".to_owned(),
        }
    }
}

pub(super) fn variants(schema: &Schema) -> &[NodeId] {
    if schema.one_of.is_empty() { &schema.any_of } else { &schema.one_of }
}
