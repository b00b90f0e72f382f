//! Layers over committed data: which there are, and what becomes of them.
//!
//! Applying a layer runs user code, which the core never does. So whoever brings an event first asks what has to be worked
//! out for it ([`Core::prepare`]), works that out, and asks again; an event is taken in only when all of it is there and
//! nothing changed meanwhile. So what is shown is, at every moment, the committed data with its layers, and never one
//! without the other.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use super::Core;
use super::entry::Entry;
use super::event::{Effect, EntryId, MutationId, Seq};
use super::layered::{Bared, Layered};
use crate::event::{Event as Report, Outcome};
use crate::optimistic::{Frame, LayerPlan, Projection};
use crate::query::Value;
use crate::tag::Tag;
use crate::tags::Tags;
use crate::target::RefetchOf;

/// The layers there are.
#[derive(Default)]
pub(super) struct Layers {
    pub(super) all: BTreeMap<MutationId, Active>,
    /// What was worked out for the event that is taken in next.
    pub(super) given: Vec<Projection>,
    /// How many came.
    count: u64,
}

pub(super) struct Active {
    pub(super) plan: Arc<LayerPlan>,
    /// Layers are applied in the order in which they came, which need not be that of their numbers.
    pub(super) came: u64,
    /// Once it is done, what shows it is asked for.
    is_asked_for: bool,
    /// When it was done. From then on it counts for data alone that began before.
    pub(super) settled_at: Option<Seq>,
    /// The entries that it changed.
    pub(super) on: BTreeSet<EntryId>,
    /// The entries with layers for which it was looked at: it may change them once another layer is undone.
    seen_by: BTreeSet<EntryId>,
    /// The entries on which it panicked.
    pub(super) failed_on: BTreeSet<EntryId>,
}

impl Layers {
    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty() && self.given.is_empty()
    }

    /// Takes out what was worked out for this data.
    pub(super) fn take(&mut self, id: EntryId, base: &Value) -> Option<Projection> {
        let is_its = |frame: &Frame| frame.entry.is_none_or(|entry| entry == id) && Arc::ptr_eq(&frame.base, base);
        let at = self.given.iter().position(|projection| is_its(&projection.frame))?;
        Some(self.given.swap_remove(at))
    }

    /// The entry shows these layers now, instead of those.
    fn moved(&mut self, id: EntryId, before: Option<&Layered>, now: Option<&Layered>) {
        for layer in before.into_iter().flat_map(|layered| &layered.considered) {
            if let Some(active) = self.all.get_mut(layer) {
                active.on.remove(&id);
                active.seen_by.remove(&id);
            }
        }
        for layer in now.into_iter().flat_map(|layered| &layered.considered) {
            if let Some(active) = self.all.get_mut(layer) {
                active.seen_by.insert(id);
            }
        }
        for layer in now.into_iter().flat_map(|layered| &layered.applied) {
            if let Some(active) = self.all.get_mut(layer) {
                active.on.insert(id);
            }
        }
    }

    /// The entry lost its data.
    pub(super) fn leave(&mut self, id: EntryId) {
        for active in self.all.values_mut() {
            active.on.remove(&id);
            active.seen_by.remove(&id);
            active.failed_on.remove(&id);
        }
    }
}

impl Core {
    /// Forgets the layers at the client's end, so that they can be dropped where user code may run.
    pub(crate) fn take_layers(&mut self) -> Vec<Arc<LayerPlan>> {
        std::mem::take(&mut self.layers).all.into_values().map(|active| active.plan).collect()
    }

    pub(super) fn layer_added(&mut self, layer: MutationId, plan: Arc<LayerPlan>, is_asked_for: bool, now: Duration) {
        self.layers.count += 1;
        let active = Active {
            plan,
            came: self.layers.count,
            is_asked_for,
            settled_at: None,
            on: BTreeSet::new(),
            seen_by: BTreeSet::new(),
            failed_on: BTreeSet::new(),
        };
        self.layers.all.insert(layer, active);
        let mut guessed = BTreeSet::new();
        for projection in std::mem::take(&mut self.layers.given) {
            let Some(id) = projection.frame.entry else { continue };
            self.show(id, Some(projection));
            guessed.extend(self.is_guessed(id).then_some(id));
        }
        self.ask_for(&guessed, now);
    }

    /// What a layer stands for is over. Gives back the entries of which nobody knows any more whether what they show is so.
    pub(super) fn layer_settled(&mut self, layer: MutationId, outcome: Outcome) -> BTreeSet<EntryId> {
        let Some(active) = self.layers.all.get_mut(&layer) else { return BTreeSet::new() };
        let guessed = if active.is_asked_for { active.on.clone() } else { BTreeSet::new() };
        if outcome == Outcome::Succeeded {
            // Later than every request that was sent before the server had done it.
            self.seq += 1;
            active.settled_at = Some(self.seq);
            return guessed;
        }
        let Some(active) = self.layers.all.remove(&layer) else { return guessed };
        let mut guessed = if outcome == Outcome::Unknown { guessed } else { BTreeSet::new() };
        for id in active.on.iter().copied() {
            let base = self.entries.get(id).and_then(Entry::committed).cloned();
            let projection = base.and_then(|base| self.layers.take(id, &base));
            self.show(id, projection);
            // What it hid from another layer, which is done, that one may change now.
            guessed.extend(self.is_guessed(id).then_some(id));
        }
        self.effects.push(Effect::Discard(Box::new(active.plan)));
        guessed
    }

