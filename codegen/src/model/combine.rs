//! `allOf`, alone and together with `oneOf` and `anyOf`: what holds at once becomes one type, and a choice inside it
//! a choice of such types.

use super::builder::Builder;
use super::name;
use super::sides::Side;
use super::{Type, TypeKind};
use crate::load::NodeId;
use crate::normalise::{Additional, JsonType, Schema};
use crate::problem_kind::ProblemKind;

/// More schemas than this are not combined into one: references can make a short document a long way.
const MAX_SCHEMAS: usize = 2_000;

/// More alternatives than this are not spelled out.
const MAX_ALTERNATIVES: usize = 64;

/// One way to satisfy a schema, without composition.
#[derive(Clone)]
pub(super) struct Alternative {
    pub(super) schema: Schema,
    /// What its choices are called, from the outermost in.
    name: String,
}

impl Builder<'_, '_> {
    /// The type of a schema with `allOf`, `oneOf` or `anyOf`.
    pub(super) fn combined(&mut self, schema: &Schema, hint: &str, side: Side) -> Type {
        let own_shape = says_shape(schema) || !schema.required.is_empty();
        let parts: Vec<NodeId> = schema.all_of.iter().copied().filter(|node| self.shapes(*node)).collect();
        let union = self.is_union(schema);
        match (parts.as_slice(), union) {
            ([], false) => return self.plain(schema, hint, side),
            ([], true) if !own_shape => return self.union(schema, hint, side),
            // `allOf: [$ref]` is how 3.0 puts a description beside a reference.
            ([only], false) if !own_shape => return self.ty(*only, hint, side),
            _ => {}
        }
        match self.alternatives(schema).as_deref() {
            Some([only]) => self.merged(schema, &only.schema, hint, side),
            Some(several) => self.choice(schema, several, hint, side),
            None => self.loose(schema, &parts, hint, side),
        }
    }

    /// The one alternative of a schema.
    fn merged(&mut self, schema: &Schema, only: &Schema, hint: &str, side: Side) -> Type {
        let mut merged = Schema { at: schema.at, ..only.clone() };
        merged.title = schema.title.clone().or(merged.title);
        merged.description = schema.description.clone().or(merged.description);
        merged.deprecated = schema.deprecated;
        self.plain(&merged, hint, side)
    }

    /// A union of all ways to satisfy a schema.
    fn choice(&mut self, schema: &Schema, alternatives: &[Alternative], hint: &str, side: Side) -> Type {
        let objects = alternatives.iter().all(|alternative| !alternative.schema.properties.is_empty());
        if !objects {
            let types = alternatives.iter().map(|alternative| self.plain(&alternative.schema, hint, side)).collect();
            return self.untagged(schema, types, hint, side);
        }
        let id = self.declare(schema, hint, side);
        let owner = self.types[id.0].stem.clone();
        let key = (schema.at, self.relevant(schema.at, side));
        self.settle(key, Type::Named(id));
        let mut variants = Vec::new();
        for alternative in alternatives {
            let own = format!("{owner}{}", name::type_name(&alternative.name));
            let variant = self.add_inner(&alternative.schema, own, side);
            self.fill(variant, &alternative.schema, side);
            variants.push(Type::Named(variant));
        }
        let schemas: Vec<&Schema> = alternatives.iter().map(|alternative| &alternative.schema).collect();
        self.types[id.0].kind = match self.told_apart_by(schema, &schemas) {
            Some((property, values)) => {
                let variants = self.tagged_variants(&owner, variants.into_iter().zip(values), &property);
                TypeKind::TaggedUnion { property, variants }
            }
            None => TypeKind::UntaggedUnion(self.untagged_variants(&owner, variants)),
        };
        Type::Named(id)
    }

    /// What is known of a schema that cannot be spelled out: the properties, and the rest as it comes.
    fn loose(&mut self, schema: &Schema, parts: &[NodeId], hint: &str, side: Side) -> Type {
        let mut known = without_composition(schema);
        for part in parts {
            let Ok(part) = self.spec.resolve(*part).and_then(|node| self.spec.schema(node)) else { continue };
            if let Some(merged) = self.both(&known, &without_composition(&part)) {
                known = merged;
            }
        }
        if known.properties.is_empty() {
            if !schema.types.is_empty() {
                let help = "what the schema says itself is what counts";
                self.spec.warn(schema.at, "this schema combines others that contradict it", help);
                return self.plain(&without_composition(schema), hint, side);
            }
            return self.untyped(schema, "it combines schemas that no one value can satisfy, or too many of them");
        }
        self.spec.warn_of(
            ProblemKind::PartlyTypedSchema,
            schema.at,
            "this schema combines more than one type can hold",
            "the properties that are sure are typed, and the others are kept as untyped JSON",
        );
        known.additional = Additional::Anything;
        known.at = schema.at;
        self.record(&known, hint, side)
    }

    /// Every way to satisfy a schema; `None` when there is none, or when there are too many.
    pub(super) fn alternatives(&self, schema: &Schema) -> Option<Vec<Alternative>> {
        self.ways(schema, &mut MAX_SCHEMAS.clone())
    }

