//! Random schedules against a small model of a server.
//!
//! The server holds a number for each post, and which post is the favourite. It does a request at a moment of its own between
//! sending and answer, so answers come late and out of order. At the end everything is delivered, and then what is watched
//! must be what the server holds.

use std::collections::HashMap;

use super::*;

const POSTS: u64 = 4;
const SCHEDULES: u64 = 4000;
const STEPS: usize = 60;

/// Xorshift: the same seed, the same schedule, on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) % limit
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> Option<T> {
        if from.is_empty() { None } else { Some(from[self.below(from.len() as u64) as usize].clone()) }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Asked {
    Post(u64),
    All,
    Favourite,
}

impl Asked {
    fn all() -> Vec<Asked> {
        (0..POSTS).map(Asked::Post).chain([Asked::All, Asked::Favourite]).collect()
    }

    fn plan(self) -> Arc<QueryPlan> {
        match self {
            Asked::Post(id) => post(id as i64),
            Asked::All => query("/posts", POST.list()),
            Asked::Favourite => query("/favourite", USER.list()),
        }
    }
}

#[derive(Clone, Default, Debug, PartialEq)]
struct Server {
    posts: [u64; POSTS as usize],
    favourite: u64,
}

impl Server {
    /// What a query answers, and the tags that only the answer tells.
    fn answer(&self, asked: Asked) -> (String, Tags) {
        match asked {
            Asked::Post(id) => (self.posts[id as usize].to_string(), Tags::none()),
            Asked::All => (format!("{:?}", self.posts), (0..POSTS).map(|id| POST.id(id)).collect()),
            Asked::Favourite => {
                (format!("{} {}", self.favourite, self.posts[self.favourite as usize]), POST.id(self.favourite).into())
            }
        }
    }
}

#[derive(Clone, Copy)]
enum Change {
    Post { id: u64, writes: bool },
    Favourite(u64),
}

struct Running {
    change: Change,
    /// What the server answered, once it did it.
    done: Option<String>,
}

struct World {
    bench: Bench,
    random: Random,
    server: Server,
    /// Answers that are on their way.
    answers: HashMap<RequestId, (String, Tags)>,
    mutations: Vec<(MutationId, Running)>,
    watched: Vec<Asked>,
    waiting: Vec<(Asked, WaiterId)>,
    /// What was settled when a caller asked, for each that waits.
    asked_at: HashMap<WaiterId, (Asked, Server)>,
    /// The server's state as of the mutations that settled: no answer may be older.
    settled: Server,
    failures: bool,
}

impl World {
    fn new(seed: u64) -> World {
        World {
            bench: Bench::new(),
            random: Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1),
            server: Server::default(),
            answers: HashMap::new(),
            mutations: Vec::new(),
            watched: Vec::new(),
            waiting: Vec::new(),
            asked_at: HashMap::new(),
            settled: Server::default(),
            failures: seed.is_multiple_of(2),
        }
    }

    fn step(&mut self) {
        let asked = self.random.pick(&Asked::all()).unwrap();
        match self.random.below(16) {
            0 | 1 => {
                self.bench.watch(&asked.plan());
                self.watched.push(asked);
            }
            2 => self.unwatch(),
            3 | 4 => {
                let again = self.random.below(4) == 0;
                let waiter = if again { self.bench.refetch(&asked.plan()) } else { self.bench.fetch(&asked.plan()) };
                self.waiting.push((asked, waiter));
                self.asked_at.insert(waiter, (asked, self.settled.clone()));
            }
            5 => {
                if let Some((asked, waiter)) = self.random.pick(&self.waiting) {
                    self.waiting.retain(|(_, other)| *other != waiter);
                    self.bench.cancel(&asked.plan(), waiter);
                }
            }
            6 => self.bench.prefetch(&asked.plan(), Prefetch::IfMissing),
            7 | 8 => self.start_mutation(),
            9 => self.commit(),
            10 | 11 => self.settle(),
            12 | 13 => self.serve(),
            14 => self.deliver(),
            _ => {
                let seconds = self.random.below(30);
                self.bench.advance(Duration::from_secs(seconds));
            }
        }
        self.check_answers();
        self.bench.assert_consistent();
    }

    fn unwatch(&mut self) {
        if self.watched.is_empty() {
            return;
        }
        let at = self.random.below(self.watched.len() as u64) as usize;
        let asked = self.watched.swap_remove(at);
        self.bench.unwatch(&asked.plan());
    }

    fn start_mutation(&mut self) {
        let id = self.random.below(POSTS);
        let change = match self.random.below(3) {
            0 => Change::Favourite(id),
            1 => Change::Post { id, writes: true },
            _ => Change::Post { id, writes: false },
        };
        let mutation = self.bench.start();
        self.mutations.push((mutation, Running { change, done: None }));
    }

    /// The server does a mutation.
    fn commit(&mut self) {
        let waiting: Vec<usize> = (0..self.mutations.len()).filter(|at| self.mutations[*at].1.done.is_none()).collect();
        let Some(at) = self.random.pick(&waiting) else { return };
        let running = &mut self.mutations[at].1;
        running.done = Some(match running.change {
            Change::Post { id, .. } => {
                self.server.posts[id as usize] += 1;
                self.server.posts[id as usize].to_string()
            }
            Change::Favourite(id) => {
                self.server.favourite = id;
                String::new()
            }
        });
    }

    /// A mutation's outcome becomes known: refused if the server did not do it, else done, or unknown.
    fn settle(&mut self) {
        if self.mutations.is_empty() {
            return;
        }
        let at = self.random.below(self.mutations.len() as u64) as usize;
        let (mutation, Running { change, done }) = self.mutations.swap_remove(at);
        let (mut outcome, mut tags, mut writes) = (Outcome::Refused, Tags::none(), Vec::new());
        if let Some(answer) = done {
            outcome = if self.random.below(4) == 0 { Outcome::Unknown } else { Outcome::Succeeded };
            match change {
                Change::Post { id, writes: written } => {
                    tags = POST.id(id).into();
                    if written && outcome == Outcome::Succeeded {
                        let response = decoded(&answer, Tags::none());
                        writes.push(Write { plan: Asked::Post(id).plan(), response, tags_are_all: true });
                    }
                    let value: u64 = answer.parse().unwrap();
                    let settled = &mut self.settled.posts[id as usize];
                    *settled = value.max(*settled);
                }
                Change::Favourite(_) => tags = USER.list().into(),
            }
        }
        let settlement = Settlement { outcome, tags, writes, suspects: Vec::new() };
        self.bench.apply(Event::MutationSettled { mutation, settlement });
    }

    /// The server does a query.
    fn serve(&mut self) {
        let sent: Vec<usize> = (0..self.bench.in_flight.len())
            .filter(|at| !self.answers.contains_key(&self.bench.in_flight[*at].request))
            .collect();
        let Some(at) = self.random.pick(&sent) else { return };
        let outgoing = &self.bench.in_flight[at];
        let asked = Asked::all().into_iter().find(|asked| asked.plan().key() == outgoing.plan.key()).unwrap();
        self.answers.insert(outgoing.request, self.server.answer(asked));
    }

    /// An answer arrives, or is lost.
    fn deliver(&mut self) {
        let answered: Vec<usize> = (0..self.bench.in_flight.len())
            .filter(|at| self.answers.contains_key(&self.bench.in_flight[*at].request))
            .collect();
        let Some(at) = self.random.pick(&answered) else { return };
        let plan = self.bench.in_flight[at].plan.clone();
        let (body, tags) = self.answers.remove(&self.bench.in_flight[at].request).unwrap();
        if self.failures && self.random.below(5) == 0 {
            self.bench.fail(&plan);
        } else {
            self.bench.respond_with(&plan, &body, tags);
        }
    }

    /// No caller gets data that is older than what had settled when it asked.
    fn check_answers(&mut self) {
        for (waiter, result) in std::mem::take(&mut self.bench.answers) {
            self.waiting.retain(|(_, other)| *other != waiter);
            let (asked, settled) = self.asked_at.remove(&waiter).unwrap();
            if let (Asked::Post(id), Ok(body)) = (asked, result) {
                let value: u64 = body.parse().unwrap();
                assert!(settled.posts[id as usize] <= value, "post {id}: {value} is older than {settled:?}");
            }
        }
    }

    fn drain(&mut self) {
        for _ in 0..10_000 {
            if self.bench.in_flight.is_empty() && self.mutations.is_empty() {
                break;
            }
            self.commit();
            self.settle();
            self.serve();
            self.deliver();
            self.check_answers();
            self.bench.assert_consistent();
        }
        assert!(self.bench.in_flight.is_empty(), "requests without end");
        assert!(self.waiting.is_empty(), "callers without an answer");
        assert!(self.bench.core.log.is_idle() && self.bench.core.awaited.is_empty(), "something is left");
        let settled = self.bench.last_mutation as usize;
        assert_eq!(self.bench.refetched.len(), settled, "each mutation tells once that its refetches are through");
    }

    fn check_watched(&self) {
        for asked in &self.watched {
            let state = self.bench.state(&asked.plan()).expect("what is watched stays");
            if !self.failures {
                assert!(!state.is_stale && state.error.is_none(), "{asked:?} is left stale");
            }
            if !state.is_stale
                && let Some(shown) = &state.shown
            {
                assert_eq!(text(&shown.value), self.server.answer(*asked).0, "{asked:?}");
            }
        }
    }

    fn leave(&mut self) {
        while !self.watched.is_empty() {
            self.unwatch();
        }
        self.bench.advance(Duration::from_secs(1000));
        self.bench.assert_empty();
    }
}

fn run(seed: u64) {
    let mut world = World::new(seed);
    for _ in 0..STEPS {
        world.step();
    }
    world.drain();
    world.check_watched();
    world.leave();
}

// B13, B17
#[test]
fn b13_random_schedules_end_with_what_the_server_holds() {
    let only: Option<u64> = std::env::var("LARDER_SEED").ok().and_then(|seed| seed.parse().ok());
    for seed in only.map_or(1..=SCHEDULES, |seed| seed..=seed) {
        let result = std::panic::catch_unwind(|| run(seed));
        if let Err(panic) = result {
            eprintln!("the schedule of seed {seed} failed: run it alone with LARDER_SEED={seed}");
            std::panic::resume_unwind(panic);
        }
    }
}
