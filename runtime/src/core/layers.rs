//! Layers over committed data: which there are, what they have to be applied to, and what becomes of them.
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
use super::event::{Change, Effect, EntryId, Event, MutationId, Seq, Write};
use super::layered::Bared;
use crate::event::{Event as Report, Outcome};
use crate::optimistic::{Frame, Job, LayerPlan, Projection};
use crate::query::{EntryKey, QueryPlan, Value};
use crate::tag::Tag;
use crate::tags::Tags;
use crate::target::{Kind, RefetchOf};

/// The layers there are, in the order in which they came.
#[derive(Default)]
pub(super) struct Layers {
    all: BTreeMap<MutationId, Active>,
    /// What was worked out for the event that is taken in next.
    given: Vec<Projection>,
}

struct Active {
    plan: Arc<LayerPlan>,
    /// Once it is done, what shows it is asked for.
    is_asked_for: bool,
    /// When it was done. From then on it counts for data alone that began before.
    settled_at: Option<Seq>,
    /// The entries that it changed.
    on: BTreeSet<EntryId>,
    /// The entries on which it panicked.
    failed_on: BTreeSet<EntryId>,
}

/// Committed data that layers may have to be applied to.
struct Base<'e> {
    entry: Option<EntryId>,
    /// The query, where there is no entry yet.
    plan: Option<&'e Arc<QueryPlan>>,
    value: &'e Value,
    tags: Vec<Tag>,
    since: Seq,
    /// The mutation whose result this is: it holds what the mutation's layer stands for.
    made_by: Option<MutationId>,
    /// The layer that goes with the event.
    without: Option<MutationId>,
    /// The layer that comes with the event.
    with: Option<(MutationId, &'e Arc<LayerPlan>)>,
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
    pub(super) fn moved(&mut self, id: EntryId, before: &[MutationId], now: &[MutationId]) {
        for layer in before {
            if let Some(active) = self.all.get_mut(layer) {
                active.on.remove(&id);
            }
        }
        for layer in now {
            if let Some(active) = self.all.get_mut(layer) {
                active.on.insert(id);
            }
        }
    }

    /// The entry lost its data.
    pub(super) fn leave(&mut self, id: EntryId) {
        for active in self.all.values_mut() {
            active.on.remove(&id);
            active.failed_on.remove(&id);
        }
    }
}

impl Core {
    /// Forgets the layers at the client's end, so that they can be dropped where user code may run.
    pub(crate) fn take_layers(&mut self) -> Vec<Arc<LayerPlan>> {
        std::mem::take(&mut self.layers).all.into_values().map(|active| active.plan).collect()
    }

    /// What has to be worked out before the event can be taken in, unless it is among what is `done`. If nothing is missing,
    /// the event must be taken in next.
    pub(crate) fn prepare(&mut self, event: &Event, done: &mut Vec<Projection>) -> Vec<Job> {
        if self.layers.all.is_empty() && !matches!(event, Event::LayerAdded { .. }) {
            return Vec::new();
        }
        let (mut given, mut missing) = (Vec::new(), Vec::new());
        for base in self.bases(event) {
            let Some(job) = self.job(&base) else { continue };
            if let Some(at) = done.iter().position(|projection| projection.frame.is_same(&job.frame)) {
                given.push(done.swap_remove(at));
            } else if let Some(same) = self.as_it_was(&job) {
                given.push(same);
            } else {
                missing.push(job);
            }
        }
        if missing.is_empty() {
            let unused = std::mem::replace(&mut self.layers.given, given);
            if !unused.is_empty() {
                self.effects.push(Effect::Discard(Box::new(unused)));
            }
        } else {
            done.extend(given);
        }
        missing
    }

