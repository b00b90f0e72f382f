//! From files to a [`Document`]: YAML or JSON, every node with its place.

mod json;
mod node;
mod yaml;

use std::path::Path;

pub use node::{Document, Kind, NodeId, Source, Span};

use crate::diagnostic::{Diagnostic, Located};
use crate::error::Error;
use crate::problem_kind::ProblemKind;

/// Nesting beyond this is refused: no document that people write comes near it.
const MAX_DEPTH: usize = 256;

/// Reads the document at `path`.
///
/// # Errors
/// When the file cannot be read, is no UTF-8, or is neither YAML nor JSON; the
/// message says where.
pub fn load(path: &Path) -> Result<Document, Error> {
    let bytes = std::fs::read(path).map_err(|source| Error::Read { path: path.to_owned(), source })?;
    let text = String::from_utf8(bytes)
        .map_err(|error| Error::Encoding { path: path.to_owned(), offset: error.utf8_error().valid_up_to() })?;
    parse(path, text)
}

/// Reads a document from its text; `path` is what messages call it.
///
/// # Errors
/// When the text is neither YAML nor JSON; the message says where.
pub fn parse(path: &Path, text: String) -> Result<Document, Error> {
    let text = match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    };
    if u32::try_from(text.len()).is_err() {
        return Err(Error::TooLarge { path: path.to_owned() });
    }
    let is_json = text.trim_start().starts_with(['{', '[']);
    let mut document = Document::new(Source::new(path.to_owned(), text.clone()));
    let read = if is_json { json::read(&text, &mut document) } else { yaml::read(&text, &mut document) };
    // A flow mapping of YAML also starts with a brace.
    let read = match read {
        Err(error) if is_json => {
            let mut second = Document::new(Source::new(path.to_owned(), text.clone()));
            match yaml::read(&text, &mut second) {
                Ok(root) => {
                    document = second;
                    Ok(root)
                }
                Err(_) => Err(error),
            }
        }
        read => read,
    };
    match read {
        Ok(root) => {
            document.set_root(root);
            Ok(document)
        }
        Err(fault) => {
            let diagnostic = Diagnostic::error(fault.message).kind(ProblemKind::Syntax).at(fault.span).help(fault.help);
            Err(Error::Document(vec![Located::new(&document.sources, diagnostic)]))
        }
    }
}

/// Why a text could not be read.
struct Fault {
    span: Span,
    message: String,
    help: String,
}

impl Fault {
    fn new(start: usize, end: usize, message: impl Into<String>, help: impl Into<String>) -> Fault {
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let span = Span { file: 0, start: offset(start), end: offset(end) };
        Fault { span, message: message.into(), help: help.into() }
    }

    fn too_deep(at: usize) -> Fault {
        Fault::new(
            at,
            at + 1,
            format!("the document is nested more than {MAX_DEPTH} levels deep"),
            "no OpenAPI document needs that; look for a tool that wrote it in a loop",
        )
    }

    fn duplicate(key: &str, start: usize, end: usize) -> Fault {
        Fault::new(
            start,
            end,
            format!("the key `{key}` is written twice in one object"),
            "one of the two would be lost without a word: remove or rename one",
        )
    }
}
