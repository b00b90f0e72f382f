//! The outermost object of Swagger 2.0 in the form of 3.0: version, servers, components.

use indexmap::IndexMap;

use super::swagger2::{array, insert, object, push, text};
use crate::load::{Document, Kind, NodeId};

/// What 3.0 does not have, or has elsewhere. `definitions` stay: references name them.
const GONE: [&str; 9] = [
    "swagger",
    "host",
    "basePath",
    "schemes",
    "consumes",
    "produces",
    "parameters",
    "responses",
    "securityDefinitions",
];

/// Rewrites the root; its paths were rewritten before.
pub(super) fn rewrite(document: &mut Document) {
    let root = document.root();
    let version = text(document, root, "3.0.3");
    let servers = servers(document, root);
    let schemes = security_schemes(document, root);
    let definitions = document.get(root, "definitions").unwrap_or_else(|| object(document, root, []));
    let components = object(document, root, [("schemas", definitions), ("securitySchemes", schemes)]);
    let Some(mut members) = document.object(root).cloned() else { return };
    for key in GONE {
        members.shift_remove(key);
    }
    let mut first = IndexMap::from([("openapi".to_owned(), version)]);
    first.extend(members);
    document.set(root, Kind::Object(first));
    insert(document, root, [("components", components)]);
    if let Some(servers) = servers {
        insert(document, root, [("servers", servers)]);
    }
}

/// Every scheme with host and base path is a server. Without a host it is the one that served the document.
fn servers(document: &mut Document, root: NodeId) -> Option<NodeId> {
    let host = document.str_at(root, "host").unwrap_or_default().to_owned();
    let base = document.str_at(root, "basePath").unwrap_or_default().to_owned();
    if host.is_empty() && base.is_empty() {
        return None;
    }
    let at = document.get(root, "host").or_else(|| document.get(root, "basePath")).unwrap_or(root);
    let slash = if base.is_empty() || base.starts_with('/') { "" } else { "/" };
    let schemes = array(document, root, "schemes");
    let mut schemes: Vec<String> = schemes.iter().filter_map(|at| document.str(*at)).map(str::to_owned).collect();
    if host.is_empty() {
        schemes = vec![String::new()];
    } else if schemes.is_empty() {
        schemes = vec!["https".to_owned()];
    }
    // The first is what is used unless another is asked for.
    schemes.sort_by_key(|scheme| scheme != "https");
    let mut servers = Vec::new();
    for scheme in schemes {
        let start = if host.is_empty() { String::new() } else { format!("{scheme}://{host}") };
        let url = text(document, at, &format!("{start}{slash}{base}"));
        servers.push(object(document, at, [("url", url)]));
    }
    Some(push(document, at, Kind::Array(servers)))
}

fn security_schemes(document: &mut Document, root: NodeId) -> NodeId {
    let definitions: Vec<(String, NodeId)> =
        document.members(root, "securityDefinitions").map(|(name, at)| (name.to_owned(), at)).collect();
    let mut schemes = IndexMap::new();
    for (name, at) in definitions {
        let scheme = match document.str_at(at, "type") {
            Some("basic") => basic(document, at),
            Some("oauth2") => oauth2(document, at),
            _ => at,
        };
        schemes.insert(name, scheme);
    }
    push(document, root, Kind::Object(schemes))
}

fn basic(document: &mut Document, at: NodeId) -> NodeId {
    let scheme = push(document, at, document.kind(at).clone());
    let (ty, basic) = (text(document, at, "http"), text(document, at, "basic"));
    insert(document, scheme, [("type", ty), ("scheme", basic)]);
    scheme
}

fn oauth2(document: &mut Document, at: NodeId) -> NodeId {
    let flow = match document.str_at(at, "flow") {
        Some("application") => "clientCredentials",
        Some("accessCode") => "authorizationCode",
        Some("password") => "password",
        _ => "implicit",
    };
    let parts = object(document, at, []);
    for key in ["authorizationUrl", "tokenUrl", "scopes"] {
        if let Some(part) = document.get(at, key) {
            insert(document, parts, [(key, part)]);
        }
    }
    let flows = object(document, at, [(flow, parts)]);
    let ty = text(document, at, "oauth2");
    let scheme = object(document, at, [("type", ty), ("flows", flows)]);
    if let Some(description) = document.get(at, "description") {
        insert(document, scheme, [("description", description)]);
    }
    scheme
}
