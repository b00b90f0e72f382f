//! How much the cache may hold, and what goes when it is more.

use std::collections::{BTreeSet, HashMap};

use super::Core;
use super::event::EntryId;
use crate::event::Removal;
use crate::settings::Defaults;

/// The bounds of the cache, and its entries in the order of their last use.
///
/// Use costs one number in the entry. The order here is older than that; it is put right when something has to go.
pub(super) struct Bounds {
    max_entries: usize,
    max_bytes: usize,
    bytes: usize,
    uses: u64,
    order: BTreeSet<(u64, EntryId)>,
    /// What is known of each entry: its place in the order, and its size when it was counted. Nothing without bounds.
    known: HashMap<EntryId, (u64, usize)>,
}

impl Bounds {
    pub(super) fn new(defaults: &Defaults) -> Bounds {
        let Defaults { max_entries, max_bytes, .. } = *defaults;
        Bounds { max_entries, max_bytes, bytes: 0, uses: 0, order: BTreeSet::new(), known: HashMap::new() }
    }

    fn are_set(&self) -> bool {
        self.max_entries != usize::MAX || self.max_bytes != usize::MAX
    }

    /// The next place in the order of use.
    pub(super) fn next_use(&mut self) -> u64 {
        self.uses += 1;
        self.uses
    }

    /// The entry is gone.
    pub(super) fn forget(&mut self, id: EntryId) {
        if let Some((rank, bytes)) = self.known.remove(&id) {
            self.bytes = self.bytes.saturating_sub(bytes);
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
            let (rank, counted) = self.bounds.known.get(id).copied().unwrap_or((entry.used, 0));
            self.bounds.bytes = (self.bounds.bytes + entry.bytes()).saturating_sub(counted);
            self.bounds.known.insert(*id, (rank, entry.bytes()));
            self.bounds.order.insert((rank, *id));
        }
        // Each is looked at twice at most: once where it was ranked before it was used again, and once where it belongs.
        let mut looks = 2 * self.bounds.order.len();
        while looks > 0 && (self.bounds.max_entries < self.entries.len() || self.bounds.max_bytes < self.bounds.bytes) {
            looks -= 1;
            let Some((rank, id)) = self.bounds.order.pop_first() else { return };
            let Some(entry) = self.entries.get(id) else { continue };
            if entry.in_use() {
                // It need not be looked at again before that ends, which touches it and so brings it back.
                continue;
            }
            if entry.used == rank {
                self.remove(id, Removal::Bounds);
            } else {
                let place = self.bounds.known.entry(id).or_default();
                place.0 = entry.used;
                self.bounds.order.insert((entry.used, id));
            }
        }
    }
}
