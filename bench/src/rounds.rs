//! Rounds of all candidates in turn, so that noise hits all alike; each candidate's result is the median of its rounds.
//! Times are processor times of the one thread, so that other programs do not count.

use std::hint::black_box;
use std::time::Duration;

use cpu_time::ThreadTime;

use crate::host::Host;

/// How many calls are timed together, and how many queries or keys are made ahead for them.
pub const BATCH: usize = 256;

/// One way to do what a row is about.
pub struct Candidate<'a> {
    /// As the table names it.
    pub name: &'a str,
    /// How many entries there are.
    pub entries: u64,
    /// Does it a number of times in the round of this number, and says what one time took, in nanoseconds.
    round: Box<dyn FnMut(u64) -> f64 + 'a>,
    /// What each round took.
    taken: Vec<f64>,
}

impl<'a> Candidate<'a> {
    pub fn new(name: &'a str, entries: u64, round: impl FnMut(u64) -> f64 + 'a) -> Candidate<'a> {
        Candidate { name, entries, round: Box::new(round), taken: Vec::new() }
    }

    /// The median of its rounds, in nanoseconds.
    pub fn median(&self) -> f64 {
        self.at(self.taken.len() / 2)
    }

    /// The quickest of its rounds, in nanoseconds.
    pub fn least(&self) -> f64 {
        self.at(0)
    }

    fn at(&self, place: usize) -> f64 {
        self.taken.get(place).copied().unwrap_or(f64::NAN)
    }
}

/// Runs the candidates in turn, after one round that does not count.
pub fn interleave(host: &Host, candidates: &mut [Candidate<'_>], rounds: u64) {
    for round in 0..=rounds {
        for candidate in &mut *candidates {
            let taken = (candidate.round)(round);
            host.settle();
            if round > 0 {
                candidate.taken.push(taken);
            }
        }
    }
    for candidate in candidates {
        candidate.taken.sort_unstable_by(f64::total_cmp);
    }
}

/// As many ids below `entries`, no two alike while there are enough, in an order without a pattern; other ones each round.
pub fn scattered(entries: u64, count: u64, round: u64) -> Vec<u64> {
    // A prime, so that it goes through all ids before it comes back to the first.
    (round * count..(round + 1) * count).map(|at| at * 618_033_989 % entries.max(1)).collect()
}

/// What one of so many calls takes, in nanoseconds.
pub fn per_call(time: Duration, calls: usize) -> f64 {
    time.as_secs_f64() * 1e9 / calls.max(1) as f64
}

/// What one call takes on average, in nanoseconds.
pub fn each<I, O>(items: &[I], mut call: impl FnMut(&I) -> O) -> f64 {
    let started = ThreadTime::now();
    for item in items {
        drop(black_box(call(black_box(item))));
    }
    per_call(started.elapsed(), items.len())
}

/// What one call takes on average, where each call is given something that was made ahead, outside of the time taken. In nanoseconds.
pub fn each_ready<R, O>(ids: &[u64], mut make: impl FnMut(u64) -> R, mut call: impl FnMut(&R) -> O) -> f64 {
    let mut time = Duration::ZERO;
    for batch in ids.chunks(BATCH) {
        let ready: Vec<R> = batch.iter().map(|id| make(*id)).collect();
        let started = ThreadTime::now();
        for ready in &ready {
            drop(black_box(call(black_box(ready))));
        }
        time += started.elapsed();
    }
    per_call(time, ids.len())
}
