//! What was recorded, as questions to a plan: which calls of a mutation changed which cached queries.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::evaluate::{ConcreteScope, ConcreteTag, filled, tags};
use crate::plan::{Kind, Operation, Plan, Scope, Source, Tag};
use crate::recording::{RecordedMutation, RecordedQuery, Step};

use super::CanSay;
use super::values::{self, Instances};

/// Everything that was recorded of the operations that the plan knows.
pub(super) struct Evidence<'r> {
    pub(super) mutations: Vec<Mutation<'r>>,
    /// By its name, the tag type that a query could have for itself: the query, and what it would provide.
    pub(super) own: BTreeMap<String, (String, Tag)>,
    /// Constraints that the plan gives to lists as constants.
    pub(super) constants: BTreeSet<(String, String, String)>,
    pub(super) unknown: BTreeSet<String>,
}

/// The calls of a mutation.
pub(super) struct Mutation<'r> {
    pub(super) id: &'r str,
    /// What the plan says.
    pub(super) planned: &'r [Tag],
    pub(super) calls: Vec<MutationCall<'r>>,
}

/// A call of a mutation, and the queries that were cached then.
pub(super) struct MutationCall<'r> {
    pub(super) recorded: &'r RecordedMutation,
    pub(super) sources: BTreeMap<String, Vec<Source>>,
    pub(super) seen: Vec<Seen<'r>>,
    /// It changed something; a call that changes nothing at all teaches nothing.
    pub(super) had_effect: bool,
}

/// A query that was cached when the mutation was sent.
pub(super) struct Seen<'r> {
    pub(super) query: &'r RecordedQuery,
    pub(super) provided: BTreeSet<ConcreteTag>,
    pub(super) changed: bool,
    /// The plan writes it rightly, so it need not be reached.
    pub(super) written: bool,
}

/// A query's entry in one call of a mutation: the call's number, and the query's.
pub(super) type Place = (usize, usize);

impl<'r> Evidence<'r> {
    pub(super) fn new(plan: &'r Plan, steps: &'r [Step], can_say: &CanSay<'_>) -> Evidence<'r> {
        let operations: BTreeMap<&str, &Operation> =
            plan.operations.iter().map(|operation| (operation.id.as_str(), operation)).collect();
        let instances = Instances::new(steps);
        let mut taken: BTreeSet<String> = plan.tag_types.iter().map(|known| known.name.clone()).collect();
        let queries = plan.operations.iter().filter(|operation| operation.kind == Kind::Query);
        let own: BTreeMap<&str, Tag> =
            queries.map(|operation| (operation.id.as_str(), own_tag(operation, &mut taken))).collect();
        let mut evidence = Evidence {
            mutations: Vec::new(),
            own: own.iter().map(|(id, tag)| (tag.tag_type.clone(), ((*id).to_owned(), tag.clone()))).collect(),
            constants: constants(plan),
            unknown: BTreeSet::new(),
        };
        let mut calls: BTreeMap<&str, Vec<MutationCall<'r>>> = BTreeMap::new();
        for step in steps.iter().filter(|step| step.mutation.succeeded()) {
            let mutation = &step.mutation;
            let Some(planned) = operations.get(mutation.call.operation_id.as_str()).copied() else {
                evidence.unknown.insert(mutation.call.operation_id.clone());
                continue;
            };
            let mut seen = Vec::new();
            for query in step.queries.iter().filter(|query| query.teaches()) {
                let Some(reader) = operations.get(query.call.operation_id.as_str()).copied() else {
                    evidence.unknown.insert(query.call.operation_id.clone());
                    continue;
                };
                let provides = reader.provides.iter().chain(own.get(reader.id.as_str()));
                seen.push(Seen {
                    query,
                    provided: tags(provides, &query.call, &query.response_before),
                    changed: query.changed,
                    written: is_written(planned, mutation, query),
                });
            }
            let mut sources = values::sources(&mutation.call, &mutation.response_body, &instances);
            for sources in sources.values_mut() {
                sources.retain(|source| can_say(&planned.id, source));
            }
            calls.entry(&planned.id).or_default().push(MutationCall {
                recorded: mutation,
                sources,
                had_effect: seen.iter().any(|seen| seen.changed),
                seen,
            });
        }
        for operation in &plan.operations {
            if let Some(calls) = calls.remove(operation.id.as_str()) {
                evidence.mutations.push(Mutation { id: &operation.id, planned: &operation.invalidates, calls });
            }
        }
        evidence
    }
}

impl Mutation<'_> {
    /// The entries that an invalidation of `tag` reaches.
    pub(super) fn reach(&self, tag: &Tag) -> BTreeSet<Place> {
        let mut reached = BTreeSet::new();
        for (at, call) in self.calls.iter().enumerate() {
            let concrete = tags([tag], &call.recorded.call, &call.recorded.response_body);
            let places = call.seen.iter().enumerate().filter(|(_, seen)| {
                concrete.iter().any(|tag| seen.provided.iter().any(|provided| tag.reaches(provided)))
            });
            reached.extend(places.map(|(place, _)| (at, place)));
        }
        reached
    }