    fn ways(&self, schema: &Schema, budget: &mut usize) -> Option<Vec<Alternative>> {
        *budget = budget.checked_sub(1)?;
        let mut ways = vec![Alternative { schema: without_composition(schema), name: String::new() }];
        if let Some(target) = schema.reference {
            let target = self.spec.resolve(target).and_then(|node| self.spec.schema(node)).ok()?;
            ways = self.cross(&ways, &self.ways(&target, budget)?)?;
        }
        for part in schema.all_of.iter().filter(|node| self.shapes(**node)) {
            let part = self.spec.resolve(*part).and_then(|node| self.spec.schema(node)).ok()?;
            ways = self.cross(&ways, &self.ways(&part, budget)?)?;
        }
        for variants in [&schema.one_of, &schema.any_of] {
            if !variants.is_empty() && variants.iter().all(|node| self.shapes(*node)) {
                ways = self.cross(&ways, &self.choices(variants, budget)?)?;
            }
        }
        Some(ways)
    }

    /// The ways to satisfy one of `variants`, each named after its variant.
    fn choices(&self, variants: &[NodeId], budget: &mut usize) -> Option<Vec<Alternative>> {
        let mut choices = Vec::new();
        for (at, node) in variants.iter().enumerate() {
            let resolved = self.spec.resolve(*node).ok()?;
            let variant = self.spec.schema(resolved).ok()?;
            let name = self.components.get(&resolved).cloned().or_else(|| variant.title.clone());
            let name = name.unwrap_or_else(|| format!("Variant{}", at + 1));
            for inner in self.ways(&variant, budget)? {
                let name = if inner.name.is_empty() { name.clone() } else { format!("{name} {}", inner.name) };
                choices.push(Alternative { schema: inner.schema, name });
            }
        }
        Some(choices)
    }

    /// Every pair of ways that can hold at once.
    fn cross(&self, left: &[Alternative], right: &[Alternative]) -> Option<Vec<Alternative>> {
        if left.len() * right.len() > MAX_ALTERNATIVES {
            return None;
        }
        let mut ways = Vec::new();
        for a in left {
            for b in right {
                let Some(schema) = self.both(&a.schema, &b.schema) else { continue };
                let name = [a.name.as_str(), b.name.as_str()].join(" ").trim().to_owned();
                ways.push(Alternative { schema, name });
            }
        }
        (!ways.is_empty()).then_some(ways)
    }

    /// Both schemas at once; `None` when nothing can be both.
    fn both(&self, a: &Schema, b: &Schema) -> Option<Schema> {
        let mut both = a.clone();
        both.types = meet(&a.types, &b.types)?;
        if both.enumeration.is_empty() {
            both.enumeration.clone_from(&b.enumeration);
        } else if !b.enumeration.is_empty() {
            both.enumeration.retain(|value| b.enumeration.contains(value));
            if both.enumeration.is_empty() {
                return None;
            }
        }
        for (name, node) in &b.properties {
            // The later schema is the narrower one, unless it says less.
            if both.properties.get(name).is_none_or(|other| self.says(*other) <= self.says(*node)) {
                both.properties.insert(name.clone(), *node);
            }
        }
        both.required.extend(b.required.iter().cloned());
        if !matches!(b.additional, Additional::Unsaid | Additional::Nothing) {
            both.additional = b.additional;
        } else if both.additional == Additional::Nothing {
            // The other half names properties that this one does not know.
            both.additional = Additional::Unsaid;
        }
        both.format = a.format.clone().or_else(|| b.format.clone());
        both.title = a.title.clone().or_else(|| b.title.clone());
        both.description = a.description.clone().or_else(|| b.description.clone());
        both.items = b.items.or(a.items);
        if both.tuple.is_empty() {
            both.tuple.clone_from(&b.tuple);
        }
        both.unsigned |= b.unsigned;
        Some(both)
    }

    /// How much a property's schema says: nothing, a type, or what is in it.
    fn says(&self, node: NodeId) -> u8 {
        let Ok(schema) = self.spec.resolve(node).and_then(|node| self.spec.schema(node)) else { return 0 };
        let composed = !schema.all_of.is_empty() || !schema.one_of.is_empty() || !schema.any_of.is_empty();
        if composed || says_shape(&schema) || schema.format.is_some() { 2 } else { u8::from(!schema.types.is_empty()) }
    }

    /// Whether the schema at `node` says anything about the shape of data.
    fn shapes(&self, node: NodeId) -> bool {
        self.spec.schema(node).is_ok_and(|schema| schema.is_structural() || !schema.required.is_empty())
    }
}

/// Whether a schema says more than the name of a type, its composition aside.
fn says_shape(schema: &Schema) -> bool {
    !schema.properties.is_empty()
        || !schema.enumeration.is_empty()
        || schema.items.is_some()
        || !schema.tuple.is_empty()
        || matches!(schema.additional, Additional::Of(_))
}

fn without_composition(schema: &Schema) -> Schema {
    Schema {
        reference: None,
        all_of: Vec::new(),
        one_of: Vec::new(),
        any_of: Vec::new(),
        discriminator: None,
        nullable: false,
        ..schema.clone()
    }
}

/// The types that both allow; `None` when there is none.
fn meet(a: &[JsonType], b: &[JsonType]) -> Option<Vec<JsonType>> {
    if a.is_empty() || b.is_empty() {
        return Some(if a.is_empty() { b.to_vec() } else { a.to_vec() });
    }
    let allows = |types: &[JsonType], ty: JsonType| {
        types.contains(&ty) || (ty == JsonType::Integer && types.contains(&JsonType::Number))
    };
    let mut both: Vec<JsonType> = Vec::new();
    for ty in a.iter().chain(b) {
        if allows(a, *ty) && allows(b, *ty) && !both.contains(ty) {
            both.push(*ty);
        }
    }
    (!both.is_empty()).then_some(both)
}
