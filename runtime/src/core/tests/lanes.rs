//! Which mutations wait: in scopes, offline, put back; against a model that looks at all of them every time.

use super::*;
use crate::core::tests::simulation::random::Random;
use crate::event::WaitsFor;

/// The core, and what came of its mutations.
struct Queue {
    core: Core,
    sent: Vec<u64>,
    answered: Vec<u64>,
    reports: Vec<Report>,
    last: u64,
}

fn turn(scope: Option<&str>, waits_offline: bool) -> Turn {
    Turn { scope: scope.map(Arc::from), waits_offline, resumed: None }
}

fn end(outcome: Outcome) -> Settlement {
    Settlement { outcome, tags: Tags::none(), writes: Vec::new(), suspects: Vec::new() }
}

impl Queue {
    fn new() -> Queue {
        let core = Core::new(Defaults::default());
        Queue { core, sent: Vec::new(), answered: Vec::new(), reports: Vec::new(), last: 0 }
    }

    fn apply(&mut self, event: Event) {
        for effect in self.core.apply(event, Duration::ZERO) {
            match effect {
                Effect::SendMutation { mutation } => self.sent.push(mutation.0),
                Effect::AnswerMutation { mutation } => self.answered.push(mutation.0),
                Effect::Report(report) => self.reports.push(report),
                _ => {}
            }
        }
    }

    fn start(&mut self, turn: Turn) -> u64 {
        self.last += 1;
        let call = CallRef::new(self.last, &Request::post("mutate", "/mutate"));
        self.apply(Event::MutationStarted { mutation: MutationId(self.last), call, turn });
        self.last
    }

    fn settle(&mut self, mutation: u64) {
        let settlement = end(Outcome::Succeeded);
        self.apply(Event::MutationSettled { mutation: MutationId(mutation), settlement });
    }

    fn unsent(&mut self, mutation: u64) {
        self.apply(Event::MutationUnsent { mutation: MutationId(mutation), settlement: end(Outcome::NotSent) });
    }

    fn waiting(&self) -> Vec<(u64, WaitsFor)> {
        self.core.waiting().into_iter().map(|(mutation, waits_for)| (mutation.0, waits_for)).collect()
    }

    fn assert_empty(&self) {
        assert!(self.core.mutations.is_empty() && self.core.lanes.is_empty() && self.core.log.is_idle());
    }
}

// B24
#[test]
fn b24_in_a_scope_one_goes_after_the_other_and_others_go_in_parallel() {
    let mut queue = Queue::new();
    let [first, second, third] = [0; 3].map(|_| queue.start(turn(Some("cart"), false)));
    let other = queue.start(turn(Some("likes"), false));
    let free = queue.start(turn(None, false));
    assert_eq!(queue.sent, [first, other, free]);
    assert_eq!(queue.waiting(), [(second, WaitsFor::Turn), (third, WaitsFor::Turn)]);
    queue.apply(Event::MutationSettled { mutation: MutationId(first), settlement: end(Outcome::Refused) });
    assert_eq!(queue.sent, [first, other, free, second], "a failure stops none of those after it");
    queue.apply(Event::MutationGivenUp { mutation: MutationId(third) });
    queue.apply(Event::MutationGivenUp { mutation: MutationId(second) });
    assert_eq!(queue.answered, [first, third], "what is on its way goes on");
    [second, other, free].into_iter().for_each(|mutation| queue.settle(mutation));
    queue.assert_empty();
}

