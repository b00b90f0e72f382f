//! Paths: what is filled into a template, and what may not be.

use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::Value as Json;

use crate::param::{Style, percent_encode, percent_encoded, write};

/// The path with a parameter put where its name stands in braces, or why that cannot be.
pub(super) fn filled(path: &str, style: Style, name: &str, value: &Json) -> Result<Arc<str>, String> {
    let mut filled = String::with_capacity(path.len() + 16);
    let mut rest = path;
    // What was written before holds no braces: they are percent-encoded.
    while let Some((before, after)) = split_at_slot(rest, name) {
        filled.push_str(before);
        let start = filled.len();
        put(&mut filled, style, name, value);
        if filled.len() == start || is_empty(value) {
            return Err(empty(name));
        }
        rest = after;
    }
    if rest.len() < path.len() {
        filled.push_str(rest);
        return Ok(filled.into());
    }
    put(&mut filled, style, name, value);
    if filled.is_empty() || is_empty(value) {
        return Err(empty(name));
    }
    Err(format!("the path has no place for the parameter {name}"))
}

/// Why a path would lead to another route than the document's.
pub(super) fn path_problem(path: &str) -> Option<String> {
    if let Some((_, rest)) = path.split_once('{') {
        let name = rest.split('}').next().unwrap_or(rest);
        return Some(format!("the path parameter {name} was not given"));
    }
    let is_dots = |segment: &str| segment == "." || segment == "..";
    path.split('/')
        .any(is_dots)
        .then(|| "a path parameter would make a segment `.` or `..`, which names another path".to_owned())
}

/// What is before and after the parameter's name in braces.
fn split_at_slot<'p>(path: &'p str, name: &str) -> Option<(&'p str, &'p str)> {
    path.match_indices('{').find_map(|(at, _)| {
        let after = path[at + 1..].strip_prefix(name)?.strip_prefix('}')?;
        Some((&path[..at], after))
    })
}

fn put(path: &mut String, style: Style, name: &str, value: &Json) {
    match value {
        // The usual ones, without a text in between. Writing to a text does not fail, and a number needs no encoding.
        Json::Number(number) if style == Style::Simple => drop(write!(path, "{number}")),
        Json::String(text) if style == Style::Simple => path.extend(percent_encoded(text)),
        value => {
            let shown = if style == Style::Json { "" } else { name };
            path.extend(write(style, shown, value, percent_encode));
        }
    }
}

fn is_empty(value: &Json) -> bool {
    matches!(value, Json::String(text) if text.is_empty())
}

fn empty(name: &str) -> String {
    format!("the path parameter {name} is empty, which would name another path")
}
