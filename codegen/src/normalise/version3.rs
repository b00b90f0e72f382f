//! What 3.1 and 3.2 say in a way of their own, brought into the form of 3.0.

use super::swagger2::{insert, push, text};
use crate::diagnostic::Diagnostic;
use crate::load::{Document, Kind, NodeId};
use crate::problem_kind::ProblemKind;

/// The dialects of JSON Schema that differ in nothing that code depends on.
const DIALECTS: [&str; 4] = ["spec.openapis.org/oas", "json-schema.org/draft/2020-12", "draft/2019-09", "draft-07"];

/// Rewrites `document` in place.
pub(super) fn rewrite(document: &mut Document) {
    let items: Vec<NodeId> = document.members(document.root(), "paths").map(|(_, item)| item).collect();
    for item in items {
        join(document, item);
    }
    let is_3_2 = document.str_at(document.root(), "openapi").is_some_and(|version| version.starts_with("3.2"));
    let nodes: Vec<NodeId> = if is_3_2 { document.nodes().collect() } else { Vec::new() };
    for node in nodes {
        if document.get(node, "in").is_some() && document.get(node, "name").is_some() {
            rewrite_parameter(document, node);
        } else if let Some(at) =
            document.get(node, "defaultMapping").filter(|_| document.get(node, "propertyName").is_some())
        {
            let problem = Diagnostic::warning("`defaultMapping` is not used")
                .kind(ProblemKind::Discriminator)
                .at(document.span(at))
                .help("a value that names no variant is kept whole, as the JSON that it came as");
            document.problems.push(problem);
        }
    }
    look_at_dialect(document);
}

/// A path item may refer to another and have members beside the reference: its own come before those of the other.
fn join(document: &mut Document, item: NodeId) {
    let beside = document.object(item).is_some_and(|members| members.len() > 1 && members.contains_key("$ref"));
    let Some(target) = beside.then(|| document.resolve(item, |_, _| {}).ok()).flatten() else { return };
    let Some(mut members) = document.object(target).cloned() else { return };
    let own = document.object(item).cloned().unwrap_or_default();
    members.extend(own.into_iter().filter(|(key, _)| key != "$ref"));
    document.set(item, Kind::Object(members));
}

fn rewrite_parameter(document: &mut Document, at: NodeId) {
    match document.str_at(at, "in") {
        Some("querystring") => rewrite_query_string(document, at),
        // The same form, but that nothing is escaped.
        Some("cookie") if document.str_at(at, "style") == Some("cookie") => {
            let form = text(document, at, "form");
            insert(document, at, [("style", form)]);
        }
        _ => {}
    }
}

/// The whole query as one form is a parameter whose members are parameters of their own.
fn rewrite_query_string(document: &mut Document, at: NodeId) {
    let content = document.get(at, "content").and_then(|content| document.object(content)).cloned().unwrap_or_default();
    let form = |(kind, media): (String, NodeId)| (kind == "application/x-www-form-urlencoded").then_some(media);
    let media = content.into_iter().find_map(form);
    let media = media.and_then(|media| document.resolve(media, |_, _| {}).ok());
    let Some(schema) = media.and_then(|media| document.get(media, "schema")) else {
        let problem = Diagnostic::warning("a whole query can only be written as a form")
            .kind(ProblemKind::Parameter)
            .at(document.span(at))
            .help("operations with this parameter are left out; offer `application/x-www-form-urlencoded`");
        document.problems.push(problem);
        return;
    };
    let Some(mut members) = document.object(at).cloned() else { return };
    members.shift_remove("content");
    document.set(at, Kind::Object(members));
    let (place, style) = (text(document, at, "query"), text(document, at, "form"));
    let explode = push(document, at, Kind::Bool(true));
    insert(document, at, [("in", place), ("style", style), ("explode", explode), ("schema", schema)]);
}

fn look_at_dialect(document: &mut Document) {
    let Some(at) = document.get(document.root(), "jsonSchemaDialect") else { return };
    let dialect = document.str(at).unwrap_or_default();
    if !DIALECTS.iter().any(|known| dialect.contains(known)) {
        let problem = Diagnostic::warning(format!("the schema dialect `{dialect}` is not known"))
            .at(document.span(at))
            .help("schemas are read as JSON Schema 2020-12");
        document.problems.push(problem);
    }
}
