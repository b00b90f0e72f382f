//! Which mutation reaches which query, read off the plan before any call is made.
//!
//! Ids and constraints are not known yet, only where they will come from. So an edge says that some call of the
//! mutation reaches some call of the query, and its links say when.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Serialize, Serializer};

use crate::plan::{Kind, Operation, Plan, Scope, Source, Tag, Write};

/// Every edge of a plan, by mutation and then by query, both in the order of the plan.
#[derive(Clone, Debug)]
pub struct Reach<'p> {
    /// The edges.
    pub edges: Vec<Edge<'p>>,
}

/// A mutation that reaches a query.
#[derive(Clone, Debug, Serialize)]
pub struct Edge<'p> {
    /// The mutation.
    #[serde(serialize_with = "id")]
    pub mutation: &'p Operation,
    /// Its place in the plan.
    #[serde(skip)]
    pub from: usize,
    /// The query.
    #[serde(serialize_with = "id")]
    pub query: &'p Operation,
    /// Its place in the plan.
    #[serde(skip)]
    pub to: usize,
    /// What becomes of the query's entries.
    pub effect: Effect,
    /// How sure it is: as sure as its surest link.
    pub confidence: f32,
    /// What the mutation's response fills, if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub write: Option<&'p Write>,
    /// The pairs of tags that make it.
    pub links: Vec<Link<'p>>,
}

/// What becomes of an entry that a mutation reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// The response fills it, without a request.
    Write,
    /// What it shows is gone: it is dropped.
    Drop,
    /// It is asked for again.
    Refetch,
}

/// A tag that a mutation invalidates, and one that a query provides, which it may reach.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Link<'p> {
    /// The mutation's tag.
    pub invalidates: &'p Tag,
    /// The query's tag.
    pub provides: &'p Tag,
    /// As sure as the less sure of both.
    pub confidence: f32,
}

impl<'p> Reach<'p> {
    /// The edges of a plan.
    pub fn of(plan: &'p Plan) -> Reach<'p> {
        let mut provided: HashMap<&str, Vec<(usize, &Tag)>> = HashMap::new();
        let mut by_id: HashMap<&str, usize> = HashMap::new();
        let with_place = || plan.operations.iter().enumerate();
        for (place, query) in with_place().filter(|(_, operation)| operation.kind == Kind::Query) {
            by_id.entry(&query.id).or_insert(place);
            for tag in &query.provides {
                provided.entry(&tag.tag_type).or_default().push((place, tag));
            }
        }
        let mut edges = Vec::new();
        for (from, mutation) in with_place().filter(|(_, operation)| operation.kind == Kind::Mutation) {
            let mut found: BTreeMap<usize, (Option<&Write>, Vec<Link<'_>>)> = BTreeMap::new();
            for write in &mutation.writes {
                if let Some(place) = by_id.get(write.operation.as_str()) {
                    found.entry(*place).or_default().0 = Some(write);
                }
            }
            for invalidates in &mutation.invalidates {
                for (place, provides) in provided.get(invalidates.tag_type.as_str()).into_iter().flatten() {
                    if reaches(invalidates, provides) {
                        let confidence = invalidates.confidence.min(provides.confidence);
                        found.entry(*place).or_default().1.push(Link { invalidates, provides, confidence });
                    }
                }
            }
            for (to, (write, links)) in found {
                if let Some(query) = plan.operations.get(to) {
                    edges.push(Edge::new((from, mutation), (to, query), write, links));
                }
            }
        }
        Reach { edges }
    }

    /// What the mutation at this place in the plan reaches.
    pub fn from(&self, mutation: usize) -> impl Iterator<Item = &Edge<'p>> {
        let start = self.edges.partition_point(|edge| edge.from < mutation);
        self.edges.iter().skip(start).take_while(move |edge| edge.from == mutation)
    }

    /// What reaches the query at this place in the plan.
    pub fn to(&self, query: usize) -> impl Iterator<Item = &Edge<'p>> {
        self.edges.iter().filter(move |edge| edge.to == query)
    }

