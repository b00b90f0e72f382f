//! What a new version of a document changes in the plan.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;

use super::reach::{Edge, Effect, Reach};
use super::way::is_narrowed;
use super::words;
use crate::plan::{Kind, Operation, Plan, Tag};

/// The difference of two plans.
#[derive(Clone, Debug, Serialize)]
pub struct Diff {
    /// Version of this format.
    pub larder: u32,
    /// Title and version of the old document.
    pub old: String,
    /// Title and version of the new one.
    pub new: String,
    /// Mutations that no longer reach a query, though both are still there: if the server still changes what the query
    /// shows, it goes stale.
    pub edges_lost: Vec<EdgeName>,
    /// Mutations that still reach a query, but not in every way in which they did: not each list, or not what shows
    /// the same entity.
    pub edges_narrowed: Vec<EdgeName>,
    /// Mutations that reach a query which they did not reach before, though both were there.
    pub edges_gained: Vec<EdgeName>,
    /// Operations that are new.
    pub operations_added: Vec<String>,
    /// Operations that are gone.
    pub operations_removed: Vec<String>,
    /// Operations with the same method and path by another id.
    pub operations_renamed: Vec<Renamed>,
    /// Operations that are there before and after, with what became different.
    pub operations_changed: Vec<Changed>,
    /// Tag types that are new.
    pub tag_types_added: Vec<String>,
    /// Tag types that are gone.
    pub tag_types_removed: Vec<String>,
    /// Tag types at the same paths by another name; their tags count as the same.
    pub tag_types_renamed: Vec<Renamed>,
}

/// A name that became another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Renamed {
    /// The old name.
    pub from: String,
    /// The new name.
    pub to: String,
}

/// An edge by the names of its operations, in the new document where it is there.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EdgeName {
    /// The mutation.
    pub mutation: String,
    /// The query.
    pub query: String,
    /// What becomes, or became, of the query's entries.
    pub effect: Effect,
    /// When it reaches it, in words.
    pub when: String,
    /// When it reached it before, in words, where it reaches less now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// How sure the plan is, or was.
    pub confidence: f32,
    /// Why its tags are invalidated and provided.
    pub why: Vec<String>,
}

/// What became different of an operation.
#[derive(Clone, Debug, Serialize)]
pub struct Changed {
    /// Its id, in the new document.
    pub operation: String,
    /// Its kind before and after.
    pub kind: [Kind; 2],
    /// Its method and path before and after, where they changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call: Option<[String; 2]>,
    /// Tags that it has no longer.
    pub tags_removed: Vec<Tag>,
    /// Tags that it has now.
    pub tags_added: Vec<Tag>,
    /// Queries whose entries its response no longer fills.
    pub writes_removed: Vec<String>,
    /// Queries whose entries its response fills now.
    pub writes_added: Vec<String>,
}

impl Diff {
    /// What changes from `old` to `new`.
    pub fn of(old: &Plan, new: &Plan) -> Diff {
        let tag_types_renamed = renamed_types(old, new);
        let mut before = old.clone();
        rename_types(&mut before, &tag_types_renamed);
        let pairs = Pairs::new(&before, new);
        let names = |plan: &Plan| -> BTreeSet<String> { plan.tag_types.iter().map(|each| each.name.clone()).collect() };
        let (types_before, types_after) = (names(&before), names(new));
        let (reach_before, reach_after) = (Reach::of(&before), Reach::of(new));
        let kept_before: BTreeSet<(usize, usize)> = reach_before.edges.iter().filter_map(|e| pairs.edge(e)).collect();
        let now: HashMap<(usize, usize), &Edge<'_>> =
            reach_after.edges.iter().map(|edge| ((edge.from, edge.to), edge)).collect();
        let lost = reach_before.edges.iter().filter_map(|edge| Some((edge, pairs.edge(edge)?)));
        let lost = lost.filter(|(_, ends)| !now.contains_key(ends));
        let narrowed = reach_before.edges.iter().filter_map(|before| Some((before, *now.get(&pairs.edge(before)?)?)));
        let narrowed = narrowed.filter(|(before, now)| is_narrowed(before, now)).map(|(before, now)| EdgeName {
            before: Some(words::when(before)),
            ..EdgeName::new(now, &now.mutation.id, &now.query.id)
        });
        let was_there = |edge: &&Edge<'_>| pairs.has_new(edge.from) && pairs.has_new(edge.to);
        let gained = reach_after.edges.iter().filter(was_there);
        let gained = gained.filter(|edge| !kept_before.contains(&(edge.from, edge.to)));
        Diff {
            larder: 1,
            old: title(old),
            new: title(new),
            edges_lost: lost.map(|(edge, ends)| pairs.named(edge, ends, new)).collect(),
            edges_narrowed: narrowed.collect(),
            edges_gained: gained.map(|edge| EdgeName::new(edge, &edge.mutation.id, &edge.query.id)).collect(),
            operations_added: ids(new, |place| !pairs.has_new(place)),
            operations_removed: ids(old, |place| !pairs.by_old.contains_key(&place)),
            operations_renamed: pairs.renamed(&before, new),
            operations_changed: pairs.changed(&before, new),
            tag_types_added: types_after.difference(&types_before).cloned().collect(),
            tag_types_removed: types_before.difference(&types_after).cloned().collect(),
            tag_types_renamed,
        }
    }

    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.edges_lost.is_empty()
            && self.edges_narrowed.is_empty()
            && self.edges_gained.is_empty()
            && self.operations_added.is_empty()
            && self.operations_removed.is_empty()
            && self.operations_renamed.is_empty()
            && self.operations_changed.is_empty()
            && self.tag_types_added.is_empty()
            && self.tag_types_removed.is_empty()
            && self.tag_types_renamed.is_empty()
    }
}

