//! The names that a document gives to its schemas, wherever they stand.

use std::collections::HashMap;
use std::path::Path;

use super::Spec;
use crate::load::{Document, NodeId};
use crate::pointer::unescape;

/// Members that a schema never has, and other parts of a document do.
const NOT_OF_SCHEMAS: [&str; 12] = [
    "openapi",
    "swagger",
    "paths",
    "components",
    "get",
    "put",
    "post",
    "delete",
    "patch",
    "in",
    "content",
    "responses",
];

/// File names that say nothing; the folder's name does.
const SAYS_NOTHING: [&str; 4] = ["index", "_index", "schema", "schemas"];

impl Spec<'_> {
    /// Every schema that has a name: components, definitions, and what stands in a file of its own. A schema that is
    /// named twice goes by the name that the root document's components have for it.
    pub(crate) fn component_names(&self) -> HashMap<NodeId, String> {
        let document = self.document;
        let root = document.root();
        let mut names = HashMap::new();
        let components: Vec<(&str, NodeId)> = schemas(document, root).collect();
        names.extend(components.iter().map(|(name, node)| (*node, (*name).to_owned())));
        for (name, node) in components {
            // A component that only stands for a schema in another file lends it its name.
            let target = document.resolve(node, |_, _| {}).unwrap_or(node);
            if document.span(target).file != document.span(node).file {
                names.entry(target).or_insert_with(|| name.to_owned());
            }
        }
        let files = document.sources.iter().filter_map(|source| source.root).skip(1);
        for (name, node) in files.flat_map(|root| schemas(document, root)) {
            names.entry(node).or_insert_with(|| name.to_owned());
        }
        for node in document.nodes() {
            for (key, child) in document.object(node).into_iter().flatten() {
                match (key.as_str(), document.str(*child)) {
                    ("$defs" | "definitions", None) => {
                        for (name, node) in document.object(*child).into_iter().flatten() {
                            if document.object(*node).is_some() {
                                names.entry(*node).or_insert_with(|| name.clone());
                            }
                        }
                    }
                    ("$ref", Some(reference)) => self.name_target(*child, reference, &mut names),
                    _ => {}
                }
            }
        }
        names
    }

    /// Names what a reference leads to in a file other than the root document.
    fn name_target(&self, at: NodeId, reference: &str, names: &mut HashMap<NodeId, String>) {
        let document = self.document;
        if document.span(at).file == 0 && reference.starts_with('#') {
            return;
        }
        let Ok(named) = document.named(at, reference) else { return };
        let file = document.span(named.node).file;
        let is_schema = document
            .object(named.node)
            .is_some_and(|members| NOT_OF_SCHEMAS.iter().all(|key| !members.contains_key(*key)));
        if file == 0 || !is_schema || names.contains_key(&named.node) {
            return;
        }
        if let Some(name) = self.given_name(named.node, reference) {
            names.insert(named.node, name);
        }
    }

    /// What a reference calls the node that it leads to: the end of its pointer, or else the file.
    pub(super) fn given_name(&self, node: NodeId, reference: &str) -> Option<String> {
        let pointer = reference.split_once('#').map(|(_, pointer)| pointer).unwrap_or_default();
        if !pointer.is_empty() {
            return last_token(pointer);
        }
        file_name(&self.document.sources.get(self.document.span(node).file as usize)?.path)
    }
}

/// The schemas that the document at `root` names.
fn schemas(document: &Document, root: NodeId) -> impl Iterator<Item = (&str, NodeId)> {
    let components = document.get(root, "components").into_iter().flat_map(|at| document.members(at, "schemas"));
    components.chain(document.members(root, "definitions"))
}

/// `Pet` for `schemas/Pet.v1.yaml` and for `pet/index.yaml`.
fn file_name(path: &Path) -> Option<String> {
    let stem = path.file_name()?.to_str()?.split('.').find(|part| !part.is_empty())?;
    if !SAYS_NOTHING.contains(&stem) {
        return Some(stem.to_owned());
    }
    let folder = path.parent().and_then(Path::file_name).and_then(|name| name.to_str());
    folder.map(str::to_owned)
}

/// The last part of a pointer, if it is a name that somebody gave.
fn last_token(pointer: &str) -> Option<String> {
    let mut tokens = pointer.rsplit('/');
    let last = tokens.next()?;
    let structural = matches!(last, "schema" | "items" | "additionalProperties" | "not");
    let within = matches!(tokens.next(), Some("properties" | "allOf" | "oneOf" | "anyOf" | "prefixItems"));
    (!structural && !within && !last.is_empty()).then(|| unescape(last))
}
