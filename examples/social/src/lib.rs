//! A small social network, in two halves: the server that keeps it, and an application that shows it.
//!
//! The server ([`server`]) is a real one: HTTP on a port of this machine, data in SQLite. It counts
//! what it is asked, so a claim about how few requests a client sends is measured where it matters.
//!
//! The application ([`scenes`]) uses a client that was generated from the server's OpenAPI document
//! ([`api`]), and nothing else: no line of it says which data a change makes stale.
#![forbid(unsafe_code)]

/// The client, generated from `fixtures/social/openapi.yaml`.
#[allow(missing_docs)]
pub mod api {
    larder::include_api!("openapi");
}

pub mod finding;
pub mod line;
mod listener;
pub mod scenes;
pub mod server;
pub mod stage;
pub mod tally;
pub mod transcript;
