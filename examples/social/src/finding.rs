//! What was counted in a scene, and what should have been.

use std::fmt;

use crate::tally::Tally;

/// Where something was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the server's list of requests.
    Server,
    /// In what the application would draw.
    Screen,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Server => "at the server",
            Self::Screen => "on the screen",
        })
    }
}

/// Something that was counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was counted.
    pub what: &'static str,
    /// Where.
    pub place: Place,
    /// How many there should be.
    pub expected: usize,
    /// How many there were.
    pub counted: usize,
}

impl Finding {
    /// Counted in the server's list of requests.
    pub fn at_the_server(what: &'static str, expected: usize, counted: usize) -> Self {
        Self { what, place: Place::Server, expected, counted }
    }

    /// Counted in what the application would draw.
    pub fn on_the_screen(what: &'static str, expected: usize, counted: usize) -> Self {
        Self { what, place: Place::Screen, expected, counted }
    }

    /// Whether there were as many as there should be.
    pub fn holds(&self) -> bool {
        self.expected == self.counted
    }
}

/// How a scene ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// What was counted.
    pub findings: Vec<Finding>,
    /// How many requests reached the server.
    pub requests: usize,
    /// What the client says it did.
    pub tally: Tally,
}
