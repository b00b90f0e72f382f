//! The plan as a table for a terminal: by tag type, each mutation with the queries that it reaches.

use std::collections::BTreeMap;

use textwrap::core::display_width;

use super::group::{Group, grouped};
use super::layout::{Column, Lines, WIDTH};
use super::reach::{Edge, Reach};
use super::words::{self, counted, percent};
use crate::plan::{Kind, Operation, Plan, Tag, TagType};

/// Queries of one row that are named; how many more there are is said.
const NAMED: usize = 6;

/// Rows of one mutation that are shown, and reasons of one operation.
const GROUPS: usize = 8;
const REASONS: usize = 4;

/// Where the text of an operation begins, and the path beside its name.
const TEXT: usize = 14;
const PATH: usize = 50;

/// The plan as a table of at most 100 columns.
pub fn table(plan: &Plan) -> String {
    let reach = Reach::of(plan);
    let counts = reach.counts(plan);
    let mut lines = Lines::default();
    summary(&mut lines, plan, &reach);
    let mut by_type: BTreeMap<&str, Vec<(usize, &Operation)>> = BTreeMap::new();
    for (place, operation) in plan.operations.iter().enumerate() {
        by_type.entry(main_type(operation)).or_default().push((place, operation));
    }
    for tag_type in &plan.tag_types {
        heading(&mut lines, tag_type);
        let of_type = by_type.remove(tag_type.name.as_str()).unwrap_or_default();
        operations(&mut lines, &of_type, &reach, &counts);
    }
    // What is left has no tags, or tags of a type that the plan does not describe.
    for (name, rest) in by_type {
        let name = if name.is_empty() { "Without tags" } else { name };
        lines.gap();
        lines.line(0, &ruled(name));
        operations(&mut lines, &rest, &reach, &counts);
    }
    if !plan.warnings.is_empty() {
        lines.gap();
        lines.line(0, &ruled("Look at"));
        for warning in &plan.warnings {
            lines.labelled(2, &warning.operation, 34, &warning.message);
        }
    }
    lines.gap();
    lines.line(0, "All about one: `larder explain --mutation NAME`, `larder explain --query NAME`.");
    lines.into_text()
}

/// The figures of the whole.
fn summary(lines: &mut Lines, plan: &Plan, reach: &Reach<'_>) {
    let count = |kind| plan.operations.iter().filter(|operation| operation.kind == kind).count();
    let (queries, mutations) = (count(Kind::Query), count(Kind::Mutation));
    let title = [plan.title.as_str(), plan.version.as_str()].join(" ");
    lines.line(
        0,
        &format!(
            "{}: {}, {}, {}",
            title.trim(),
            counted(queries, "query", "queries"),
            counted(mutations, "mutation", "mutations"),
            counted(plan.tag_types.len(), "tag type", "tag types"),
        ),
    );
    let edges = reach.edges.len();
    if edges > 0 {
        let unsure = reach.edges.iter().filter(|edge| edge.confidence < words::UNSURE).count();
        let share = |part: usize, whole: usize| percent(part as f32 / whole.max(1) as f32);
        let mean = edges as f32 / mutations.max(1) as f32;
        let text = format!(
            "A mutation reaches {mean:.1} of the {} on average ({}), most of them only where an id or a constraint is \
             the same; {} of these edges {} less than {} sure.",
            counted(queries, "query", "queries"),
            share(edges, mutations * queries),
            unsure,
            if unsure == 1 { "is" } else { "are" },
            percent(words::UNSURE),
        );
        lines.line(0, &text);
    }
}

/// The tag type that an operation is mostly about: the first that it speaks of.
pub(super) fn main_type(operation: &Operation) -> &str {
    let tags = || operation.provides.iter().chain(&operation.invalidates);
    tags().find(|tag| !tag.reference).or_else(|| tags().next()).map_or("", |tag| tag.tag_type.as_str())
}

fn heading(lines: &mut Lines, tag_type: &TagType) {
    lines.gap();
    lines.line(0, &ruled(&tag_type.name));
    let places = [tag_type.collections.as_slice(), tag_type.members.as_slice()].concat().join(", ");
    let mut text = if tag_type.id.is_empty() { String::new() } else { format!("by {}; ", tag_type.id.join(" or ")) };
    text.push_str(&places);
    let text = text.trim_end_matches([';', ' ']);
    lines.line(2, if text.is_empty() { "what the document tells nothing of but its group" } else { text });
}

