//! What the auditor found out about one mutation.

use std::fmt;

use super::call::Call;

/// An entry that a mutation changed on the server, and that the cache took for fresh: stale data on a screen.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Miss {
    /// What changed the server.
    pub mutation: Call,
    /// The entry that is stale.
    pub query: Call,
    /// Where the server's answer differs from what the cache holds, as JSON Pointers. The empty one is the whole.
    pub places: Vec<String>,
    /// Nothing but points in time differs.
    pub timestamps_only: bool,
    /// The server has it no longer.
    pub gone: bool,
    /// The mutation's response was written into the entry, and the server says otherwise.
    pub written: bool,
    /// Operations that ran since the entry was last known to be right, and that may have been the cause instead.
    pub also_possible: Vec<String>,
    /// The lines of `larder.toml` that mend it.
    pub mend: String,
}

/// An entry that a mutation invalidated, and that is the same on the server as before: a request for nothing.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Needless {
    /// What invalidated the entry.
    pub mutation: Call,
    /// The entry.
    pub query: Call,
}

/// Places of an operation's answer that change between two requests with nothing in between. They are not compared.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Volatile {
    /// The operation.
    pub operation_id: String,
    /// JSON Pointers in which `*` is each element.
    pub places: Vec<String>,
}

/// What was found out about one mutation.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Report {
    /// The mutation.
    pub mutation: Call,
    /// Entries that it left stale.
    pub misses: Vec<Miss>,
    /// Entries that it invalidated for nothing.
    pub needless: Vec<Needless>,
    /// Places found to change by themselves, each told once.
    pub volatile: Vec<Volatile>,
    /// How many entries were compared with the server.
    pub compared: usize,
    /// How many were not, because the budget was used up.
    pub over_budget: usize,
    /// How many were not, because another mutation came before the auditor had asked for them.
    pub overtaken: usize,
    /// How many were not, because the server gave no answer to compare.
    pub unanswered: usize,
    /// How many requests the auditor sent for it.
    pub requests: usize,
}

impl fmt::Display for Miss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "missed: {} is stale after {}", self.query, self.mutation)?;
        if self.gone {
            write!(f, "\n  the server has it no longer")?;
        } else {
            let places = self.places.iter().map(|place| if place.is_empty() { "all of it" } else { place });
            write!(f, "\n  differs: {}", places.collect::<Vec<_>>().join(", "))?;
        }
        if self.timestamps_only {
            write!(f, " (nothing but points in time)")?;
        }
        if self.written {
            write!(f, "\n  the mutation's response was written into it, and the server says otherwise")?;
        }
        if !self.also_possible.is_empty() {
            write!(f, "\n  it may have been {} instead", self.also_possible.join(" or "))?;
        }
        write!(f, "\n  larder.toml, below its [[api]]:")?;
        self.mend.lines().try_for_each(|line| write!(f, "\n    {line}"))
    }
}

impl fmt::Display for Needless {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "needless: {} did not change with {}", self.query, self.mutation)
    }
}

impl fmt::Display for Volatile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = self.places.iter().map(|place| if place.is_empty() { "all of it" } else { place });
        write!(f, "volatile: {} changes by itself: {}", self.operation_id, places.collect::<Vec<_>>().join(", "))
    }
}

/// The findings, one after the other, and how much was compared.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {} entries compared by {} requests", self.mutation, self.compared, self.requests)?;
        for (count, why) in [
            (self.over_budget, "the budget was used up"),
            (self.overtaken, "another mutation came in between"),
            (self.unanswered, "the server gave no answer to compare"),
        ] {
            if count > 0 {
                writeln!(f, "  {count} not compared: {why}")?;
            }
        }
        self.misses.iter().try_for_each(|miss| writeln!(f, "{miss}"))?;
        self.needless.iter().try_for_each(|needless| writeln!(f, "{needless}"))?;
        self.volatile.iter().try_for_each(|volatile| writeln!(f, "{volatile}"))
    }
}
