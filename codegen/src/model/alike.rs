//! Bodies of refusals that a document writes out at each operation, or in a response that operations share: those that are
//! alike are one type, so that one enum of errors serves all of these operations.

use std::collections::{BTreeSet, HashMap};

use super::name;
use crate::load::{Document, Kind, NodeId};
use crate::normalise::{Operation, Spec, Status};

/// Schemas of more nodes than this are not compared.
const LARGEST: usize = 1_000;

/// Which schemas are alike, and what their type is called.
#[derive(Default)]
pub(super) struct Alike {
    /// The first of those that are alike, and the name.
    of: HashMap<NodeId, (NodeId, String)>,
}

/// Schemas that are alike, and where they stand.
#[derive(Default)]
struct Same {
    nodes: Vec<NodeId>,
    statuses: BTreeSet<String>,
    /// How many operations have one.
    operations: BTreeSet<usize>,
}

impl Alike {
    pub(super) fn find<'n>(
        spec: &Spec<'_>,
        operations: &[Operation],
        components: impl Iterator<Item = &'n String>,
    ) -> Alike {
        let taken: BTreeSet<String> = components.map(|component| name::type_name(component)).collect();
        let mut order: Vec<String> = Vec::new();
        let mut all: HashMap<String, Same> = HashMap::new();
        for (at, operation) in operations.iter().enumerate() {
            let refusals = operation.responses.iter().filter(|response| is_refusal(response.status));
            for (status, media) in
                refusals.flat_map(|response| response.media.iter().map(|media| (response.status, media)))
            {
                let Some(node) = media.schema.filter(|node| spec.document.get(*node, "$ref").is_none()) else {
                    continue;
                };
                let Some(text) = text_of(spec.document, node) else { continue };
                let same = all.entry(text.clone()).or_insert_with(|| {
                    order.push(text);
                    Same::default()
                });
                same.nodes.push(node);
                same.statuses.insert(name_of(status));
                same.operations.insert(at);
            }
        }
        let mut alike = Alike::default();
        for same in order.iter().filter_map(|text| all.get(text)).filter(|same| same.operations.len() > 1) {
            let status = match same.statuses.len() {
                1 => same.statuses.first().map_or("", String::as_str),
                _ => "Error",
            };
            let free =
                ["Body", "ErrorBody"].map(|end| format!("{status}{end}")).into_iter().find(|n| !taken.contains(n));
            let (Some(first), Some(name)) = (same.nodes.first(), free) else { continue };
            alike.of.extend(same.nodes.iter().map(|node| (*node, (*first, name.clone()))));
        }
        alike
    }

    /// The schema that stands for this one, and what its type is called.
    pub(super) fn first(&self, node: NodeId) -> Option<(NodeId, &str)> {
        self.of.get(&node).map(|(first, name)| (*first, name.as_str()))
    }
}

fn is_refusal(status: Status) -> bool {
    match status {
        Status::Default => true,
        Status::Code(code) => code >= 400,
        Status::Range(range) => range >= 4,
    }
}

/// What a type for this status alone begins with.
fn name_of(status: Status) -> String {
    match status {
        Status::Code(_) => status.name(),
        Status::Range(_) | Status::Default => "Error".to_owned(),
    }
}

/// A schema as text, alike for those that are alike: without descriptions. References mean the same within a file.
fn text_of(document: &Document, node: NodeId) -> Option<String> {
    let mut text = format!("{} ", document.span(node).file);
    let mut left = LARGEST;
    write(document, node, &mut left, &mut text)?;
    Some(text)
}

fn write(document: &Document, node: NodeId, left: &mut usize, text: &mut String) -> Option<()> {
    *left = left.checked_sub(1)?;
    match document.kind(node) {
        Kind::Null => text.push_str("null"),
        Kind::Bool(value) => text.push_str(&value.to_string()),
        Kind::Number(value) => text.push_str(&value.to_string()),
        Kind::String(value) => text.push_str(&format!("{value:?}")),
        Kind::Array(elements) => {
            text.push('[');
            for element in elements {
                write(document, *element, left, text)?;
                text.push(',');
            }
            text.push(']');
        }
        Kind::Object(members) => {
            text.push('{');
            for (key, value) in members {
                // A property of this name is an object.
                if key == "description" && matches!(document.kind(*value), Kind::String(_)) {
                    continue;
                }
                text.push_str(&format!("{key:?}:"));
                write(document, *value, left, text)?;
                text.push(',');
            }
            text.push('}');
        }
    }
    Some(())
}