impl EdgeName {
    fn new(edge: &Edge<'_>, mutation: &str, query: &str) -> EdgeName {
        let (invalidated, provided) = words::reasons(edge);
        EdgeName {
            mutation: mutation.to_owned(),
            query: query.to_owned(),
            effect: edge.effect,
            when: words::when(edge),
            before: None,
            confidence: edge.confidence,
            why: [invalidated, provided].concat(),
        }
    }
}

/// Which operation of the old plan is which of the new one, by their places.
struct Pairs {
    by_old: BTreeMap<usize, usize>,
    news: BTreeSet<usize>,
}

impl Pairs {
    /// Operations are the same by their id, and else by their method and path.
    fn new(old: &Plan, new: &Plan) -> Pairs {
        let mut pairs = Pairs { by_old: BTreeMap::new(), news: BTreeSet::new() };
        pairs.join(old, new, |operation| operation.id.clone());
        pairs.join(old, new, |operation| format!("{} {}", operation.method, operation.path));
        pairs
    }

    fn join(&mut self, old: &Plan, new: &Plan, key: impl Fn(&Operation) -> String) {
        let mut open: HashMap<String, usize> = HashMap::new();
        for (place, operation) in new.operations.iter().enumerate().filter(|(place, _)| !self.news.contains(place)) {
            open.entry(key(operation)).or_insert(place);
        }
        for (place, operation) in old.operations.iter().enumerate() {
            if self.by_old.contains_key(&place) {
                continue;
            }
            if let Some(found) = open.remove(&key(operation)) {
                self.by_old.insert(place, found);
                self.news.insert(found);
            }
        }
    }

    fn has_new(&self, place: usize) -> bool {
        self.news.contains(&place)
    }

    /// Where both ends of an old edge are in the new plan.
    fn edge(&self, edge: &Edge<'_>) -> Option<(usize, usize)> {
        Some((*self.by_old.get(&edge.from)?, *self.by_old.get(&edge.to)?))
    }

    fn named(&self, edge: &Edge<'_>, (from, to): (usize, usize), new: &Plan) -> EdgeName {
        let id = |place: usize| new.operations.get(place).map_or("", |operation| operation.id.as_str());
        EdgeName::new(edge, id(from), id(to))
    }

