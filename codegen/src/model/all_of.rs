//! `allOf`: several schemas that hold at once become one type.

use super::Type;
use super::builder::Builder;
use super::sides::Side;
use crate::load::NodeId;
use crate::normalise::{Additional, JsonType, Schema};

/// More nesting of `allOf` than this is taken for a circle.
const MAX_DEPTH: usize = 32;

impl Builder<'_, '_> {
    pub(super) fn all_of(&mut self, schema: &Schema, hint: &str, side: Side) -> Type {
        let own = Schema { all_of: Vec::new(), ..schema.clone() };
        let own_shape = !own.properties.is_empty() || !own.enumeration.is_empty() || self.is_union(&own);
        let structural: Vec<NodeId> = schema.all_of.iter().copied().filter(|node| self.shapes(*node)).collect();
        match (structural.as_slice(), own_shape) {
            ([], _) => return self.plain(&own, hint, side),
            // `allOf: [$ref]` is how 3.0 puts a description beside a reference.
            ([only], false) if own.required.is_empty() => return self.ty(*only, hint, side),
            _ => {}
        }
        let mut merged = Schema { at: schema.at, ..Schema::anything(schema.at) };
        merged.title.clone_from(&schema.title);
        merged.description.clone_from(&schema.description);
        merged.deprecated = schema.deprecated;
        if self.merge(&mut merged, schema, 0) && !merged.properties.is_empty() {
            if merged.description.is_none() {
                merged.description = self.first_doc(&structural);
            }
            return self.record(&merged, hint, side);
        }
        // Not all are objects. One that says more than the rest can stand for them.
        let scalars = structural.iter().copied().find(|node| !self.is_bare(*node));
        match scalars {
            Some(node) if structural.iter().filter(|node| !self.is_bare(**node)).count() == 1 => {
                self.ty(node, hint, side)
            }
            _ => self.untyped(schema, "it combines schemas that are not all objects"),
        }
    }

    fn shapes(&self, node: NodeId) -> bool {
        self.spec.schema(node).is_ok_and(|schema| schema.is_structural() || !schema.required.is_empty())
    }

    /// Whether a schema names a type and nothing of what is in it.
    fn is_bare(&self, node: NodeId) -> bool {
        let schema = self.spec.resolve(node).and_then(|node| self.spec.schema(node));
        schema.is_ok_and(|schema| {
            schema.reference.is_none()
                && schema.properties.is_empty()
                && schema.enumeration.is_empty()
                && schema.items.is_none()
                && schema.all_of.is_empty()
                && schema.one_of.is_empty()
                && schema.any_of.is_empty()
                && !matches!(schema.additional, Additional::Of(_))
        })
    }

    fn first_doc(&self, nodes: &[NodeId]) -> Option<String> {
        nodes.iter().find_map(|node| {
            let schema = self.spec.schema(self.spec.resolve(*node).ok()?).ok()?;
            Some(schema.doc()).filter(|doc| !doc.is_empty())
        })
    }

    /// Adds the properties of `schema` to `merged`; `false` when something is no object.
    fn merge(&self, merged: &mut Schema, schema: &Schema, depth: usize) -> bool {
        if depth > MAX_DEPTH {
            return false;
        }
        let object = schema.types.is_empty() || schema.types == [JsonType::Object];
        if !object || !schema.enumeration.is_empty() || schema.items.is_some() || self.is_union(schema) {
            return false;
        }
        for node in &schema.all_of {
            let part = self.spec.resolve(*node).and_then(|node| self.spec.schema(node));
            let Ok(part) = part else { return false };
            if !self.merge(merged, &part, depth + 1) {
                return false;
            }
        }
        for (name, node) in &schema.properties {
            // The later schema is the narrower one, unless it only adds words.
            if !merged.properties.contains_key(name) || self.shapes(*node) {
                merged.properties.insert(name.clone(), *node);
            }
        }
        merged.required.extend(schema.required.iter().cloned());
        if !matches!(schema.additional, Additional::Unsaid | Additional::Nothing) {
            merged.additional = schema.additional;
        }
        true
    }
}
