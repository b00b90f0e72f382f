//! How much the cache may hold, and what goes when it is more.

use std::collections::{BTreeSet, HashMap};

use super::Core;
use super::entry::Entry;
use super::event::EntryId;
use crate::event::Removal;
use crate::settings::Defaults;

/// The bounds of the cache, and its entries in the order of their last use.
///
/// Use is noted beside the order, which is older than that; it is put right when something has to go.
pub(super) struct Bounds {
    max_entries: usize,
    max_bytes: usize,
    bytes: usize,
    uses: u64,
    order: BTreeSet<(u64, EntryId)>,
    /// What is known of each entry. Nothing without bounds.
    known: HashMap<EntryId, Known>,
}

#[derive(Clone, Copy, Default)]
struct Known {
    /// When it was used last.
    used: u64,
    /// Its place in the order.
    rank: Option<u64>,
    /// Its size when it was counted.
    bytes: usize,
}

impl Bounds {
    pub(super) fn new(defaults: &Defaults) -> Bounds {
        let Defaults { max_entries, max_bytes, .. } = *defaults;
        Bounds { max_entries, max_bytes, bytes: 0, uses: 0, order: BTreeSet::new(), known: HashMap::new() }
    }

    fn are_set(&self) -> bool {
        self.max_entries != usize::MAX || self.max_bytes != usize::MAX
    }

    /// The entry is used.
    pub(super) fn note_use(&mut self, id: EntryId) {
        if self.are_set() {
            self.uses += 1;
            self.known.entry(id).or_default().used = self.uses;
        }
    }

    /// The entry is gone.
    pub(super) fn forget(&mut self, id: EntryId) {
        let Some(Known { rank, bytes, .. }) = self.known.remove(&id) else { return };
        self.bytes = self.bytes.saturating_sub(bytes);
        if let Some(rank) = rank {
            self.order.remove(&(rank, id));
        }
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.bytes == 0 && self.order.is_empty() && self.known.is_empty()
    }
}

impl Core {
    /// Counts what changed, and removes what was used least recently while there is too much. What is in use stays.
    pub(super) fn keep_within_bounds(&mut self) {
        if !self.bounds.are_set() {
            return;
        }
        for id in &self.touched {
            let Some(entry) = self.entries.get(*id) else { continue };
            let known = self.bounds.known.entry(*id).or_default();
            self.bounds.bytes = (self.bounds.bytes + entry.bytes()).saturating_sub(known.bytes);
            known.bytes = entry.bytes();
            let rank = *known.rank.get_or_insert(known.used);
            self.bounds.order.insert((rank, *id));
        }
        // Each is looked at twice at most: once where it was ranked before it was used again, and once where it belongs.
        let mut looks = 2 * self.bounds.order.len();
        while looks > 0 && (self.bounds.max_entries < self.entries.len() || self.bounds.max_bytes < self.bounds.bytes) {
            looks -= 1;
            let Some((rank, id)) = self.bounds.order.pop_first() else { return };
            let Some(known) = self.bounds.known.get_mut(&id) else { continue };
            known.rank = None;
            if self.entries.get(id).is_none_or(Entry::in_use) {
                // It need not be looked at again before that ends, which touches it and so brings it back.
                continue;
            }
            if known.used == rank {
                self.remove(id, Removal::Bounds);
            } else {
                known.rank = Some(known.used);
                self.bounds.order.insert((known.used, id));
            }
        }
    }
}
