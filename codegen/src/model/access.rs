//! Who may call an API, and where it is served.

use std::collections::HashSet;

use heck::ToShoutySnakeCase;

use super::Operation;
use super::builder::Builder;
use super::name::{self, Scope};
use crate::normalise::{self, Flow, Grant, Requirement, SchemeKind};

/// Longer descriptions are no names.
const LONGEST_NAME: usize = 5;

/// How callers say who they are.
#[derive(Debug)]
pub(crate) struct Security {
    pub(crate) schemes: Vec<Scheme>,
    /// What operations require that do not say so themselves.
    pub(crate) usual: Requirement,
}

#[derive(Debug)]
pub(crate) struct Scheme {
    pub(crate) function: String,
    /// In the document.
    pub(crate) name: String,
    pub(crate) doc: String,
    pub(crate) kind: SchemeKind,
    pub(crate) flows: Vec<TokenFlow>,
}

/// A function for tokens that a program gets by itself.
#[derive(Debug)]
pub(crate) struct TokenFlow {
    pub(crate) function: String,
    pub(crate) flow: Flow,
}

/// Where the API is served.
#[derive(Debug)]
pub(crate) struct Server {
    /// Of a constant, or of a struct where the URL has variables.
    pub(crate) name: String,
    pub(crate) doc: String,
    pub(crate) url: ServerUrl,
}

#[derive(Debug)]
pub(crate) enum ServerUrl {
    Fixed(String),
    Variable {
        /// As the document has it.
        shown: String,
        /// With the variables by their fields.
        format: String,
        variables: Vec<ServerVariable>,
    },
}

#[derive(Debug)]
pub(crate) struct ServerVariable {
    pub(crate) wire: String,
    pub(crate) field: String,
    pub(crate) default: String,
    pub(crate) doc: String,
    pub(crate) values: Vec<String>,
}

impl Builder<'_, '_> {
    /// What an operation requires, with the schemes that requests can meet. `None` where the document has no schemes.
    pub(super) fn requirement(
        &mut self,
        schemes: &[normalise::SecurityScheme],
        raw: &normalise::Operation,
    ) -> Option<Requirement> {
        let root = self.spec.document.root();
        let said = raw.security.clone().or_else(|| self.spec.security(root)).filter(|_| !schemes.is_empty())?;
        let mut kept: Requirement = Vec::new();
        for alternative in said {
            let known = |name: &String| schemes.iter().find(|scheme| scheme.name == *name);
            if let Some(missing) = alternative.iter().find(|name| known(name).is_none()) {
                if self.unknown_schemes.insert(missing.clone()) {
                    let message = format!("the security scheme `{missing}` is named, but not described");
                    self.spec.warn(raw.at, message, "alternatives with it are left out; add it to `securitySchemes`");
                }
                continue;
            }
            let in_request =
                |name: &String| known(name).is_some_and(|scheme| !matches!(scheme.kind, SchemeKind::Connection));
            let alternative: Vec<String> = alternative.into_iter().filter(in_request).collect();
            // Who need not say anything sends what they have.
            if !alternative.is_empty() && !kept.contains(&alternative) {
                kept.push(alternative);
            }
        }
        Some(kept)
    }
}

