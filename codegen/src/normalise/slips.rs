//! What YAML reads otherwise than its author meant: `yes` where a boolean belongs, `true` where text does.

use crate::diagnostic::Diagnostic;
use crate::load::{Document, Kind, NodeId};
use crate::problem_kind::ProblemKind;

/// Members that are `true` or `false` wherever they stand in a document.
const FLAGS: [&str; 14] = [
    "required",
    "deprecated",
    "nullable",
    "x-nullable",
    "readOnly",
    "writeOnly",
    "explode",
    "allowReserved",
    "allowEmptyValue",
    "uniqueItems",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "additionalProperties",
    "unevaluatedProperties",
];

/// Members that are text. Those for people alone (`version: 1.0`, `summary: 404`) are read as they are written, without
/// a word.
const TEXTS: [&str; 6] = ["operationId", "name", "format", "propertyName", "style", "pattern"];

/// Members whose keys are names that somebody chose.
const NAMED: [&str; 23] = [
    "paths",
    "webhooks",
    "properties",
    "patternProperties",
    "dependentSchemas",
    "schemas",
    "definitions",
    "$defs",
    "responses",
    "headers",
    "parameters",
    "content",
    "callbacks",
    "links",
    "requestBodies",
    "pathItems",
    "mediaTypes",
    "securitySchemes",
    "securityDefinitions",
    "variables",
    "encoding",
    "mapping",
    "scopes",
];

/// Members that hold data, which is as it is.
const DATA: [&str; 6] = ["example", "examples", "default", "const", "enum", "value"];

/// Mends what has one meaning alone, and tells of it.
pub(super) fn mend(document: &mut Document) {
    let mut seen = vec![false; document.len()];
    let mut open: Vec<(NodeId, bool)> = document.sources.iter().filter_map(|source| source.root).map(plain).collect();
    open.push(plain(document.root()));
    let mut slips = Vec::new();
    while let Some((node, is_named)) = open.pop() {
        if seen.get_mut(node.index()).is_none_or(|seen| std::mem::replace(seen, true)) {
            continue;
        }
        let members = match document.kind(node) {
            Kind::Object(members) => members,
            Kind::Array(elements) => {
                open.extend(elements.iter().copied().map(plain));
                continue;
            }
            _ => continue,
        };
        for (key, child) in members {
            match document.kind(*child) {
                Kind::Object(_) | Kind::Array(_) if is_named => open.push((*child, false)),
                _ if is_named => {}
                kind @ (Kind::Object(_) | Kind::Array(_)) => {
                    if let Kind::Array(elements) = kind {
                        texts(document, node, key, elements, &mut slips);
                    }
                    if !DATA.contains(&key.as_str()) && !key.starts_with("x-") {
                        open.push((*child, NAMED.contains(&key.as_str())));
                    }
                }
                Kind::String(text) if text.len() <= LONGEST && FLAGS.contains(&key.as_str()) => {
                    slips.extend(flag(document, key, *child, text));
                }
                Kind::Bool(_) | Kind::Number(_) if TEXTS.contains(&key.as_str()) => {
                    slips.extend(text(document, *child, &format!("`{key}`")));
                }
                _ => {}
            }
        }
    }
    for (node, kind, problem) in slips {
        document.set(node, kind);
        document.problems.push(problem);
    }
}

/// A node whose keys are not names.
fn plain(node: NodeId) -> (NodeId, bool) {
    (node, false)
}

/// What a node should have been, and what is told of it.
type Slip = (NodeId, Kind, Diagnostic);

/// The longest word that may mean a boolean.
const LONGEST: usize = "false".len();

fn flag(document: &Document, key: &str, node: NodeId, text: &str) -> Option<Slip> {
    let flag = match text.to_ascii_lowercase().as_str() {
        "yes" | "on" | "y" | "true" => true,
        "no" | "off" | "n" | "false" => false,
        _ => return None,
    };
    let problem = Diagnostic::warning(format!("`{text}` is text, and `{key}` is `true` or `false`"))
        .kind(ProblemKind::Slip)
        .at(document.span(node))
        .help(format!("it is read as `{flag}`: write that, without quotes"));
    Some((node, Kind::Bool(flag), problem))
}

/// A boolean or number where text belongs, as it is written.
fn text(document: &Document, node: NodeId, place: &str) -> Option<Slip> {
    let text = document.written(node).map(str::to_owned).or_else(|| match document.kind(node) {
        Kind::Bool(flag) => Some(flag.to_string()),
        Kind::Number(number) => Some(number.to_string()),
        _ => None,
    })?;
    let problem = Diagnostic::warning(format!("`{text}` is not text, and {place} is"))
        .kind(ProblemKind::Slip)
        .at(document.span(node))
        .help(format!("it is read as the text: write `\"{text}\"`"));
    Some((node, Kind::String(text), problem))
}

/// `enum: [yes, no, true]` of a string, and names in `required` and `tags`.
fn texts(document: &Document, owner: NodeId, key: &str, elements: &[NodeId], slips: &mut Vec<Slip>) {
    if !matches!(key, "enum" | "required" | "tags") {
        return;
    }
    let odd = |element: &&NodeId| matches!(document.kind(**element), Kind::Bool(_) | Kind::Number(_));
    if elements.iter().any(|element| odd(&element)) && (key != "enum" || is_text(document, owner)) {
        let place = format!("what `{key}` lists");
        slips.extend(elements.iter().filter(odd).filter_map(|element| text(document, *element, &place)));
    }
}

/// Whether a schema allows text alone.
fn is_text(document: &Document, schema: NodeId) -> bool {
    let Some(ty) = document.get(schema, "type") else { return false };
    let names = document.str(ty).into_iter().chain(document.array(ty).iter().filter_map(|ty| document.str(*ty)));
    let names: Vec<&str> = names.filter(|name| *name != "null").collect();
    names == ["string"]
}
