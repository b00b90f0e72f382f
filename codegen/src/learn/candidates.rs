//! The tags by which a mutation could have reached an entry, each written as a rule.

use std::collections::BTreeMap;

use crate::plan::evaluate::{ConcreteScope, ConcreteTag};
use crate::plan::{Scope, Source, Tag};

use super::evidence::{Evidence, MutationCall, Seen, constraints};
use super::values::distance;

/// So many sources of one value are tried.
const MAX_SOURCES: usize = 4;

/// A tag that could be added, and how far it is from what anybody would write.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) tag: Tag,
    pub(super) distance: u32,
}

/// The tags that would reach `seen` after `call`.
pub(super) fn candidates(evidence: &Evidence<'_>, call: &MutationCall<'_>, seen: &Seen<'_>) -> Vec<Candidate> {
    let mut found = Vec::new();
    for provided in &seen.provided {
        let is_own = evidence.own.contains_key(&provided.tag_type);
        // Its own tag is the last resort of a query: it says nothing of what the data is.
        let last_resort = if is_own { 12 } else { 0 };
        let mut add = |scope, distance| {
            let tag = tag(provided, scope);
            found.push(Candidate { tag, distance: distance + last_resort + 4 * u32::from(provided.reference) });
        };
        match &provided.scope {
            ConcreteScope::Id(parts) => {
                for (id, distance) in ids(call, &provided.tag_type, parts) {
                    add(Scope::Id { id }, distance);
                }
            }
            ConcreteScope::List { .. } => {
                for (list, distance) in lists(evidence, call, provided) {
                    let penalty = if list.is_empty() { 6 } else { 4 };
                    add(Scope::List { list, filtered: false }, distance + penalty);
                }
            }
            ConcreteScope::Type => {}
        }
        if !is_own {
            add(Scope::Type {}, 14);
        }
    }
    found
}

/// The sources of a value, the likeliest first. A truth value is nobody's id.
fn likely<'c>(call: &'c MutationCall<'_>, value: &str, names: &[&str], is_id: bool) -> Vec<(&'c Source, u32)> {
    if is_id && matches!(value, "" | "true" | "false") {
        return Vec::new();
    }
    // Short numbers are everywhere, so there the name has to fit.
    let must_fit = value.len() < 3;
    let sources = call.sources.get(value).into_iter().flatten();
    let mut sources: Vec<_> = sources.map(|source| (source, distance(source, names))).collect();
    sources.retain(|(_, distance)| !must_fit || *distance < 12);
    sources.sort_by_key(|(source, distance)| (*distance, (*source).clone()));
    sources.truncate(MAX_SOURCES);
    sources
}

fn ids(call: &MutationCall<'_>, tag_type: &str, parts: &[String]) -> Vec<(Vec<Source>, u32)> {
    let mut rows = vec![(Vec::new(), 0)];
    for part in parts {
        let sources = likely(call, part, &[tag_type], true);
        rows = rows
            .iter()
            .flat_map(|(id, sum): &(Vec<Source>, u32)| {
                sources.iter().map(move |(source, distance)| {
                    (id.iter().chain([*source]).cloned().collect::<Vec<_>>(), sum + distance)
                })
            })
            .filter(|(id, _)| id.iter().collect::<std::collections::BTreeSet<_>>().len() == id.len())
            .collect();
    }
    rows
}

/// The whole list, the list under all constraints that the call knows, and under each of them alone.
fn lists(
    evidence: &Evidence<'_>,
    call: &MutationCall<'_>,
    provided: &ConcreteTag,
) -> Vec<(BTreeMap<String, Source>, u32)> {
    let mut known: BTreeMap<String, Vec<(Source, u32)>> = BTreeMap::new();
    for (name, values) in constraints(provided).into_iter().flatten() {
        for value in values {
            let sources = likely(call, value, &[name, &provided.tag_type], false);
            let sources = sources.into_iter().map(|(source, distance)| (source.clone(), distance));
            known.entry(name.clone()).or_default().extend(sources);
            let constant = (provided.tag_type.clone(), name.clone(), value.clone());
            if evidence.constants.contains(&constant) {
                known.entry(name.clone()).or_default().push((Source::Value { value: value.clone() }, 2));
            }
        }
    }
    known.retain(|_, sources| !sources.is_empty());
    let mut found = vec![(BTreeMap::new(), 0)];
    if known.len() > 1 {
        let first = |(name, sources): (&String, &Vec<(Source, u32)>)| {
            sources.iter().min_by_key(|(_, distance)| *distance).map(|(source, _)| (name.clone(), source.clone()))
        };
        let distance = known.values().filter_map(|sources| sources.iter().map(|(_, distance)| *distance).min()).max();
        found.push((known.iter().filter_map(first).collect(), distance.unwrap_or_default()));
    }
    for (name, sources) in &known {
        for (source, distance) in sources {
            found.push((BTreeMap::from([(name.clone(), source.clone())]), *distance));
        }
    }
    found
}

fn tag(provided: &ConcreteTag, scope: Scope) -> Tag {
    Tag {
        tag_type: provided.tag_type.clone(),
        scope,
        reference: provided.reference,
        gone: false,
        from_args: false,
        confidence: 1.0,
        why: "learned from recorded traffic".to_owned(),
    }
}
