//! A schema that others extend and that tells them apart: where it stands, any of them may come.
//!
//! OpenAPI writes this as `discriminator` on the parent and `allOf` with a reference to it in each child.

use std::collections::HashMap;

use super::builder::Builder;
use super::sides::Side;
use super::{Type, TypeKind};
use crate::load::NodeId;
use crate::normalise::{Schema, Spec};

impl Builder<'_, '_> {
    /// The union of a parent's children and itself; `None` for a schema that is no parent.
    pub(super) fn family(&mut self, schema: &Schema, hint: &str, side: Side) -> Option<Type> {
        let by = schema.discriminator.as_ref()?;
        let children = self.children.get(&schema.at).filter(|children| !children.is_empty())?.clone();
        let id = self.declare(schema, hint, side);
        let owner = self.types[id.0].stem.clone();
        let key = (schema.at, self.relevant(schema.at, side));
        self.settle(key, Type::Named(id));
        let mut variants = Vec::new();
        for child in children {
            let mut values = self.mapped(by, child);
            let name = self.components.get(&child).cloned().unwrap_or_default();
            if values.is_empty() {
                values.push(name.clone());
            }
            let ty = self.ty(child, &name, side);
            // A child that is a family of its own is reached through its own children.
            if matches!(ty.inner(), Type::Named(_)) {
                variants.push((ty, values));
            }
        }
        let mut values = self.mapped(by, schema.at);
        values.extend(self.components.get(&schema.at).filter(|_| values.is_empty()).cloned());
        let base = self.add_inner(schema, format!("{owner}Base"), side);
        self.fill(base, &Schema { discriminator: None, ..schema.clone() }, side);
        if !values.is_empty() {
            variants.push((Type::Named(base), values));
        }
        let variants = self.tagged_variants(&owner, variants.into_iter(), &by.property);
        self.types[id.0].kind = TypeKind::TaggedUnion { property: by.property.clone(), variants };
        Some(Type::Named(id))
    }
}

/// The component schemas that extend each parent, parents by their nodes.
pub(super) fn children(spec: &Spec<'_>, components: &HashMap<NodeId, String>) -> HashMap<NodeId, Vec<NodeId>> {
    let mut children: HashMap<NodeId, Vec<NodeId>> = HashMap::new();
    for child in components.keys() {
        for part in spec.document.get(*child, "allOf").map_or(&[][..], |list| spec.document.array(list)) {
            let parent = spec.target(*part).ok().flatten();
            let parent = parent.filter(|parent| spec.document.get(*parent, "discriminator").is_some());
            if let Some(parent) = parent {
                children.entry(parent).or_default().push(*child);
            }
        }
    }
    children.values_mut().for_each(|list| {
        list.sort();
        list.dedup();
    });
    children
}
