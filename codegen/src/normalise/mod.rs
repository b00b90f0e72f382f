//! From any version of OpenAPI to the pieces of 3.0.
//!
//! A document is read piece by piece: one schema, one parameter, one response
//! at a time, by the types of the `openapiv3` crate, each with its children
//! replaced by references to their nodes. A bad piece so costs what stands on
//! it, and nothing else. What 3.0 cannot hold is kept beside it in our own types.

mod content;
mod operation;
mod parameter;
mod schema;
mod security;
mod swagger2;

use std::cell::RefCell;

pub(crate) use content::{Body, FieldEncoding, Media, Response, Status};
pub(crate) use operation::Operation;
pub(crate) use parameter::{Parameter, Place, Style};
pub(crate) use schema::{Additional, JsonType, Schema};
pub(crate) use security::{Requirement, SchemeKind, SecurityScheme, Server};

use crate::diagnostic::Diagnostic;
use crate::error::Error;
use crate::load::{Document, NodeId};

/// How many references in a row are followed before they count as a cycle.
const MAX_REFERENCES: usize = 64;

/// Brings a document of an older version into the form of 3.0.
pub(crate) fn modernise(document: &mut Document) {
    if swagger2::is(document) {
        swagger2::rewrite(document);
    }
}

/// A document together with what was found wrong with it.
pub(crate) struct Spec<'d> {
    pub(crate) document: &'d Document,
    problems: RefCell<Vec<Diagnostic>>,
}

/// The parts of a document that speak of the whole.
pub(crate) struct Info {
    pub(crate) title: String,
    pub(crate) version: String,
    /// Groups (OpenAPI calls them tags) with their descriptions.
    pub(crate) groups: Vec<(String, String)>,
}

impl<'d> Spec<'d> {
    /// Checks that `document` is an OpenAPI document of a version that can be read.
    ///
    /// # Errors
    /// When it is not; the diagnostic says what was found.
    pub(crate) fn new(document: &'d Document) -> Result<Spec<'d>, Diagnostic> {
        let root = document.root();
        let version = document.get(root, "openapi");
        let spec = Spec { document, problems: RefCell::default() };
        match version.and_then(|node| document.str(node)) {
            Some(text) if text.starts_with("3.0") || text.starts_with("3.1") => Ok(spec),
            Some(text) => Err(Diagnostic::error(format!("OpenAPI {text} cannot be read"))
                .at(document.span(version.unwrap_or(root)))
                .help("Larder reads Swagger 2.0 and OpenAPI 3.0 and 3.1")),
            None => Err(Diagnostic::error("this is not an OpenAPI document: it has no `openapi: 3.…` at its top")
                .at(document.span(root))
                .help("the first lines should read `openapi: 3.1.0`, `info:`, `paths:`")),
        }
    }

    /// Title, version, description and groups.
    pub(crate) fn info(&self) -> Info {
        let root = self.document.root();
        let info = self.document.get(root, "info");
        let text = |key| info.and_then(|info| self.document.str_at(info, key)).unwrap_or_default().to_owned();
        let groups = self.document.get(root, "tags").map_or(&[][..], |tags| self.document.array(tags));
        let group = |node: &NodeId| {
            let name = self.document.str_at(*node, "name")?;
            Some((name.to_owned(), self.document.str_at(*node, "description").unwrap_or_default().to_owned()))
        };
        Info { title: text("title"), version: text("version"), groups: groups.iter().filter_map(group).collect() }
    }

    /// Notes a problem.
    pub(crate) fn report(&self, diagnostic: Diagnostic) {
        self.problems.borrow_mut().push(diagnostic);
    }

    /// Notes that something at `node` was read more coarsely than it is written.
    pub(crate) fn warn(&self, node: NodeId, message: impl Into<String>, help: impl Into<String>) {
        self.report(Diagnostic::warning(message).at(self.document.span(node)).help(help));
    }

    /// All problems noted so far.
    pub(crate) fn into_problems(self) -> Vec<Diagnostic> {
        self.problems.into_inner()
    }

    /// Follows `$ref` from `node` until something else stands there.
    ///
    /// # Errors
    /// When the reference names nothing, leaves the file, or goes in a circle.
    pub(crate) fn resolve(&self, node: NodeId) -> Result<NodeId, Diagnostic> {
        let mut at = node;
        for _ in 0..MAX_REFERENCES {
            match self.target(at)? {
                Some(next) => at = next,
                None => return Ok(at),
            }
        }
        let span = self.document.span(node);
        Err(Diagnostic::warning("this reference goes in a circle").at(span).help("let one of them describe something"))
    }

    /// The node that the `$ref` at `node` names, if there is one.
    pub(crate) fn target(&self, node: NodeId) -> Result<Option<NodeId>, Diagnostic> {
        let Some(at) = self.document.get(node, "$ref") else { return Ok(None) };
        let Some(reference) = self.document.str(at) else { return Ok(None) };
        let span = self.document.span(at);
        let Some(pointer) = reference.strip_prefix('#') else {
            return Err(Diagnostic::warning(format!("`{reference}` is in another file"))
                .at(span)
                .help("bundle the document into one file first"));
        };
        let decoded = percent_decode(pointer);
        let found = self.document.pointer(self.document.root(), &decoded);
        found.map(Some).ok_or_else(|| {
            Diagnostic::warning(format!("`{reference}` names nothing in this document"))
                .at(span)
                .help("correct the reference, or add what it names")
        })
    }
}

/// The escapes of a URI fragment, as far as JSON Pointers need them.
fn percent_decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let escape = tail.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match escape.filter(|_| *first == b'%').and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

impl From<Diagnostic> for Vec<Diagnostic> {
    fn from(diagnostic: Diagnostic) -> Vec<Diagnostic> {
        vec![diagnostic]
    }
}

/// Turns diagnostics into the error that ends a run.
pub(crate) fn fatal(document: &Document, diagnostics: impl Into<Vec<Diagnostic>>) -> Error {
    let located = diagnostics.into().into_iter();
    Error::Document(located.map(|diagnostic| crate::Located::new(&document.sources, diagnostic)).collect())
}
