//! The core against a reference model, in random schedules.
//!
//! Each schedule follows from a seed: what the client is set up to, and what happens. Each step is given to the core and to
//! the model, and then the two are compared: what was sent and why, who was answered with what, what is shown, what is in the
//! cache. A small server beside them knows what is true, so that neither is trusted for that.
//!
//! `LARDER_SCHEDULES` sets how many schedules are run, `LARDER_SEED` runs one of them and tells it in words.

mod asked;
mod check;
mod layering;
mod model;
mod payload;
pub(crate) mod random;
mod schedule;
mod server;
mod shrink;
mod steps;
mod words;
mod world;

use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use self::schedule::{Arrival, ByHand, Ending, Meant, Schedule, Step, seconds};
use self::world::World;

/// How many schedules a plain run of the tests tries.
const SCHEDULES: u64 = 2000;
/// More steps than it can take until all that is under way is through.
const DRAINING: usize = 1000;

/// Why a schedule failed, and the story up to there.
#[derive(Debug)]
struct Failure {
    why: String,
    story: Vec<String>,
}

fn run(schedule: &Schedule, is_told: bool) -> Result<Vec<String>, Failure> {
    let mut world = World::new(schedule, is_told);
    let result = catch_unwind(AssertUnwindSafe(|| world.live(schedule)));
    payload::forget();
    let story = std::mem::take(&mut world.story);
    match result {
        Ok(Ok(())) => Ok(story),
        Ok(Err(why)) => Err(Failure { why, story }),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
            Err(Failure { why: format!("a panic: {}", text.unwrap_or_default()), story })
        }
    }
}

impl World {
    fn live(&mut self, schedule: &Schedule) -> Result<(), String> {
        for step in &schedule.steps {
            self.step(step)?;
        }
        self.tell_story("-- all that is under way comes to its end");
        self.drain()?;
        self.check_quiet()?;
        self.tell_story("-- all watchers leave, and time passes");
        while !self.watching.is_empty() {
            self.step(&Step::Unwatch(0))?;
        }
        for _ in 0..2 {
            self.step(&Step::Pass(seconds(100)))?;
        }
        self.drain()?;
        self.step(&Step::Change(vec![ByHand::Remove(Meant::Everything)]))?;
        self.check_empty()
    }

    fn step(&mut self, step: &Step) -> Result<(), String> {
        self.steps += 1;
        if self.is_told {
            self.tell_story(&format!("{:>3}. at {:?}: {step}", self.steps, self.now));
        }
        let Some(mut seen) = self.act(step)? else {
            self.tell_story("       nothing to do it to");
            return Ok(());
        };
        for words in std::mem::take(&mut seen.words) {
            self.tell_story(&format!("       {words}"));
        }
        self.check(seen)
    }

    fn tell_story(&mut self, line: &str) {
        if self.is_told {
            self.story.push(line.to_owned());
        }
    }

    /// Whatever is under way comes to a good end.
    fn drain(&mut self) -> Result<(), String> {
        for _ in 0..DRAINING {
            let is_quiet = self.mutations.is_empty() && self.requests.iter().all(|request| !request.is_open);
            if is_quiet && self.model.entries.values().all(|entry| entry.flight.is_none()) {
                return Ok(());
            }
            if is_quiet {
                // What failed is tried again in time.
                self.step(&Step::Online(true))?;
                self.step(&Step::Ring)?;
            }
            for step in [Step::Commit(0), Step::Settle(0, Ending::Told), Step::Serve(0, None, None)] {
                self.step(&step)?;
            }
            self.step(&Step::Deliver(0, Arrival::Whole))?;
        }
        Err("requests follow one another without end".to_owned())
    }
}

fn number(variable: &str) -> Option<u64> {
    env::var(variable).ok()?.parse().ok()
}

/// The first seed whose schedule fails. All processors look for it.
fn first_failing(first: u64, last: u64) -> Option<u64> {
    let (next, failing) = (AtomicU64::new(first), AtomicU64::new(u64::MAX));
    let look = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if last.min(failing.load(Ordering::Relaxed)) < seed {
                break;
            }
            if run(&Schedule::of(seed), false).is_err() {
                failing.fetch_min(seed, Ordering::Relaxed);
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(look);
        }
    });
    Some(failing.into_inner()).filter(|seed| *seed <= last)
}

/// A failing schedule as a text: as short as it could be made, step by step.
fn replay(seed: u64, schedule: Schedule) -> String {
    let schedule = shrink::shrink(schedule);
    let Failure { why, story } = match run(&schedule, true) {
        Err(failure) => failure,
        Ok(story) => Failure { why: "it failed before, and now it does not".to_owned(), story },
    };
    let story = story.join("\n");
    let defaults = schedule.defaults;
    format!(
        "the schedule of seed {seed} fails. Run it alone with\n  LARDER_SEED={seed} cargo test --package larder --lib \
         simulation\n\nIts shortest form, with {defaults:?}:\n\n{story}\n\nfails with\n  {why}\n"
    )
}

// B2, B3, B8, B9, B10, B11, B12, B13, B14, B15, B16, B17, B18, B19, B23, B25, B26, B27
#[test]
fn b13_the_core_does_what_the_model_says_whatever_happens() {
    let (first, last) = match number("LARDER_SEED") {
        Some(seed) => (seed, seed),
        None => (1, number("LARDER_SCHEDULES").unwrap_or(SCHEDULES)),
    };
    if let Some(seed) = first_failing(first, last) {
        panic!("{}", replay(seed, Schedule::of(seed)));
    }
}

#[test]
fn the_same_seed_gives_the_same_run_to_the_order_of_effects() {
    for seed in 1..=100 {
        let [one, other] = [0, 1].map(|_| run(&Schedule::of(seed), true).map_err(|failure| failure.why));
        assert_eq!(one, other, "seed {seed}");
    }
}