    /// For each operation of the plan, how many operations of the other kind it reaches or is reached by.
    pub(super) fn counts(&self, plan: &Plan) -> Vec<usize> {
        let mut counts = vec![0; plan.operations.len()];
        for place in self.edges.iter().flat_map(|edge| [edge.from, edge.to]) {
            if let Some(count) = counts.get_mut(place) {
                *count += 1;
            }
        }
        counts
    }
}

impl<'p> Edge<'p> {
    fn new(
        (from, mutation): (usize, &'p Operation),
        (to, query): (usize, &'p Operation),
        write: Option<&'p Write>,
        links: Vec<Link<'p>>,
    ) -> Edge<'p> {
        let effect = match write {
            Some(_) => Effect::Write,
            None if links.iter().any(Link::drops) => Effect::Drop,
            None => Effect::Refetch,
        };
        let written = if write.is_some() { 1.0 } else { 0.0 };
        let confidence = links.iter().map(|link| link.confidence).fold(written, f32::max);
        Edge { mutation, from, query, to, effect, confidence, write, links }
    }
}

impl Link<'_> {
    /// Whether the entry shows nothing but what is gone.
    pub fn drops(&self) -> bool {
        self.invalidates.gone && self.provides.from_args && !self.provides.reference && is_id(self.provides)
    }

    /// The constraints that both lists name: it is reached where their values are the same.
    pub(super) fn common(&self) -> BTreeSet<&str> {
        match (&self.invalidates.scope, &self.provides.scope) {
            (Scope::List { list, .. }, Scope::List { list: other, .. }) => {
                list.keys().filter(|name| other.contains_key(*name)).map(String::as_str).collect()
            }
            _ => BTreeSet::new(),
        }
    }
}

fn is_id(tag: &Tag) -> bool {
    matches!(tag.scope, Scope::Id { .. })
}

/// Whether values could be such that a call of the one reaches a call of the other.
fn reaches(invalidates: &Tag, provides: &Tag) -> bool {
    if provides.reference && !invalidates.reference {
        return false;
    }
    match (&invalidates.scope, &provides.scope) {
        (Scope::Type {}, _) => true,
        (Scope::Id { id }, Scope::Id { id: other }) => {
            id.len() == other.len() && id.iter().zip(other).all(|(a, b)| could_be_equal(a, b))
        }
        (Scope::List { list, filtered }, Scope::List { list: other, .. }) => {
            let mut common = list.iter().filter_map(|(name, source)| Some((source, other.get(name)?))).peekable();
            (!filtered || common.peek().is_some()) && common.all(|(a, b)| could_be_equal(a, b))
        }
        _ => false,
    }
}

/// Two values that are written down are known; all others may turn out to be the same.
fn could_be_equal(one: &Source, other: &Source) -> bool {
    match (one, other) {
        (Source::Value { value }, Source::Value { value: other }) => value == other,
        _ => true,
    }
}

fn id<S: Serializer>(operation: &&Operation, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&operation.id)
}

#[cfg(test)]
mod tests {
    use super::{Effect, Reach};
    use crate::plan::Plan;