// B24
#[test]
fn b24_offline_what_may_wait_waits_and_goes_on_in_order() {
    let mut queue = Queue::new();
    queue.apply(Event::Online(false));
    let [first, second] = [0; 2].map(|_| queue.start(turn(None, true)));
    let sent = queue.start(turn(None, false));
    let scoped = queue.start(turn(Some("cart"), true));
    let behind = queue.start(turn(Some("cart"), false));
    assert_eq!(queue.sent, [sent]);
    assert_eq!(queue.waiting()[0], (first, WaitsFor::Connection));
    queue.apply(Event::Online(true));
    let late = queue.start(turn(None, true));
    assert_eq!(queue.sent, [sent, first, scoped], "the others have one before them");
    queue.settle(scoped);
    queue.settle(first);
    queue.settle(second);
    assert_eq!(queue.sent, [sent, first, scoped, behind, second, late]);
    [sent, behind, late].into_iter().for_each(|mutation| queue.settle(mutation));
    let alone = [0; 2].map(|_| queue.start(turn(None, true)));
    assert_eq!(queue.sent[6..], alone, "with nothing before them they go in parallel");
    alone.into_iter().for_each(|mutation| queue.settle(mutation));
    queue.assert_empty();
}

// B24
#[test]
fn b24_what_surely_was_not_sent_is_put_back_if_the_connection_was_lost() {
    let mut queue = Queue::new();
    let [lost, other, fails] = [true, true, false].map(|waits| queue.start(turn(None, waits)));
    queue.apply(Event::Online(false));
    [lost, fails].into_iter().for_each(|mutation| queue.unsent(mutation));
    assert_eq!(queue.answered, [fails]);
    queue.apply(Event::Online(true));
    queue.unsent(other);
    assert_eq!(queue.sent, [lost, other, fails, lost], "the other one stands behind it now");
    queue.settle(lost);
    assert_eq!(queue.sent.last(), Some(&other));
    queue.unsent(other);
    assert_eq!(queue.answered, [fails, lost, other], "the connection was there all the time");
    queue.assert_empty();
}

// B24
#[test]
fn b24_of_what_nobody_waits_for_a_failed_connection_is_not_the_end() {
    let mut queue = Queue::new();
    let kept = queue.start(Turn { resumed: Some(1), ..turn(None, true) });
    queue.unsent(kept);
    assert_eq!((queue.answered.len(), queue.waiting()), (0, vec![(kept, WaitsFor::Connection)]));
    queue.apply(Event::Online(false));
    queue.apply(Event::Online(true));
    assert_eq!(queue.sent, [kept, kept]);
    queue.settle(kept);
    queue.assert_empty();
}

// B16, B24
#[test]
fn b24_what_a_mutation_writes_is_as_new_as_its_sending() {
    let mut bench = Bench::new();
    let plan = post(1);
    bench.watch(&plan);
    bench.respond(&plan, "old");
    bench.apply(Event::Online(false));
    let call = CallRef::new(99, &Request::post("mutate", "/mutate"));
    bench.apply(Event::MutationStarted { mutation: MutationId(99), call, turn: turn(None, true) });
    bench.invalidate(POST.id(1));
    bench.respond(&plan, "newer");
    bench.apply(Event::Online(true));
    bench.settle_writing(MutationId(99), POST.id(1), vec![(&plan, decoded("newest", Tags::none()))]);
    assert_eq!((bench.data(&plan).as_deref(), bench.flights(&plan)), (Some("newest"), 0));
}

/// What the model knows of a mutation.
#[derive(Clone)]
struct Known {
    id: u64,
    scope: Option<&'static str>,
    waits: bool,
    resumed: bool,
    /// It has no scope and had to wait, or would have.
    is_queued: bool,
    is_held: bool,
    /// How often the connection had been lost when it was sent.
    sent: Option<usize>,
}

/// The rules, as plainly as they can be said.
#[derive(Default)]
struct Model {
    online: bool,
    losses: usize,
    open: Vec<Known>,
    sent: Vec<u64>,
}

impl Model {
    fn start(&mut self, id: u64, turn: &Turn, scope: Option<&'static str>) {
        let is_queued =
            scope.is_none() && turn.waits_offline && (!self.online || self.open.iter().any(|one| one.is_queued));
        let (waits, resumed) = (turn.waits_offline, turn.resumed.is_some());
        self.open.push(Known { id, scope, waits, resumed, is_queued, is_held: false, sent: None });
        // Those of an earlier run come first, in their own order.
        self.open.sort_by_key(|one| !one.resumed);
        self.send();
    }

