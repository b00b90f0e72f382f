//! The plan as the page's script reads it: words are made here, once, so that page and terminal say the same.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Value, json};

use super::super::layout::printable;
use super::super::one::overrides;
use super::super::reach::{Effect, Link, Reach};
use super::super::table::main_type;
use super::super::words;
use crate::plan::{Kind, Operation, Plan, Tag};

/// JSON that no browser can take for the end of the script it stands in.
pub(super) fn json(plan: &Plan, reach: &Reach<'_>) -> String {
    let mut phrases = Phrases::default();
    let edges: Vec<Value> = reach
        .edges
        .iter()
        .map(|edge| {
            let effect = match edge.effect {
                Effect::Write => 0,
                Effect::Drop => 1,
                Effect::Refetch => 2,
            };
            let pair = |link: &Link<'_>| {
                json!([place(&edge.mutation.invalidates, link.invalidates), place(&edge.query.provides, link.provides)])
            };
            let pairs: Vec<Value> = edge.links.iter().map(pair).collect();
            json!([edge.from, edge.to, effect, percent(edge.confidence), phrases.add(words::when(edge)), pairs])
        })
        .collect();
    let warnings: Vec<Value> =
        plan.warnings.iter().map(|warning| json!([shown(&warning.operation), shown(&warning.message)])).collect();
    let value = json!({
        "title": shown([plan.title.as_str(), plan.version.as_str()].join(" ").trim()),
        "tag_types": tag_types(plan, reach),
        "groups": groups(plan),
        "operations": plan.operations.iter().map(|each| operation(plan, each)).collect::<Vec<_>>(),
        "edges": edges,
        "phrases": phrases.all,
        "warnings": warnings,
    });
    value.to_string().replace('<', "\\u003c")
}

/// Texts that are said often, each once.
#[derive(Default)]
struct Phrases {
    all: Vec<String>,
    known: HashMap<String, usize>,
}

impl Phrases {
    fn add(&mut self, phrase: String) -> usize {
        let next = self.all.len();
        *self.known.entry(phrase).or_insert_with_key(|phrase| {
            self.all.push(shown(phrase));
            next
        })
    }
}

fn shown(text: &str) -> String {
    printable(text)
}

fn percent(confidence: f32) -> i64 {
    (confidence.clamp(0.0, 1.0) * 100.0).round() as i64
}

/// Where a tag stands among the tags of its operation.
fn place(tags: &[Tag], tag: &Tag) -> usize {
    tags.iter().position(|each| std::ptr::eq(each, tag)).unwrap_or_default()
}

fn operation(plan: &Plan, operation: &Operation) -> Value {
    // Only one of both lists is there, so places of tags mean the same here and in edges.
    let tags = match operation.kind {
        Kind::Query => &operation.provides,
        Kind::Mutation => &operation.invalidates,
    };
    let tag = |tag: &Tag| {
        json!({
            "words": shown(&words::tag(tag, operation.kind)), "from": shown(&words::sources(tag)), "why": shown(&tag.why),
            "sure": percent(tag.confidence), "type": shown(&tag.tag_type),
        })
    };
    let warnings = plan.warnings.iter().filter(|warning| warning.operation == operation.id);
    json!({
        "id": shown(&operation.id),
        "kind": operation.kind,
        "call": shown(&format!("{} {}", operation.method, operation.path)),
        "function": shown(&operation.function),
        "tags": tags.iter().map(tag).collect::<Vec<_>>(),
        "why": operation.why.iter().chain(&words::with(operation)).map(|why| shown(why)).collect::<Vec<_>>(),
        "warnings": warnings.map(|warning| shown(&warning.message)).collect::<Vec<_>>(),
        "override": overrides(operation),
    })
}

/// The places of the operations by the tag type that they are mostly about.
fn groups(plan: &Plan) -> Vec<Value> {
    let mut by_type: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, operation) in plan.operations.iter().enumerate() {
        by_type.entry(main_type(operation)).or_default().push(place);
    }
    let mut groups = Vec::new();
    for tag_type in &plan.tag_types {
        if let Some(places) = by_type.remove(tag_type.name.as_str()) {
            groups.push(json!([shown(&tag_type.name), places]));
        }
    }
    groups.extend(by_type.into_iter().map(|(name, places)| json!([shown(name), places])));
    groups
}

fn tag_types(plan: &Plan, reach: &Reach<'_>) -> Vec<Value> {
    let mut edges: HashMap<&str, (usize, f32)> = HashMap::new();
    for edge in &reach.edges {
        let mut types: Vec<&str> = edge.links.iter().map(|link| link.provides.tag_type.as_str()).collect();
        types.sort_unstable();
        types.dedup();
        for name in types {
            let (count, least) = edges.entry(name).or_insert((0, 1.0));
            *count += 1;
            *least = least.min(edge.confidence);
        }
    }
    // By whether it is the mutations that are counted.
    let mut touched: HashMap<(&str, bool), usize> = HashMap::new();
    for operation in &plan.operations {
        let mut types: Vec<&str> =
            operation.provides.iter().chain(&operation.invalidates).map(|tag| tag.tag_type.as_str()).collect();
        types.sort_unstable();
        types.dedup();
        for name in types {
            *touched.entry((name, operation.kind == Kind::Mutation)).or_default() += 1;
        }
    }
    let describe = |tag_type: &crate::plan::TagType| {
        let name = tag_type.name.as_str();
        let (count, least) = edges.get(name).copied().unwrap_or((0, 1.0));
        let touched = |mutations| touched.get(&(name, mutations)).copied().unwrap_or_default();
        let places = tag_type.collections.iter().chain(&tag_type.members);
        json!({
            "name": shown(name),
            "places": places.map(|place| shown(place)).collect::<Vec<_>>(),
            "ids": tag_type.id.iter().map(|id| shown(id)).collect::<Vec<_>>(),
            "shown": touched(false), "changed": touched(true),
            "edges": count, "least": percent(least),
        })
    };
    plan.tag_types.iter().map(describe).collect()
}
