//! The queries that a mutation reaches, those together that it reaches in the same way.

use std::collections::BTreeSet;

use super::reach::{Edge, Effect};
use super::words::{self, percent};

/// Queries that a mutation reaches in the same way, for the same reasons, and as surely.
pub(super) struct Group<'p> {
    pub(super) effect: Effect,
    /// When it reaches them, in words.
    pub(super) when: String,
    /// Why the mutation's tags are there, where they say so.
    pub(super) why: Vec<&'p str>,
    pub(super) confidence: f32,
    /// Their ids, in the order of the plan.
    pub(super) queries: Vec<&'p str>,
    sure: String,
}

/// The edges of one mutation in groups: what needs no request first, and then the surest.
pub(super) fn grouped<'e, 'p: 'e>(edges: impl Iterator<Item = &'e Edge<'p>>) -> Vec<Group<'p>> {
    let mut groups: Vec<Group<'p>> = Vec::new();
    for edge in edges {
        let mut why: Vec<&str> = edge.links.iter().map(|link| link.invalidates.why.as_str()).collect();
        let mut seen = BTreeSet::new();
        why.retain(|why| !why.is_empty() && seen.insert(*why));
        let (effect, when, sure) = (edge.effect, words::when(edge), percent(edge.confidence));
        let same = |group: &&mut Group<'_>| {
            (group.effect, &group.when, &group.why, &group.sure) == (effect, &when, &why, &sure)
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.queries.push(&edge.query.id),
            None => {
                let (confidence, queries) = (edge.confidence, vec![edge.query.id.as_str()]);
                groups.push(Group { effect, when, why, confidence, queries, sure });
            }
        }
    }
    groups.sort_by(|a, b| a.effect.cmp(&b.effect).then(b.confidence.total_cmp(&a.confidence)));
    groups
}
