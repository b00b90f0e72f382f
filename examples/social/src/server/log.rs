//! The list of requests the server was sent, kept at the server.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::BASE_PATH;

/// A request that reached the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedRequest {
    /// `GET`, `POST`, …
    pub method: String,
    /// The path with the query, such as `/api/posts?limit=5`.
    pub path: String,
    /// The status of the answer; `None` while there is none, or if the client went away before.
    pub status: Option<u16>,
}

impl LoggedRequest {
    /// The method and the path as the document has it, with the query: `GET /posts?limit=5`.
    pub fn call(&self) -> String {
        format!("{} {}", self.method, self.path.strip_prefix(BASE_PATH).unwrap_or(&self.path))
    }
}

impl fmt::Display for LoggedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

/// All requests so far. A request is in the list from when it arrives, before it is answered.
#[derive(Debug, Default)]
pub(super) struct Log {
    entries: Mutex<Entries>,
}

#[derive(Debug, Default)]
struct Entries {
    /// How many requests were taken out by [`Log::take`] before the first one of `list`.
    taken: usize,
    list: Vec<LoggedRequest>,
}

impl Log {
    /// Notes a request that arrived, and gives it a number.
    pub fn arrived(&self, method: &str, path: &str) -> usize {
        let mut entries = self.lock();
        entries.list.push(LoggedRequest { method: method.to_owned(), path: path.to_owned(), status: None });
        entries.taken + entries.list.len() - 1
    }

    /// Notes how the request of this number was answered.
    pub fn answered(&self, number: usize, status: u16) {
        let mut entries = self.lock();
        let taken = entries.taken;
        let entry = number.checked_sub(taken).and_then(|place| entries.list.get_mut(place));
        if let Some(entry) = entry {
            entry.status = Some(status);
        }
    }

    /// The requests so far.
    pub fn all(&self) -> Vec<LoggedRequest> {
        self.lock().list.clone()
    }

    /// The requests so far; the list is empty afterwards.
    pub fn take(&self) -> Vec<LoggedRequest> {
        let mut entries = self.lock();
        entries.taken += entries.list.len();
        std::mem::take(&mut entries.list)
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
