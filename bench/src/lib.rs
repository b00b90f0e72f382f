//! What the cache costs, beside its peers and beside plain maps. Two programs use this: `cost` takes times, `held` counts
//! bytes and allocations.
//!
//! Each candidate is driven through its public API alone, on one thread and one tokio runtime, and holds the same values.
//! Where a choice had to be made it was made in favour of the peer; the modules say where.

#![forbid(unsafe_code)]

pub mod dioxus;
pub mod host;
pub mod larder;
pub mod leptos;
pub mod maps;
pub mod post;
pub mod rounds;
pub mod swr;
pub mod table;
