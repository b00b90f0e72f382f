//! The operations of a document by what names them, those included that cannot be read.

use std::collections::HashSet;

use super::Spec;
use crate::load::{NodeId, Span};

/// What an operation is called.
#[derive(Clone, Debug)]
pub(crate) struct Outline {
    /// The document's id, or `METHOD /path` where it has none.
    pub(crate) id: String,
    /// As it travels.
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) tags: Vec<String>,
}

impl Spec<'_> {
    /// Every operation below `paths`, in the order of the document.
    pub(crate) fn outlines(&self) -> Vec<Outline> {
        let document = self.document;
        let mut outlines = Vec::new();
        for (path, item) in document.members(document.root(), "paths") {
            let Ok(item) = self.resolve(item) else { continue };
            for (method, at) in self.methods(item) {
                let id = document.str_at(at, "operationId").map_or(format!("{method} {path}"), str::to_owned);
                let tags = document.get(at, "tags").map_or(&[][..], |tags| document.array(tags));
                let tags = tags.iter().filter_map(|tag| document.str(*tag)).map(str::to_owned).collect();
                outlines.push(Outline { id, method: method.to_owned(), path: path.to_owned(), tags });
            }
        }
        outlines
    }

    /// The places of all that no operation uses which `keep` names, by method and path, and that is not about the
    /// document as a whole.
    pub(crate) fn elsewhere(&self, keep: impl Fn(&str, &str) -> bool) -> HashSet<Span> {
        let document = self.document;
        let root = document.root();
        let mut used = vec![root];
        for (key, node) in document.object(root).into_iter().flatten() {
            if !matches!(key.as_str(), "paths" | "components" | "webhooks") {
                used.push(*node);
            }
        }
        for (path, node) in document.members(root, "paths") {
            let Ok(item) = self.resolve(node) else {
                used.push(node);
                continue;
            };
            let kept: Vec<NodeId> =
                self.methods(item).filter(|(method, _)| keep(method, path)).map(|(_, at)| at).collect();
            if !kept.is_empty() {
                used.extend(["parameters", "servers"].iter().filter_map(|key| document.get(item, key)));
                used.extend(kept);
            }
        }
        let seen = self.reach(root, used);
        let apart = document.nodes().filter(|node| !seen.contains(node));
        apart.map(|node| document.span(node)).collect()
    }

    /// Everything in and behind `open`, but for what `alone` holds.
    fn reach(&self, alone: NodeId, mut open: Vec<NodeId>) -> HashSet<NodeId> {
        let mut seen = HashSet::new();
        while let Some(node) = open.pop() {
            if !seen.insert(node) || node == alone {
                continue;
            }
            open.extend(self.document.object(node).into_iter().flatten().map(|(_, child)| *child));
            open.extend(self.document.array(node));
            open.extend(self.document.target(node).ok().flatten().map(|named| named.node));
        }
        seen
    }
}
