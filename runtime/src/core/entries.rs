//! The entries, by number and by what was asked.

use std::hash::{BuildHasher as _, RandomState};

use hashbrown::HashTable;

use super::entry::Entry;
use super::few::is_sparse;
use super::slab::{EntryId, Slab};
use crate::query::EntryKey;

/// The entries, by number and by what was asked.
///
/// An entry's own request is its key, which is hashed and compared where it is: nothing is copied to find an entry. The
/// hash is seeded anew for every cache, so nobody can choose keys that fall together.
#[derive(Default)]
pub(super) struct Entries {
    slab: Slab<Entry>,
    by_key: HashTable<Place>,
    hasher: RandomState,
}

/// Where an entry is, and half of its hash: enough to pass over others without looking at them, and to move it when the
/// table grows.
struct Place {
    hash: u32,
    slot: u32,
}

impl Place {
    /// The table takes the place from one end of a hash and a mark from the other, so both ends have all that is known.
    fn spread(hash: u32) -> u64 {
        u64::from(hash) << 32 | u64::from(hash)
    }
}

impl Entries {
    /// The entry of this very query.
    pub(super) fn find(&self, key: EntryKey<'_>) -> Option<EntryId> {
        let hash = self.hash(key);
        let is_its =
            |place: &Place| place.hash == hash && self.slab.at(place.slot).is_some_and(|it| it.1.origin.key() == key);
        let place = self.by_key.find(Place::spread(hash), is_its)?;
        self.slab.at(place.slot).map(|(id, _)| id)
    }

    pub(super) fn get(&self, id: EntryId) -> Option<&Entry> {
        self.slab.get(id)
    }

    pub(super) fn get_mut(&mut self, id: EntryId) -> Option<&mut Entry> {
        self.slab.get_mut(id)
    }

    /// Takes an entry in, of which there must be none yet.
    pub(super) fn insert(&mut self, entry: Entry) -> EntryId {
        let hash = self.hash(entry.origin.key());
        let id = self.slab.insert(entry);
        self.by_key
            .insert_unique(Place::spread(hash), Place { hash, slot: id.slot() }, |place| Place::spread(place.hash));
        id
    }

    pub(super) fn remove(&mut self, id: EntryId) -> Option<Entry> {
        let entry = self.slab.remove(id)?;
        let hash = self.hash(entry.origin.key());
        if let Ok(found) = self.by_key.find_entry(Place::spread(hash), |place| place.slot == id.slot()) {
            found.remove();
        }
        if is_sparse(self.len(), self.by_key.capacity()) {
            self.by_key.shrink_to(self.len() * 2, |place| Place::spread(place.hash));
        }
        Some(entry)
    }

    /// All of them, in the order of their numbers.
    pub(super) fn iter(&self) -> impl Iterator<Item = (EntryId, &Entry)> {
        self.slab.iter()
    }

    /// The numbers of those that fit, in their order.
    pub(super) fn ids(&self, fits: impl Fn(&Entry) -> bool) -> Vec<EntryId> {
        self.iter().filter(|(_, entry)| fits(entry)).map(|(id, _)| id).collect()
    }

    /// All of them, to be dropped one by one.
    pub(super) fn into_all(self) -> impl Iterator<Item = Entry> {
        self.slab.into_all()
    }

    pub(super) fn len(&self) -> usize {
        self.slab.len()
    }

    /// Whether each entry is found by its query, and nothing else is.
    #[cfg(test)]
    pub(super) fn is_consistent(&self) -> bool {
        self.by_key.len() == self.len() && self.iter().all(|(id, entry)| self.find(entry.origin.key()) == Some(id))
    }

    fn hash(&self, key: EntryKey<'_>) -> u32 {
        (self.hasher.hash_one(key) >> 32) as u32
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::core::origin::Operations;
    use crate::query::{Query, QueryPlan};
    use crate::{Json, Request};

    fn post(id: u32) -> Query<Json> {
        Query::new(Request::get("getPost", "/posts/{id}").path_param("id", &id))
    }

    fn entry(plan: &Arc<QueryPlan>) -> Entry {
        Entry::new(Operations::default().origin(plan))
    }

    // B1
    #[test]
    fn b1_each_query_finds_its_own_entry_and_no_removed_one() {
        let mut entries = Entries::default();
        let ids: Vec<EntryId> = (0..5000).map(|id| entries.insert(entry(&post(id).into_plan()))).collect();
        assert!(entries.is_consistent());
        assert!((0..).zip(&ids).all(|(id, entry)| entries.find(post(id).key()) == Some(*entry)));
        assert_eq!(entries.find(post(5000).key()), None);
        let as_text = Query::<String>::text(Request::get("getPost", "/posts/{id}").path_param("id", &0).accept("a/b"));
        assert_eq!(entries.find(as_text.key()), None);
        for id in ids.iter().skip(10) {
            assert!(entries.remove(*id).is_some() && entries.remove(*id).is_none() && entries.get(*id).is_none());
        }
        assert!(entries.is_consistent() && entries.by_key.capacity() < 64, "{}", entries.by_key.capacity());
        let (old, new) = (ids[20], entries.insert(entry(&post(20).into_plan())));
        assert!(old != new && entries.get(old).is_none());
        assert_eq!(entries.find(post(20).key()), Some(new));
    }

    // B1
    #[test]
    fn b1_equal_hashes_never_mix_entries_up() {
        let mut entries = Entries::default();
        let (one, other) = (post(1).into_plan(), post(2).into_plan());
        let id = entries.insert(entry(&one));
        let hash = entries.hash(other.key());
        entries.by_key.clear();
        entries.by_key.insert_unique(Place::spread(hash), Place { hash, slot: id.slot() }, |_| 0);
        assert_eq!(entries.find(other.key()), None);
    }

    #[test]
    fn every_cache_hashes_in_its_own_way() {
        let (one, other) = (Entries::default(), Entries::default());
        assert!((0..4).any(|id| one.hash(post(id).key()) != other.hash(post(id).key())));
    }
}
