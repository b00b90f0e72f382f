//! What people say of operations, with the operation that each is about.

use std::collections::HashMap;

use super::Operation;
use crate::diagnostic::Diagnostic;
pub(crate) use crate::load::Span;
pub(crate) use crate::normalise::overrides::{
    Overrides, Said, SaidPaging, SaidScope, SaidSource, SaidTag, TagOverrides,
};
use crate::normalise::{self, Spec};
use crate::problem_kind::ProblemKind;
use crate::suggest;

/// How alike the names of two operations are before one is suggested for the other.
const ALIKE: f32 = 0.6;

/// Tag types that only overrides know, and what cannot be read.
#[derive(Debug, Default)]
pub(crate) struct Declared {
    pub(crate) tag_types: Vec<Said<String>>,
    pub(crate) problems: Vec<Diagnostic>,
}

impl Operation {
    /// Whether it only reads, where somebody said so.
    pub(crate) fn said_to_read(&self) -> Option<bool> {
        self.overrides.reads.as_ref().map(|said| said.value)
    }
}

/// Gives each of `operations`, which `raw` became, what is said of it. What `larder.toml` says counts over the
/// document, key by key.
pub(super) fn resolve(spec: &Spec<'_>, raw: &[normalise::Operation], operations: &mut [Operation]) -> Declared {
    let all = spec.overrides(raw);
    let mut problems = all.problems;
    for (operation, own) in operations.iter_mut().zip(all.own) {
        operation.overrides = own;
    }
    let mut said_before: HashMap<usize, String> = HashMap::new();
    for (name, overrides) in all.named {
        let Some(at) = operations.iter().position(|operation| is_called(operation, &name.value)) else {
            // One that is left out is told of as such.
            let outlines = spec.outlines();
            let left_out =
                |outline: &normalise::Outline| called(&outline.id, &outline.method, &outline.path, &name.value);
            if !outlines.iter().any(left_out) {
                problems.push(unknown(&name, operations));
            }
            continue;
        };
        if let Some(place) = said_before.insert(at, name.place.clone()) {
            let message = format!("`{}` names an operation that {place} speaks of, too", name.value);
            problems.push(problem(&name, message, "write all that is said of it in one table"));
            continue;
        }
        let own = &mut operations[at].overrides;
        own.reads = overrides.reads.or(own.reads.take());
        own.paging = overrides.paging.or(own.paging.take());
        own.writes_nothing = overrides.writes_nothing.or(own.writes_nothing.take());
        for (own, over) in [(&mut own.provides, overrides.provides), (&mut own.invalidates, overrides.invalidates)] {
            own.only = over.only.or(own.only.take());
            own.also = over.also.or(own.also.take());
            own.with = over.with.or(own.with.take());
        }
    }
    Declared { tag_types: all.tag_types, problems }
}

/// Whether somebody who writes `name` means this operation: by its id, or by its method and path.
fn is_called(operation: &Operation, name: &str) -> bool {
    called(&operation.id, &operation.method, &operation.written, name)
}

fn called(id: &str, method: &str, path: &str, name: &str) -> bool {
    let by_path = || name.split_once(' ').is_some_and(|(m, p)| m.eq_ignore_ascii_case(method) && p.trim() == path);
    id == name || by_path()
}

fn unknown(name: &Said<String>, operations: &[Operation]) -> Diagnostic {
    let by_path = name.value.contains(' ');
    let names: Vec<String> = operations
        .iter()
        .map(|operation| match by_path {
            true => format!("{} {}", operation.method, operation.written),
            false => operation.id.clone(),
        })
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let close = suggest::close(&name.value, &names, ALIKE);
    let help = match close.as_slice() {
        [] => "write an operation's id, or its method and path: \"PATCH /posts/{postId}\"".to_owned(),
        close => {
            let close: Vec<String> = close.iter().map(|close| format!("`{close}`")).collect();
            format!("did you mean {}?", close.join(" or "))
        }
    };
    problem(name, format!("the document has no operation `{}`", name.value), help)
}

fn problem(said: &Said<String>, message: impl Into<String>, help: impl Into<String>) -> Diagnostic {
    Diagnostic::error(message).kind(ProblemKind::Override).at(said.span).help(help)
}
