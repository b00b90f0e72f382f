//! Infers the plan of an API: the order of the rules.

use std::collections::BTreeSet;

use super::facts::Facts;
use super::prune::prune;
use super::{Kind, Plan, Source, Tag, TagType, Warning, entity, mutation, query};
use crate::model::Api;

/// More tags than this make a query that nobody could read.
const MAX_TAGS: usize = 64;

/// Infers the plan of `api`.
pub(crate) fn infer(api: &Api) -> Plan {
    let mut facts = Facts::new(api);
    let mut operations = Vec::new();
    let mut warnings = Vec::new();
    for at in 0..facts.calls.len() {
        let mut planned = match facts.calls[at].kind {
            Kind::Query => query::plan(&facts, at),
            Kind::Mutation => continue,
        };
        if planned.provides.len() > MAX_TAGS {
            planned.provides.truncate(MAX_TAGS);
            warnings.push(Warning {
                operation: planned.id.clone(),
                message: format!("it shows things in more than {MAX_TAGS} places; the deepest are left out"),
            });
        }
        if planned.provides.is_empty() && !facts.calls[at].is_live() {
            facts.floors.insert(facts.calls[at].operation.group);
        }
        operations.push((at, planned));
    }
    facts.note_views(&operations);
    facts.place_mutations(&operations);
    for (at, planned) in &mut operations {
        if planned.provides.is_empty() && facts.calls[*at].is_live() {
            planned.why.push("a stream of events tells by itself what happens, so no guess begins it anew".to_owned());
        } else if planned.provides.is_empty() {
            let call = &facts.calls[*at];
            let floor = facts.floor(call.operation.group);
            let written = facts
                .calls
                .iter()
                .any(|other| other.kind == Kind::Mutation && other.operation.group == call.operation.group);
            let (why, message) = if written {
                let why = "nothing in the document says what it shows, so every write of its group reaches it";
                (why, format!("its tags are a guess by group: it provides all of `{floor}`"))
            } else {
                let why = "nothing in the document says what it shows, and its group has no write";
                (why, "nothing makes it stale: give it a stale time, or invalidate it by hand".to_owned())
            };
            let why = format!("{why} (`{floor}`)");
            planned.why.push(why.clone());
            warnings.push(Warning { operation: call.operation.id.clone(), message });
            planned.provides.push(Tag::all(&floor).sure(0.3).because(&why));
        }
    }
    for at in 0..facts.calls.len() {
        if facts.calls[at].kind == Kind::Mutation {
            let planned = mutation::plan(&facts, at);
            if planned.invalidates.is_empty() {
                warnings.push(Warning {
                    operation: planned.id.clone(),
                    message: "no query of this API seems to show what it changes: it invalidates nothing".to_owned(),
                });
            }
            operations.push((at, planned));
        }
    }
    for (_, planned) in &mut operations {
        for tag in &mut planned.provides {
            let answered = tag.sources().any(|source| matches!(source, Source::Response { .. }));
            tag.from_args = !answered;
        }
    }
    operations.sort_by_key(|(at, _)| *at);
    let mut plan = Plan {
        larder: 1,
        title: api.title.clone(),
        version: api.version.clone(),
        tag_types: tag_types(&facts),
        operations: operations.into_iter().map(|(_, operation)| operation).collect(),
        warnings,
    };
    prune(&mut plan);
    plan
}

fn tag_types(facts: &Facts<'_>) -> Vec<TagType> {
    let of = |entity: &entity::Entity| TagType {
        name: entity.name.clone(),
        collections: entity.collections.clone(),
        members: [entity.members.clone(), entity.singletons.clone()].concat(),
        schemas: entity.schemas.iter().map(|schema| facts.api.def(*schema).name.clone()).collect(),
        id: entity.ids.iter().map(|id| id.join(",")).collect(),
    };
    let floors: BTreeSet<String> = facts.floors.iter().map(|group| facts.floor(*group)).collect();
    let floor = |name: String| TagType {
        name,
        collections: Vec::new(),
        members: Vec::new(),
        schemas: Vec::new(),
        id: Vec::new(),
    };
    let journal = facts.journals.is_some().then(|| facts.journal());
    facts.entities.all.iter().map(of).chain(floors.into_iter().chain(journal).map(floor)).collect()
}
