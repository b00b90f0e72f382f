//! What is known of each entry's data on the server, and which mutations came since.

use std::collections::{BTreeMap, HashMap, HashSet};

use bytes::Bytes;

use crate::query::{EntryKey, KeptKey};

/// How many mutations had been settled at a moment, of those that may have changed the server.
pub(crate) type Count = u64;

/// What the auditor saw last of an entry, where that is newer than the cache.
#[derive(Clone)]
pub(crate) enum Seen {
    Body(Bytes),
    /// The server has it no longer.
    Gone,
}

/// Entries that the application has asked the server for, and mutations that may have changed them.
#[derive(Default)]
pub(crate) struct Known {
    settled: Count,
    running: usize,
    operations: BTreeMap<Count, &'static str>,
    entries: HashMap<KeptKey, Entry>,
}

struct Entry {
    /// Its data is at least as new as this.
    since: Count,
    seen: Option<Seen>,
    /// When it was last compared.
    compared: Count,
}

impl Known {
    pub(crate) fn settled(&self) -> Count {
        self.settled
    }

    pub(crate) fn start(&mut self) {
        self.running += 1;
    }

    /// A mutation ended; it gets a number if it may have changed the server.
    pub(crate) fn settle(&mut self, operation: &'static str, may_have_changed: bool) -> Count {
        self.running = self.running.saturating_sub(1);
        if may_have_changed {
            self.settled += 1;
            self.operations.insert(self.settled, operation);
        }
        self.settled
    }

    /// Whether nothing changed the server since the mutation of this number, as far as this client knows.
    pub(crate) fn is_quiet_since(&self, number: Count) -> bool {
        self.settled == number && self.running == 0
    }

    /// The application has an answer to a request that it sent then.
    pub(crate) fn fetched(&mut self, key: EntryKey<'_>, since: Count) {
        let compared = self.last_compared(key);
        self.entries.insert(key.kept(), Entry { since, seen: None, compared });
    }

    /// The auditor has compared an entry.
    pub(crate) fn compared(&mut self, key: EntryKey<'_>, at: Count, seen: Option<Seen>) {
        if let Some(entry) = self.entries.get_mut(&key.kept()) {
            *entry = Entry { since: at, seen, compared: at };
        }
    }

    /// A mutation's response was written into an entry.
    pub(crate) fn written(&mut self, key: EntryKey<'_>, at: Count) {
        if let Some(entry) = self.entries.get_mut(&key.kept()) {
            *entry = Entry { since: at, seen: None, compared: entry.compared };
        }
    }

    /// Whether the application has asked the server for this entry.
    pub(crate) fn was_asked(&self, key: EntryKey<'_>) -> bool {
        self.entries.contains_key(&key.kept())
    }

    pub(crate) fn seen(&self, key: EntryKey<'_>) -> Option<Seen> {
        self.entries.get(&key.kept())?.seen.clone()
    }

    pub(crate) fn last_compared(&self, key: EntryKey<'_>) -> Count {
        self.entries.get(&key.kept()).map_or(0, |entry| entry.compared)
    }

    /// The operations that may have changed an entry since it was last known, before the mutation of this number.
    pub(crate) fn suspects(&self, key: EntryKey<'_>, number: Count) -> Vec<String> {
        let since = self.entries.get(&key.kept()).map_or(number, |entry| entry.since);
        let between = self.operations.iter().filter(|(at, _)| since < **at && **at < number);
        let mut names: Vec<String> = between.map(|(_, name)| (*name).to_owned()).collect();
        names.sort();
        names.dedup();
        names
    }

    /// Forgets entries that left the cache, and mutations that nobody can ask for any more.
    pub(crate) fn forget(&mut self, held: &HashSet<EntryKey<'_>>) {
        self.entries.retain(|key, _| held.contains(&key.key()));
        let oldest = self.entries.values().map(|entry| entry.since).min().unwrap_or(self.settled);
        self.operations.retain(|at, _| *at > oldest);
    }
}
