//! Streams that grow, in random schedules: what is late writes nothing, and what is shown at the end is true.

use super::*;
use crate::Growing;

/// The same numbers for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

fn feed() -> Arc<QueryPlan> {
    Query::<Growing<Json>>::events(Request::get("feed", "/feed")).provides(POST.list()).into_plan()
}

/// A stream that was sent, and what the server held when it was.
struct Stream {
    entry: EntryId,
    request: RequestId,
    version: u64,
    pieces: u64,
}

struct World {
    bench: Bench,
    plan: Arc<QueryPlan>,
    /// What the server holds. Each invalidation tells of a new one.
    version: u64,
    streams: Vec<Stream>,
    watchers: usize,
    /// Callers, and what the server held when they came.
    callers: Vec<(WaiterId, u64)>,
}

impl World {
    fn new() -> World {
        let (bench, plan) = (Bench::new(), feed());
        World { bench, plan, version: 1, streams: Vec::new(), watchers: 0, callers: Vec::new() }
    }

    /// Notes the requests that were sent since.
    fn look(&mut self) {
        let known: Vec<RequestId> = self.streams.iter().map(|stream| stream.request).collect();
        let new = self.bench.in_flight.iter().filter(|outgoing| !known.contains(&outgoing.request));
        let new: Vec<Stream> = new
            .map(|outgoing| Stream {
                entry: outgoing.entry,
                request: outgoing.request,
                version: self.version,
                pieces: 0,
            })
            .collect();
        self.streams.extend(new);
    }

    fn is_live(&self, at: usize) -> bool {
        self.bench.in_flight.iter().any(|outgoing| outgoing.request == self.streams[at].request)
    }

    /// A stream brings something, whether anybody still wants it or not.
    fn piece(&mut self, at: usize, ends: Option<bool>) {
        let is_live = self.is_live(at);
        let before = (self.bench.data(&self.plan), self.bench.entry(&self.plan).map(|entry| entry.version));
        let stream = &mut self.streams[at];
        stream.pieces += 1;
        let Stream { entry, request, .. } = *stream;
        let response = decoded(&format!("{}/{}", stream.version, stream.pieces), Tags::none());
        if ends.is_some() {
            self.bench.in_flight.retain(|outgoing| outgoing.request != request);
        }
        self.bench.apply(match ends {
            None => Event::Grew { entry, request, response },
            Some(true) => Event::Received { entry, request, response, not_modified: false },
            Some(false) => Event::Failed {
                entry,
                request,
                error: Error::timeout(self.plan.request.call(), Duration::from_secs(1)),
                next_try: None,
            },
        });
        if !is_live {
            let after = (self.bench.data(&self.plan), self.bench.entry(&self.plan).map(|entry| entry.version));
            assert_eq!(before, after, "a stream that was given up wrote something");
        }
    }

    fn step(&mut self, dice: &mut Dice) {
        let some = |dice: &mut Dice, streams: usize| dice.below(streams.max(1) as u64) as usize;
        match dice.below(14) {
            0 | 1 => {
                self.bench.watch(&self.plan.clone());
                self.watchers += 1;
            }
            2 if self.watchers > 0 => {
                self.bench.unwatch(&self.plan.clone());
                self.watchers -= 1;
            }
            3 => {
                let waiter = self.bench.fetch(&self.plan.clone());
                self.callers.push((waiter, self.version));
            }
            4 if !self.callers.is_empty() => {
                let (waiter, _) = self.callers.remove(some(dice, self.callers.len()));
                self.bench.cancel(&self.plan.clone(), waiter);
            }
            5 | 6 => {
                self.version += 1;
                self.bench.invalidate(POST.list());
            }
            7 => self.bench.prefetch(&self.plan.clone(), Prefetch::IfMissing),
            8 => {
                let waiter = self.bench.refetch(&self.plan.clone());
                self.callers.push((waiter, self.version));
            }
            9 => self.bench.advance(Duration::from_secs(dice.below(40))),
            choice if !self.streams.is_empty() => {
                let at = some(dice, self.streams.len());
                self.look();
                self.piece(at, if choice == 13 { Some(dice.below(3) > 0) } else { None });
            }
            _ => {}
        }
        self.look();
        self.check();
    }

