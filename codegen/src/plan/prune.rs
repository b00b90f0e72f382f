//! Takes out of a plan what can make no difference.

use std::collections::BTreeSet;

use super::views::SHOWS;
use super::{Plan, Scope, Source, Tag};

/// Takes out references and guesses that no mutation of the API reaches, and what tells lists apart that are
/// always reached together. What a query surely shows stays, for those who invalidate by hand.
pub(crate) fn prune(plan: &mut Plan) {
    let invalidating: Vec<Tag> = plan.operations.iter().flat_map(|operation| operation.invalidates.clone()).collect();
    for operation in &mut plan.operations {
        let kept = |tag: &&Tag| {
            let guessed = tag.reference || (tag.confidence < 1.0 && matches!(tag.scope, Scope::List { .. }));
            !guessed || invalidating.iter().any(|other| may_reach(other, tag))
        };
        let kept: Vec<Tag> = operation.provides.iter().filter(kept).cloned().collect();
        // One of no tags at all could not be named by hand either.
        if !kept.is_empty() {
            operation.provides = kept;
        }
    }
    let told: BTreeSet<String> = invalidating.iter().filter(|tag| shows(tag)).map(|tag| tag.tag_type.clone()).collect();
    for tag in plan.operations.iter_mut().flat_map(|operation| &mut operation.provides) {
        if !told.contains(&tag.tag_type)
            && let Scope::List { list, .. } = &mut tag.scope
        {
            list.remove(SHOWS);
        }
    }
    for operation in &mut plan.operations {
        let mut seen: Vec<Tag> = Vec::new();
        operation.provides.retain(|tag| {
            let known = seen.iter().any(|other| {
                other.tag_type == tag.tag_type && other.scope == tag.scope && other.reference <= tag.reference
            });
            seen.push(tag.clone());
            !known
        });
        let whys: BTreeSet<&str> =
            operation.provides.iter().chain(&operation.invalidates).map(|tag| tag.why.as_str()).collect();
        let kept = |why: &String| whys.contains(why.as_str()) || !operation.writes.is_empty();
        let why = operation.why.iter().filter(|why| kept(why)).cloned().collect();
        operation.why = why;
    }
}

fn shows(tag: &Tag) -> bool {
    matches!(&tag.scope, Scope::List { list, .. } if list.contains_key(SHOWS))
}

/// Whether some call with the one could reach some call with the other.
fn may_reach(invalidating: &Tag, provided: &Tag) -> bool {
    if invalidating.tag_type != provided.tag_type || (provided.reference && !invalidating.reference) {
        return false;
    }
    match (&invalidating.scope, &provided.scope) {
        (Scope::Type {}, _) => true,
        (Scope::Id { id }, Scope::Id { id: other }) => id.len() == other.len(),
        (Scope::List { list, filtered }, Scope::List { list: other, .. }) => {
            let both = || list.iter().filter_map(|(name, source)| Some((source, other.get(name)?)));
            let differ = |(one, other): (&Source, &Source)| matches!((one, other), (Source::Value { value: one }, Source::Value { value: other }) if one != other);
            !both().any(differ) && (!filtered || both().next().is_some())
        }
        _ => false,
    }
}