/// The schemes, what operations usually require, and what is left to say of the others.
pub(super) fn security(schemes: Vec<normalise::SecurityScheme>, operations: &mut [Operation]) -> Option<Security> {
    let mut counted: Vec<(Requirement, usize)> = Vec::new();
    for requirement in operations.iter().filter_map(|operation| operation.security.as_ref()) {
        match counted.iter_mut().find(|(other, _)| other == requirement) {
            Some((_, count)) => *count += 1,
            None => counted.push((requirement.clone(), 1)),
        }
    }
    // The first of the most common.
    let most = counted.iter().map(|(_, count)| *count).max()?;
    let usual = counted.into_iter().find(|(_, count)| *count == most).map(|(requirement, _)| requirement)?;
    let mut used: HashSet<&String> = usual.iter().flatten().collect();
    used.extend(operations.iter().filter_map(|operation| operation.security.as_ref()).flatten().flatten());
    let used: HashSet<String> = used.into_iter().cloned().collect();
    for operation in operations {
        operation.security = operation.security.take().filter(|requirement| *requirement != usual);
    }
    let mut names = Scope::default();
    let in_use = schemes.into_iter().filter(|scheme| used.contains(&scheme.name));
    let mut schemes: Vec<Scheme> = Vec::new();
    let mut flows: Vec<Vec<Flow>> = Vec::new();
    for scheme in in_use {
        schemes.push(Scheme {
            function: names.unique(&name::snake_name(&scheme.name.replace("OAuth", "Oauth"))),
            name: scheme.name,
            doc: scheme.description.unwrap_or_default(),
            kind: scheme.kind,
            flows: Vec::new(),
        });
        flows.push(scheme.flows);
    }
    // After the schemes, whose names are the document's own.
    for (scheme, flows) in schemes.iter_mut().zip(flows) {
        for flow in flows {
            let how = match flow.grant {
                Grant::ClientCredentials => "client_credentials",
                Grant::RefreshToken => "refresh",
            };
            let wanted = format!("{}_{how}", scheme.function.trim_start_matches("r#"));
            scheme.flows.push(TokenFlow { function: names.unique(&wanted), flow });
        }
    }
    (!schemes.is_empty()).then_some(Security { schemes, usual })
}

/// The servers that are worth a name: those with a host or a path.
pub(super) fn servers(raw: Vec<normalise::Server>) -> Vec<Server> {
    let worth = |server: &normalise::Server| {
        let url = server.url.to_ascii_lowercase();
        ["http://", "https://", "{"].iter().any(|start| url.starts_with(start)) || url.len() > 1 && url.starts_with('/')
    };
    let raw: Vec<normalise::Server> = raw.into_iter().filter(worth).collect();
    let only = raw.len() == 1;
    let mut names = Scope::default();
    raw.into_iter()
        .map(|server| {
            let said = server.name.clone().or_else(|| server.description.clone()).unwrap_or_default();
            let words = name::snake_name(&said).trim_start_matches("r#").to_owned();
            let words = if said.is_empty() || LONGEST_NAME < words.split('_').count() { "server" } else { &words };
            let words = if only { "server" } else { words };
            let (word, url) = (names.unique(words), url(&server));
            let name = match url {
                ServerUrl::Fixed(_) => word.to_shouty_snake_case(),
                ServerUrl::Variable { .. } => name::type_name(&word),
            };
            Server { name, url, doc: server.description.unwrap_or_default() }
        })
        .collect()
}

/// The URL in pieces. A variable that the URL does not hold is left out.
fn url(server: &normalise::Server) -> ServerUrl {
    let mut fields = Scope::default();
    let mut format = String::new();
    let mut variables: Vec<ServerVariable> = Vec::new();
    let mut rest = server.url.as_str();
    while let Some((before, after)) = rest.split_once('{') {
        let found = after
            .split_once('}')
            .and_then(|(wire, after)| Some((server.variables.iter().find(|variable| variable.name == wire)?, after)));
        let Some((variable, after)) = found else { break };
        format.push_str(&escaped(before));
        let known = variables.iter().find(|other| other.wire == variable.name).map(|other| other.field.clone());
        let field = known.unwrap_or_else(|| {
            let field = fields.unique(&name::snake_name(&variable.name));
            variables.push(ServerVariable {
                wire: variable.name.clone(),
                field: field.clone(),
                default: variable.default.clone(),
                doc: variable.description.clone().unwrap_or_default(),
                values: variable.values.clone(),
            });
            field
        });
        format.push_str(&format!("{{{}}}", field.trim_start_matches("r#")));
        rest = after;
    }
    if variables.is_empty() {
        return ServerUrl::Fixed(server.url.clone());
    }
    format.push_str(&escaped(rest));
    ServerUrl::Variable { shown: server.url.clone(), format, variables }
}

/// Text as a format string has it.
fn escaped(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}")
}
