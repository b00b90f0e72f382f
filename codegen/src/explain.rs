//! The plan as people read it.

use std::fmt::Write as _;

use crate::emit::in_words;
use crate::plan::{Kind, Operation, Plan, Scope, Source, Tag};

/// Lines of a terminal table are no longer than this.
const WIDTH: usize = 100;

/// The plan as a table of at most 100 columns, for a terminal.
pub fn table(plan: &Plan) -> String {
    let mut text = String::new();
    let count = |kind| plan.operations.iter().filter(|operation| operation.kind == kind).count();
    let (queries, mutations) = (count(Kind::Query), count(Kind::Mutation));
    let title = [plan.title.as_str(), plan.version.as_str()].join(" ");
    let _ = writeln!(
        text,
        "{}: {queries} queries, {mutations} mutations, {} tag types\n",
        title.trim(),
        plan.tag_types.len()
    );
    for tag_type in &plan.tag_types {
        let places = [tag_type.collections.as_slice(), tag_type.members.as_slice()].concat();
        let ids = if tag_type.id.is_empty() { String::new() } else { format!("by {}:", tag_type.id.join(" or ")) };
        let row = format!("{} {}", ids, places.join(", "));
        columns(&mut text, &tag_type.name, row.trim(), 20);
    }
    for (kind, heading) in
        [(Kind::Query, "\nQUERIES and what they provide"), (Kind::Mutation, "\nMUTATIONS and what they invalidate")]
    {
        let _ = writeln!(text, "{heading}");
        for operation in plan.operations.iter().filter(|operation| operation.kind == kind) {
            explain(&mut text, operation);
        }
    }
    for warning in &plan.warnings {
        columns(&mut text, "\nlook at", &format!("{}: {}", warning.operation, warning.message), 9);
    }
    text
}

fn explain(text: &mut String, operation: &Operation) {
    let _ = writeln!(text);
    columns(text, &operation.id, &format!("{} {}", operation.method, operation.path), 28);
    let tags = operation.provides.iter().chain(&operation.invalidates);
    for tag in tags {
        columns(text, &format!("  {}", in_words(tag)), &notes(tag), 40);
    }
    for write in &operation.writes {
        columns(text, &format!("  writes {}", write.operation), "from the response, without a refetch", 40);
    }
    for why in &operation.why {
        columns(text, "    because", why, 12);
    }
}

/// Where a tag's parts come from, and how sure it is.
fn notes(tag: &Tag) -> String {
    let mut notes = Vec::new();
    match &tag.scope {
        Scope::Id { id } => notes.push(id.iter().map(source).collect::<Vec<_>>().join(" and ")),
        Scope::List { list, filtered } => {
            notes.extend(list.iter().map(|(name, from)| format!("{name} from {}", source(from))));
            notes.extend(filtered.then(|| "where a list names it".to_owned()));
        }
        Scope::Type {} => notes.push("all of it".to_owned()),
    }
    notes.extend(tag.gone.then(|| "gone".to_owned()));
    notes.extend(tag.reference.then(|| "reference".to_owned()));
    notes.extend((tag.confidence < 1.0).then(|| format!("{:.0}%", tag.confidence * 100.0)));
    notes.join(", ")
}

fn source(source: &Source) -> String {
    match source {
        Source::Path { name } => format!("path {name}"),
        Source::Query { name } => format!("query {name}"),
        Source::Header { name } => format!("header {name}"),
        Source::Body { pointer } => format!("body {pointer}"),
        Source::Response { pointer } => format!("response {pointer}"),
        Source::Value { value } => format!("always {value}"),
    }
}

/// A label and, from column `at` on, text that wraps.
fn columns(text: &mut String, label: &str, words: &str, at: usize) {
    let mut line = format!("{label:<width$} ", width = at - 1);
    if line.chars().count() > at && !words.is_empty() {
        let _ = writeln!(text, "{}", line.trim_end());
        line = " ".repeat(at);
    }
    for word in words.split(' ') {
        let used = line.chars().count();
        if used + word.chars().count() > WIDTH && used > at {
            let _ = writeln!(text, "{}", line.trim_end());
            line = " ".repeat(at);
        }
        line.push_str(word);
        line.push(' ');
    }
    let _ = writeln!(text, "{}", line.trim_end());
}