/// A name with a line after it, to the edge.
pub(super) fn ruled(name: &str) -> String {
    let used = display_width(name) + 1;
    format!("{name} {}", "─".repeat(WIDTH.saturating_sub(used).max(1)))
}

fn operations(lines: &mut Lines, operations: &[(usize, &Operation)], reach: &Reach<'_>, counts: &[usize]) {
    for kind in [Kind::Query, Kind::Mutation] {
        for (place, operation) in operations.iter().filter(|(_, operation)| operation.kind == kind) {
            lines.gap();
            let what = match kind {
                Kind::Query => "query",
                Kind::Mutation => "mutation",
            };
            let name = format!("{what} {}", operation.id);
            let call = format!("{} {}", operation.method, operation.path);
            if display_width(&name) + 2 < PATH && display_width(&call) <= WIDTH - PATH {
                lines.labelled(2, &name, PATH, &call);
            } else {
                lines.line(2, &name);
                lines.line(4, &call);
            }
            match kind {
                Kind::Query => query(lines, operation, counts.get(*place).copied().unwrap_or_default()),
                Kind::Mutation => mutation(lines, operation, reach.from(*place)),
            }
        }
    }
}

fn query(lines: &mut Lines, operation: &Operation, reached: usize) {
    for tag in &operation.provides {
        tag_row(lines, "provides", tag, Kind::Query);
    }
    because(lines, operation, operation.provides.iter());
    let reached = match reached {
        0 => "no mutation reaches it".to_owned(),
        count => format!("{} it", counted(count, "mutation reaches", "mutations reach")),
    };
    lines.line(4, &reached);
}

/// A tag: what it names, where that comes from, how sure, and why.
pub(super) fn tag_row(lines: &mut Lines, verb: &str, tag: &Tag, kind: Kind) {
    let sources = words::sources(tag);
    let colon = if sources.is_empty() { "" } else { ": " };
    row(lines, verb, &format!("{}{colon}{sources}", words::tag(tag, kind)), tag.confidence);
    if !tag.why.is_empty() {
        lines.labelled(TEXT, "because", TEXT + 8, &tag.why);
    }
}

/// A verb, what it is about, and at the right edge how sure it is.
pub(super) fn row(lines: &mut Lines, verb: &str, text: &str, confidence: f32) {
    let sure = format!("{:>4}", percent(confidence));
    lines.row(&[Column(4, TEXT - 5, verb), Column(TEXT, WIDTH - TEXT - 6, text), Column(WIDTH - 4, 4, &sure)]);
}

/// The reasons of an operation, where its tags do not tell their own.
fn because<'t>(lines: &mut Lines, operation: &Operation, mut tags: impl Iterator<Item = &'t Tag>) {
    words::with(operation).iter().for_each(|words| lines.line(4, words));
    if tags.any(|tag| tag.why.is_empty()) || operation.provides.len() + operation.invalidates.len() == 0 {
        for why in operation.why.iter().take(REASONS) {
            lines.labelled(4, "because", TEXT, why);
        }
        if let Some(more @ 1..) = operation.why.len().checked_sub(REASONS) {
            lines.line(TEXT, &format!("and {}", counted(more, "more reason", "more reasons")));
        }
    }
}

/// The queries that a mutation reaches, those together that it reaches in the same way.
fn mutation<'e, 'p: 'e>(lines: &mut Lines, operation: &'p Operation, edges: impl Iterator<Item = &'e Edge<'p>>) {
    let groups = grouped(edges);
    if groups.is_empty() {
        lines.line(4, "reaches no query");
    }
    // One row too many is no longer than to say so.
    let shown = if groups.len() > GROUPS + 1 { GROUPS } else { groups.len() };
    for group in groups.iter().take(shown) {
        let mut named = group.queries.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
        if let Some(more @ 1..) = group.queries.len().checked_sub(NAMED) {
            named.push_str(&format!(" and {more} more"));
        }
        row(lines, words::effect(group.effect), &format!("{named}: {}", group.when), group.confidence);
        group.why.iter().for_each(|why| lines.labelled(TEXT, "because", TEXT + 8, why));
    }
    let rest: Vec<&Group<'_>> = groups.iter().skip(shown).collect();
    if let Some(last) = rest.last() {
        let more = rest.iter().map(|group| group.queries.len()).sum();
        let text = format!("{}, in other ways", counted(more, "more query", "more queries"));
        row(lines, words::effect(last.effect), &text, last.confidence);
    }
    because(lines, operation, operation.invalidates.iter());
}
