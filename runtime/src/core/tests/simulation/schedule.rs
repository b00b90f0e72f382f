//! A schedule: what a client is set up to, and what happens in it, step by step. All of it follows from a seed.
//!
//! Steps are data. What a step picks from, such as the watchers there are, it picks when it is done, so a schedule can be
//! run without some of its steps.

use std::time::Duration;

use super::asked::{Asked, Call, ODD, POSTS, PROBED, USERS};
use super::random::Random;
use super::server::Mutation;
use crate::prefetch::Prefetch;
use crate::settings::{Defaults, Refetch, Said};
use crate::tag::Tag;
use crate::target::RefetchOf;

const STEPS: usize = 70;

pub(super) const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(super) struct Schedule {
    pub(super) defaults: Defaults,
    pub(super) steps: Vec<Step>,
}

/// Which of those there are: the number, modulo how many there are.
pub(super) type Pick = usize;

#[derive(Clone, Debug)]
pub(super) enum Step {
    Watch(Call),
    Unwatch(Pick),
    Fetch(Call),
    /// As a fetch, on the short way for what is fresh.
    Hit(Call),
    Refetch(Call),
    Prefetch(Call, Prefetch),
    Cancel(Pick),
    Start(Mutation),
    /// The server does a mutation.
    Commit(Pick),
    Settle(Pick, Ending),
    /// The server does a query. Beside what belongs to it the response brings a tag and a time for which it is fresh.
    Serve(Pick, Option<Tag>, Option<u64>),
    Deliver(Pick, Arrival),
    /// Something is told once more that was told before: an answer, a mutation's end, a watcher's or a caller's leave.
    Again(Pick),
    Change(Vec<ByHand>),
    /// Data made of what is there, as the server holds it now.
    Rework(Call),
    /// Time passes, and the timer rings once it should.
    Pass(Duration),
    /// Time passes until the timer rings.
    Ring,
    /// Time passes, and the timer is late.
    PassUnnoticed(Duration),
    Tick,
    Focus(bool),
    Online(bool),
}

/// How a mutation ends that the server did. What it did not do is refused, or is not sent, or its outcome is unknown.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ending {
    Told,
    Unknown,
}

/// What becomes of a response on its way.
#[derive(Clone, Copy, Debug)]
pub(super) enum Arrival {
    Whole,
    Lost,
    /// Code of the application panicked when it was read.
    Panicked,
    /// It is lost, and may be asked for again after so many milliseconds.
    Again(u64),
}

#[derive(Clone, Debug)]
pub(super) enum ByHand {
    Invalidate(Meant, RefetchOf),
    /// What the server holds now. With all of its tags, or with those that the data tells without its JSON.
    Set {
        call: Box<Call>,
        tags_are_all: bool,
    },
    Remove(Meant),
    Reset(Meant),
}

