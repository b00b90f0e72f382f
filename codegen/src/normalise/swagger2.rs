//! Swagger 2.0 rewritten into OpenAPI 3.0, node by node.
//!
//! Only what differs is rewritten: parameters, bodies and responses, servers and security. Schemas are where they were,
//! and `#/definitions/…` still finds them. New nodes stand where the old ones were written, so messages keep their
//! places.

use std::collections::HashSet;

use indexmap::IndexMap;

use super::swagger2_root;
use crate::diagnostic::Diagnostic;
use crate::load::{Document, Kind, NodeId};

/// Whether `document` is of version 2.0.
pub(super) fn is(document: &Document) -> bool {
    let version = document.get(document.root(), "swagger");
    let text = version.and_then(|at| document.str(at).or_else(|| document.written(at)));
    text.is_some_and(|version| version.starts_with('2'))
}

/// Rewrites `document` in place.
pub(super) fn rewrite(document: &mut Document) {
    let items: Vec<NodeId> = document.members(document.root(), "paths").map(|(_, item)| item).collect();
    let mut seen = HashSet::new();
    for item in items {
        let item = resolved(document, item);
        if seen.insert(item) {
            rewrite_item(document, item);
        }
    }
    let nodes: Vec<NodeId> = document.nodes().collect();
    for node in nodes {
        rewrite_discriminator(document, node);
    }
    swagger2_root::rewrite(document);
}