    pub(super) fn seen(&self, (call, place): Place) -> &Seen<'_> {
        &self.calls[call].seen[place]
    }

    /// All entries that were seen.
    pub(super) fn places(&self) -> impl Iterator<Item = Place> {
        let of = |(at, call): (usize, &MutationCall<'_>)| (0..call.seen.len()).map(move |place| (at, place));
        self.calls.iter().enumerate().flat_map(of)
    }
}

fn is_written(planned: &Operation, mutation: &RecordedMutation, query: &RecordedQuery) -> bool {
    let mut writes = planned.writes.iter().map(|write| filled(write, &mutation.call, &mutation.response_body));
    let filled = writes.find(|filled| filled.is_entry_of(&query.call));
    filled.is_some_and(|filled| filled.value == Some(query.after()))
}

/// A tag for what a query alone shows, under a name of its own: a list, constrained by the args of its path.
fn own_tag(operation: &Operation, taken: &mut BTreeSet<String>) -> Tag {
    let words = operation.id.split(|character: char| !character.is_ascii_alphanumeric());
    let capital = |word: &str| {
        let mut characters = word.chars();
        let first = characters.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(characters).collect::<String>()
    };
    let mut name = words.map(capital).collect::<String>() + "Result";
    if name.starts_with(|first: char| first.is_ascii_digit()) {
        name.insert_str(0, "Of");
    }
    while !taken.insert(name.clone()) {
        name.push('X');
    }
    let parameters = operation.path.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
    let list =
        parameters.map(|(parameter, _)| (parameter.to_owned(), Source::Path { name: parameter.to_owned() })).collect();
    Tag {
        tag_type: name,
        scope: Scope::List { list, filtered: false },
        reference: false,
        gone: false,
        from_args: true,
        confidence: 1.0,
        why: String::new(),
    }
}

fn constants(plan: &Plan) -> BTreeSet<(String, String, String)> {
    let mut constants = BTreeSet::new();
    for tag in plan.operations.iter().flat_map(|operation| &operation.provides) {
        let Scope::List { list, .. } = &tag.scope else { continue };
        for (name, source) in list {
            if let Source::Value { value } = source {
                constants.insert((tag.tag_type.clone(), name.clone(), value.clone()));
            }
        }
    }
    constants
}

/// The values of a list's constraints, where the tag is a list.
pub(super) fn constraints(tag: &ConcreteTag) -> Option<&BTreeMap<String, BTreeSet<String>>> {
    match &tag.scope {
        ConcreteScope::List { constraints, .. } => Some(constraints),
        ConcreteScope::Type | ConcreteScope::Id(_) => None,
    }
}