/// What a change by hand is meant for.
#[derive(Clone, Debug)]
pub(super) enum Meant {
    Tags(Vec<Tag>),
    Query(Asked),
    Operation(&'static str),
    Path(&'static str),
    Everything,
}

impl Schedule {
    pub(super) fn of(seed: u64) -> Schedule {
        let mut random = Random::new(seed);
        let mut asked: Vec<Asked> = Vec::new();
        // Few entries, so that much happens to each.
        let defaults = defaults(&mut random);
        let is_bounded = defaults.max_entries < usize::MAX || defaults.max_bytes < usize::MAX;
        let many = if random.once_in(8) { Asked::ALL.len() } else { 2 + random.below(3) };
        // Where there is too much, it matters what goes.
        let many = if is_bounded { Asked::ALL.len() } else { many };
        while asked.len() < many {
            let one = random.pick(&Asked::ALL);
            if !asked.contains(&one) {
                asked.push(one);
            }
        }
        let mut maker = Maker {
            // In every other schedule nearly all callers leave everything to the client.
            plain: if random.once_in(2) { 10 } else { 2 },
            fails: random.pick(&[0, 0, 3, 8]),
            huge: random.once_in(6),
            asked,
            random,
        };
        let steps = (0..STEPS).map(|_| maker.step()).collect();
        Schedule { defaults, steps }
    }
}

fn defaults(random: &mut Random) -> Defaults {
    let mut defaults = Defaults::default();
    let usual = random.once_in(3);
    if usual {
        return defaults;
    }
    defaults.keep_unused = random.pick(&[seconds(60), seconds(60), seconds(5), seconds(0), Duration::MAX]);
    defaults.stale_time = random.pick(&[None, None, None, Some(seconds(20)), Some(seconds(0))]);
    defaults.stale_time_from_server = random.once_in(4);
    defaults.on_watch = random.pick(&[Refetch::IfStale, Refetch::IfStale, Refetch::Always, Refetch::Never]);
    defaults.on_focus = random.pick(&[Refetch::IfStale, Refetch::IfStale, Refetch::Always, Refetch::Never]);
    defaults.on_reconnect = random.pick(&[Refetch::IfStale, Refetch::IfStale, Refetch::Always, Refetch::Never]);
    defaults.focus_throttle = random.pick(&[seconds(5), seconds(5), seconds(0), seconds(30), Duration::MAX]);
    defaults.conditional = !random.once_in(5);
    defaults.remove_unwatched = random.once_in(4);
    defaults.max_entries = random.pick(&[usize::MAX, usize::MAX, usize::MAX, 1, 3, 5]);
    defaults.max_bytes = random.pick(&[usize::MAX, usize::MAX, usize::MAX, usize::MAX, usize::MAX, 0, 900, 1500]);
    defaults
}

struct Maker {
    random: Random,
    asked: Vec<Asked>,
    /// Of so many calls all but one say nothing beside what they ask for.
    plain: usize,
    /// One in so many responses is lost. Zero is none.
    fails: usize,
    huge: bool,
}

impl Maker {
    fn step(&mut self) -> Step {
        match self.random.below(100) {
            0..12 => Step::Watch(self.call()),
            12..18 => Step::Unwatch(self.number()),
            18..23 => Step::Fetch(self.call()),
            23..26 => Step::Hit(self.call()),
            26..29 => Step::Refetch(self.call()),
            29..33 => Step::Prefetch(self.call(), self.prefetch()),
            33..36 => Step::Cancel(self.number()),
            36..43 => Step::Start(self.mutation()),
            43..48 => Step::Commit(self.number()),
            48..55 => Step::Settle(self.number(), if self.random.once_in(5) { Ending::Unknown } else { Ending::Told }),
            55..65 => Step::Serve(self.number(), self.odd_tag(), self.max_age()),
            65..75 => Step::Deliver(self.number(), self.arrival()),
            75..77 => Step::Again(self.number()),
            77..84 => self.change(),
            84 => Step::Rework(self.call()),
            85..89 => Step::Pass(self.time()),
            89..93 => Step::Ring,
            93 => Step::PassUnnoticed(self.time()),
            94 => Step::Tick,
            95..98 => Step::Focus(!self.random.once_in(3)),
            _ => Step::Online(self.random.once_in(2)),
        }
    }

    fn number(&mut self) -> Pick {
        self.random.below(1 << 16)
    }

    fn asked(&mut self) -> Asked {
        self.random.pick(&self.asked)
    }

    fn call(&mut self) -> Call {
        let mut call = Call::plain(self.asked());
        if !self.random.once_in(self.plain) {
            return call;
        }
        let random = &mut self.random;
        let refetch = [None, None, None, Some(Refetch::Never), Some(Refetch::IfStale), Some(Refetch::Always)];
        let refetch = [refetch.as_slice(), &[Some(Refetch::IfOlderThan(seconds(10)))]].concat();
        call.settings = Said {
            keep_unused: random.pick(&[None, None, None, Some(seconds(0)), Some(seconds(1)), Some(seconds(90))]),
            stale_time: random.pick(&[None, None, None, Some(seconds(0)), Some(seconds(5)), Some(seconds(40))]),
            stale_time_from_server: random.pick(&[None, None, Some(true), Some(false)]),
            on_watch: random.pick(&refetch),
            on_focus: random.pick(&refetch),
            on_reconnect: random.pick(&refetch),
            poll_every: random.pick(&[None, None, Some(seconds(3)), Some(seconds(7)), Some(seconds(0))]),
            poll_only_focused: random.once_in(3),
            never_stale: call.asked == Asked::About || (call.asked == Asked::Latest && random.once_in(8)),
            ..Said::default()
        };
        if random.once_in(12) {
            call.settings.keep_unused = Some(Duration::MAX);
        }
        if random.once_in(12) {
            call.settings.stale_time = Some(Duration::MAX);
        }
        if random.once_in(12) {
            call.settings.poll_every = Some(Duration::MAX);
        }
        if random.once_in(4) {
            call.extra = Some(random.pick(&ODD));
        }
        call
    }

    fn prefetch(&mut self) -> Prefetch {
        self.random.pick(&[
            Prefetch::IfMissing,
            Prefetch::IfMissing,
            Prefetch::IfOlderThan(seconds(8)),
            Prefetch::Force,
        ])
    }

    fn mutation(&mut self) -> Mutation {
        let random = &mut self.random;
        match random.below(9) {
            0 | 1 => Mutation::Edit { post: random.below(POSTS), writes: false },
            2 | 3 => Mutation::Edit { post: random.below(POSTS), writes: true },
            4 => Mutation::Delete(random.below(POSTS)),
            5 => Mutation::Add(random.below(USERS)),
            6 => random.pick(&[
                Mutation::Describe,
                Mutation::Describe,
                Mutation::Choose(0),
                Mutation::Choose(1),
                Mutation::Choose(2),
            ]),
            7 => Mutation::Rename(random.below(USERS)),
            _ => random.pick(&[Mutation::Publish, Mutation::Recount(0), Mutation::Recount(1)]),
        }
    }

    fn odd_tag(&mut self) -> Option<Tag> {
        self.random.once_in(5).then(|| self.random.pick(&ODD))
    }

    fn max_age(&mut self) -> Option<u64> {
        self.random.pick(&[None, None, None, Some(0), Some(4), Some(15), Some(u64::MAX)])
    }

    fn arrival(&mut self) -> Arrival {
        if self.fails == 0 || !self.random.once_in(self.fails) {
            return Arrival::Whole;
        }
        match self.random.below(6) {
            0 | 1 => Arrival::Panicked,
            2 => Arrival::Lost,
            _ => Arrival::Again(self.random.pick(&[0, 1, 1000, 2000, 2000, 5000, 30_000])),
        }
    }

    fn change(&mut self) -> Step {
        let several = if self.random.once_in(3) { 2 + self.random.below(2) } else { 1 };
        Step::Change((0..several).map(|_| self.by_hand()).collect())
    }

    fn by_hand(&mut self) -> ByHand {
        match self.random.below(12) {
            0..7 => {
                let refetch = [RefetchOf::Watched, RefetchOf::Watched, RefetchOf::Unwatched, RefetchOf::All];
                let refetch = if self.random.once_in(5) { RefetchOf::Nothing } else { self.random.pick(&refetch) };
                ByHand::Invalidate(self.meant(), refetch)
            }
            7 | 8 => ByHand::Set { call: Box::new(self.call()), tags_are_all: !self.random.once_in(3) },
            9 => ByHand::Remove(self.meant()),
            _ => ByHand::Reset(self.meant()),
        }
    }

    fn meant(&mut self) -> Meant {
        match self.random.below(10) {
            0..6 => {
                let many = 1 + self.random.below(2);
                Meant::Tags((0..many).map(|_| self.random.pick(&PROBED)).collect())
            }
            6 | 7 => Meant::Query(self.asked()),
            8 => self.random.pick(&[
                Meant::Operation("getPost"),
                Meant::Operation("listByAuthor"),
                Meant::Operation("none"),
                Meant::Path("/posts"),
                Meant::Path("/users/*/posts"),
                Meant::Path("users"),
                Meant::Path("/post"),
            ]),
            _ => Meant::Everything,
        }
    }

    fn time(&mut self) -> Duration {
        if self.huge && self.random.once_in(6) {
            return self.random.pick(&[Duration::MAX, seconds(1 << 33), seconds(u64::MAX / 3)]);
        }
        let usual = [0, 1, 1, 2, 3, 4, 5, 5, 7, 10, 20, 40, 60, 61, 90];
        seconds(self.random.pick(&usual)) + Duration::from_millis(self.random.pick(&[0, 0, 0, 1, 999]))
    }
}
