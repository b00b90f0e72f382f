//! How much of what a document says of its data reached a type.

use std::collections::HashMap;

use super::Type;
use super::builder::Builder;
use super::sides::Side;
use crate::load::NodeId;
use crate::normalise::Schema;

/// What the message of a schema without a type begins with.
pub(super) const UNTYPED: &str = "this schema is read as untyped JSON: ";

/// The places that asked for the type of a schema: fields, items, bodies, responses, parameters, variants.
#[derive(Debug, Default)]
pub(super) struct Uses {
    /// Whether each came out as untyped JSON although its schema says more.
    places: HashMap<NodeId, bool>,
}

/// What of a document's schemas reached a type.
#[derive(Debug, Default)]
pub(crate) struct Coverage {
    /// How many places asked for the type of a schema.
    pub(crate) uses: usize,
    pub(crate) untyped: Vec<UntypedUse>,
}

/// A use that stayed untyped JSON although the document says more.
#[derive(Debug)]
pub(crate) struct UntypedUse {
    pub(crate) at: NodeId,
    pub(crate) why: String,
}

impl Builder<'_, '_> {
    /// The type of the schema at `node`. `hint` names it if it has to be
    /// declared and has no name of its own.
    pub(super) fn ty(&mut self, node: NodeId, hint: &str, side: Side) -> Type {
        let ty = self.lowered(node, hint, side);
        let untyped = *ty.inner() == Type::Json && self.says_more(node);
        *self.uses.places.entry(node).or_default() |= untyped;
        ty
    }

    /// Whether the document describes what is at `node` beyond that it is there.
    fn says_more(&self, node: NodeId) -> bool {
        let schema = self.spec.resolve(node).and_then(|at| self.spec.schema(at));
        // What cannot be read may well say more.
        schema.map_or(true, |schema| schema.is_structural() && !self.allows_anything(&schema))
    }

    /// A choice of which one variant is anything at all.
    fn allows_anything(&self, schema: &Schema) -> bool {
        let open = |node: &NodeId| {
            let variant = self.spec.resolve(*node).and_then(|at| self.spec.schema(at));
            variant.is_ok_and(|variant| !variant.is_structural() && variant.required.is_empty())
        };
        schema.one_of.iter().chain(&schema.any_of).any(open)
    }
}

impl Builder<'_, '_> {
    /// What of the uses reached a type, in the order in which the document was read.
    pub(super) fn coverage(&self) -> Coverage {
        let told = self.spec.told();
        let places = self.uses.places.iter();
        let mut untyped: Vec<NodeId> = places.filter(|(_, untyped)| **untyped).map(|(at, _)| *at).collect();
        untyped.sort();
        let reason = |at: NodeId| match self.spec.resolve(at).and_then(|at| self.spec.schema(at)) {
            Err(problem) => problem.message().to_owned(),
            Ok(schema) => {
                let told = told.get(&self.spec.document.span(schema.at));
                told.map_or_else(|| reason(&schema), |told| told.trim_start_matches(UNTYPED).to_owned())
            }
        };
        let untyped = untyped.into_iter().map(|at| UntypedUse { at, why: reason(at) }).collect();
        Coverage { uses: self.uses.places.len(), untyped }
    }
}

/// Why a schema that nothing was said of has no type.
fn reason(schema: &Schema) -> String {
    let why = if !schema.one_of.is_empty() || !schema.any_of.is_empty() {
        "one of its variants is untyped itself"
    } else if !schema.enumeration.is_empty() {
        "its values are of several kinds"
    } else if !schema.all_of.is_empty() {
        "the parts that it combines are untyped themselves"
    } else {
        "what it says is not understood"
    };
    why.to_owned()
}