    fn check(&mut self) {
        self.bench.assert_consistent();
        let flying = self.bench.flights(&self.plan) > 0;
        if let Some(state) = self.bench.state(&self.plan) {
            assert_eq!(state.is_fetching, flying, "it is fetching for as long as it streams");
        }
        for (waiter, version) in &self.callers {
            if let Some(Ok(data)) = self.bench.answer_to(*waiter) {
                let began: u64 = data.split('/').next().and_then(|text| text.parse().ok()).expect("a version");
                assert!(began >= *version, "a caller got what was older than its call");
            }
        }
    }

    /// Everything comes to its end: what is watched is then as new as what the server holds.
    fn settle(&mut self) {
        for _ in 0..100 {
            let Some(at) = (0..self.streams.len()).find(|at| self.is_live(*at)) else { break };
            self.piece(at, None);
            if self.is_live(at) {
                assert!(self.bench.is_stale(&self.plan), "what streams is not all there is");
                self.piece(at, Some(true));
            }
            self.look();
            self.check();
        }
        assert_eq!(self.bench.flights(&self.plan), 0, "it comes to rest");
        for (waiter, _) in &self.callers {
            assert!(self.bench.answer_to(*waiter).is_some(), "a caller was never answered");
        }
    }
}

// B13, B30
#[test]
fn b30_late_pieces_write_nothing_and_what_is_watched_is_true_at_the_end() {
    for seed in 0..1500 {
        let (mut world, mut dice) = (World::new(), Dice(seed * 7919 + 1));
        for _ in 0..60 {
            world.step(&mut dice);
        }
        world.settle();
        // A failure is tried once: who asks now has it anew.
        if world.watchers > 0 {
            let waiter = world.bench.fetch(&world.plan.clone());
            world.callers.push((waiter, world.version));
            world.look();
            world.settle();
            let data = world.bench.data(&world.plan).unwrap_or_default();
            assert!(data.starts_with(&format!("{}/", world.version)), "seed {seed}: {data} at {}", world.version);
            assert!(!world.bench.is_stale(&world.plan), "seed {seed}");
        }
        for _ in 0..world.watchers {
            world.bench.unwatch(&world.plan.clone());
        }
        world.bench.advance(Duration::from_secs(1000));
        world.bench.assert_empty();
    }
}

// B13
#[test]
fn b13_a_stream_that_goes_on_is_begun_anew_by_an_invalidation() {
    let (mut bench, plan) = (Bench::new(), feed());
    bench.watch(&plan);
    let old = bench.in_flight[0].request;
    bench.invalidate(POST.list());
    assert_eq!((bench.sent, bench.aborted), (2, 1));
    assert_ne!(bench.in_flight[0].request, old);
}

// B13
#[test]
fn b13_what_only_a_stream_tells_and_was_invalidated_meanwhile_begins_it_anew_once() {
    let (mut bench, plan) = (Bench::new(), feed());
    bench.watch(&plan);
    bench.invalidate(("User", 5));
    assert_eq!(bench.sent, 1, "nobody knows yet that it holds that user");
    let Outgoing { entry, request, .. } = &bench.in_flight[0];
    let (entry, request) = (*entry, *request);
    bench.apply(Event::Grew { entry, request, response: decoded("1", ("User", 5)) });
    assert_eq!((bench.sent, bench.aborted, bench.flights(&plan)), (2, 1, 1));
    let request = bench.in_flight[0].request;
    bench.apply(Event::Grew { entry, request, response: decoded("2", ("User", 5)) });
    assert_eq!((bench.sent, bench.aborted), (2, 1));
    bench.respond_with(&plan, "2", ("User", 5));
    assert_eq!((bench.sent, bench.is_stale(&plan)), (2, false));
}

// B16
#[test]
fn b16_who_waits_for_refetches_waits_for_the_first_that_a_stream_brings() {
    let (mut bench, plan) = (Bench::new(), feed());
    bench.watch(&plan);
    bench.mutate(POST.list());
    assert!(bench.refetched.is_empty());
    let Outgoing { entry, request, .. } = &bench.in_flight[0];
    let (entry, request) = (*entry, *request);
    bench.apply(Event::Grew { entry, request, response: decoded("1", Tags::none()) });
    assert_eq!(bench.refetched.len(), 1);
}
