//! Steps are done: to the core, and to the model beside it.

use std::time::Duration;

use super::asked::{Call, as_tags};
use super::model::{Arriving, Changing, Setting, Settling};
use super::schedule::{Arrival, ByHand, Ending, Meant, Pick, Step};
use super::server::Mutation;
use super::world::{Past, Running, Seen, Watching, World};
use crate::core::{Change, EntryId, Event, MutationId, RequestId, Settlement, SubscriberId, Turn, WaiterId, Write};
use crate::error::{Error, ErrorKind};
use crate::event::{CallRef, Outcome};
use crate::query::QueryPlan;
use crate::tag::Tag;
use crate::target::Kind;
use crate::{Request, Tags};
use std::sync::Arc;

impl World {
    /// Does a step. `None` if there is nothing to do it to.
    pub(super) fn act(&mut self, step: &Step) -> Result<Option<Seen>, String> {
        match step {
            Step::Watch(call) => {
                let id = self.next_id();
                self.model.subscribe(call, id);
                let seen = self.tell(Event::Subscribe { plan: call.plan(), subscriber: SubscriberId(id) })?;
                self.watcher(call.asked, SubscriberId(id))?;
                Ok(Some(seen))
            }
            Step::Unwatch(pick) => {
                let Some(at) = nth(*pick, self.watching.len()) else { return Ok(None) };
                // Whoever leaves still holds what it shows.
                let watching = self.watching.swap_remove(at);
                let Watching { asked, entry, id, .. } = watching;
                self.model.unsubscribe(asked, id);
                self.past.push(Past::Watching(entry, id));
                self.tell(Event::Unsubscribe { entry, subscriber: SubscriberId(id) }).map(Some)
            }
            Step::Fetch(call) => {
                let plan = call.plan();
                let waiter = self.caller(call, &plan);
                self.model.fetch(call, waiter.0);
                self.tell(Event::Fetch { plan, waiter }).map(Some)
            }
            Step::Hit(call) => {
                let query = call.query();
                let now = self.now;
                let hit = self.core.hit(&query, || now).map(|value| super::payload::serial(&value));
                let plan = query.into_plan();
                let waiter = self.caller(call, &plan);
                self.model.fetch(call, waiter.0);
                let Some(serial) = hit else { return self.tell(Event::Fetch { plan, waiter }).map(Some) };
                self.answered(waiter.0, &Ok(serial))?;
                let mut seen = Seen::default();
                seen.outcome.answered.push((waiter.0, Ok(serial)));
                seen.words.push(format!("caller {} has its answer at once: #{serial}", waiter.0));
                Ok(Some(seen))
            }
            Step::Rework(call) => {
                let token = self.next_id();
                let answer = self.server.answer(call.asked);
                let mut arriving = self.arriving(answer, false);
                arriving.body = None;
                let write = Write { plan: call.plan(), response: World::decoded(&arriving), tags_are_all: false };
                self.model.rework(call, arriving, token);
                self.tell(Event::Change { changes: vec![Change::Rework(write)], token: MutationId(token) }).map(Some)
            }
            Step::Refetch(call) => {
                let plan = call.plan();
                let waiter = self.caller(call, &plan);
                self.model.refetch(call, waiter.0);
                self.tell(Event::Refetch { plan, waiter }).map(Some)
            }
            Step::Prefetch(call, when) => {
                self.model.prefetch(call, *when);
                self.tell(Event::Prefetch { plan: call.plan(), when: *when }).map(Some)
            }
            Step::Cancel(pick) => {
                let Some(at) = nth(*pick, self.calling.len()) else { return Ok(None) };
                let caller = self.calling.swap_remove(at);
                self.model.cancel(caller.asked, caller.id);
                self.past.push(Past::Calling(caller.plan.clone(), caller.id));
                self.tell(Event::Cancel { plan: caller.plan, waiter: WaiterId(caller.id) }).map(Some)
            }
            Step::Start(mutation) => self.start(*mutation).map(Some),
            Step::Commit(pick) => Ok(self.commit(*pick).then(Seen::default)),
            Step::Settle(pick, ending) => self.settle(*pick, *ending),
            Step::Serve(pick, tag, max_age) => Ok(self.serve(*pick, tag.as_ref(), *max_age).then(Seen::default)),
            Step::Deliver(pick, arrival) => self.deliver(*pick, *arrival),
            Step::Again(pick) => self.again(*pick),
            Step::Change(changes) => self.change(changes).map(Some),
            Step::Pass(time) => {
                self.pass(*time);
                self.tick().map(Some)
            }
            Step::Ring => {
                let Some(at) = self.wake_at else { return Ok(None) };
                self.pass(at.saturating_sub(self.now));
                self.tick().map(Some)
            }
            Step::PassUnnoticed(time) => {
                self.pass(*time);
                Ok(Some(Seen::default()))
            }
            Step::Tick => self.tick().map(Some),
            Step::Focus(focused) => {
                self.model.focus(*focused);
                self.tell(Event::Focus(*focused)).map(Some)
            }
            Step::Online(online) => {
                self.model.online(*online);
                self.tell(Event::Online(*online)).map(Some)
            }
        }
    }

