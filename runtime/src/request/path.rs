//! Paths: what is filled into a template, and what may not be.

use std::fmt::{self, Write as _};

use serde_json::Value as Json;

use crate::param::{Style, percent_encode, write};

/// How many bytes a path has at most that needs no memory of its own.
const SHORT: usize = 30;

/// A path with what was filled in. Most are short, and are then held, hashed and compared where the request is.
#[derive(Clone)]
pub(super) enum Path {
    Short { len: u8, bytes: [u8; SHORT] },
    Long(String),
}

impl Path {
    const EMPTY: Path = Path::Short { len: 0, bytes: [0; SHORT] };

    /// `/`
    pub(super) fn root() -> Path {
        let mut path = Path::EMPTY;
        path.push("/");
        path
    }

    /// A path that was written before.
    pub(super) fn of(text: &str) -> Path {
        let mut path = Path::EMPTY;
        path.push(text);
        path
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        match self {
            Path::Short { len, bytes } => &bytes[..usize::from(*len)],
            Path::Long(text) => text.as_bytes(),
        }
    }

    pub(super) fn as_str(&self) -> &str {
        // Only whole texts are ever put in.
        std::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }

    fn push(&mut self, more: &str) {
        let taken = self.as_bytes().len();
        match self {
            Path::Short { len, bytes } if taken + more.len() <= SHORT => {
                bytes[taken..taken + more.len()].copy_from_slice(more.as_bytes());
                *len = (taken + more.len()) as u8;
            }
            Path::Short { .. } => *self = Path::Long([self.as_str(), more].concat()),
            Path::Long(text) => text.push_str(more),
        }
    }
}

impl fmt::Write for Path {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        self.push(more);
        Ok(())
    }
}

/// The path with a parameter put where its name stands in braces, or why that cannot be.
pub(super) fn filled(path: &str, style: Style, name: &str, value: &Json) -> Result<Path, String> {
    let mut filled = Path::EMPTY;
    let mut rest = path;
    // What was written before holds no braces: they are percent-encoded.
    while let Some((before, after)) = split_at_slot(rest, name) {
        filled.push(before);
        let start = filled.as_bytes().len();
        put(&mut filled, style, name, value);
        if filled.as_bytes().len() == start || is_empty(value) {
            return Err(empty(name));
        }
        rest = after;
    }
    if rest.len() < path.len() {
        filled.push(rest);
        if let Path::Long(text) = &mut filled {
            text.shrink_to_fit();
        }
        return Ok(filled);
    }
    put(&mut filled, style, name, value);
    if filled.as_bytes().is_empty() || is_empty(value) {
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

fn put(path: &mut Path, style: Style, name: &str, value: &Json) {
    match value {
        // The usual ones, without a text in between. A number needs no encoding.
        Json::Number(number) if style == Style::Simple && !number.is_f64() => drop(write!(path, "{number}")),
        Json::String(text) if style == Style::Simple => path.push(&percent_encode(text)),
        value => {
            let shown = if style == Style::Json { "" } else { name };
            write(style, shown, value, percent_encode).iter().for_each(|piece| path.push(piece));
        }
    }
}

fn is_empty(value: &Json) -> bool {
    matches!(value, Json::String(text) if text.is_empty())
}

fn empty(name: &str) -> String {
    format!("the path parameter {name} is empty, which would name another path")
}
