//! The entries, by number and by what was asked.

use std::collections::HashMap;

use super::entry::Entry;
use super::event::EntryId;
use crate::query::EntryKey;

/// The entries, by number and by what was asked.
#[derive(Default)]
pub(super) struct Entries {
    by_id: HashMap<EntryId, Entry>,
    by_key: HashMap<EntryKey, EntryId>,
    last: u64,
}

impl Entries {
    pub(super) fn find(&self, key: &EntryKey) -> Option<EntryId> {
        self.by_key.get(key).copied()
    }

    pub(super) fn get(&self, id: EntryId) -> Option<&Entry> {
        self.by_id.get(&id)
    }

    pub(super) fn get_mut(&mut self, id: EntryId) -> Option<&mut Entry> {
        self.by_id.get_mut(&id)
    }

    pub(super) fn insert(&mut self, entry: Entry) -> EntryId {
        self.last += 1;
        let id = EntryId(self.last);
        self.by_key.insert(entry.plan.key.clone(), id);
        self.by_id.insert(id, entry);
        id
    }

    pub(super) fn remove(&mut self, id: EntryId) -> Option<Entry> {
        let entry = self.by_id.remove(&id)?;
        self.by_key.remove(&entry.plan.key);
        Some(entry)
    }

    /// All of them, in no order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (EntryId, &Entry)> {
        self.by_id.iter().map(|(id, entry)| (*id, entry))
    }

    /// The numbers of those that fit, the oldest first.
    pub(super) fn ids(&self, fits: impl Fn(&Entry) -> bool) -> Vec<EntryId> {
        let mut ids: Vec<EntryId> = self.iter().filter(|(_, entry)| fits(entry)).map(|(id, _)| id).collect();
        ids.sort_unstable();
        ids
    }

    pub(super) fn len(&self) -> usize {
        self.by_id.len()
    }
}
