//! Mutations start and settle.

use std::collections::BTreeSet;
use std::time::Duration;

use super::Core;
use super::event::{Effect, EntryId, MutationId, RequestId, Seq, Settlement};
use super::lanes::{Lane, Turn};
use super::settling::Written;
use crate::event::{CallRef, Event as Report};
use crate::target::{Kind, RefetchOf};

/// A mutation that has not settled.
pub(super) struct Running {
    pub(super) call: CallRef,
    pub(super) turn: Turn,
    /// Where it stands behind others, or others behind it.
    pub(super) lane: Option<Lane>,
    /// Nothing while it waits.
    pub(super) sending: Option<Sending>,
    /// It was told of that it waits.
    pub(super) has_waited: bool,
    /// There was no connection although the client is online. It waits for a reason to try again.
    pub(super) is_held: bool,
}

/// When a mutation was sent.
#[derive(Clone, Copy)]
pub(super) struct Sending {
    pub(super) since: Seq,
    /// The last request that was sent before it.
    pub(super) after: RequestId,
    /// How often the connection had been lost.
    pub(super) losses: u64,
}

impl Core {
    pub(super) fn mutation_started(&mut self, mutation: MutationId, call: CallRef, turn: Turn) {
        self.tell(|| Report::MutationStarted { call: call.clone() });
        let running = Running { call, turn, lane: None, sending: None, has_waited: false, is_held: false };
        self.mutations.insert(mutation, running);
        self.take_place(mutation);
    }

    /// In this order: entries are written, entries are marked, refetches start, the caller gets the result, and then it is the
    /// turn of the next of its lane.
    pub(super) fn mutation_settled(&mut self, mutation: MutationId, settlement: Settlement, now: Duration) {
        let Some(running) = self.mutations.remove(&mutation) else { return };
        let Settlement { outcome, tags, writes, suspects } = settlement;
        let Running { call, turn, lane, sending, .. } = running;
        self.tell(|| Report::MutationSettled { call, outcome, tags: tags.clone() });
        let guessed = self.layer_settled(mutation, outcome);
        let mut written = BTreeSet::new();
        let mut suspects: BTreeSet<EntryId> =
            suspects.iter().filter_map(|plan| self.entries.find(plan.key())).collect();
        if let Some(sending) = sending {
            for write in writes {
                match self.write_result(write, &sending, now) {
                    Written::Clean(id) => drop(written.insert(id)),
                    Written::Overtaken(id) => drop(suspects.insert(id)),
                    Written::Nothing => {}
                }
            }
            self.log.end(sending.since);
        }
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
        if let Some(lane) = lane {
            self.leave_lane(mutation, lane, &turn);
        }
    }
}
