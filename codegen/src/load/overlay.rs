//! Overlay documents, versions 1.0 and 1.1: changes to a document that stand in a file of their own.
//!
//! The nodes that an overlay brings keep their places in it, so a message about them points there.

use serde_json::Value;
use serde_json_path::JsonPath;

use super::merge;
use super::node::{Document, Kind, MAX_NODES, NodeId};
use crate::diagnostic::Diagnostic;
use crate::pointer::unescape;
use crate::problem_kind::ProblemKind;

/// Longer paths are refused before they are parsed.
const MAX_PATH: usize = 2_000;

/// An overlay may bring this many values to a document; more comes of copies of copies alone.
const MAX_NEW: usize = 500_000;

/// Applies the overlay in `file` to the root document.
///
/// # Errors
/// When it is no overlay, or holds an action that cannot be done. An action that changes nothing is only noted.
pub(super) fn apply(document: &mut Document, file: u32) -> Result<(), Diagnostic> {
    let root = document.file_root(file).unwrap_or_default();
    if let Some(source) = document.sources.get_mut(file as usize) {
        source.base = 0;
    }
    let error = |document: &Document, at: NodeId, message: &str, help: &str| {
        Err(Diagnostic::error(message).kind(ProblemKind::Overlay).at(document.span(at)).help(help))
    };
    let version = document.get(root, "overlay");
    let text = version.and_then(|at| document.str(at).or_else(|| document.written(at)));
    if !text.is_some_and(|text| text.starts_with("1.")) {
        let at = version.unwrap_or(root);
        let message = "this is not an overlay that can be read: it has no `overlay: 1.…` at its top";
        return error(document, at, message, "the first lines should read `overlay: 1.1.0`, `info:`, `actions:`");
    }
    let Some(Kind::Array(actions)) = document.get(root, "actions").map(|actions| document.kind(actions)) else {
        let message = "this overlay has no list of `actions`";
        return error(document, root, message, "each action has a `target`, and `update`, `copy` or `remove: true`");
    };
    let actions = actions.clone();
    let limit = document.len() + MAX_NEW;
    merge::unshare(document, limit)?;
    let mut tree = Tree { value: value(document, document.root()), document, limit };
    for action in actions {
        tree.action(action)?;
    }
    Ok(())
}

fn value(document: &Document, node: NodeId) -> Value {
    document.value(node, &mut MAX_NODES.clone()).unwrap_or_default()
}

/// The root document as nodes and, for paths to look into, as a value.
struct Tree<'d> {
    document: &'d mut Document,
    value: Value,
    /// How many nodes there may be.
    limit: usize,
}

impl Tree<'_> {
    fn action(&mut self, action: NodeId) -> Result<(), Diagnostic> {
        let get = |key| self.document.get(action, key);
        let (update, copy) = (get("update"), get("copy"));
        let removes = match get("remove").map(|at| (at, self.document.kind(at))) {
            None | Some((_, Kind::Bool(false))) => false,
            Some((_, Kind::Bool(true))) => true,
            Some((at, _)) => return Err(self.error(at, "`remove` is neither `true` nor `false`", "write one of them")),
        };
        let Some(target) = get("target") else {
            return Err(self.error(action, "this action has no `target`", "write what it changes, as a JSONPath"));
        };
        let places = self.find(target)?;
        if places.is_empty() {
            self.warn(
                target,
                "this target selects nothing",
                "the action is passed over; correct the path or remove it",
            );
        }
        match (removes, update, copy) {
            (true, _, _) => self.remove(target, places),
            (false, Some(update), None) => self.update(update, update, &places),
            (false, None, Some(copy)) => {
                let from = self.find(copy)?;
                let source = match from.as_slice() {
                    [one] => self.document.pointer(self.document.root(), one),
                    _ => None,
                };
                let Some(source) = source else {
                    let message = format!("`copy` has to select one value, and selects {}", from.len());
                    return Err(self.error(copy, &message, "write a path that leads to one place"));
                };
                self.update(copy, source, &places)
            }
            (false, None, None) => {
                let help = "it is passed over; give it `update`, `copy` or `remove: true`";
                self.warn(action, "this action does nothing", help);
                Ok(())
            }
            (false, Some(_), Some(copy)) => {
                Err(self.error(copy, "this action has both `update` and `copy`", "make two actions of it"))
            }
        }
    }

    fn error(&self, at: NodeId, message: &str, help: &str) -> Diagnostic {
        Diagnostic::error(message).kind(ProblemKind::Overlay).at(self.document.span(at)).help(help)
    }

    fn warn(&mut self, at: NodeId, message: &str, help: &str) {
        let problem = Diagnostic::warning(message).kind(ProblemKind::Overlay).at(self.document.span(at)).help(help);
        self.document.problems.push(problem);
    }

    /// The places that the JSONPath at `node` selects, as JSON Pointers, each once.
    fn find(&self, node: NodeId) -> Result<Vec<String>, Diagnostic> {
        let help = "paths are as RFC 9535 has them: `$.paths['/posts'].get`";
        let text = self.document.str(node).filter(|text| text.len() <= MAX_PATH);
        let Some(text) = text else {
            return Err(self.error(node, "expected a JSONPath here", help));
        };
        let path = JsonPath::parse(text).map_err(|error| {
            let message = format!("this is no JSONPath: {} at character {}", error.message(), error.position() + 1);
            self.error(node, &message, help)
        })?;
        let found = path.query_located(&self.value).dedup();
        Ok(found.locations().map(|location| location.to_json_pointer()).collect())
    }

    fn update(&mut self, at: NodeId, source: NodeId, places: &[String]) -> Result<(), Diagnostic> {
        for place in places {
            let Some(target) = self.document.pointer(self.document.root(), place) else { continue };
            // Apart from what is changed: the document may be copied into itself.
            let fresh = merge::copy(self.document, source, self.limit)?;
            merge::into(self.document, target, fresh).map_err(|message| {
                self.error(at, &message, "select a value of the same kind, or remove it before it is written anew")
            })?;
            if let Some(slot) = self.value.pointer_mut(place) {
                *slot = value(self.document, target);
            }
        }
        Ok(())
    }

    fn remove(&mut self, at: NodeId, mut places: Vec<String>) -> Result<(), Diagnostic> {
        // Backwards, so that elements keep their numbers until it is their turn.
        places.sort_by(|a, b| order(b).cmp(order(a)));
        for place in places {
            let Some((parent, key)) = place.rsplit_once('/') else {
                return Err(self.error(at, "an action cannot remove the whole document", "select a part of it"));
            };
            let key = unescape(key);
            merge::remove(self.document, parent, &key);
            match self.value.pointer_mut(parent) {
                Some(Value::Object(members)) => {
                    members.shift_remove(&key);
                }
                Some(Value::Array(elements)) => {
                    if let Some(at) = key.parse().ok().filter(|at: &usize| *at < elements.len()) {
                        elements.remove(at);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// What sorts the elements of an array by number.
fn order(place: &str) -> impl Iterator<Item = (usize, &str)> {
    place.split('/').map(|token| (token.parse().unwrap_or_default(), token))
}