    fn each<'p>(&self, old: &'p Plan, new: &'p Plan) -> impl Iterator<Item = (&'p Operation, &'p Operation)> {
        self.by_old
            .iter()
            .filter_map(|(before, after)| Some((old.operations.get(*before)?, new.operations.get(*after)?)))
    }

    fn renamed(&self, old: &Plan, new: &Plan) -> Vec<Renamed> {
        let renamed = self.each(old, new).filter(|(before, after)| before.id != after.id);
        renamed.map(|(before, after)| Renamed { from: before.id.clone(), to: after.id.clone() }).collect()
    }

    fn changed(&self, old: &Plan, new: &Plan) -> Vec<Changed> {
        let now: HashMap<&str, &str> =
            self.each(old, new).map(|(before, after)| (before.id.as_str(), after.id.as_str())).collect();
        let written = |operation: &Operation| -> BTreeSet<String> {
            operation.writes.iter().map(|write| write.operation.clone()).collect()
        };
        let changes = self.each(old, new).filter_map(|(before, after)| {
            let tags = |operation: &Operation| [operation.provides.as_slice(), &operation.invalidates].concat();
            let (tags_before, tags_after) = (tags(before), tags(after));
            // A query that went by another name is the same query.
            let writes_before = written(before);
            let writes_before: BTreeSet<String> =
                writes_before.iter().map(|id| now.get(id.as_str()).map_or(id.as_str(), |id| *id).to_owned()).collect();
            let writes_after = written(after);
            let call = |operation: &Operation| format!("{} {}", operation.method, operation.path);
            let changed = Changed {
                operation: after.id.clone(),
                kind: [before.kind, after.kind],
                call: (call(before) != call(after)).then(|| [call(before), call(after)]),
                tags_removed: without(&tags_before, &tags_after),
                tags_added: without(&tags_after, &tags_before),
                writes_removed: writes_before.difference(&writes_after).cloned().collect(),
                writes_added: writes_after.difference(&writes_before).cloned().collect(),
            };
            (!changed.is_empty()).then_some(changed)
        });
        changes.collect()
    }
}

impl Changed {
    /// Whether a query became a mutation, or the other way round.
    pub fn has_other_kind(&self) -> bool {
        let [before, after] = self.kind;
        before != after
    }

    fn is_empty(&self) -> bool {
        !self.has_other_kind()
            && self.call.is_none()
            && self.tags_removed.is_empty()
            && self.tags_added.is_empty()
            && self.writes_removed.is_empty()
            && self.writes_added.is_empty()
    }
}

fn ids(plan: &Plan, wanted: impl Fn(usize) -> bool) -> Vec<String> {
    let places = plan.operations.iter().enumerate().filter(|(place, _)| wanted(*place));
    places.map(|(_, operation)| operation.id.clone()).collect()
}

fn title(plan: &Plan) -> String {
    [plan.title.as_str(), plan.version.as_str()].join(" ").trim().to_owned()
}

/// The tags that have no equal among `others`. How sure a tag is, and why, is no part of what it means.
fn without(tags: &[Tag], others: &[Tag]) -> Vec<Tag> {
    let same =
        |a: &Tag, b: &Tag| (&a.tag_type, &a.scope, a.reference, a.gone) == (&b.tag_type, &b.scope, b.reference, b.gone);
    tags.iter().filter(|tag| !others.iter().any(|other| same(tag, other))).cloned().collect()
}

/// Tag types that went by another name: those of which one is only in the old plan, the other only in the new one, and
/// that share a path.
fn renamed_types(old: &Plan, new: &Plan) -> Vec<Renamed> {
    let has = |plan: &Plan, name: &str| plan.tag_types.iter().any(|each| each.name == name);
    let mut free: Vec<_> = new.tag_types.iter().filter(|each| !has(old, &each.name)).collect();
    let mut renamed = Vec::new();
    for before in old.tag_types.iter().filter(|each| !has(new, &each.name)) {
        let places = |each: &crate::plan::TagType| -> BTreeSet<String> {
            each.collections.iter().chain(&each.members).cloned().collect()
        };
        let known = places(before);
        let found = free.iter().position(|after| !places(after).is_disjoint(&known));
        if let Some(found) = found {
            renamed.push(Renamed { from: before.name.clone(), to: free.remove(found).name.clone() });
        }
    }
    renamed
}

fn rename_types(plan: &mut Plan, renamed: &[Renamed]) {
    let names: HashMap<&str, &str> = renamed.iter().map(|each| (each.from.as_str(), each.to.as_str())).collect();
    let rename = |name: &mut String| {
        if let Some(new) = names.get(name.as_str()) {
            *name = (*new).to_owned();
        }
    };
    plan.tag_types.iter_mut().for_each(|each| rename(&mut each.name));
    for operation in &mut plan.operations {
        let tags = operation.provides.iter_mut().chain(&mut operation.invalidates);
        tags.for_each(|tag| rename(&mut tag.tag_type));
    }
}
