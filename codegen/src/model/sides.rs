//! Which schemas differ between a request and a response.

use std::collections::HashMap;

use super::builder::{Builder, MAX_DEPTH};
use crate::load::NodeId;
use crate::normalise::{Additional, Schema};

/// The way a value travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Side {
    /// To the server: `readOnly` properties are not asked for.
    Sent,
    /// From the server: `writeOnly` properties do not come.
    Received,
}

impl Builder<'_, '_> {
    /// `side` where it makes a difference for the schema at `node`, else `None`,
    /// so that both directions share one type wherever they can.
    pub(super) fn relevant(&mut self, node: NodeId, side: Side) -> Option<Side> {
        let differs = match self.sided.get(&node) {
            Some(known) => *known,
            None => {
                let mut seen = HashMap::new();
                let differs = self.differs(node, &mut seen, 0);
                // Below a node without a difference nothing differs. Below one with a
                // difference, a `false` may come from a cycle that was cut: only `true` is sure.
                self.sided.extend(seen.into_iter().filter(|(_, found)| *found || !differs));
                differs
            }
        };
        differs.then_some(side)
    }

    fn differs(&self, node: NodeId, seen: &mut HashMap<NodeId, bool>, depth: usize) -> bool {
        if let Some(known) = seen.get(&node).or_else(|| self.sided.get(&node)) {
            return *known;
        }
        seen.insert(node, false);
        if depth > MAX_DEPTH {
            return false;
        }
        let Ok(schema) = self.spec.schema(node) else { return false };
        let differs = schema.read_only
            || schema.write_only
            || children(&schema).any(|child| self.differs(child, seen, depth + 1));
        seen.insert(node, differs);
        differs
    }
}

pub(super) fn children(schema: &Schema) -> impl Iterator<Item = NodeId> + '_ {
    let additional = match schema.additional {
        Additional::Of(node) => Some(node),
        _ => None,
    };
    let listed = schema.one_of.iter().chain(&schema.any_of).chain(&schema.all_of).copied();
    schema.properties.values().copied().chain(listed).chain(schema.items).chain(additional).chain(schema.reference)
}
