//! Bugs of layers: what is shown over committed data, and for how long.

use super::{Planted, bug};

pub const LAYERS: &[Planted] = &[
    bug(
        "B22: a change that is done is gone before newer data is there",
        "core/layers.rs",
        "active.settled_at = Some(self.seq);",
        "active.settled_at = Some(0);",
    ),
    bug(
        "B22: a change that is done stays over data that was asked for later",
        "core/projecting.rs",
        "base.since < settled_at",
        "base.since <= settled_at",
    ),
    bug(
        "B22: a mutation's change is put over its own result once more",
        "core/projecting.rs",
        "&& base.made_by != Some(id)",
        "",
    ),
    bug(
        "B22: what a change hides is found by no tag",
        "core/layers.rs",
        "tags.extend(shown);",
        "tags = if shown.is_empty() { tags } else { shown };",
    ),
    bug(
        "B22: data that began before something was done counts as valid with the guess over it",
        "core/layers.rs",
        "(entry.changed_at, entry.wanted) = (self.seq, self.seq);",
        "",
    ),
    bug(
        "B22: what is done is forgotten although it was hidden by another change that can be undone",
        "core/layers.rs",
        "active.seen_by.is_empty() && active.settled_at",
        "active.on.is_empty() && active.settled_at",
    ),
    bug(
        "B22: changes are applied in the order of their numbers",
        "core/projecting.rs",
        "known.sort_by_key(|(_, active)| active.came);",
        "known.sort_by_key(|(id, _)| **id);",
    ),
    bug(
        "B22: what was worked out for other layers is taken",
        "optimistic/project.rs",
        "&& self.layers == other.layers",
        "",
    ),
    bug("B22: other data is not counted as such when a change is undone", "core/layers.rs", "entry.version += 1;", ""),
    bug(
        "B22: an entry that lost its data is still known to show a change",
        "core/layers.rs",
        "active.seen_by.remove(&id);\n            active.failed_on",
        "active.failed_on",
    ),
];
