//! Tags of queries by which they are reached for nothing, whatever mutation reaches them.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::evaluate::{ConcreteTag, tags};
use crate::plan::{Operation, Plan, Tag};

use super::Evident;
use super::evidence::{Evidence, MutationCall, Seen};

/// In so many calls an entry must have been reached by the tag alone, and have been the same after each.
const ENOUGH_CALLS: usize = 3;

/// An entry of the query, cached when a mutation was sent.
struct Reached<'e> {
    call: usize,
    seen: &'e Seen<'e>,
    invalidated: &'e BTreeSet<ConcreteTag>,
}

/// By query, the tags that it need not provide.
pub(super) fn needless(
    evidence: &Evidence<'_>,
    plan: &Plan,
    invalidates: impl Fn(&str) -> Vec<Tag>,
) -> BTreeMap<String, Vec<Evident>> {
    let mut calls: Vec<(BTreeSet<ConcreteTag>, &MutationCall<'_>)> = Vec::new();
    for mutation in &evidence.mutations {
        let planned = invalidates(mutation.id);
        for call in mutation.calls.iter().filter(|call| call.had_effect) {
            calls.push((tags(&planned, &call.recorded.call, &call.recorded.response_body), call));
        }
    }
    let mut by_query: BTreeMap<&str, Vec<Reached<'_>>> = BTreeMap::new();
    for (at, (invalidated, call)) in calls.iter().enumerate() {
        for seen in &call.seen {
            let reached = Reached { call: at, seen, invalidated };
            by_query.entry(&seen.query.call.operation_id).or_default().push(reached);
        }
    }
    let mut found = BTreeMap::new();
    for operation in &plan.operations {
        let Some(entries) = by_query.get(operation.id.as_str()) else { continue };
        let needless = of_query(operation, entries);
        if !needless.is_empty() {
            found.insert(operation.id.clone(), needless);
        }
    }
    found
}

fn of_query(operation: &Operation, entries: &[Reached<'_>]) -> Vec<Evident> {
    let mut order: Vec<&Tag> = operation.provides.iter().collect();
    // The least sure first.
    order.sort_by(|one, other| one.confidence.total_cmp(&other.confidence));
    let mut needless: Vec<Evident> = Vec::new();
    for tag in order {
        let kept = |other: &&Tag| *other != tag && !needless.iter().any(|gone| gone.tag == **other);
        let others: Vec<&Tag> = operation.provides.iter().filter(kept).collect();
        let reaches = |entry: &Reached<'_>, planned: &[&Tag]| {
            let provided = tags(planned.iter().copied(), &entry.seen.query.call, &entry.seen.query.response_before);
            entry.invalidated.iter().any(|tag| provided.iter().any(|provided| tag.reaches(provided)))
        };
        let alone: Vec<&Reached<'_>> =
            entries.iter().filter(|entry| reaches(entry, &[tag]) && !reaches(entry, &others)).collect();
        let calls: BTreeSet<usize> = alone.iter().map(|entry| entry.call).collect();
        let changed = alone.iter().filter(|entry| entry.seen.changed).count();
        if changed == 0 && calls.len() >= ENOUGH_CALLS {
            let unchanged = alone.len();
            needless.push(Evident { tag: tag.clone(), changed, unchanged, calls: calls.len(), inferred: true });
        }
    }
    needless
}