    fn pass(&mut self, time: Duration) {
        self.now = self.model.pass(time);
    }

    fn tick(&mut self) -> Result<Seen, String> {
        self.wake_at = None;
        self.last_tick = Some(self.now);
        self.model.tick();
        let seen = self.tell(Event::Tick)?;
        if self.wake_at.is_some_and(|at| at <= self.now) {
            return Err("the timer is set to ring at once, after it rang".to_owned());
        }
        Ok(seen)
    }

    fn start(&mut self, mutation: Mutation) -> Result<Seen, String> {
        let id = self.next_id();
        self.mutations.push(Running { id, mutation, done: None });
        self.model.start(id);
        let call = CallRef::new(id, &Request::post("mutate", "/mutate"));
        self.tell(Event::MutationStarted { mutation: MutationId(id), call, turn: Turn::default() })
    }

    fn commit(&mut self, pick: Pick) -> bool {
        let open: Vec<usize> = (0..self.mutations.len()).filter(|at| self.mutations[*at].done.is_none()).collect();
        let Some(at) = nth(pick, open.len()) else { return false };
        let running = &mut self.mutations[open[at]];
        let made = self.server.commit(running.mutation);
        let answer = running.mutation.writes().map(|asked| self.server.answer(asked));
        running.done = Some((answer, made));
        true
    }

    fn settle(&mut self, pick: Pick, ending: Ending) -> Result<Option<Seen>, String> {
        let Some(at) = nth(pick, self.mutations.len()) else { return Ok(None) };
        let Running { id, mutation, done } = self.mutations.swap_remove(at);
        let mut settling = Settling::default();
        let outcome = match (done, ending) {
            (Some((answer, made)), ending) => {
                made.into_iter().for_each(|(thing, version)| self.settled.raise(thing, version));
                settling = Settling { tags: mutation.tags(), writes: None, suspects: mutation.suspects() };
                match (ending, mutation.writes().zip(answer)) {
                    (Ending::Unknown, _) => unknown(&mut settling, mutation),
                    (Ending::Told, Some((asked, answer))) => {
                        settling.writes = Some((Call::plain(asked), self.arriving(answer, true)));
                        Outcome::Succeeded
                    }
                    (Ending::Told, None) => Outcome::Succeeded,
                }
            }
            // Nobody knows that it was not done.
            (None, Ending::Unknown) => {
                settling.tags = mutation.tags();
                unknown(&mut settling, mutation)
            }
            (None, Ending::Told) => [Outcome::Refused, Outcome::NotSent][pick % 2],
        };
        let write = |(call, arriving): &(Call, Arriving)| Write {
            plan: call.plan(),
            response: World::decoded(arriving),
            tags_are_all: true,
        };
        let settlement = Settlement {
            outcome,
            tags: as_tags(&settling.tags),
            writes: settling.writes.iter().map(write).collect(),
            suspects: settling.suspects.iter().map(|asked| Call::plain(*asked).plan()).collect(),
        };
        self.past.push(Past::Mutation(id));
        self.model.settle_mutation(id, settling);
        self.tell(Event::MutationSettled { mutation: MutationId(id), settlement }).map(Some)
    }

    fn serve(&mut self, pick: Pick, tag: Option<&Tag>, max_age: Option<u64>) -> bool {
        let is_unserved = |at: &usize| self.requests[*at].is_open && self.requests[*at].answer.is_none();
        let open: Vec<usize> = (0..self.requests.len()).filter(is_unserved).collect();
        let Some(at) = nth(pick, open.len()).map(|at| open[at]) else { return false };
        let answer = self.server.answer(self.requests[at].asked);
        let mut arriving = self.arriving(answer, true);
        arriving.tags.extend(tag.cloned());
        arriving.max_age = max_age.map(Duration::from_secs);
        self.requests[at].answer = Some(arriving);
        true
    }

