//! Projection: committed data with layers over it. It runs user code, so it is done outside of the core and of the lock.

use std::sync::Arc;

use super::LayerPlan;
use crate::core::{EntryId, MutationId, Seq};
use crate::guard::{Panicked, guarded};
use crate::query::{QueryPlan, Value};
use crate::tag::Tag;

/// What has to be worked out before the core can take something in.
pub(crate) struct Job {
    pub(crate) frame: Frame,
    pub(crate) plan: Arc<QueryPlan>,
    /// The tags of the committed data.
    pub(crate) tags: Vec<Tag>,
    /// In the order in which they are applied.
    pub(crate) layers: Vec<(MutationId, Arc<LayerPlan>)>,
}

/// What a projection is of. It holds for just that.
#[derive(Clone)]
pub(crate) struct Frame {
    /// Nothing if there is no entry yet.
    pub(crate) entry: Option<EntryId>,
    /// The committed data.
    pub(crate) base: Value,
    /// When that began, as far as layers are concerned.
    pub(crate) since: Seq,
    /// The mutation whose result it is.
    pub(crate) made_by: Option<MutationId>,
    /// The layers that were considered.
    pub(crate) layers: Vec<MutationId>,
}

impl Frame {
    pub(crate) fn is_same(&self, other: &Frame) -> bool {
        self.entry == other.entry
            && Arc::ptr_eq(&self.base, &other.base)
            && self.since == other.since
            && self.made_by == other.made_by
            && self.layers == other.layers
    }
}

/// What the layers make of committed data.
pub(crate) struct Projection {
    pub(crate) frame: Frame,
    /// The data to be shown.
    pub(crate) value: Value,
    /// Its tags.
    pub(crate) tags: Vec<Tag>,
    /// The layers that changed something.
    pub(crate) applied: Vec<MutationId>,
    /// The layers that panicked.
    pub(crate) failed: Vec<MutationId>,
}

/// Does a job. Runs user code, guarded.
pub(crate) fn run(job: Job) -> Projection {
    let Job { frame, plan, tags, layers } = job;
    let mut projection =
        Projection { value: frame.base.clone(), tags: tags.clone(), frame, applied: Vec::new(), failed: Vec::new() };
    for (id, layer) in &layers {
        // Tags by which the next layer finds what this one put in are part of what it does.
        let work = || {
            let value = layer.apply(&plan, &projection.value, &projection.tags)?;
            let tags = tags_of(&plan, &value, &tags);
            Some((value, tags))
        };
        match guarded(work) {
            Ok(None) => {}
            Ok(Some((value, tags))) => {
                let spent = std::mem::replace(&mut projection.value, value);
                let _ = guarded(|| drop(spent));
                projection.tags = tags;
                projection.applied.push(*id);
            }
            Err(Panicked) => projection.failed.push(*id),
        }
    }
    let _ = guarded(|| drop((plan, layers)));
    projection
}

/// The tags of a value that layers made. Those that only the JSON of a response tells stay as they are.
fn tags_of(plan: &QueryPlan, value: &Value, committed: &[Tag]) -> Vec<Tag> {
    let (mut tags, are_all) = plan.reader.tags_of_value(value);
    tags.extend(plan.tags.iter().cloned());
    if !are_all {
        tags.extend(committed.iter().cloned());
    }
    tags
}
