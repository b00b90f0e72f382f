//! The plan as people read it: in the terminal, as a page, and as what a new version of a document changes.
//!
//! All of it is made of the plan alone, which is plain data: a plan that was written as JSON long ago can be explained
//! and compared as well as one that was inferred just now.

mod diff;
mod diff_table;
mod group;
mod html;
mod layout;
mod one;
mod reach;
mod table;
mod way;
mod words;

pub use diff::{Changed, Diff, EdgeName, Renamed};
pub use diff_table::diff_table;
pub use html::html;
pub use one::{Explained, Unknown, find, one};
pub use reach::{Edge, Effect, Link, Reach};
pub use table::table;