    /// The committed data that an event brings or uncovers.
    fn bases<'e>(&'e self, event: &'e Event) -> Vec<Base<'e>> {
        match event {
            Event::Received { entry, request, response, .. } => {
                let flight = self.entries.get(*entry).and_then(|entry| entry.users.flight());
                let Some(flight) = flight.filter(|flight| flight.is_under_way(*request)) else { return Vec::new() };
                let (value, tags) = (&response.value, response.tags.clone());
                vec![Base {
                    entry: Some(*entry),
                    plan: None,
                    value,
                    tags,
                    since: flight.since,
                    made_by: None,
                    without: None,
                    with: None,
                }]
            }
            Event::Change { changes, .. } => changes.iter().filter_map(|change| self.base_of_change(change)).collect(),
            Event::MutationSettled { mutation, settlement } => {
                let Some(running) = self.mutations.get(mutation) else { return Vec::new() };
                let written = settlement
                    .writes
                    .iter()
                    .map(|write| Base { made_by: Some(*mutation), ..self.base_of_write(write, running.since) });
                let uncovered = match settlement.outcome {
                    Outcome::Succeeded => Vec::new(),
                    _ => self.uncovered_by(*mutation),
                };
                written.chain(uncovered).collect()
            }
            Event::LayerAdded { layer, plan, .. } => self.covered_by(*layer, plan),
            Event::LayerEnded { layer, is_done: false } => self.uncovered_by(*layer),
            _ => Vec::new(),
        }
    }

    fn base_of_change<'e>(&'e self, change: &'e Change) -> Option<Base<'e>> {
        match change {
            Change::Write(write) => Some(self.base_of_write(write, self.seq)),
            Change::Rework(write) => {
                let entry = self.entries.find(write.plan.key()).and_then(|id| self.entries.get(id));
                let since = entry.filter(|entry| !entry.is_valid()).and_then(Entry::layers_since);
                Some(self.base_of_write(write, since.unwrap_or(self.seq)))
            }
            _ => None,
        }
    }

    fn base_of_write<'e>(&'e self, write: &'e Write, since: Seq) -> Base<'e> {
        let (value, mut tags) = (&write.response.value, write.response.tags.clone());
        let entry = self.entries.find(write.plan.key());
        let known = entry.and_then(|id| self.entries.get(id)).filter(|_| !write.tags_are_all);
        tags.extend(known.into_iter().flat_map(|entry| entry.data_tags().iter().cloned()));
        Base { entry, plan: Some(&write.plan), value, tags, since, made_by: None, without: None, with: None }
    }

