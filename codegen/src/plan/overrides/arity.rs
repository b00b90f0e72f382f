//! Whether ids that people wrote have as many parts as those that they should meet.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{Kind, Operation, Plan, Scope, Tag};
use crate::diagnostic::Diagnostic;
use crate::model::Api;
use crate::model::overrides::{Said, SaidScope, SaidTag, TagOverrides};
use crate::problem_kind::ProblemKind;

/// Per tag type: of how many parts its ids are.
type Parts<'a> = BTreeMap<&'a str, BTreeSet<usize>>;

/// Tells of each id that was said and that nothing on the other side can meet.
pub(super) fn problems(api: &Api, plan: &Plan) -> Vec<Diagnostic> {
    let (provided, invalidated) =
        (parts(plan, |planned| &planned.provides), parts(plan, |planned| &planned.invalidates));
    let mut problems = Vec::new();
    for (planned, operation) in plan.operations.iter().zip(&api.operations) {
        let (said, others, verb) = match planned.kind {
            Kind::Query => (&operation.overrides.provides, &invalidated, "invalidated"),
            Kind::Mutation => (&operation.overrides.invalidates, &provided, "provided"),
        };
        for tag in tags(said) {
            let SaidScope::Id(id) = &tag.value.scope else { continue };
            let Some(known) = others.get(tag.value.tag_type.as_str()).filter(|known| !known.contains(&id.len())) else {
                continue;
            };
            let known: Vec<String> = known.iter().map(usize::to_string).collect();
            let message = format!(
                "this id of `{}` has {} where {verb} ids have {}, so they never meet",
                tag.value.tag_type,
                counted(id.len()),
                known.join(" or ")
            );
            let help =
                "name the same parts in the same order: { type = \"Repo\", id = [\"path.owner\", \"path.repo\"] }";
            let problem = Diagnostic::error(message).kind(ProblemKind::Override).at(tag.span).help(help);
            problems.push(problem.operation(&operation.id));
        }
    }
    problems
}

fn counted(parts: usize) -> String {
    if parts == 1 { "1 part".to_owned() } else { format!("{parts} parts") }
}

fn tags(said: &TagOverrides) -> impl Iterator<Item = &Said<SaidTag>> {
    [&said.only, &said.also].into_iter().flatten().flat_map(|said| &said.value)
}

fn parts<'a>(plan: &'a Plan, of: impl Fn(&'a Operation) -> &'a Vec<Tag>) -> Parts<'a> {
    let mut parts = Parts::new();
    for tag in plan.operations.iter().flat_map(of) {
        if let Scope::Id { id } = &tag.scope {
            parts.entry(&tag.tag_type).or_default().insert(id.len());
        }
    }
    parts
}
