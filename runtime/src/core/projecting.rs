//! What has to be worked out before an event is taken in: which data it brings or uncovers, and which layers that is shown with.

use std::sync::Arc;

use super::Core;
use super::entry::Entry;
use super::event::{Change, Effect, EntryId, Event, MutationId, Seq, Write};
use super::layers::Active;
use crate::event::Outcome;
use crate::optimistic::{Frame, Job, LayerPlan, Projection};
use crate::query::{EntryKey, QueryPlan, Value};
use crate::tag::Tag;
use crate::target::Kind;

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

impl Core {
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
            Event::Received { entry, request, response, .. } | Event::Grew { entry, request, response } => {
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
                let since = running.sending.map_or(self.seq, |sending| sending.since);
                let written = settlement
                    .writes
                    .iter()
                    .map(|write| Base { made_by: Some(*mutation), ..self.base_of_write(write, since) });
                let uncovered = match settlement.outcome {
                    Outcome::Succeeded => Vec::new(),
                    _ => self.uncovered_by(*mutation),
                };
                written.chain(uncovered).collect()
            }
            Event::MutationUnsent { mutation, .. } | Event::MutationGivenUp { mutation } => {
                self.uncovered_by(*mutation)
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
                let old = entry.filter(|entry| !entry.is_valid());
                let base = self.base_of_write(write, old.and_then(Entry::layers_since).unwrap_or(self.seq));
                Some(Base { made_by: old.and_then(Entry::layered).and_then(|layered| layered.made_by), ..base })
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
        let mut known: Vec<_> = self.layers.all.iter().filter(|(id, active)| counts(**id, active)).collect();
        known.sort_by_key(|(_, active)| active.came);
        let known = known.into_iter().map(|(id, active)| (*id, active.plan.clone()));
        let layers: Vec<_> = known.chain(base.with.map(|(id, plan)| (id, plan.clone()))).collect();
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
}

/// Whether a layer can mean data of this query with these tags. Whether it does is found out when it is applied.
fn may_mean(layer: &LayerPlan, key: EntryKey<'_>, tags: &[Tag]) -> bool {
    layer.queries().any(|query| query.key() == key)
        || layer
            .tags()
            .any(|tag| tags.iter().any(|provided| !provided.is_reference() && provided.type_name() == tag.type_name()))
}
