//! What the client says it did, in numbers.

use std::ops::AddAssign;

/// Counts of what the client reported.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Callers answered from the cache, with no request.
    pub cached: usize,
    /// Callers who waited for a request that was already under way.
    pub joined: usize,
    /// Mutations started.
    pub mutations: usize,
    /// Entries asked for again because they were invalidated.
    pub refetches: usize,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.cached += other.cached;
        self.joined += other.joined;
        self.mutations += other.mutations;
        self.refetches += other.refetches;
    }
}
