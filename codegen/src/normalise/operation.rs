//! One operation: its parameters, body and responses, each read alone.

use super::security::{Requirement, Server};
use super::{Body, Parameter, Response, Spec};
use crate::diagnostic::Diagnostic;
use crate::load::NodeId;
use crate::problem_kind::ProblemKind;

/// An operation as the document has it.
pub(crate) struct Operation {
    pub(crate) at: NodeId,
    /// As it travels: in capitals, unless the document has a method of its own.
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) id: Option<String>,
    pub(crate) groups: Vec<String>,
    pub(crate) summary: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) deprecated: bool,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) body: Option<Body>,
    pub(crate) responses: Vec<Response>,
    /// What it says itself of who may call it.
    pub(crate) security: Option<Requirement>,
    /// The server that it, or its path, names instead of the document's.
    pub(crate) server: Option<Server>,
}

const METHODS: [(&str, &str); 9] = [
    ("get", "GET"),
    ("put", "PUT"),
    ("post", "POST"),
    ("delete", "DELETE"),
    ("options", "OPTIONS"),
    ("head", "HEAD"),
    ("patch", "PATCH"),
    ("trace", "TRACE"),
    ("query", "QUERY"),
];

impl Spec<'_> {
    /// Every operation that can be read, in the order of the document; the
    /// others are reported and left out.
    pub(crate) fn operations(&self) -> Vec<Operation> {
        let mut operations = Vec::new();
        for (path, item) in self.document.members(self.document.root(), "paths") {
            if path.starts_with("x-") {
                continue;
            }
            let item = match self.resolve(item) {
                Ok(item) => item,
                Err(problem) => {
                    self.report(problem);
                    continue;
                }
            };
            for (method, at) in self.methods(item) {
                let id = self.document.str_at(at, "operationId").map_or(format!("{method} {path}"), str::to_owned);
                self.reading(Some(&id));
                match self.operation(path, method, item, at) {
                    Ok(operation) => operations.push(operation),
                    Err(problem) => {
                        self.report(problem.kind(ProblemKind::OperationLeftOut).operation(id));
                    }
                }
            }
            self.reading(None);
        }
        operations
    }

    /// The operations of a path item by their methods; of 3.2, those too that OpenAPI has no key for.
    pub(super) fn methods(&self, item: NodeId) -> impl Iterator<Item = (&str, NodeId)> {
        let known = METHODS.iter().filter_map(move |(key, method)| Some((*method, self.document.get(item, key)?)));
        known.chain(self.document.members(item, "additionalOperations"))
    }

    fn operation(&self, path: &str, method: &str, item: NodeId, at: NodeId) -> Result<Operation, Diagnostic> {
        if !is_token(method) {
            return Err(Diagnostic::warning(format!("{method:?} is no method of HTTP"))
                .at(self.document.span(at))
                .help("the operation is left out; a method is made of letters, digits and `!#$%&'*+-.^_`|~`"));
        }
        if self.document.object(at).is_none() {
            return Err(Diagnostic::warning(format!("`{method} {path}` is no operation; it is left out"))
                .at(self.document.span(at))
                .help("an operation is an object with `responses`"));
        }
        let text = |key| self.document.str_at(at, key).map(str::to_owned);
        let groups = self.document.get(at, "tags").map_or(&[][..], |tags| self.document.array(tags));
        let servers = [at, item].into_iter().map(|owner| self.servers(owner)).find(|servers| !servers.is_empty());
        Ok(Operation {
            at,
            method: method.to_owned(),
            path: path.to_owned(),
            id: text("operationId").filter(|id| !id.is_empty()),
            groups: groups.iter().filter_map(|group| self.document.str(*group).map(str::to_owned)).collect(),
            summary: text("summary"),
            description: text("description"),
            deprecated: self.document.flag(at, "deprecated"),
            parameters: self.parameters(item, at),
            body: self.document.get(at, "requestBody").map(|body| self.body(body)),
            responses: self.responses(at),
            security: self.security(at),
            server: servers.into_iter().flatten().next(),
        })
    }
}

/// Whether a text is a token of HTTP, as methods are.
fn is_token(text: &str) -> bool {
    let is_mark = |byte| b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || is_mark(byte))
}
