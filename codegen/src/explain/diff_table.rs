//! The difference of two plans, for a terminal: what may go stale comes first.

use super::diff::{Changed, Diff, EdgeName, Renamed};
use super::layout::Lines;
use super::table::ruled;
use super::words::{self, counted, percent};
use crate::plan::{Kind, Tag};

/// Where text begins beside a name.
const TEXT: usize = 40;

/// The difference in at most 100 columns.
pub fn diff_table(diff: &Diff) -> String {
    let mut lines = Lines::default();
    let versions = if diff.old == diff.new { diff.old.clone() } else { format!("{} → {}", diff.old, diff.new) };
    if diff.is_empty() {
        lines.line(0, &format!("{versions}: the plan is the same."));
        return lines.into_text();
    }
    let (lost, narrowed, gained) = (diff.edges_lost.len(), diff.edges_narrowed.len(), diff.edges_gained.len());
    lines
        .line(0, &format!("{versions}: {} lost, {narrowed} narrowed, {gained} gained", counted(lost, "edge", "edges")));
    if lost > 0 {
        lines.gap();
        lines.line(0, &ruled("LOST edges"));
        lines.line(
            0,
            "These mutations no longer reach these queries. If the server still changes what a query shows, it goes \
             stale without a word: look at each, and say otherwise in larder.toml where it is wrong.",
        );
        edges(&mut lines, &diff.edges_lost, "was: ");
    }
    if narrowed > 0 {
        lines.gap();
        lines.line(0, &ruled("NARROWED edges"));
        lines.line(
            0,
            "These mutations still reach these queries, but not in every way in which they did: look whether what they \
             no longer reach can still change.",
        );
        edges(&mut lines, &diff.edges_narrowed, "now: ");
    }
    if gained > 0 {
        lines.gap();
        lines.line(0, &ruled("Gained edges"));
        lines.line(0, "These mutations reach these queries now, at the cost of more requests.");
        edges(&mut lines, &diff.edges_gained, "");
    }
    kinds(&mut lines, &diff.operations_changed);
    for (heading, names) in [
        ("Operations removed", &diff.operations_removed),
        ("Operations added", &diff.operations_added),
        ("Tag types removed", &diff.tag_types_removed),
        ("Tag types added", &diff.tag_types_added),
    ] {
        section(&mut lines, heading, names.iter().map(|name| (name.as_str(), "")));
    }
    for (heading, renamed) in
        [("Operations renamed", &diff.operations_renamed), ("Tag types renamed", &diff.tag_types_renamed)]
    {
        let to: Vec<(&str, String)> =
            renamed.iter().map(|Renamed { from, to }| (from.as_str(), format!("is now {to}"))).collect();
        section(&mut lines, heading, to.iter().map(|(from, to)| (*from, to.as_str())));
    }
    changes(&mut lines, &diff.operations_changed);
    lines.into_text()
}

fn edges(lines: &mut Lines, edges: &[EdgeName], before: &str) {
    let mut last = "";
    for edge in edges {
        if edge.mutation != last {
            lines.gap();
            lines.line(2, &edge.mutation);
            last = &edge.mutation;
        }
        let verb = words::effect(edge.effect);
        let text = format!("{before}{verb} it; {}; {}", edge.when, percent(edge.confidence));
        match &edge.before {
            Some(before) => {
                lines.labelled(4, &edge.query, TEXT, &format!("was: {verb} it; {before}"));
                lines.line(TEXT, &text);
            }
            None => lines.labelled(4, &edge.query, TEXT, &text),
        }
        for why in &edge.why {
            lines.line(TEXT + 2, why);
        }
    }
}

/// A heading and rows, unless there is none.
fn section<'t>(lines: &mut Lines, heading: &str, rows: impl Iterator<Item = (&'t str, &'t str)>) {
    let mut rows = rows.peekable();
    if rows.peek().is_some() {
        lines.gap();
        lines.line(0, &ruled(heading));
    }
    for (name, text) in rows {
        if text.is_empty() { lines.line(2, name) } else { lines.labelled(2, name, TEXT, text) }
    }
}

fn kinds(lines: &mut Lines, changed: &[Changed]) {
    let words = |changed: &Changed| {
        let [_, now] = changed.kind;
        changed.has_other_kind().then_some(match now {
            Kind::Mutation => "was a query, and is a mutation now: its result is no longer cached",
            Kind::Query => "was a mutation, and is a query now: it is cached and sent again, and invalidates nothing",
        })
    };
    section(lines, "Kind changed", changed.iter().filter_map(|each| Some((each.operation.as_str(), words(each)?))));
}

fn changes(lines: &mut Lines, changed: &[Changed]) {
    let mut begun = false;
    for each in changed {
        let [before, now] = each.kind;
        let mut rows = Vec::new();
        if let Some([before, now]) = &each.call {
            rows.push(format!("- {before}"));
            rows.push(format!("+ {now}"));
        }
        rows.extend(each.tags_removed.iter().map(|tag| format!("- {}", described(tag, before))));
        rows.extend(each.tags_added.iter().map(|tag| format!("+ {}", described(tag, now))));
        rows.extend(each.writes_removed.iter().map(|query| format!("- fills {query} from its response")));
        rows.extend(each.writes_added.iter().map(|query| format!("+ fills {query} from its response")));
        if rows.is_empty() {
            continue;
        }
        if !std::mem::replace(&mut begun, true) {
            lines.gap();
            lines.line(0, &ruled("Operations changed"));
        }
        lines.gap();
        lines.line(2, &each.operation);
        rows.iter().for_each(|row| lines.line(4, row));
    }
}

fn described(tag: &Tag, kind: Kind) -> String {
    let (words, sources) = (words::tag(tag, kind), words::sources(tag));
    if sources.is_empty() { words } else { format!("{words}: {sources}") }
}