/// `discriminator: kind` is `discriminator: { propertyName: kind }`. Examples may hold such a text as well, and lose
/// nothing by it.
fn rewrite_discriminator(document: &mut Document, node: NodeId) {
    let Some(at) = document.get(node, "discriminator") else { return };
    if document.str(at).is_none() || document.get(node, "properties").is_none() {
        return;
    }
    let property = push(document, at, document.kind(at).clone());
    let discriminator = object(document, at, [("propertyName", property)]);
    insert(document, node, [("discriminator", discriminator)]);
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
    for node in shared.iter().chain(&own) {
        let at = resolved(document, *node);
        let name = document.str_at(at, "name").unwrap_or_default().to_owned();
        match document.str_at(at, "in") {
            Some("body") => {
                let body = body(document, operation, at);
                members.insert("requestBody".to_owned(), body);
            }
            Some("formData") => {
                form.insert(name, at);
            }
            // What cannot be found is told of where parameters are read.
            None => parameters.push(*node),
            _ => parameters.push(parameter(document, at)),
        }
    }
    if !form.is_empty() {
        let body = form_body(document, operation, form);
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
    let copy = push(document, at, document.kind(at).clone());
    if let Some((style, explode)) = style(document, at) {
        let style = text(document, at, style);
        let explode = push(document, at, Kind::Bool(explode));
        insert(document, copy, [("style", style), ("explode", explode)]);
    }
    insert(document, copy, [("schema", at)]);
    copy
}

/// `style` and `explode` for a `collectionFormat`; none where 3.0 knows one way alone.
fn style(document: &mut Document, at: NodeId) -> Option<(&'static str, bool)> {
    let format = document.str_at(at, "collectionFormat").unwrap_or("csv").to_owned();
    let is_query = matches!(document.str_at(at, "in"), Some("query" | "formData"));
    match format.as_str() {
        "csv" => return is_query.then_some(("form", false)),
        "multi" if is_query => return Some(("form", true)),
        "ssv" if is_query => return Some(("spaceDelimited", false)),
        "pipes" if is_query => return Some(("pipeDelimited", false)),
        _ => {}
    }
    let place = document.get(at, "collectionFormat").unwrap_or(at);
    let problem = Diagnostic::warning(format!("`collectionFormat: {format}` cannot be written here"))
        .kind(crate::problem_kind::ProblemKind::Parameter)
        .at(document.span(place))
        .help("the elements are separated by commas");
    document.problems.push(problem);
    is_query.then_some(("form", false))
}

fn body(document: &mut Document, operation: NodeId, at: NodeId) -> NodeId {
    let schema = document.get(at, "schema").unwrap_or(at);
    let types = media_types(document, operation, "consumes");
    let content = content(document, at, &types, schema, None);
    let required = push(document, at, Kind::Bool(document.flag(at, "required")));
    let body = object(document, at, [("required", required), ("content", content)]);
    if let Some(description) = document.get(at, "description") {
        insert(document, body, [("description", description)]);
    }
    body
}

/// Fields of a form are the properties of an object; how each is written stands in `encoding`.
fn form_body(document: &mut Document, operation: NodeId, form: IndexMap<String, NodeId>) -> NodeId {
    let is_file = |at: &NodeId| document.str_at(*at, "type") == Some("file");
    let has_file = form.values().any(is_file);
    let mut types = media_types(document, operation, "consumes");
    types.retain(|kind| kind.starts_with("multipart/") || (kind == FORM && !has_file));
    if types.is_empty() {
        types.push(if has_file { "multipart/form-data" } else { FORM }.to_owned());
    }
    let mut properties = IndexMap::new();
    let mut encoding = IndexMap::new();
    let mut required = Vec::new();
    for (name, at) in form {
        if document.flag(at, "required") {
            required.push(text(document, at, &name));
        }
        if document.str_at(at, "type") == Some("array")
            && let Some((style, explode)) = style(document, at)
        {
            let style = text(document, at, style);
            let explode = push(document, at, Kind::Bool(explode));
            encoding.insert(name.clone(), object(document, at, [("style", style), ("explode", explode)]));
        }
        let schema = file(document, at);
        properties.insert(name, schema);
    }
    let ty = text(document, operation, "object");
    let is_required = push(document, operation, Kind::Bool(!required.is_empty()));
    let required = push(document, operation, Kind::Array(required));
    let properties = push(document, operation, Kind::Object(properties));
    let schema = object(document, operation, [("type", ty), ("required", required), ("properties", properties)]);
    let encoding = (!encoding.is_empty()).then(|| push(document, operation, Kind::Object(encoding)));
    let content = content(document, operation, &types, schema, encoding);
    object(document, operation, [("required", is_required), ("content", content)])
}

const FORM: &str = "application/x-www-form-urlencoded";

/// `type: file` is a string of bytes.
fn file(document: &mut Document, at: NodeId) -> NodeId {
    if document.str_at(at, "type") != Some("file") {
        return at;
    }
    let schema = push(document, at, document.kind(at).clone());
    let ty = text(document, at, "string");
    let format = text(document, at, "binary");
    insert(document, schema, [("type", ty), ("format", format)]);
    schema
}

fn rewrite_responses(document: &mut Document, operation: NodeId, responses: NodeId) -> NodeId {
    let Some(mut members) = document.object(responses).cloned() else { return responses };
    for response in members.values_mut() {
        let at = resolved(document, *response);
        if document.object(at).is_none() || document.get(at, "$ref").is_some() {
            continue;
        }
        *response = rewrite_response(document, operation, at);
    }
    push(document, responses, Kind::Object(members))
}

fn rewrite_response(document: &mut Document, operation: NodeId, at: NodeId) -> NodeId {
    let response = push(document, at, document.kind(at).clone());
    let headers: Vec<(String, NodeId)> =
        document.members(at, "headers").map(|(name, header)| (name.to_owned(), header)).collect();
    if !headers.is_empty() {
        let headers = headers.into_iter().map(|(name, header)| (name, parameter(document, header))).collect();
        let headers = push(document, at, Kind::Object(headers));
        insert(document, response, [("headers", headers)]);
    }
    if let Some(schema) = document.get(at, "schema") {
        let produced = media_types(document, operation, "produces");
        let is_file = document.str_at(resolved(document, schema), "type") == Some("file");
        let (types, schema) = if is_file {
            let listed = array(document, operation, "produces");
            let binary = vec!["application/octet-stream".to_owned()];
            (if listed.is_empty() { binary } else { produced }, file(document, schema))
        } else {
            (produced, schema)
        };
        let content = content(document, at, &types, schema, None);
        insert(document, response, [("content", content)]);
    }
    response
}

/// What an operation, or else the document, says of media types.
fn media_types(document: &Document, operation: NodeId, key: &str) -> Vec<String> {
    let listed = [operation, document.root()].into_iter().map(|at| array(document, at, key));
    let listed = listed.into_iter().find(|listed| !listed.is_empty()).unwrap_or_default();
    let types: Vec<String> = listed.iter().filter_map(|at| document.str(*at)).map(str::to_owned).collect();
    if types.is_empty() { vec!["application/json".to_owned()] } else { types }
}

/// A `content` object; examples by media type, as responses have them, go where 3.0 looks for them.
fn content(document: &mut Document, at: NodeId, types: &[String], schema: NodeId, encoding: Option<NodeId>) -> NodeId {
    let examples = document.get(at, "examples");
    let mut members = IndexMap::new();
    for content_type in types {
        let media = object(document, at, [("schema", schema)]);
        if let Some(example) = examples.and_then(|examples| document.get(examples, content_type)) {
            insert(document, media, [("example", example)]);
        }
        if let Some(encoding) = encoding {
            insert(document, media, [("encoding", encoding)]);
        }
        members.insert(content_type.clone(), media);
    }
    push(document, at, Kind::Object(members))
}

/// The node behind references; what leads nowhere is told of where it is read.
fn resolved(document: &Document, node: NodeId) -> NodeId {
    document.resolve(node, |_, _| {}).unwrap_or(node)
}

pub(super) fn array(document: &Document, at: NodeId, key: &str) -> Vec<NodeId> {
    document.get(at, key).map(|list| document.array(list).to_vec()).unwrap_or_default()
}

/// A new node that stands where `at` is written.
pub(super) fn push(document: &mut Document, at: NodeId, kind: Kind) -> NodeId {
    let span = document.span(at);
    document.push(kind, span)
}

pub(super) fn text(document: &mut Document, at: NodeId, text: &str) -> NodeId {
    push(document, at, Kind::String(text.to_owned()))
}

pub(super) fn object<const N: usize>(document: &mut Document, at: NodeId, members: [(&str, NodeId); N]) -> NodeId {
    let members = members.into_iter().map(|(key, node)| (key.to_owned(), node)).collect();
    push(document, at, Kind::Object(members))
}

/// Sets members of the object at `at`.
pub(super) fn insert<const N: usize>(document: &mut Document, at: NodeId, more: [(&str, NodeId); N]) {
    if let Some(mut members) = document.object(at).cloned() {
        members.extend(more.into_iter().map(|(key, node)| (key.to_owned(), node)));
        document.set(at, Kind::Object(members));
    }
}