    /// The data of entries from which a layer is taken away.
    fn uncovered_by(&self, layer: MutationId) -> Vec<Base<'_>> {
        let on = self.layers.all.get(&layer).map(|active| &active.on);
        let bases = on.into_iter().flatten().filter_map(|id| self.base_of_entry(*id));
        bases.map(|base| Base { without: Some(layer), ..base }).collect()
    }

    /// The data of entries that a new layer may change.
    fn covered_by<'e>(&'e self, layer: MutationId, plan: &'e Arc<LayerPlan>) -> Vec<Base<'e>> {
        let mut reached = self.reached(&Kind::Tags(plan.tags().cloned().collect()));
        reached.extend(plan.queries().filter_map(|query| self.entries.find(query.key())));
        let bases = reached.into_iter().filter_map(|id| self.base_of_entry(id));
        bases.map(|base| Base { with: Some((layer, plan)), ..base }).collect()
    }

    fn base_of_entry(&self, id: EntryId) -> Option<Base<'_>> {
        let entry = self.entries.get(id)?;
        let (value, since) = (entry.committed()?, entry.layers_since()?);
        let tags = entry.data_tags().to_vec();
        let made_by = entry.layered().and_then(|layered| layered.made_by);
        Some(Base { entry: Some(id), plan: None, value, tags, since, made_by, without: None, with: None })
    }

    /// The layers that data has to be shown with; nothing if none of them can mean it.
    fn job(&self, base: &Base<'_>) -> Option<Job> {
        let entry = base.entry.and_then(|id| self.entries.get(id));
        let counts = |id: MutationId, active: &Active| {
            base.without != Some(id)
                && base.made_by != Some(id)
                && active.settled_at.is_none_or(|settled_at| base.since < settled_at)
                && base.entry.is_none_or(|entry| !active.failed_on.contains(&entry))
        };
        let known = self.layers.all.iter().filter(|(id, active)| counts(**id, active));
        let mut layers: Vec<_> = known.map(|(id, active)| (*id, active.plan.clone())).collect();
        layers.extend(base.with.map(|(id, plan)| (id, plan.clone())));
        layers.sort_by_key(|(id, _)| *id);
        let key = entry.map(|entry| entry.origin.key()).or(base.plan.map(|plan| plan.key()))?;
        let args = match entry {
            Some(entry) => entry.tags_with(Vec::new()),
            None => base.plan.map(|plan| plan.tags.to_vec()).unwrap_or_default(),
        };
        let tags = [base.tags.as_slice(), &args].concat();
        if !layers.iter().any(|(_, plan)| may_mean(plan, key, &tags)) {
            return None;
        }
        let plan = entry.map(|entry| entry.origin.plan()).or_else(|| base.plan.cloned())?;
        let considered = layers.iter().map(|(id, _)| *id).collect();
        let frame = Frame {
            entry: base.entry,
            base: base.value.clone(),
            since: base.since,
            made_by: base.made_by,
            layers: considered,
        };
        Some(Job { frame, plan, tags, layers })
    }

    /// What is shown, if the job could only make the same of it.
    fn as_it_was(&self, job: &Job) -> Option<Projection> {
        let entry = self.entries.get(job.frame.entry?)?;
        let (layered, shown) = (entry.layered()?, entry.stored.as_ref()?);
        let layers = &job.frame.layers;
        let is_same = Arc::ptr_eq(&layered.committed, &job.frame.base)
            && layers.iter().all(|layer| layered.considered.contains(layer))
            && layered.applied.iter().all(|layer| layers.contains(layer));
        is_same.then(|| Projection {
            frame: job.frame.clone(),
            value: shown.value.clone(),
            tags: entry.indexed().to_vec(),
            applied: layered.applied.clone(),
            failed: Vec::new(),
        })
    }

    pub(super) fn layer_added(&mut self, layer: MutationId, plan: Arc<LayerPlan>, is_asked_for: bool) {
        let active = Active { plan, is_asked_for, settled_at: None, on: BTreeSet::new(), failed_on: BTreeSet::new() };
        self.layers.all.insert(layer, active);
        for projection in std::mem::take(&mut self.layers.given) {
            let Some(id) = projection.frame.entry else { continue };
            self.show(id, Some(projection));
        }
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
        for id in active.on.iter().copied() {
            let base = self.entries.get(id).and_then(Entry::committed).cloned();
            let projection = base.and_then(|base| self.layers.take(id, &base));
            self.show(id, projection);
        }
        self.effects.push(Effect::Discard(Box::new(active.plan)));
        if outcome == Outcome::Unknown { guessed } else { BTreeSet::new() }
    }

    /// A layer that was made by hand is over. What it changed is asked for, if it is done.
    pub(super) fn layer_ended(&mut self, layer: MutationId, is_done: bool, now: Duration) {
        if !is_done {
            self.layer_settled(layer, Outcome::Refused);
            return;
        }
        let reached = self.layer_settled(layer, Outcome::Succeeded);
        let reach = self.mark(&Tags::none(), &reached, RefetchOf::Watched);
        self.report_and_refetch(Tags::none(), reach, now);
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
        let before = bared.as_ref().map(|bared| bared.layered.applied.as_slice()).unwrap_or_default();
        let now = entry.layered().map(|layered| layered.applied.clone()).unwrap_or_default();
        self.layers.moved(id, before, &now);
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

    /// Forgets layers that are done and that nothing shows any more, nor can come to show.
    pub(super) fn tidy_layers(&mut self) {
        let given = std::mem::take(&mut self.layers.given);
        if !given.is_empty() {
            self.effects.push(Effect::Discard(Box::new(given)));
        }
        let oldest = self.log.oldest();
        let is_over = |active: &Active| {
            active.on.is_empty() && active.settled_at.is_some_and(|at| oldest.is_none_or(|oldest| at <= oldest))
        };
        let over: Vec<MutationId> =
            self.layers.all.iter().filter(|(_, active)| is_over(active)).map(|(id, _)| *id).collect();
        for layer in over {
            let active = self.layers.all.remove(&layer);
            self.effects.push(Effect::Discard(Box::new(active.map(|active| active.plan))));
        }
    }
}

/// Whether a layer can mean data of this query with these tags. Whether it does is found out when it is applied.
fn may_mean(layer: &LayerPlan, key: EntryKey<'_>, tags: &[Tag]) -> bool {
    layer.queries().any(|query| query.key() == key)
        || layer
            .tags()
            .any(|tag| tags.iter().any(|provided| !provided.is_reference() && provided.type_name() == tag.type_name()))
}