    /// A plan of one mutation and one query with these tags.
    fn plan(invalidates: &str, provides: &str) -> Plan {
        let text = format!(
            r#"{{ "larder": 1, "title": "", "version": "", "tag_types": [], "warnings": [], "operations": [
                {{ "id": "change", "kind": "mutation", "method": "POST", "path": "/", "function": "", "why": [],
                   "invalidates": [{invalidates}] }},
                {{ "id": "show", "kind": "query", "method": "GET", "path": "/", "function": "", "why": [],
                   "provides": [{provides}] }} ] }}"#
        );
        serde_json::from_str(&text).expect("it is a plan")
    }

    fn effect(invalidates: &str, provides: &str) -> Option<Effect> {
        let plan = plan(invalidates, provides);
        Reach::of(&plan).edges.first().map(|edge| edge.effect)
    }

    const PATH: &str = r#"{"in": "path", "name": "id"}"#;

    fn of_id(parts: &[&str], rest: &str) -> String {
        format!(r#"{{"type": "Post", "id": [{}]{rest}}}"#, parts.join(","))
    }

    #[test]
    fn ids_reach_each_other_where_their_values_could_be_equal() {
        let (one, other) = (r#"{"value": "a"}"#, r#"{"value": "b"}"#);
        for (invalidates, provides, reached) in [
            (&[PATH][..], &[PATH][..], true),
            (&[PATH], &[one], true),
            (&[one], &[one], true),
            (&[one], &[other], false),
            (&[PATH, one], &[PATH, one], true),
            (&[PATH, one], &[PATH, other], false),
            (&[PATH], &[PATH, PATH], false),
        ] {
            let found = effect(&of_id(invalidates, ""), &of_id(provides, ""));
            assert_eq!(found.is_some(), reached, "{invalidates:?} {provides:?}");
        }
        assert_eq!(effect(r#"{"type": "User", "id": []}"#, &of_id(&[], "")), None, "another type");
    }

    #[test]
    fn lists_reach_each_other_unless_a_value_is_known_to_differ() {
        let list = |constraints: &str, rest: &str| format!(r#"{{"type": "Post", "list": {{{constraints}}}{rest}}}"#);
        let (draft, done) = (r#""status": {"value": "draft"}"#, r#""status": {"value": "done"}"#);
        let author = r#""author": {"in": "query", "name": "author"}"#;
        let filtered = r#", "filtered": true"#;
        for (invalidates, rest, provides, reached) in [
            ("", "", "", true),
            (author, "", "", true),
            (author, "", author, true),
            (draft, "", done, false),
            (draft, "", author, true),
            (draft, filtered, author, false),
            (author, filtered, author, true),
            (author, filtered, "", false),
        ] {
            let found = effect(&list(invalidates, rest), &list(provides, ""));
            assert_eq!(found.is_some(), reached, "{invalidates} {rest} {provides}");
        }
        assert_eq!(effect(&list("", ""), &of_id(&[PATH], "")), None, "a list is no id");
        assert!(effect(r#"{"type": "Post"}"#, &list("", "")).is_some(), "all of a type is its lists, too");
        assert_eq!(effect(&list("", ""), r#"{"type": "Post"}"#), None, "a type is reached by a type alone");
    }

    #[test]
    fn a_reference_is_reached_by_what_reaches_references() {
        let reference = of_id(&[PATH], r#", "reference": true"#);
        assert_eq!(effect(&of_id(&[PATH], ""), &reference), None);
        assert_eq!(effect(&reference, &reference), Some(Effect::Refetch));
    }

    #[test]
    fn what_is_gone_drops_the_entry_that_is_its_own() {
        let gone = of_id(&[PATH], r#", "gone": true, "reference": true"#);
        assert_eq!(effect(&gone, &of_id(&[PATH], r#", "from_args": true"#)), Some(Effect::Drop));
        assert_eq!(effect(&gone, &of_id(&[r#"{"in": "response", "pointer": "/*/id"}"#], "")), Some(Effect::Refetch));
        let reference = of_id(&[PATH], r#", "from_args": true, "reference": true"#);
        assert_eq!(effect(&gone, &reference), Some(Effect::Refetch), "it shows more than what is gone");
    }

    #[test]
    fn an_edge_is_as_sure_as_its_surest_link_and_a_link_as_its_less_sure_tag() {
        let tag = |confidence: &str| of_id(&[PATH], &format!(r#", "confidence": {confidence}"#));
        let plan = plan(&format!("{},{}", tag("0.5"), tag("0.75")), &tag("0.625"));
        let reach = Reach::of(&plan);
        let confidences: Vec<f32> = reach.edges[0].links.iter().map(|link| link.confidence).collect();
        assert_eq!((confidences.as_slice(), reach.edges[0].confidence), ([0.5, 0.625].as_slice(), 0.625));
    }

    #[test]
    fn a_write_is_an_edge_without_any_tag() {
        let mut plan = plan("", "");
        let write =
            crate::plan::Write { operation: "show".to_owned(), args: Default::default(), pointer: String::new() };
        plan.operations[0].writes.push(write);
        let reach = Reach::of(&plan);
        assert_eq!((reach.edges.len(), reach.edges[0].effect), (1, Effect::Write));
        assert_eq!((reach.from(0).count(), reach.to(1).count(), reach.to(0).count()), (1, 1, 0));
    }
}