    fn deliver(&mut self, pick: Pick, arrival: Arrival) -> Result<Option<Seen>, String> {
        let is_answered = |at: &usize| self.requests[*at].is_open && self.requests[*at].answer.is_some();
        let open: Vec<usize> = (0..self.requests.len()).filter(is_answered).collect();
        let Some(at) = nth(pick, open.len()).map(|at| open[at]) else { return Ok(None) };
        let request = &mut self.requests[at];
        request.is_open = false;
        let (entry, asked, answer) = (request.entry, request.asked, request.answer.clone());
        let request = request.request;
        self.past.push(Past::Request(at));
        let next_try = match arrival {
            Arrival::Again(millis) => Some(Duration::from_millis(millis)),
            _ => None,
        };
        let kind = match (arrival, answer) {
            (Arrival::Whole, Some(arriving)) => {
                let response = World::decoded(&arriving);
                self.model.received(asked, arriving);
                let not_modified = pick.is_multiple_of(2);
                return self.tell(Event::Received { entry, request, response, not_modified }).map(Some);
            }
            (Arrival::Panicked, _) => ErrorKind::Panicked,
            _ => ErrorKind::Timeout,
        };
        let error = Error::internal(kind, &format!("error {}", self.next_id()));
        self.model.failed(asked, error.to_string(), next_try);
        self.tell(Event::Failed { entry, request, error, next_try }).map(Some)
    }

    /// What is told twice changes nothing, so the model is not told.
    fn again(&mut self, pick: Pick) -> Result<Option<Seen>, String> {
        let Some(at) = nth(pick, self.past.len()) else { return Ok(None) };
        let event = match &self.past[at] {
            Past::Request(at) => {
                let (entry, request) = (self.requests[*at].entry, self.requests[*at].request);
                self.late(entry, request, self.requests[*at].asked, pick)
            }
            Past::Mutation(id) => Event::MutationSettled {
                mutation: MutationId(*id),
                settlement: Settlement {
                    outcome: Outcome::Succeeded,
                    tags: Tags::from([crate::core::tests::POST.all(), crate::core::tests::USER.all()]),
                    writes: Vec::new(),
                    suspects: Vec::new(),
                },
            },
            Past::Watching(entry, id) => Event::Unsubscribe { entry: *entry, subscriber: SubscriberId(*id) },
            Past::Calling(plan, id) => Event::Cancel { plan: plan.clone(), waiter: WaiterId(*id) },
        };
        self.tell(event).map(Some)
    }

    /// The answer, or the end, of a request that was answered or given up before.
    fn late(&mut self, entry: EntryId, request: RequestId, asked: super::asked::Asked, pick: Pick) -> Event {
        if pick.is_multiple_of(4) {
            let next_try = pick.is_multiple_of(8).then_some(Duration::from_secs(1));
            let error = Error::internal(ErrorKind::Timeout, "late");
            return Event::Failed { entry, request, error, next_try };
        }
        let answer = self.server.answer(asked);
        let response = World::decoded(&self.arriving(answer, true));
        Event::Received { entry, request, response, not_modified: false }
    }

    fn change(&mut self, changes: &[ByHand]) -> Result<Seen, String> {
        let token = self.next_id();
        let (mut for_core, mut for_model) = (Vec::new(), Vec::new());
        for change in changes.iter().cloned() {
            match change {
                ByHand::Invalidate(meant, refetch) => {
                    for_core.push(Change::Invalidate { target: kind(&meant), refetch });
                    for_model.push(Changing::Invalidate(meant, refetch));
                }
                ByHand::Set { call, tags_are_all } => {
                    let answer = self.server.answer(call.asked);
                    let mut arriving = self.arriving(answer, tags_are_all);
                    arriving.body = None;
                    if !tags_are_all {
                        arriving.tags.truncate(1);
                    }
                    let (plan, response) = (call.plan(), World::decoded(&arriving));
                    for_core.push(Change::Write(Write { plan, response, tags_are_all }));
                    for_model.push(Changing::Set(Box::new(Setting { call: *call, arriving, tags_are_all })));
                }
                ByHand::Remove(meant) => {
                    for_core.push(Change::Remove(kind(&meant)));
                    for_model.push(Changing::Remove(meant));
                }
                ByHand::Reset(meant) => {
                    for_core.push(Change::Reset(kind(&meant)));
                    for_model.push(Changing::Reset(meant));
                }
            }
        }
        self.model.change(for_model, token);
        self.tell(Event::Change { changes: for_core, token: MutationId(token) })
    }
}

/// Nobody knows whether the server did it: what its answer would have told is not known either.
fn unknown(settling: &mut Settling, mutation: Mutation) -> Outcome {
    settling.tags = settling.tags.drain(..).map(Tag::without_gone).collect();
    settling.suspects = mutation.suspects().into_iter().chain(mutation.writes()).collect();
    Outcome::Unknown
}

fn kind(meant: &Meant) -> Kind {
    match meant {
        Meant::Tags(tags) => Kind::Tags(as_tags(tags)),
        Meant::Query(asked) => {
            let plan: Arc<QueryPlan> = Call::plain(*asked).plan();
            Kind::Query(plan)
        }
        Meant::Operation(operation) => Kind::Operation((*operation).to_owned()),
        Meant::Path(pattern) => crate::target::Target::path(pattern).0,
        Meant::Everything => Kind::Everything,
    }
}

fn nth(pick: Pick, count: usize) -> Option<usize> {
    pick.checked_rem(count)
}
