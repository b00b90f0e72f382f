//! How much of what a document says of its data reached a type.

use std::collections::HashMap;
use std::path::Path;

use crate::load::{Document, Kind, NodeId};
use crate::model;

/// How much of what a document says of its data reached a type.
///
/// A use is a place that asks for the type of a schema: a field, the items of a list, a body, a response, a parameter,
/// a variant. A schema that says nothing (`{}`, `true`) has untyped JSON as its type, and is no loss.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// How many places use a schema.
    pub uses: usize,
    /// Those that are untyped JSON although their schema says more.
    pub untyped: Vec<UntypedUse>,
}

/// A use of a schema that is untyped JSON although the schema says more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UntypedUse {
    /// The JSON Pointer of the place in its file.
    pub pointer: String,
    /// The file, as it was named when it was read.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// Why there is no type.
    pub why: String,
}

impl Coverage {
    pub(crate) fn new(document: &Document, found: model::Coverage) -> Coverage {
        let mut pointers: HashMap<NodeId, String> = HashMap::new();
        if !found.untyped.is_empty() {
            let wanted = found.untyped.iter().map(|each| (each.at, String::new())).collect();
            pointers = find(document, wanted);
        }
        let untyped = found.untyped.into_iter().map(|each| {
            let span = document.span(each.at);
            let source = document.sources.get(span.file as usize);
            let (line, column) = source.map_or((0, 0), |source| {
                let (line, column, _) = source.position(span.start as usize);
                (line, column)
            });
            let file = source.map_or(Path::new(""), |source| &source.path).display().to_string();
            UntypedUse { pointer: pointers.remove(&each.at).unwrap_or_default(), file, line, column, why: each.why }
        });
        Coverage { uses: found.uses, untyped: untyped.collect() }
    }

    /// From 0 to 1: the share of uses that are untyped although their schema says more.
    pub fn untyped_share(&self) -> f64 {
        if self.uses == 0 { 0.0 } else { self.untyped.len() as f64 / self.uses as f64 }
    }
}

/// Fills in the pointers of `wanted`, by one walk over each file.
fn find(document: &Document, mut wanted: HashMap<NodeId, String>) -> HashMap<NodeId, String> {
    let mut seen = vec![false; document.nodes().count()];
    for file in 0..document.sources.len() {
        let Some(root) = u32::try_from(file).ok().and_then(|file| document.file_root(file)) else { continue };
        let mut open = vec![(root, String::new())];
        while let Some((node, pointer)) = open.pop() {
            match seen.get_mut(node.index()) {
                Some(seen) if !*seen => *seen = true,
                _ => continue,
            }
            match document.kind(node) {
                Kind::Object(members) => {
                    open.extend(members.iter().map(|(key, child)| {
                        (*child, format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1")))
                    }))
                }
                Kind::Array(elements) => {
                    open.extend(elements.iter().enumerate().map(|(at, child)| (*child, format!("{pointer}/{at}"))));
                }
                _ => {}
            }
            if let Some(found) = wanted.get_mut(&node) {
                *found = pointer;
            }
        }
    }
    wanted
}
