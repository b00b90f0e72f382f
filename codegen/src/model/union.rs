//! `oneOf` and `anyOf`: a value that may have one of several types.

use super::builder::Builder;
use super::name::{self, Scope};
use super::sides::Side;
use super::{TaggedVariant, Type, TypeKind, UnionVariant};
use crate::load::NodeId;
use crate::normalise::{Discriminator, Schema};

impl Builder<'_, '_> {
    /// Whether a schema is a choice of types. Variants that only list
    /// `required` names are rules about one type, not types.
    pub(super) fn is_union(&self, schema: &Schema) -> bool {
        let shapes = |node: &NodeId| self.spec.schema(*node).map_or(true, |schema| schema.is_structural());
        let variants = variants(schema);
        !variants.is_empty() && variants.iter().all(shapes)
    }

    pub(super) fn union(&mut self, schema: &Schema, hint: &str, side: Side) -> Type {
        let variants = variants(schema);
        if let [only] = variants {
            return self.ty(*only, hint, side);
        }
        if let Some(texts) = self.texts(variants) {
            return self.string_enum(schema, texts, hint);
        }
        if let Some(discriminator) = &schema.discriminator
            && let Some(ty) = self.tagged(schema, discriminator, hint, side)
        {
            return ty;
        }
        let types = variants.iter().enumerate().map(|(at, node)| {
            let title = self.spec.schema(*node).ok().and_then(|variant| variant.title);
            let own = title.map_or_else(
                || format!("{hint}Variant{}", at + 1),
                |title| format!("{hint}{}", name::type_name(&title)),
            );
            self.ty(*node, &own, side)
        });
        let types = types.collect();
        self.untagged(schema, types, hint, side)
    }

    /// All texts that the variants list, if each is an enum of texts.
    fn texts(&self, variants: &[NodeId]) -> Option<Vec<String>> {
        let mut texts = Vec::new();
        for node in variants {
            let schema = self.spec.schema(self.spec.resolve(*node).ok()?).ok()?;
            if schema.enumeration.is_empty() {
                return None;
            }
            for value in &schema.enumeration {
                texts.push(value.as_str()?.to_owned());
            }
        }
        Some(texts)
    }

    fn tagged(&mut self, schema: &Schema, by: &Discriminator, hint: &str, side: Side) -> Option<Type> {
        let declared = variants(schema).to_vec();
        let mut found: Vec<TaggedVariant> = Vec::new();
        let mut names = Scope::default();
        for node in declared {
            let target = self.spec.resolve(node).ok()?;
            let ty = self.ty(node, &format!("{hint}Variant"), side);
            let Type::Named(id) = ty.inner() else { return None };
            let values = self.tag_values(by, target);
            if values.is_empty() {
                return None;
            }
            if let Some(same) = found.iter_mut().find(|variant| variant.ty == ty) {
                same.values.extend(values);
                continue;
            }
            let own = self.types[id.0].name.clone();
            found.push(TaggedVariant { name: names.unique(&name::variant_name(&own)), values, ty });
        }
        let id = self.declare(schema, hint, side);
        self.types[id.0].kind = TypeKind::TaggedUnion { property: by.property.clone(), variants: found };
        Some(Type::Named(id))
    }

    /// The values of the discriminator that mean the schema at `target`: as the
    /// mapping says, else as its own property says, else its name.
    fn tag_values(&self, by: &Discriminator, target: NodeId) -> Vec<String> {
        let mapped = by.mapping.iter().filter(|(_, node)| *node == target).map(|(value, _)| value.clone());
        let mapped: Vec<String> = mapped.collect();
        if !mapped.is_empty() {
            return mapped;
        }
        let property = self.spec.schema(target).ok().and_then(|schema| schema.properties.get(&by.property).copied());
        let listed = property.and_then(|node| self.texts(&[node])).unwrap_or_default();
        if !listed.is_empty() {
            return listed;
        }
        self.components.get(&target).cloned().into_iter().collect()
    }

    /// A choice among types by what the value looks like.
    pub(super) fn untagged(&mut self, schema: &Schema, types: Vec<Type>, hint: &str, side: Side) -> Type {
        let nullable = types.iter().any(Type::is_nullable);
        let mut distinct: Vec<Type> = Vec::new();
        for ty in types {
            let ty = if let Type::Nullable(inner) = ty { *inner } else { ty };
            if !distinct.contains(&ty) {
                distinct.push(ty);
            }
        }
        let open_text = distinct.contains(&Type::String) && distinct.iter().all(|ty| self.is_text(ty));
        let ty = if open_text {
            Type::String
        } else if distinct.iter().all(Type::is_number) && distinct.len() > 1 {
            Type::F64
        } else if distinct.contains(&Type::Json) {
            Type::Json
        } else if let [only] = distinct.as_slice() {
            only.clone()
        } else {
            self.declare_union(schema, distinct, hint, side)
        };
        if nullable { ty.nullable() } else { ty }
    }

    fn declare_union(&mut self, schema: &Schema, types: Vec<Type>, hint: &str, side: Side) -> Type {
        let id = self.declare(schema, hint, side);
        let mut names = Scope::default();
        let mut variants = Vec::new();
        for ty in types {
            let keys = self.fields(&ty).iter().map(|field| field.wire.clone()).collect();
            let name = names.unique(&self.shape_name(&ty));
            variants.push(UnionVariant { name, ty, keys });
        }
        self.types[id.0].kind = TypeKind::UntaggedUnion(variants);
        Type::Named(id)
    }

    fn is_text(&self, ty: &Type) -> bool {
        match ty {
            Type::String => true,
            Type::Named(id) => matches!(self.types[id.0].kind, TypeKind::StringEnum(_)),
            _ => false,
        }
    }

    pub(super) fn shape_name(&self, ty: &Type) -> String {
        match ty {
            Type::Bool => "Bool".to_owned(),
            Type::I32 | Type::I64 | Type::U32 | Type::U64 => "Integer".to_owned(),
            Type::F64 => "Number".to_owned(),
            Type::String => "Text".to_owned(),
            Type::List(ty) => format!("{}List", self.shape_name(ty)),
            Type::Map(_) => "Map".to_owned(),
            Type::Named(id) => name::variant_name(&self.types[id.0].name),
            Type::Boxed(ty) | Type::Nullable(ty) => self.shape_name(ty),
            Type::Bytes | Type::Unit | Type::Json => "Other".to_owned(),
        }
    }
}

fn variants(schema: &Schema) -> &[NodeId] {
    if schema.one_of.is_empty() { &schema.any_of } else { &schema.one_of }
}
