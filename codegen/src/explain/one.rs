//! All about one operation: what it reaches or what reaches it, why, how sure, and how to say otherwise.

use serde::Serialize;

use super::layout::{Column, Lines, WIDTH};
use super::reach::{Edge, Reach};
use super::table::{ruled, tag_row};
use super::words::{self, counted, percent};
use crate::plan::{Kind, Operation, Plan, Scope};
use crate::{suggest, toml_text};

/// How alike two names are before one is suggested for the other.
const ALIKE: f32 = 0.5;

/// Where the other operation begins.
const OTHER: usize = 17;

/// One operation, for tools.
#[derive(Clone, Debug, Serialize)]
pub struct Explained<'p> {
    /// The operation as the plan has it.
    pub operation: &'p Operation,
    /// A mutation's edges to the queries that it reaches, or a query's from the mutations that reach it.
    pub edges: Vec<Edge<'p>>,
}

/// A name that no operation has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// What is wrong, and what may have been meant.
    pub message: String,
}

/// The place in the plan of the operation with this name: its id, its function with or without the module, or
/// `PATCH /path`.
///
/// # Errors
/// When there is none, or none of this kind.
pub fn find(plan: &Plan, kind: Kind, name: &str) -> Result<usize, Unknown> {
    let places = |is: &dyn Fn(&Operation) -> bool| -> Vec<usize> {
        let all = plan.operations.iter().enumerate();
        all.filter(|(_, operation)| is(operation)).map(|(place, _)| place).collect()
    };
    let by_path = |operation: &Operation| {
        name.split_once(' ').is_some_and(|(method, path)| {
            method.eq_ignore_ascii_case(&operation.method) && path.trim_start() == operation.path
        })
    };
    let last = |operation: &Operation| operation.function.rsplit("::").next() == Some(name);
    let rules: [&dyn Fn(&Operation) -> bool; 4] =
        [&|operation| operation.id == name, &by_path, &|operation| operation.function == name, &last];
    let found = rules.into_iter().map(places).find(|found| !found.is_empty()).unwrap_or_default();
    let with = |place: &usize| plan.operations.get(*place).map(|operation| (*place, operation));
    let found: Vec<(usize, &Operation)> = found.iter().filter_map(with).collect();
    let of_kind: Vec<usize> =
        found.iter().filter(|(_, operation)| operation.kind == kind).map(|(place, _)| *place).collect();
    let (is, flag) = match kind {
        Kind::Mutation => ("mutation", "--query"),
        Kind::Query => ("query", "--mutation"),
    };
    match (of_kind.as_slice(), found.first()) {
        ([one], _) => Ok(*one),
        ([], None) => Err(Unknown { message: unknown(plan, kind, is, name) }),
        ([], Some((_, other))) => {
            Err(Unknown { message: format!("`{name}` is no {is}: `{flag} {}` explains it", shell(&other.id)) })
        }
        (several, _) => {
            let ids = several.iter().filter_map(with).map(|(_, operation)| format!("`{}`", operation.id));
            Err(Unknown { message: format!("`{name}` is the name of several: {}", words::joined(ids)) })
        }
    }
}

fn unknown(plan: &Plan, kind: Kind, is: &str, name: &str) -> String {
    let of_kind = || plan.operations.iter().filter(|operation| operation.kind == kind);
    let calls: Vec<String> = of_kind().map(|operation| format!("{} {}", operation.method, operation.path)).collect();
    let names: Vec<&str> = match name.contains(' ') {
        true => calls.iter().map(String::as_str).collect(),
        false => of_kind().flat_map(|operation| [operation.id.as_str(), function(operation)]).collect(),
    };
    let mut close = suggest::close(name, &names, ALIKE);
    close.dedup();
    let close: Vec<String> = close.into_iter().map(|name| format!("`{name}`")).collect();
    let help = match close.as_slice() {
        [] => format!("`larder explain` names all {}", counted(names.len().min(calls.len()), is, "of them")),
        close => format!("did you mean {}?", close.join(" or ")),
    };
    format!("the document has no {is} `{name}`; {help}")
}

fn function(operation: &Operation) -> &str {
    operation.function.rsplit("::").next().unwrap_or_default()
}

/// A name as a shell takes it.
fn shell(name: &str) -> String {
    if name.contains(' ') { format!("'{name}'") } else { name.to_owned() }
}

impl<'p> Explained<'p> {
    /// The operation at this place in the plan.
    pub fn at(plan: &'p Plan, place: usize) -> Option<Explained<'p>> {
        let operation = plan.operations.get(place)?;
        let reach = Reach::of(plan);
        let mut edges: Vec<Edge<'p>> = match operation.kind {
            Kind::Mutation => reach.from(place).cloned().collect(),
            Kind::Query => reach.to(place).cloned().collect(),
        };
        edges.sort_by(|a, b| a.effect.cmp(&b.effect).then(b.confidence.total_cmp(&a.confidence)));
        Some(Explained { operation, edges })
    }
}

