//! The page for those whose browser runs no scripts: one table.

use std::fmt::Write as _;

use super::super::group::{Group, grouped};
use super::super::reach::Reach;
use super::super::words::{self, counted, percent};
use super::escaped;
use crate::plan::{Kind, Operation, Plan, Tag};

/// One row an operation: its tags, and what it reaches.
pub(super) fn table(plan: &Plan, reach: &Reach<'_>) -> String {
    let counts = reach.counts(plan);
    let mut html = String::from(
        "<table class=\"wide\">\n<thead><tr><th>operation</th><th>tags, and how sure</th><th>what reaches what</th>\
         <th>why</th></tr></thead>\n<tbody>\n",
    );
    for (place, operation) in plan.operations.iter().enumerate() {
        let edges = match operation.kind {
            Kind::Mutation => lines(grouped(reach.from(place)).iter().map(of_mutation)),
            Kind::Query => {
                let count = counts.get(place).copied().unwrap_or_default();
                format!("{} it", counted(count, "mutation reaches", "mutations reach"))
            }
        };
        let tags = operation.provides.iter().chain(&operation.invalidates);
        let _ = writeln!(
            html,
            "<tr><td>{}</td><td>{}</td><td>{edges}</td><td>{}</td></tr>",
            name(operation),
            lines(tags.clone().map(|tag| of_tag(tag, operation.kind))),
            lines(tags.map(|tag| &tag.why).filter(|why| !why.is_empty()).chain(&operation.why).map(|why| escaped(why))),
        );
    }
    for warning in &plan.warnings {
        let (operation, message) = (escaped(&warning.operation), escaped(&warning.message));
        let _ = writeln!(html, "<tr><td>{operation}</td><td colspan=\"3\">Look at this: {message}</td></tr>");
    }
    html.push_str("</tbody>\n</table>\n");
    html
}

fn name(operation: &Operation) -> String {
    let kind = match operation.kind {
        Kind::Mutation => "mutation",
        Kind::Query => "query",
    };
    let call = format!("{} {}", operation.method, operation.path);
    format!("{kind} <b>{}</b><br>{}", escaped(&operation.id), escaped(&call))
}

fn of_mutation(group: &Group<'_>) -> String {
    let (effect, sure) = (words::effect(group.effect), percent(group.confidence));
    format!("{effect} {}: {} ({sure})", escaped(&group.queries.join(", ")), escaped(&group.when))
}

fn of_tag(tag: &Tag, kind: Kind) -> String {
    format!(
        "<code>{}</code> {} ({})",
        escaped(&words::tag(tag, kind)),
        escaped(&words::sources(tag)),
        percent(tag.confidence)
    )
}

fn lines(lines: impl Iterator<Item = String>) -> String {
    lines.collect::<Vec<_>>().join("<br>")
}
