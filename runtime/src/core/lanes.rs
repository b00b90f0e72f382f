//! Which mutations wait, and for what: for those before them in their scope, or for a connection.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::Core;
use super::event::{Effect, MutationId, Settlement};
use super::mutations::{Running, Sending};
use crate::event::{Event as Report, Outcome, WaitsFor};
use crate::tags::Tags;

/// When a mutation may be sent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Turn {
    /// Those of one scope are sent one after the other.
    pub(crate) scope: Option<Arc<str>>,
    /// Without a connection it waits.
    pub(crate) waits_offline: bool,
    /// It was kept by an earlier run of the program, and this was its place there. Nobody waits for its result.
    pub(crate) resumed: Option<u64>,
}

/// Mutations of which only the first may be sent.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lane {
    Scope(Arc<str>),
    /// Those without a scope that had to wait for a connection. They go on in the order in which they started.
    Unscoped,
}

/// A mutation's place in its lane: those of an earlier run come first.
type Place = (bool, u64);

/// What waits, and what is on its way before it.
#[derive(Default)]
pub(super) struct Lanes {
    lanes: BTreeMap<Lane, BTreeMap<Place, MutationId>>,
    /// How often the connection was lost.
    losses: u64,
    /// It is not known yet what an earlier run of the program kept, which comes first.
    is_loading: bool,
}

impl Turn {
    fn place(&self, mutation: MutationId) -> Place {
        self.resumed.map_or((true, mutation.0), |place| (false, place))
    }
}

impl Lanes {
    pub(super) fn lose_connection(&mut self) {
        self.losses += 1;
    }

    /// The lane in which a mutation has to go. Most have none.
    fn lane_of(&self, turn: &Turn, is_online: bool) -> Option<Lane> {
        if let Some(scope) = &turn.scope {
            return Some(Lane::Scope(scope.clone()));
        }
        let is_ahead = !is_online || self.is_loading || self.lanes.contains_key(&Lane::Unscoped);
        (turn.waits_offline && is_ahead).then_some(Lane::Unscoped)
    }

    fn first(&self, lane: &Lane) -> Option<(Place, MutationId)> {
        self.lanes.get(lane)?.first_key_value().map(|(place, mutation)| (*place, *mutation))
    }

    /// Those of each lane that come first, in their order.
    fn heads(&self) -> Vec<MutationId> {
        let mut heads: Vec<(Place, MutationId)> = self.lanes.keys().filter_map(|lane| self.first(lane)).collect();
        heads.sort_unstable_by_key(|(place, _)| *place);
        heads.into_iter().map(|(_, mutation)| mutation).collect()
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.lanes.is_empty()
    }
}

impl Core {
    /// A mutation that began takes its place: it is sent, or waits.
    pub(super) fn take_place(&mut self, mutation: MutationId) {
        let Some(running) = self.mutations.get_mut(&mutation) else { return };
        let lane = running.lane.take().or_else(|| self.lanes.lane_of(&running.turn, self.hosts.online));
        let Some(lane) = lane else { return self.send_mutation(mutation) };
        running.lane = Some(lane.clone());
        let place = running.turn.place(mutation);
        self.lanes.lanes.entry(lane).or_default().insert(place, mutation);
        self.send_if_ready(mutation);
        let Some(running) = self.mutations.get_mut(&mutation).filter(|running| running.sending.is_none()) else {
            return;
        };
        running.has_waited = true;
        let waits_for =
            if running.is_ready(&self.lanes, self.hosts.online) { WaitsFor::Turn } else { WaitsFor::Connection };
        let call = running.call.clone();
        self.tell(|| Report::MutationWaiting { call, waits_for });
        self.effects.push(Effect::HoldMutation { mutation });
    }

    /// It no longer stands before others.
    pub(super) fn leave_lane(&mut self, mutation: MutationId, lane: Lane, turn: &Turn) {
        let Some(members) = self.lanes.lanes.get_mut(&lane) else { return };
        members.remove(&turn.place(mutation));
        if members.is_empty() {
            self.lanes.lanes.remove(&lane);
        } else if let Some((_, next)) = self.lanes.first(&lane) {
            self.send_if_ready(next);
        }
    }

