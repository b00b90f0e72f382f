//! Swagger 2.0 rewritten into OpenAPI 3.0, node by node.
//!
//! Only what differs is rewritten: parameters, bodies and responses. Schemas
//! are where they were, and `#/definitions/…` still finds them. New nodes stand
//! where the old ones were written, so messages keep their places.

use indexmap::IndexMap;

use crate::load::{Document, Kind, NodeId};

/// Whether `document` is of version 2.0.
pub(super) fn is(document: &Document) -> bool {
    document.str_at(document.root(), "swagger").is_some_and(|version| version.starts_with("2."))
        || matches!(document.get(document.root(), "swagger").map(|at| document.kind(at)), Some(Kind::Number(_)))
}

/// Rewrites `document` in place.
pub(super) fn rewrite(document: &mut Document) {
    let root = document.root();
    let version = text(document, root, "3.0.3");
    let definitions = document.get(root, "definitions").unwrap_or_else(|| object(document, root, []));
    let components = object(document, root, [("schemas", definitions)]);
    let Some(mut members) = document.object(root).cloned() else { return };
    members.shift_remove("swagger");
    members.insert("openapi".to_owned(), version);
    members.insert("components".to_owned(), components);
    document.set(root, Kind::Object(members));
    let items: Vec<NodeId> = document.members(root, "paths").map(|(_, item)| item).collect();
    for item in items {
        rewrite_item(document, item);
    }
}

fn rewrite_item(document: &mut Document, item: NodeId) {
    let shared = array(document, item, "parameters");
    for method in ["get", "put", "post", "delete", "options", "head", "patch"] {
        if let Some(operation) = document.get(item, method) {
            rewrite_operation(document, operation, &shared);
        }
    }
    if let Some(mut members) = document.object(item).cloned() {
        members.shift_remove("parameters");
        document.set(item, Kind::Object(members));
    }
}

fn rewrite_operation(document: &mut Document, operation: NodeId, shared: &[NodeId]) {
    let Some(mut members) = document.object(operation).cloned() else { return };
    let own = array(document, operation, "parameters");
    let mut parameters = Vec::new();
    let mut form = IndexMap::new();
    let mut required = Vec::new();
    for node in shared.iter().chain(&own) {
        let at = resolved(document, *node);
        let name = document.str_at(at, "name").unwrap_or_default().to_owned();
        match document.str_at(at, "in") {
            Some("body") => {
                let body = body(document, operation, at);
                members.insert("requestBody".to_owned(), body);
            }
            Some("formData") => {
                if document.flag(at, "required") {
                    required.push(text(document, at, &name));
                }
                form.insert(name, at);
            }
            _ => parameters.push(parameter(document, at)),
        }
    }
    if !form.is_empty() {
        let body = form_body(document, operation, form, required);
        members.insert("requestBody".to_owned(), body);
    }
    let parameters = push(document, operation, Kind::Array(parameters));
    members.insert("parameters".to_owned(), parameters);
    if let Some(responses) = members.get("responses").copied() {
        let responses = rewrite_responses(document, operation, responses);
        members.insert("responses".to_owned(), responses);
    }
    document.set(operation, Kind::Object(members));
}

/// A parameter of 2.0 is its own schema.
fn parameter(document: &mut Document, at: NodeId) -> NodeId {
    let Some(mut members) = document.object(at).cloned() else { return at };
    let format = document.str_at(at, "collectionFormat").unwrap_or("csv").to_owned();
    if document.str_at(at, "in") == Some("query") {
        let style = match format.as_str() {
            "ssv" => "spaceDelimited",
            "pipes" => "pipeDelimited",
            _ => "form",
        };
        let style = text(document, at, style);
        let explode = push(document, at, Kind::Bool(format == "multi"));
        members.extend([("style".to_owned(), style), ("explode".to_owned(), explode)]);
    }
    members.insert("schema".to_owned(), at);
    push(document, at, Kind::Object(members))
}

fn body(document: &mut Document, operation: NodeId, at: NodeId) -> NodeId {
    let schema = document.get(at, "schema").unwrap_or(at);
    let types = media_types(document, operation, "consumes");
    let content = content(document, at, &types, schema);
    let required = push(document, at, Kind::Bool(document.flag(at, "required")));
    object(document, at, [("required", required), ("content", content)])
}

fn form_body(
    document: &mut Document,
    operation: NodeId,
    form: IndexMap<String, NodeId>,
    required: Vec<NodeId>,
) -> NodeId {
    let has_file = form.values().any(|at| document.str_at(*at, "type") == Some("file"));
    let kind = if has_file { "multipart/form-data" } else { "application/x-www-form-urlencoded" };
    let ty = text(document, operation, "object");
    let is_required = push(document, operation, Kind::Bool(!required.is_empty()));
    let required = push(document, operation, Kind::Array(required));
    let properties = push(document, operation, Kind::Object(form));
    let schema = object(document, operation, [("type", ty), ("required", required), ("properties", properties)]);
    let content = content(document, operation, &[kind.to_owned()], schema);
    object(document, operation, [("required", is_required), ("content", content)])
}

fn rewrite_responses(document: &mut Document, operation: NodeId, responses: NodeId) -> NodeId {
    let Some(mut members) = document.object(responses).cloned() else { return responses };
    for response in members.values_mut() {
        let at = resolved(document, *response);
        let Some(schema) = document.get(at, "schema") else { continue };
        let file = document.str_at(schema, "type") == Some("file");
        let types = media_types(document, operation, "produces");
        let types = if file { vec!["application/octet-stream".to_owned()] } else { types };
        let content = content(document, at, &types, schema);
        let Some(mut parts) = document.object(at).cloned() else { continue };
        parts.insert("content".to_owned(), content);
        *response = push(document, at, Kind::Object(parts));
    }
    push(document, responses, Kind::Object(members))
}

/// What an operation, or else the document, says of media types.
fn media_types(document: &Document, operation: NodeId, key: &str) -> Vec<String> {
    let listed = [operation, document.root()].into_iter().map(|at| array(document, at, key));
    let listed = listed.into_iter().find(|listed| !listed.is_empty()).unwrap_or_default();
    let types: Vec<String> = listed.iter().filter_map(|at| document.str(*at)).map(str::to_owned).collect();
    if types.is_empty() { vec!["application/json".to_owned()] } else { types }
}

fn content(document: &mut Document, at: NodeId, types: &[String], schema: NodeId) -> NodeId {
    let media = object(document, at, [("schema", schema)]);
    let members = types.iter().map(|content_type| (content_type.clone(), media)).collect();
    push(document, at, Kind::Object(members))
}

/// The node behind references; what leads nowhere is told of where it is read.
fn resolved(document: &Document, node: NodeId) -> NodeId {
    document.resolve(node, |_, _| {}).unwrap_or(node)
}

fn array(document: &Document, at: NodeId, key: &str) -> Vec<NodeId> {
    document.get(at, key).map(|list| document.array(list).to_vec()).unwrap_or_default()
}

fn push(document: &mut Document, at: NodeId, kind: Kind) -> NodeId {
    let span = document.span(at);
    document.push(kind, span)
}

fn text(document: &mut Document, at: NodeId, text: &str) -> NodeId {
    push(document, at, Kind::String(text.to_owned()))
}

fn object<const N: usize>(document: &mut Document, at: NodeId, members: [(&str, NodeId); N]) -> NodeId {
    let members = members.into_iter().map(|(key, node)| (key.to_owned(), node)).collect();
    push(document, at, Kind::Object(members))
}
