//! What a fault is to the callers of a query and of a mutation.

mod connection;
mod content;
mod packed;
mod protocol;
mod status;

use larder::ErrorKind::{Connect, Decode, Status, Timeout};
use larder::{ErrorKind, Outcome};

use super::fault::Fault;

/// What a caller gets.
#[derive(Clone, Copy, Debug)]
pub enum Told {
    /// The data, as if nothing had been.
    Data,
    /// An error of this kind and status, whose text has these words.
    Error(ErrorKind, Option<u16>, &'static str),
}

/// A fault, and what it is to callers.
#[derive(Clone, Debug)]
pub struct Case {
    pub name: &'static str,
    pub fault: Fault,
    pub query: Told,
    pub mutation: Told,
    /// How a mutation ended, as far as the cache can know.
    pub outcome: Outcome,
}

impl Case {
    /// Whether the client is left waiting.
    pub fn is_late(&self) -> bool {
        matches!(self.query, Told::Error(Timeout, ..))
    }
}

/// Every fault there is.
pub fn all() -> Vec<Case> {
    [connection::cases(), protocol::cases(), protocol::odd(), content::cases(), packed::cases(), status::cases()]
        .concat()
}

/// The answer is lost, and nobody knows what the server did.
fn lost(name: &'static str, fault: Fault) -> Case {
    let told = Told::Error(Connect, None, "the connection was lost before the answer was complete");
    Case { name, fault, query: told, mutation: told, outcome: Outcome::Unknown }
}

/// The answer does not come in time.
fn late(name: &'static str, fault: Fault) -> Case {
    let told = Told::Error(Timeout, None, "there was no complete answer within 30s");
    Case { name, fault, query: told, mutation: told, outcome: Outcome::Unknown }
}

/// The server says that it did it, and the rest cannot be read.
fn unreadable(name: &'static str, fault: Fault, words: &'static str) -> Case {
    // The API answers a query by 200, a mutation by 201.
    let told = |status| Told::Error(Decode, Some(status), words);
    let mutation = told(if fault.acts { 201 } else { 200 });
    Case { name, fault, query: told(200), mutation, outcome: Outcome::Succeeded }
}

/// The server says that it did it, and not all of what it says can be had: it may as well have failed.
fn spoilt(name: &'static str, fault: Fault, words: &'static str) -> Case {
    Case { outcome: Outcome::Unknown, ..unreadable(name, fault, words) }
}

/// The server says no: it did nothing.
fn refused(name: &'static str, fault: Fault, status: u16, words: &'static str) -> Case {
    let told = Told::Error(Status, Some(status), words);
    Case { name, fault, query: told, mutation: told, outcome: Outcome::Refused }
}

/// The server says that something failed, and may have done it.
fn failed(name: &'static str, fault: Fault, status: u16, words: &'static str) -> Case {
    Case { outcome: Outcome::Unknown, ..refused(name, fault, status, words) }
}

/// It does not matter.
fn harmless(name: &'static str, fault: Fault) -> Case {
    Case { name, fault, query: Told::Data, mutation: Told::Data, outcome: Outcome::Succeeded }
}
