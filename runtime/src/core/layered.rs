//! An entry whose data is shown with layers over it.

use std::sync::Arc;

use super::entry::Entry;
use super::event::{MutationId, Seq};
use crate::optimistic::Projection;
use crate::query::Value;
use crate::tag::Tag;

/// What an entry has while layers change what it shows. Its `stored` holds what is shown, and all else as it was committed.
pub(super) struct Layered {
    pub(super) committed: Value,
    /// The tags of the committed data. They count as well: what is hidden can be invalidated.
    pub(super) tags: Vec<Tag>,
    /// When the data began, as far as layers are concerned.
    pub(super) since: Seq,
    /// The mutation whose result it is.
    pub(super) made_by: Option<MutationId>,
    /// The layers that were looked at.
    pub(super) considered: Vec<MutationId>,
    /// Those of them that changed something.
    pub(super) applied: Vec<MutationId>,
}

/// What an entry showed before its layers were taken off.
pub(super) struct Bared {
    pub(super) layered: Box<Layered>,
    shown: Value,
}

impl Entry {
    pub(super) fn layered(&self) -> Option<&Layered> {
        self.users.get()?.layered.as_deref()
    }

    /// The data without layers.
    pub(super) fn committed(&self) -> Option<&Value> {
        let stored = self.stored.as_ref()?;
        Some(self.layered().map_or(&stored.value, |layered| &layered.committed))
    }

    /// The tags of the data without layers, and perhaps those of the args.
    pub(super) fn data_tags(&self) -> &[Tag] {
        self.layered().map_or(self.indexed(), |layered| &layered.tags)
    }

    /// When the data began, as far as layers are concerned.
    pub(super) fn layers_since(&self) -> Option<Seq> {
        let stored = self.stored.as_ref()?;
        Some(self.layered().map_or(stored.since, |layered| layered.since))
    }

    /// Takes the layers off, so that the committed data is what is stored.
    pub(super) fn bare(&mut self) -> Option<Bared> {
        let stored = self.stored.as_mut()?;
        let layered = self.users.present_if_any()?.layered.take()?;
        let shown = std::mem::replace(&mut stored.value, layered.committed.clone());
        Some(Bared { layered, shown })
    }

    /// Puts layers over the data that is stored. Says whether what is shown is other than before, and gives the tags that
    /// are shown and what is to be discarded.
    pub(super) fn cover(
        &mut self,
        bared: Option<&Bared>,
        projection: Option<Projection>,
        tags: &[Tag],
    ) -> (bool, Vec<Tag>, Option<Projection>) {
        let Some(stored) = &mut self.stored else { return (false, Vec::new(), projection) };
        let before = bared.map_or(&stored.value, |bared| &bared.shown).clone();
        let Some(mut projection) = projection else {
            return (!Arc::ptr_eq(&before, &stored.value), Vec::new(), None);
        };
        if projection.applied.is_empty() {
            return (!Arc::ptr_eq(&before, &stored.value), Vec::new(), Some(projection));
        }
        let committed = std::mem::replace(&mut stored.value, projection.value.clone());
        let is_other = !Arc::ptr_eq(&before, &stored.value);
        self.users.present().layered = Some(Box::new(Layered {
            committed,
            tags: tags.to_vec(),
            since: projection.frame.since,
            made_by: projection.frame.made_by,
            considered: projection.frame.layers.clone(),
            applied: std::mem::take(&mut projection.applied),
        }));
        (is_other, std::mem::take(&mut projection.tags), Some(projection))
    }
}