/// All about one operation, in at most 100 columns but for the lines that are to be copied.
pub fn one(plan: &Plan, explained: &Explained<'_>) -> String {
    let Explained { operation, edges } = explained;
    let mut lines = Lines::default();
    let (what, verb) = match operation.kind {
        Kind::Mutation => ("mutation", "invalidates"),
        Kind::Query => ("query", "provides"),
    };
    lines.line(0, &format!("{} is a {what}", operation.id));
    lines.line(2, &format!("{} {}, in Rust `{}`", operation.method, operation.path, operation.function));
    for why in &operation.why {
        lines.labelled(2, "because", 11, why);
    }
    lines.gap();
    lines.line(0, &ruled(&format!("What it {verb}")));
    let tags = || operation.provides.iter().chain(&operation.invalidates);
    if tags().next().is_none() {
        lines.line(2, "nothing");
    }
    for tag in tags() {
        let scope = match tag.scope {
            Scope::Id { .. } => "id",
            Scope::List { .. } => "list",
            Scope::Type {} => "type",
        };
        tag_row(&mut lines, scope, tag, operation.kind);
    }
    words::with(operation).iter().for_each(|words| lines.line(4, words));
    lines.gap();
    let heading = match operation.kind {
        Kind::Mutation => format!("It reaches {}", counted(edges.len(), "query", "queries")),
        Kind::Query => format!("{} it", counted(edges.len(), "mutation reaches", "mutations reach")),
    };
    lines.line(0, &ruled(&heading));
    for edge in edges {
        edge_rows(&mut lines, edge, operation.kind);
    }
    for warning in plan.warnings.iter().filter(|warning| warning.operation == operation.id) {
        lines.gap();
        lines.line(0, &ruled("Look at"));
        lines.line(2, &warning.message);
    }
    lines.gap();
    lines.line(0, &ruled("To say otherwise, in larder.toml below its [[api]]"));
    let mut text = lines.into_text();
    text.push_str(&overrides(operation));
    text
}

fn edge_rows(lines: &mut Lines, edge: &Edge<'_>, kind: Kind) {
    let other = match kind {
        Kind::Mutation => edge.query,
        Kind::Query => edge.mutation,
    };
    lines.gap();
    let (effect, call) = (words::effect(edge.effect), format!("{} {}", other.method, other.path));
    let effect = match kind {
        Kind::Mutation => effect.to_owned(),
        Kind::Query => format!("{effect} it"),
    };
    let name = format!("{}: {}", other.id, words::when(edge));
    lines.row(&[
        Column(2, OTHER - 3, &effect),
        Column(OTHER, WIDTH - OTHER - 6, &name),
        Column(WIDTH - 5, 5, &format!("{:>5}", percent(edge.confidence))),
    ]);
    lines.line(OTHER, &call);
    let mut shown = Vec::new();
    for link in &edge.links {
        let pair = format!(
            "{} reaches {}",
            words::tag(link.invalidates, Kind::Mutation),
            words::tag(link.provides, Kind::Query)
        );
        if !shown.contains(&pair) {
            lines.line(OTHER, &pair);
            shown.push(pair);
        }
    }
    let (invalidated, provided) = words::reasons(edge);
    // The reasons of the operation itself stand above; those of its tags are repeated, because they are few.
    let own = edge.links.iter().any(|link| match kind {
        Kind::Mutation => !link.invalidates.why.is_empty(),
        Kind::Query => !link.provides.why.is_empty(),
    });
    let (invalidated, provided) = match kind {
        Kind::Mutation if !own => (Vec::new(), provided),
        Kind::Query if !own => (invalidated, Vec::new()),
        _ => (invalidated, provided),
    };
    for (label, whys) in [("changed:", invalidated), ("shown:", provided)] {
        for why in whys {
            lines.labelled(OTHER, label, OTHER + 9, &why);
        }
    }
}

/// What was inferred as the configuration would say it, ready to be changed.
pub(super) fn overrides(operation: &Operation) -> String {
    let (key, other, tags) = match operation.kind {
        Kind::Mutation => ("invalidates", "query", &operation.invalidates),
        Kind::Query => ("provides", "mutation", &operation.provides),
    };
    let tags: Vec<String> = tags.iter().map(toml_text::tag).collect();
    let list = match tags.as_slice() {
        [] => "[]".to_owned(),
        tags => format!("[\n    {},\n]", tags.join(",\n    ")),
    };
    format!(
        "[api.operations.{}]\n{key} = {list}\n# {key}_also = [\"Type\"]   adds to what was inferred\n# kind = \"{other}\"\n",
        toml_text::key(&operation.id),
    )
}
