//! In which way a mutation reaches a query, whatever its parameters are called: what two versions of a document compare.

use std::collections::BTreeSet;

use super::reach::{Edge, Link};
use crate::plan::Scope;

/// A way from one tag to another of the same type.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Way {
    tag_type: String,
    to: To,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum To {
    /// Whatever holds anything of the type.
    All,
    /// The query that the id picks.
    Own,
    /// Whatever shows the entity.
    Shown,
    /// Whatever refers to the entity.
    Reference,
    /// Lists whose values of these constraints are the same; all of them without a constraint.
    Lists(BTreeSet<String>),
    /// Lists that are filtered by one of these constraints.
    Filtered(BTreeSet<String>),
}

impl Way {
    fn of(link: &Link<'_>) -> Way {
        let common = || link.common().into_iter().map(str::to_owned).collect();
        let to = match &link.invalidates.scope {
            Scope::Type {} => To::All,
            Scope::List { filtered: true, .. } => To::Filtered(common()),
            Scope::List { .. } => To::Lists(common()),
            Scope::Id { .. } if link.provides.reference => To::Reference,
            Scope::Id { .. } if link.provides.from_args => To::Own,
            Scope::Id { .. } => To::Shown,
        };
        Way { tag_type: link.provides.tag_type.clone(), to }
    }

    /// Whether whatever this way reaches is reached by `other`, too.
    fn is_within(&self, other: &Way) -> bool {
        let is_wider = match (&self.to, &other.to) {
            (_, To::All) => true,
            (To::Lists(mine) | To::Filtered(mine), To::Lists(theirs)) => theirs.is_subset(mine),
            (To::Filtered(mine), To::Filtered(theirs)) => mine.is_subset(theirs),
            (mine, theirs) => mine == theirs,
        };
        self.tag_type == other.tag_type && is_wider
    }
}

/// Whether the edge reached something in a way that it no longer does.
pub(super) fn is_narrowed(before: &Edge<'_>, now: &Edge<'_>) -> bool {
    let ways = |edge: &Edge<'_>| -> BTreeSet<Way> { edge.links.iter().map(Way::of).collect() };
    let now = ways(now);
    ways(before).iter().any(|way| !now.iter().any(|other| way.is_within(other)))
}
