//! What people say in place of what was inferred, or beside it.
//!
//! It is taken at its word where it names things that exist. Whatever names nothing is an error, because a tag that
//! silently names nothing is stale data.

mod arity;
mod check;
mod paging;
mod pointer;

use std::collections::BTreeSet;

use check::Checker;

#[cfg(feature = "cli")]
use super::Source;
#[cfg(feature = "cli")]
use super::possible::has;
use super::{Kind, Operation, Plan, Tag, TagType};
use crate::diagnostic::Diagnostic;
use crate::model::Api;
use crate::model::overrides::{Said, SaidTag, TagOverrides};

/// Whether a person could name `source` as where a value of `operation` is.
#[cfg(feature = "cli")]
pub(crate) fn leads_to_a_value(api: &Api, operation: &crate::model::Operation, source: &Source) -> bool {
    let ty = match source {
        Source::Body { .. } => operation.body.as_ref().map(|body| &body.ty),
        _ => Some(&operation.response),
    };
    has(operation, source)
        && match source {
            Source::Body { pointer } | Source::Response { pointer } => {
                ty.is_some_and(|ty| pointer::follow(api, ty, pointer).is_ok())
            }
            _ => true,
        }
}

/// Changes `plan`, whose operations are those of `api` in their order, as people say.
///
/// # Errors
/// When something that is said names nothing, or means nothing; all of it is told of.
pub(crate) fn apply(api: &Api, plan: &mut Plan) -> Result<(), Vec<Diagnostic>> {
    let mut problems = api.declared.problems.clone();
    for said in &api.declared.tag_types {
        if !plan.tag_types.iter().any(|known| known.name == said.value) {
            plan.tag_types.push(declared(said));
        }
    }
    let Plan { operations, tag_types, warnings, .. } = &mut *plan;
    let names: Vec<&str> = tag_types.iter().map(|tag_type| tag_type.name.as_str()).collect();
    for (planned, operation) in operations.iter_mut().zip(&api.operations) {
        let overrides = &operation.overrides;
        let mut checker = Checker::new(api, operation, planned.kind, &names);
        let (own, other) = match planned.kind {
            Kind::Query => (&overrides.provides, &overrides.invalidates),
            Kind::Mutation => (&overrides.invalidates, &overrides.provides),
        };
        checker.is_other_kind(other, overrides.writes_nothing.as_ref());
        if overrides.writes_nothing.is_some() {
            planned.writes.clear();
        }
        if tags(planned, own, &mut checker) {
            warnings.retain(|warning| warning.operation != planned.id);
        }
        if let Some(said) = &overrides.paging {
            paging::apply(planned, said, &mut checker);
        }
        if let Some(said) = &overrides.writes_nothing {
            planned.why.push(format!("{} says that its result fills no query", said.place));
        }
        if let Some(said) = &overrides.reads {
            let kind = if said.value { "query" } else { "mutation" };
            planned.why.push(format!("{} says that it is a {kind}", said.place));
        }
        problems.extend(checker.problems);
    }
    forget_unused(api, plan);
    problems.extend(arity::problems(api, plan));
    problems.sort_by_key(|problem| problem.span().map(|span| (span.file, span.start)));
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

/// Drops tag types that stood for a guess which people replaced.
fn forget_unused(api: &Api, plan: &mut Plan) {
    let tags = plan.operations.iter().flat_map(|planned| planned.provides.iter().chain(&planned.invalidates));
    let used: BTreeSet<String> = tags.map(|tag| tag.tag_type.clone()).collect();
    let declared: BTreeSet<&str> = api.declared.tag_types.iter().map(|said| said.value.as_str()).collect();
    plan.tag_types.retain(|tag_type| {
        let of_a_path =
            !(tag_type.collections.is_empty() && tag_type.members.is_empty() && tag_type.schemas.is_empty());
        of_a_path || used.contains(&tag_type.name) || declared.contains(tag_type.name.as_str())
    });
}

/// Gives an operation the tags that are said of it, and says whether they stand in place of those that were inferred.
fn tags(planned: &mut Operation, said: &TagOverrides, checker: &mut Checker<'_>) -> bool {
    let verb = match planned.kind {
        Kind::Query => "provides",
        Kind::Mutation => "invalidates",
    };
    let mut tags = std::mem::take(planned.tags_mut());
    if let Some(only) = &said.only {
        planned.why = vec![format!("{} says what it {verb}", only.place)];
        // What it writes was inferred, and stays.
        let written = planned.writes.iter().map(|write| format!("it answers as `{}` does", write.operation));
        planned.why.extend(written.collect::<Vec<_>>());
        tags.clear();
        read(only, checker).into_iter().for_each(|tag| add(&mut tags, tag));
    }
    if let Some(also) = &said.also {
        planned.why.push(format!("{} says what it {verb}, too", also.place));
        read(also, checker).into_iter().for_each(|tag| add(&mut tags, tag));
    }
    match &said.with {
        Some(with) => {
            planned.why.push(format!("{} has `{}` say what it {verb}", with.place, with.value));
            planned.with = checker.function(with);
        }
        // A function is asked without a result, too.
        None => said.only.iter().for_each(|only| checker.is_known_without_an_answer(only, &tags)),
    }
    *planned.tags_mut() = tags;
    said.only.is_some()
}

fn read(said: &Said<Vec<Said<SaidTag>>>, checker: &mut Checker<'_>) -> Vec<Tag> {
    said.value.iter().filter_map(|tag| checker.tag(tag)).collect()
}

/// A tag that was inferred, too, is said once, by the person.
fn add(tags: &mut Vec<Tag>, tag: Tag) {
    let same = |other: &Tag| {
        (&other.tag_type, &other.scope, other.reference, other.gone)
            == (&tag.tag_type, &tag.scope, tag.reference, tag.gone)
    };
    tags.retain(|other| !same(other));
    tags.push(tag);
}

fn declared(said: &Said<String>) -> TagType {
    TagType {
        name: said.value.clone(),
        collections: Vec::new(),
        members: Vec::new(),
        schemas: Vec::new(),
        id: Vec::new(),
    }
}

impl Operation {
    /// What a query provides, or what a mutation invalidates.
    fn tags_mut(&mut self) -> &mut Vec<Tag> {
        match self.kind {
            Kind::Query => &mut self.provides,
            Kind::Mutation => &mut self.invalidates,
        }
    }
}
