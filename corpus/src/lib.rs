//! Documents as test data: generated, compiled, measured, and their own examples sent through their types.
//!
//! `cargo xtask corpus` and the tests of the whole are its two users.

#![forbid(unsafe_code)]

mod cargo;
mod declared;
mod documents;
mod examples;
mod json_schema;
mod measure;
mod replay;
mod replay_program;
mod round_trip;

pub use cargo::{Checked, Scratch};
pub use documents::{find, name};
pub use measure::{Cost, run};
pub use replay::{Answered, Difference, Replay, calls, replay};
pub use round_trip::{Exception, Prepared, Trip, UNDECLARED, by_kind, prepare};