    /// It surely did not reach the server, for want of a connection. If it may, it waits for the next one.
    pub(super) fn mutation_unsent(&mut self, mutation: MutationId, settlement: Settlement, now: Duration) {
        let losses = self.lanes.losses;
        let Some(running) = self.mutations.get_mut(&mutation) else { return };
        let was_lost = running.sending.as_ref().is_some_and(|sending| sending.losses < losses);
        let is_kept = running.turn.resumed.is_some();
        if !running.turn.waits_offline || !(was_lost || is_kept) {
            return self.mutation_settled(mutation, settlement, now);
        }
        // Of one that nobody waits for, the failure would be the end. It is tried again when there is a reason to.
        running.is_held = !was_lost;
        let Some(sending) = running.sending.take() else { return };
        let lane = Lane::Unscoped;
        running.lane.get_or_insert(lane);
        self.log.end(sending.since);
        self.effects.push(Effect::Discard(Box::new(settlement)));
        self.take_place(mutation);
    }

    /// Sends what waited for a connection, as far as nothing else is in its way.
    pub(super) fn resume_mutations(&mut self) {
        self.mutations.values_mut().for_each(|running| running.is_held = false);
        for mutation in self.lanes.heads() {
            self.send_if_ready(mutation);
        }
    }

    /// What an earlier run kept is known from now on, or is being looked up.
    pub(super) fn loading(&mut self, is_loading: bool) {
        self.lanes.is_loading = is_loading;
        if !is_loading {
            self.resume_mutations();
        }
    }

    /// A mutation that waits is given up.
    pub(super) fn give_up_mutation(&mut self, mutation: MutationId, now: Duration) {
        if self.is_waiting(mutation) {
            let nothing = Vec::new();
            let settlement =
                Settlement { outcome: Outcome::NotSent, tags: Tags::none(), writes: nothing, suspects: Vec::new() };
            self.mutation_settled(mutation, settlement, now);
        }
    }

    /// Whether a mutation has begun and was not sent.
    pub(crate) fn is_waiting(&self, mutation: MutationId) -> bool {
        self.mutations.get(&mutation).is_some_and(|running| running.sending.is_none())
    }

    /// The mutations that wait, in the order in which they began, each with what it waits for.
    pub(crate) fn waiting(&self) -> Vec<(MutationId, WaitsFor)> {
        let waiting = self.mutations.iter().filter(|(_, running)| running.sending.is_none());
        let mut waiting: Vec<_> = waiting
            .map(|(mutation, running)| {
                let is_ready = running.is_ready(&self.lanes, self.hosts.online);
                let waits_for = if is_ready { WaitsFor::Turn } else { WaitsFor::Connection };
                (running.turn.place(*mutation), *mutation, waits_for)
            })
            .collect();
        waiting.sort_unstable_by_key(|(place, ..)| *place);
        waiting.into_iter().map(|(_, mutation, waits_for)| (mutation, waits_for)).collect()
    }

    /// Sends the mutation if it waits and nothing is in its way.
    fn send_if_ready(&mut self, mutation: MutationId) {
        let Some(running) = self.mutations.get(&mutation) else { return };
        let is_first =
            running.lane.as_ref().and_then(|lane| self.lanes.first(lane)).is_some_and(|(_, first)| first == mutation);
        if is_first && running.sending.is_none() && running.is_ready(&self.lanes, self.hosts.online) {
            self.send_mutation(mutation);
        }
    }

    fn send_mutation(&mut self, mutation: MutationId) {
        let (since, after, losses) = (self.seq, self.last_request, self.lanes.losses);
        let Some(running) = self.mutations.get_mut(&mutation) else { return };
        // What happened while it waited is older than what it does.
        running.sending = Some(Sending { since, after, losses });
        let call = std::mem::take(&mut running.has_waited).then(|| running.call.clone());
        self.log.begin(since);
        if let Some(call) = call {
            self.tell(|| Report::MutationResumed { call });
        }
        self.effects.push(Effect::SendMutation { mutation });
    }
}

impl Running {
    /// Whether it could be sent if it were the first of its lane.
    fn is_ready(&self, lanes: &Lanes, is_online: bool) -> bool {
        !self.is_held && !lanes.is_loading && (is_online || !self.turn.waits_offline)
    }
}
