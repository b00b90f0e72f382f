//! Learns overrides from recorded traffic: which tags a plan lacks, and which it has for nothing.
//!
//! What was recorded are instances; what is learned are rules. A tag is proposed when a value of the mutation's call is the
//! id or the constraint under which the query was cached, so it names operations and fields and never an instance.

mod candidates;
mod choose;
mod evidence;
mod merge;
mod provided;
mod render;
mod values;

use std::collections::BTreeMap;

use crate::plan::{Plan, Source, Tag, TagType};
use crate::recording::Step;
use evidence::Evidence;
pub use merge::merge;
pub use render::render;

/// What was learned.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Learned {
    /// By operation, in the order of the plan.
    pub operations: Vec<LearnedOperation>,
    /// Tag types that the plan does not have.
    pub tag_types: Vec<String>,
    /// Operations of the recordings that the plan does not have.
    pub unknown: Vec<String>,
}

/// What was learned of one operation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LearnedOperation {
    /// Its id.
    pub id: String,
    /// Tags that a query should provide, too.
    pub provides_also: Vec<Tag>,
    /// All that it should provide: there where it is reached for nothing by what was inferred.
    pub provides: Option<Vec<Tag>>,
    /// Tags that a mutation should invalidate, too.
    pub adds: Vec<Evident>,
    /// All that it should invalidate: there where something was inferred for nothing, and so `adds` alone cannot say it.
    pub replaces: Option<Vec<Evident>>,
    /// What it need not invalidate or provide, of what was inferred.
    pub drops: Vec<Evident>,
}

/// A tag with what was seen of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Evident {
    /// The tag.
    pub tag: Tag,
    /// How many entries it reached that had changed.
    pub changed: usize,
    /// How many it reached that had not.
    pub unchanged: usize,
    /// How many calls of the mutation were seen.
    pub calls: usize,
    /// It reached nothing that no other tag reaches, or was not seen to: it was inferred, and stays.
    pub inferred: bool,
}

/// How much has to be seen before something that was inferred is taken away. What is missing is always added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Care {
    /// So many entries were reached for nothing, and none to any use.
    pub entries: usize,
    /// In so many calls: what one call of a mutation did not change, another may.
    pub calls: usize,
}

impl Default for Care {
    fn default() -> Care {
        Care { entries: 3, calls: 1 }
    }
}

/// Whether an operation has a value at a source, as far as its document says.
pub(crate) type CanSay<'a> = dyn Fn(&str, &Source) -> bool + 'a;

/// What recorded traffic teaches about a plan.
pub(crate) fn learn(plan: &Plan, steps: &[Step], care: Care, can_say: &CanSay<'_>) -> Learned {
    let evidence = Evidence::new(plan, steps, can_say);
    let mut learned = Learned { unknown: evidence.unknown.iter().cloned().collect(), ..Learned::default() };
    let mut operations: BTreeMap<String, LearnedOperation> = BTreeMap::new();
    let mut own = BTreeMap::new();
    for mutation in &evidence.mutations {
        let chosen = choose::choose(&evidence, mutation, care);
        for tag in chosen.adds.iter().map(|evident| &evident.tag) {
            if let Some((query, provided)) = evidence.own.get(&tag.tag_type) {
                own.insert(query.clone(), provided.clone());
                learned.tag_types.push(tag.tag_type.clone());
            }
        }
        if !chosen.adds.is_empty() || chosen.replaces.is_some() {
            operations.insert(mutation.id.to_owned(), chosen);
        }
    }
    for (query, provided) in own {
        entry(&mut operations, &query).provides_also.push(provided);
    }
    let invalidates = |id: &str| {
        let planned = plan.operations.iter().filter(|operation| operation.id == id);
        let planned: Vec<Tag> = planned.flat_map(|operation| operation.invalidates.clone()).collect();
        match operations.get(id) {
            Some(learned) => learned.invalidates(planned),
            None => planned,
        }
    };
    for (query, needless) in provided::needless(&evidence, plan, invalidates) {
        let planned = plan.operations.iter().find(|operation| operation.id == query);
        let kept = planned.into_iter().flat_map(|operation| &operation.provides);
        let kept = kept.filter(|tag| !needless.iter().any(|gone| gone.tag == **tag)).cloned().collect();
        let learned = entry(&mut operations, &query);
        learned.provides = Some(kept);
        learned.drops = needless;
    }
    learned.tag_types.sort();
    learned.tag_types.dedup();
    let in_order = plan.operations.iter().filter_map(|operation| operations.remove(&operation.id));
    learned.operations = in_order.collect();
    learned
}

fn entry<'l>(operations: &'l mut BTreeMap<String, LearnedOperation>, id: &str) -> &'l mut LearnedOperation {
    let new = || LearnedOperation { id: id.to_owned(), ..LearnedOperation::default() };
    operations.entry(id.to_owned()).or_insert_with(new)
}

impl LearnedOperation {
    /// What a mutation invalidates with this, of which `planned` was inferred.
    fn invalidates(&self, planned: Vec<Tag>) -> Vec<Tag> {
        let of = |tags: &[Evident]| tags.iter().map(|evident| evident.tag.clone()).collect::<Vec<Tag>>();
        let mut all = self.replaces.as_deref().map_or(planned, of);
        all.extend(of(&self.adds));
        all
    }
}

impl Learned {
    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        self.operations.is_empty()
    }

    /// The plan with what was learned.
    pub fn apply(&self, plan: &Plan) -> Plan {
        let mut plan = plan.clone();
        for name in &self.tag_types {
            plan.tag_types.push(TagType {
                name: name.clone(),
                collections: Vec::new(),
                members: Vec::new(),
                schemas: Vec::new(),
                id: Vec::new(),
            });
        }
        for learned in &self.operations {
            let Some(operation) = plan.operations.iter_mut().find(|operation| operation.id == learned.id) else {
                continue;
            };
            if let Some(all) = &learned.provides {
                operation.provides.clone_from(all);
            }
            operation.provides.extend(learned.provides_also.iter().cloned());
            operation.invalidates = learned.invalidates(std::mem::take(&mut operation.invalidates));
        }
        plan
    }
}