    /// A layer that was made by hand is over. What it changed is asked for, if it is done.
    pub(super) fn layer_ended(&mut self, layer: MutationId, is_done: bool, now: Duration) {
        let guessed = self.layer_settled(layer, if is_done { Outcome::Succeeded } else { Outcome::Refused });
        self.ask_for(&guessed, now);
    }

    /// Invalidates entries of which nobody knows whether what they show is so.
    fn ask_for(&mut self, guessed: &BTreeSet<EntryId>, now: Duration) {
        if !guessed.is_empty() {
            self.seq += 1;
            let reach = self.mark(&Tags::none(), guessed, RefetchOf::Watched);
            self.report_and_refetch(Tags::none(), reach, now);
        }
    }

    /// Shows the entry's committed data as layers make it, or as it is.
    fn show(&mut self, id: EntryId, projection: Option<Projection>) {
        let Some(entry) = self.entries.get_mut(id) else { return };
        let tags = entry.data_tags().to_vec();
        let bared = entry.bare();
        let (_, tags) = self.cover(id, bared, projection, tags, false);
        self.reindex(id, tags);
        self.touch(id);
        let layers = self.entries.get(id).and_then(Entry::layered).map_or(0, |layered| layered.applied.len());
        self.report_of(id, |entry| Report::Layered { entry, layers });
    }

    /// Puts layers over committed data that was just put in. `tags` are those of the data. Says whether what is shown is
    /// other than before, and gives all tags.
    pub(super) fn cover(
        &mut self,
        id: EntryId,
        bared: Option<Bared>,
        projection: Option<Projection>,
        mut tags: Vec<Tag>,
        mut changed: bool,
    ) -> (bool, Vec<Tag>) {
        let Some(entry) = self.entries.get_mut(id) else { return (changed, tags) };
        if bared.is_none() && projection.is_none() {
            return (changed, tags);
        }
        let failed = projection.as_ref().map(|projection| projection.failed.clone()).unwrap_or_default();
        let (is_other, shown, unneeded) = entry.cover(bared.as_ref(), projection, &tags);
        if is_other && !changed {
            entry.version += 1;
            changed = true;
        }
        self.layers.moved(id, bared.as_ref().map(|bared| &*bared.layered), entry.layered());
        self.effects.push(Effect::Discard(Box::new((bared, unneeded))));
        for layer in failed {
            if let Some(active) = self.layers.all.get_mut(&layer) {
                active.failed_on.insert(id);
            }
            self.report_of(id, |entry| Report::LayerFailed { entry });
        }
        tags.extend(shown);
        (changed, tags)
    }

    /// Whether the entry counts as valid, and shows what is done as it was guessed.
    fn is_guessed(&self, id: EntryId) -> bool {
        let is_done = |layer| {
            let active: Option<&Active> = self.layers.all.get(layer);
            active.is_some_and(|active| active.settled_at.is_some() && active.is_asked_for)
        };
        let entry = self.entries.get(id).filter(|entry| entry.is_valid());
        entry.and_then(Entry::layered).is_some_and(|layered| layered.applied.iter().any(is_done))
    }

    /// Data that began before something was done which it is shown with is stale, whether or not a tag tells.
    pub(super) fn mark_guessed(&mut self, id: EntryId) {
        if self.is_guessed(id)
            && let Some(entry) = self.entries.get_mut(id).filter(|entry| !entry.origin.settings.never_stale)
        {
            self.seq += 1;
            (entry.changed_at, entry.wanted) = (self.seq, self.seq);
        }
    }

    /// Forgets layers that are done and that nothing shows any more, nor can come to show.
    pub(super) fn tidy_layers(&mut self) {
        let given = std::mem::take(&mut self.layers.given);
        if !given.is_empty() {
            self.effects.push(Effect::Discard(Box::new(given)));
        }
        let oldest = self.log.oldest();
        let is_over = |active: &Active| {
            active.seen_by.is_empty() && active.settled_at.is_some_and(|at| oldest.is_none_or(|oldest| at <= oldest))
        };
        let over: Vec<MutationId> =
            self.layers.all.iter().filter(|(_, active)| is_over(active)).map(|(id, _)| *id).collect();
        for layer in over {
            let active = self.layers.all.remove(&layer);
            self.effects.push(Effect::Discard(Box::new(active.map(|active| active.plan))));
        }
    }
}
