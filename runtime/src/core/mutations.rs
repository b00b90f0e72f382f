//! Mutations start and settle.

use std::collections::BTreeSet;
use std::time::Duration;

use super::Core;
use super::event::{Effect, EntryId, MutationId, RequestId, Seq, Settlement};
use super::settling::Written;
use crate::event::{CallRef, Event as Report};
use crate::target::{Kind, RefetchOf};

/// A mutation that has not settled.
pub(super) struct Running {
    pub(super) since: Seq,
    /// The last request that was sent before it started.
    pub(super) after: RequestId,
    pub(super) call: CallRef,
}

impl Core {
    pub(super) fn mutation_started(&mut self, mutation: MutationId, call: CallRef) {
        self.log.begin(self.seq);
        self.tell(|| Report::MutationStarted { call: call.clone() });
        self.mutations.insert(mutation, Running { since: self.seq, after: self.last_request, call });
    }

    /// In this order: entries are written, entries are marked, refetches start, the caller gets the result.
    pub(super) fn mutation_settled(&mut self, mutation: MutationId, settlement: Settlement, now: Duration) {
        let Some(running) = self.mutations.remove(&mutation) else { return };
        let Settlement { outcome, tags, writes, suspects } = settlement;
        let call = running.call.clone();
        self.tell(|| Report::MutationSettled { call, outcome, tags: tags.clone() });
        let guessed = self.layer_settled(mutation, outcome);
        let mut written = BTreeSet::new();
        let mut suspects: BTreeSet<EntryId> =
            suspects.iter().filter_map(|plan| self.entries.find(plan.key())).collect();
        for write in writes {
            match self.write_result(write, &running, now) {
                Written::Clean(id) => drop(written.insert(id)),
                Written::Overtaken(id) => drop(suspects.insert(id)),
                Written::Nothing => {}
            }
        }
        self.log.end(running.since);
        let mut reached = self.reached(&Kind::Tags(tags.clone()));
        reached.append(&mut suspects);
        reached.extend(guessed);
        reached.retain(|id| !written.contains(id));
        let mut refetching = Vec::new();
        if !tags.is_empty() || !reached.is_empty() {
            self.seq += 1;
            self.log.record(tags.iter().cloned(), self.seq, true);
            let reach = self.mark(&tags, &reached, RefetchOf::Watched);
            refetching = self.report_and_refetch(tags, reach, now);
        }
        self.effects.push(Effect::AnswerMutation { mutation });
        self.await_refetches(mutation, refetching);
    }
}
