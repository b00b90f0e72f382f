//! From any version of OpenAPI to the pieces of 3.0.
//!
//! A document is read piece by piece: one schema, one parameter, one response
//! at a time, by the types of the `openapiv3` crate, each with its children
//! replaced by references to their nodes. A bad piece so costs what stands on
//! it, and nothing else. What 3.0 cannot hold is kept beside it in our own types.

mod bundle;
mod content;
mod names;
mod operation;
mod outline;
pub(crate) mod overrides;
mod parameter;
mod schema;
mod security;
mod slips;
mod swagger2;
mod swagger2_root;
mod version;
mod version3;

use std::cell::RefCell;
use std::collections::HashMap;

pub(crate) use content::{Body, FieldEncoding, Header, Media, Response, Status};
pub(crate) use operation::Operation;
pub(crate) use outline::Outline;
pub(crate) use parameter::{Parameter, Place, Style};
pub(crate) use schema::{Additional, Discriminator, JsonType, Schema};
pub(crate) use security::{Flow, Grant, Requirement, SchemeKind, SecurityScheme, Server};

use crate::diagnostic::Diagnostic;
use crate::error::Error;
use crate::load::{Document, Named, NodeId, Span};
use crate::problem_kind::ProblemKind;

/// Brings a document of any version into the form of 3.0, as far as its parts are not read one by one.
pub(crate) fn modernise(document: &mut Document) {
    slips::mend(document);
    if swagger2::is(document) {
        swagger2::rewrite(document);
    }
    version3::rewrite(document);
}

/// A document together with what was found wrong with it.
pub(crate) struct Spec<'d> {
    pub(crate) document: &'d Document,
    problems: RefCell<Vec<Diagnostic>>,
    /// The id of the operation that is being read, which problems belong to.
    reading: RefCell<Option<String>>,
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
        version::check(document)?;
        let problems = RefCell::new(document.problems.clone());
        let spec = Spec { document, problems, reading: RefCell::default() };
        spec.look_for_operations();
        Ok(spec)
    }

    /// A document may describe what the server calls, and nothing that can be called.
    fn look_for_operations(&self) {
        let root = self.document.root();
        if self.document.members(root, "paths").any(|(path, _)| !path.starts_with("x-")) {
            return;
        }
        let kind = ProblemKind::NoOperations;
        let help = "nothing is generated from them: they are requests that the server sends to you";
        if let Some(webhooks) = self.document.get(root, "webhooks") {
            self.warn_of(kind, webhooks, "this document has webhooks alone", help);
        } else {
            let at = self.document.get(root, "paths").unwrap_or(root);
            let help = "nothing is generated; add some below `paths`";
            self.warn_of(kind, at, "this document has no operations", help);
        }
    }

    /// Title, version, description and groups.
    pub(crate) fn info(&self) -> Info {
        let root = self.document.root();
        let info = self.document.get(root, "info");
        let text = |key| {
            let at = info.and_then(|info| self.document.get(info, key));
            at.and_then(|at| self.document.str(at).or_else(|| self.document.written(at))).unwrap_or_default().to_owned()
        };
        let groups = self.document.get(root, "tags").map_or(&[][..], |tags| self.document.array(tags));
        let group = |node: &NodeId| {
            let name = self.document.str_at(*node, "name")?;
            Some((name.to_owned(), self.document.str_at(*node, "description").unwrap_or_default().to_owned()))
        };
        Info { title: text("title"), version: text("version"), groups: groups.iter().filter_map(group).collect() }
    }

    /// Says which operation the problems to come belong to.
    pub(crate) fn reading(&self, operation: Option<&str>) {
        *self.reading.borrow_mut() = operation.map(str::to_owned);
    }

    /// Notes a problem.
    pub(crate) fn report(&self, diagnostic: Diagnostic) {
        let operation = match diagnostic.operation_id() {
            None => self.reading.borrow().clone(),
            Some(_) => None,
        };
        let diagnostic = match operation {
            Some(operation) => diagnostic.operation(operation),
            None => diagnostic,
        };
        self.problems.borrow_mut().push(diagnostic);
    }

    /// Notes that something at `node` was read more coarsely than it is written.
    pub(crate) fn warn(&self, node: NodeId, message: impl Into<String>, help: impl Into<String>) {
        self.warn_of(ProblemKind::Other, node, message, help);
    }

    /// As [`warn`](Self::warn), with what it is about.
    pub(crate) fn warn_of(&self, kind: ProblemKind, node: NodeId, message: impl Into<String>, help: impl Into<String>) {
        self.report(Diagnostic::warning(message).kind(kind).at(self.document.span(node)).help(help));
    }

    /// What was said of each place so far.
    pub(crate) fn told(&self) -> HashMap<Span, String> {
        let problems = self.problems.borrow();
        problems.iter().filter_map(|problem| Some((problem.span()?, problem.message().to_owned()))).collect()
    }

    /// All problems noted so far.
    pub(crate) fn into_problems(self) -> Vec<Diagnostic> {
        self.problems.into_inner()
    }

    /// Follows `$ref` from `node` until something else stands there.
    ///
    /// # Errors
    /// When the reference names nothing that could be read, or goes in a circle.
    pub(crate) fn resolve(&self, node: NodeId) -> Result<NodeId, Diagnostic> {
        self.document.resolve(node, |at, named| self.strayed(at, named))
    }

    /// The node that the `$ref` at `node` names, if there is one.
    pub(crate) fn target(&self, node: NodeId) -> Result<Option<NodeId>, Diagnostic> {
        let named = self.document.target(node)?;
        if let Some(named) = named {
            self.strayed(node, named);
        }
        Ok(named.map(|named| named.node))
    }

    fn strayed(&self, at: NodeId, named: Named) {
        if named.strayed {
            let at = self.document.get(at, "$ref").unwrap_or(at);
            self.warn_of(
                ProblemKind::Reference,
                at,
                "this reference names nothing in its own file",
                "what the root document has under that name is taken; write that document's path before the `#`",
            );
        }
    }
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
