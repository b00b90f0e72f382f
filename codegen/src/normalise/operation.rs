//! One operation: its parameters, body and responses, each read alone.

use super::security::{Requirement, Server};
use super::{Body, Parameter, Response, Spec};
use crate::diagnostic::Diagnostic;
use crate::load::NodeId;

/// An operation as the document has it.
pub(crate) struct Operation {
    pub(crate) at: NodeId,
    /// In capitals.
    pub(crate) method: &'static str,
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

const METHODS: [(&str, &str); 8] = [
    ("get", "GET"),
    ("put", "PUT"),
    ("post", "POST"),
    ("delete", "DELETE"),
    ("options", "OPTIONS"),
    ("head", "HEAD"),
    ("patch", "PATCH"),
    ("trace", "TRACE"),
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
            for (key, method) in METHODS {
                let Some(at) = self.document.get(item, key) else { continue };
                let before = self.problems.borrow().len();
                let id = self.document.str_at(at, "operationId").map_or(format!("{method} {path}"), str::to_owned);
                match self.operation(path, method, item, at) {
                    Ok(operation) => operations.push(operation),
                    Err(problem) => self.report(problem.operation(id.as_str())),
                }
                self.problems.borrow_mut().iter_mut().skip(before).for_each(|problem| problem.within(&id));
            }
        }
        operations
    }

    fn operation(&self, path: &str, method: &'static str, item: NodeId, at: NodeId) -> Result<Operation, Diagnostic> {
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
            method,
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