    fn close(&mut self, id: u64) {
        self.open.retain(|one| one.id != id);
        self.send();
    }

    /// Says whether it was put back.
    fn unsent(&mut self, id: u64) -> bool {
        let losses = self.losses;
        let one = self.open.iter_mut().find(|one| one.id == id).expect("it is open");
        let was_lost = one.sent.is_some_and(|sent| sent < losses);
        if !one.waits || !(was_lost || one.resumed) {
            self.close(id);
            return false;
        }
        (one.sent, one.is_held, one.is_queued) = (None, !was_lost, one.scope.is_none());
        self.send();
        true
    }

    fn online(&mut self, online: bool) {
        if self.online == online {
            return;
        }
        self.online = online;
        self.losses += usize::from(!online);
        if online {
            self.open.iter_mut().for_each(|one| one.is_held = false);
            self.send();
        }
    }

    fn send(&mut self) {
        for at in 0..self.open.len() {
            let one = &self.open[at];
            let before = self.open[..at].iter().any(|other| match one.scope {
                Some(scope) => other.scope == Some(scope),
                None => one.is_queued && other.is_queued,
            });
            if one.sent.is_none() && !one.is_held && !before && (self.online || !one.waits) {
                self.sent.push(one.id);
                self.open[at].sent = Some(self.losses);
            }
        }
    }
}

// B24
#[test]
fn b24_scopes_and_connections_in_random_orders_are_as_the_model_says() {
    for seed in 1..=3000 {
        let mut random = Random::new(seed);
        let mut queue = Queue::new();
        let mut model = Model { online: true, ..Model::default() };
        let mut ended = 0;
        for step in 0..60 {
            let in_flight: Vec<u64> = model.open.iter().filter(|one| one.sent.is_some()).map(|one| one.id).collect();
            let one_of = |random: &mut Random, all: &[u64]| (!all.is_empty()).then(|| all[random.below(all.len())]);
            match random.below(10) {
                0..4 => {
                    let scope = random.pick(&[None, Some("a"), Some("b")]);
                    let resumed = random.once_in(6).then_some(step);
                    let turn = Turn { resumed, ..turn(scope, resumed.is_some() || random.once_in(2)) };
                    let id = queue.last + 1;
                    model.start(id, &turn, scope);
                    queue.start(turn);
                }
                4..6 => {
                    if let Some(id) = one_of(&mut random, &in_flight) {
                        ended += 1;
                        model.close(id);
                        queue.settle(id);
                    }
                }
                6 => {
                    if let Some(id) = one_of(&mut random, &in_flight) {
                        ended += usize::from(!model.unsent(id));
                        queue.unsent(id);
                    }
                }
                7 => {
                    let waiting: Vec<u64> = queue.waiting().into_iter().map(|(id, _)| id).collect();
                    if let Some(id) = one_of(&mut random, &waiting) {
                        ended += 1;
                        model.close(id);
                        queue.apply(Event::MutationGivenUp { mutation: MutationId(id) });
                    }
                }
                _ => {
                    let online = random.once_in(2);
                    model.online(online);
                    queue.apply(Event::Online(online));
                }
            }
            assert_eq!(queue.sent, model.sent, "seed {seed}, step {step}");
            assert_eq!(queue.answered.len(), ended, "seed {seed}, step {step}");
            let waiting = model.open.iter().filter(|one| one.sent.is_none()).count();
            assert_eq!(queue.waiting().len(), waiting, "seed {seed}, step {step}");
        }
        // A new connection lets those go, too, that did not come through.
        for online in [false, true] {
            model.online(online);
            queue.apply(Event::Online(online));
        }
        while let Some(id) = model.open.iter().find(|one| one.sent.is_some()).map(|one| one.id) {
            model.close(id);
            queue.settle(id);
        }
        assert!(model.open.is_empty() && queue.sent == model.sent, "seed {seed}: none is forgotten");
        queue.assert_empty();
    }
}
