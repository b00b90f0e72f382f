//! Changes to the tree of a document, as overlays make them.

use std::mem;

use super::node::{Document, Kind, NodeId};
use crate::diagnostic::Diagnostic;

/// Aliases within aliases nest deeper than text does.
const MAX_DEPTH: usize = 1_000;

/// Gives every place in the root document a node of its own, so that a change of one place is no change of another
/// that is an alias of it.
///
/// # Errors
/// When the document grows beyond all bounds by that.
pub(super) fn unshare(document: &mut Document, limit: usize) -> Result<(), Diagnostic> {
    let mut seen = vec![false; document.len()];
    let mut open = vec![document.root()];
    while let Some(node) = open.pop() {
        let mut children = children(document.kind(node));
        let mut shared = false;
        for child in &mut children {
            if seen.get_mut(child.index()).is_some_and(|seen| !mem::replace(seen, true)) {
                open.push(*child);
            } else {
                *child = copy(document, *child, limit)?;
                shared = true;
            }
        }
        if shared {
            let mut kind = document.kind(node).clone();
            replace(&mut kind, children);
            document.set(node, kind);
        }
    }
    Ok(())
}

/// A copy of `node` and all below it, with the same places in the text.
///
/// # Errors
/// When the document would have more than `limit` nodes then.
pub(super) fn copy(document: &mut Document, node: NodeId, limit: usize) -> Result<NodeId, Diagnostic> {
    copy_within(document, node, limit, 0).ok_or_else(|| {
        Diagnostic::error("what is written once here would have to be copied too often")
            .at(document.span(node))
            .help("look for aliases within aliases, or for actions that copy the document into itself")
    })
}

fn copy_within(document: &mut Document, node: NodeId, limit: usize, depth: usize) -> Option<NodeId> {
    if document.len() >= limit || depth > MAX_DEPTH {
        return None;
    }
    let mut kind = document.kind(node).clone();
    let children = children(&kind);
    let copies: Option<Vec<NodeId>> =
        children.into_iter().map(|child| copy_within(document, child, limit, depth + 1)).collect();
    replace(&mut kind, copies?);
    let span = document.span(node);
    Some(document.push(kind, span))
}

/// Merges `update`, which nothing else holds, into `target`.
///
/// # Errors
/// When the two are of different kinds; the message says so.
pub(super) fn into(document: &mut Document, target: NodeId, update: NodeId) -> Result<(), String> {
    let mut target_kind = document.take(target);
    match (&mut target_kind, document.take(update)) {
        (Kind::Object(members), Kind::Object(more)) => {
            for (key, child) in more {
                let Some(own) = members.get(&key).copied() else {
                    members.insert(key, child);
                    continue;
                };
                match (document.kind(own), document.kind(child)) {
                    (Kind::Array(_), Kind::Array(_)) | (Kind::Object(_), Kind::Object(_)) => {
                        into(document, own, child)?
                    }
                    (Kind::Null, _) => {
                        members.insert(key, child);
                    }
                    (own, child) if is_collection(own) || is_collection(child) => {
                        return Err(different(&format!("`{key}`"), own, child));
                    }
                    _ => {
                        members.insert(key, child);
                    }
                }
            }
        }
        (Kind::Array(elements), Kind::Array(more)) => elements.extend(more),
        (Kind::Array(elements), kind) => {
            document.set(update, kind);
            elements.push(update);
        }
        (Kind::Object(_), kind) => return Err(different("the target", &target_kind, &kind)),
        (own, kind @ (Kind::Object(_) | Kind::Array(_))) if !matches!(own, Kind::Null) => {
            return Err(different("the target", own, &kind));
        }
        (own, kind) => {
            *own = kind;
            document.set_span(target, document.span(update));
        }
    }
    document.set(target, target_kind);
    Ok(())
}

/// Removes the member or element `key` of what stands at `parent`.
pub(super) fn remove(document: &mut Document, parent: &str, key: &str) {
    let Some(parent) = document.pointer(document.root(), parent) else { return };
    let mut kind = document.take(parent);
    match &mut kind {
        Kind::Object(members) => {
            members.shift_remove(key);
        }
        Kind::Array(elements) => {
            if let Some(at) = key.parse().ok().filter(|at: &usize| *at < elements.len()) {
                elements.remove(at);
            }
        }
        _ => {}
    }
    document.set(parent, kind);
}

fn is_collection(kind: &Kind) -> bool {
    matches!(kind, Kind::Object(_) | Kind::Array(_))
}

fn different(place: &str, own: &Kind, update: &Kind) -> String {
    let name = |kind: &Kind| match kind {
        Kind::Object(_) => "an object",
        Kind::Array(_) => "an array",
        Kind::Null => "null",
        _ => "a plain value",
    };
    format!("{place} holds {}, into which {} cannot be merged", name(own), name(update))
}

fn children(kind: &Kind) -> Vec<NodeId> {
    match kind {
        Kind::Array(elements) => elements.clone(),
        Kind::Object(members) => members.values().copied().collect(),
        _ => Vec::new(),
    }
}

fn replace(kind: &mut Kind, with: Vec<NodeId>) {
    match kind {
        Kind::Array(elements) => *elements = with,
        Kind::Object(members) => members.values_mut().zip(with).for_each(|(slot, node)| *slot = node),
        _ => {}
    }
}
