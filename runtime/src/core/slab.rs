//! Entries side by side, each under a number that is never given again.

use std::collections::BTreeSet;

/// An entry. Never used again for another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct EntryId {
    slot: u32,
    /// How often the slot was used before.
    generation: u32,
}

impl EntryId {
    /// The number by which events call the entry.
    pub(crate) fn number(self) -> u64 {
        u64::from(self.generation) << 32 | (u64::from(self.slot) + 1)
    }

    /// Where the entry is. After it, another may be there.
    pub(super) fn slot(self) -> u32 {
        self.slot
    }
}

/// How many slots are made, and given back to the system, at once. One bit of a `u64` each.
const CHUNK: u32 = u64::BITS;

/// Values in slots that are used again, found by numbers that are not. It grows without moving what is there.
pub(super) struct Slab<T> {
    chunks: Vec<Chunk<T>>,
    /// The chunks with a free slot. The first is used first, so that the last ones empty themselves.
    roomy: BTreeSet<u32>,
    len: usize,
}

struct Chunk<T> {
    /// Empty when nothing is in use.
    slots: Vec<Slot<T>>,
    /// Which slots can be given out, as bits.
    free: u64,
    /// How many slots hold a value.
    held: u32,
    /// Where generations start when the slots are made again.
    first: u32,
}

struct Slot<T> {
    generation: u32,
    value: Option<T>,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self { chunks: Vec::new(), roomy: BTreeSet::new(), len: 0 }
    }
}

impl<T> Slab<T> {
    pub(super) fn get(&self, id: EntryId) -> Option<&T> {
        let slot = self.chunks.get((id.slot / CHUNK) as usize)?.slots.get((id.slot % CHUNK) as usize)?;
        slot.value.as_ref().filter(|_| slot.generation == id.generation)
    }

    pub(super) fn get_mut(&mut self, id: EntryId) -> Option<&mut T> {
        let slot = self.chunks.get_mut((id.slot / CHUNK) as usize)?.slots.get_mut((id.slot % CHUNK) as usize)?;
        slot.value.as_mut().filter(|_| slot.generation == id.generation)
    }

    /// What a slot holds now.
    pub(super) fn at(&self, slot: u32) -> Option<(EntryId, &T)> {
        let held = self.chunks.get((slot / CHUNK) as usize)?.slots.get((slot % CHUNK) as usize)?;
        Some((EntryId { slot, generation: held.generation }, held.value.as_ref()?))
    }

    pub(super) fn into_all(self) -> impl Iterator<Item = T> {
        self.chunks.into_iter().flat_map(|chunk| chunk.slots).filter_map(|slot| slot.value)
    }

    pub(super) fn insert(&mut self, value: T) -> EntryId {
        let at = match self.roomy.first() {
            Some(at) => *at,
            None => self.add_chunk(),
        };
        let chunk = &mut self.chunks[at as usize];
        if chunk.slots.is_empty() {
            let generation = chunk.first;
            chunk.slots.reserve_exact(CHUNK as usize);
            chunk.slots.extend((0..CHUNK).map(|_| Slot { generation, value: None }));
        }
        let place = chunk.free.trailing_zeros();
        chunk.free &= chunk.free - 1;
        if chunk.free == 0 {
            self.roomy.remove(&at);
        }
        let slot = &mut chunk.slots[place as usize];
        slot.value = Some(value);
        chunk.held += 1;
        self.len += 1;
        EntryId { slot: at * CHUNK + place, generation: slot.generation }
    }

    pub(super) fn remove(&mut self, id: EntryId) -> Option<T> {
        let at = id.slot / CHUNK;
        let chunk = self.chunks.get_mut(at as usize)?;
        let slot = chunk.slots.get_mut((id.slot % CHUNK) as usize)?;
        let value = slot.value.take_if(|_| slot.generation == id.generation)?;
        self.len -= 1;
        chunk.held -= 1;
        // A slot that has had its last generation is never used again.
        if let Some(next) = slot.generation.checked_add(1) {
            slot.generation = next;
            chunk.free |= 1 << (id.slot % CHUNK);
        }
        // The first chunk stays, so that one entry that comes and goes costs nothing.
        if chunk.held == 0 && at > 0 {
            chunk.release();
        }
        if chunk.free == 0 {
            self.roomy.remove(&at);
        } else {
            self.roomy.insert(at);
        }
        Some(value)
    }

    /// All of them, in the order of their slots.
    pub(super) fn iter(&self) -> impl Iterator<Item = (EntryId, &T)> {
        let slots = self.chunks.iter().zip(0..).flat_map(|(chunk, at)| chunk.slots.iter().zip(at * CHUNK..));
        slots.filter_map(|(held, slot)| Some((EntryId { slot, generation: held.generation }, held.value.as_ref()?)))
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    fn add_chunk(&mut self) -> u32 {
        let at = self.chunks.len() as u32;
        self.chunks.push(Chunk { slots: Vec::new(), free: u64::MAX, held: 0, first: 0 });
        self.roomy.insert(at);
        at
    }
}

impl<T> Chunk<T> {
    /// Gives the memory of slots that hold nothing back, and remembers which numbers were given.
    fn release(&mut self) {
        self.first = self.slots.iter().map(|slot| slot.generation).max().unwrap_or(self.first);
        self.free = if self.first == u32::MAX { 0 } else { u64::MAX };
        self.slots = Vec::new();
    }
}

#[cfg(test)]
impl EntryId {
    /// The number of a slot that is used for the first time.
    pub(super) fn first(slot: u32) -> EntryId {
        EntryId { slot, generation: 0 }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use super::*;

    #[test]
    fn a_number_finds_its_value_and_never_another() {
        let mut random = random();
        let (mut slab, mut model, mut gone) = (Slab::default(), HashMap::new(), HashSet::new());
        for round in 0..30_000_u32 {
            // It fills, and empties itself, in turns.
            let grows = round / 5_000 % 2 == 0;
            if random(10) < if grows { 7 } else { 3 } {
                let id = slab.insert(round);
                assert!(!gone.contains(&id) && model.insert(id, round).is_none(), "{id:?} was given before");
            } else if let Some(id) = model.keys().nth(random(model.len().max(1) as u64) as usize).copied() {
                assert_eq!(slab.remove(id), model.remove(&id));
                gone.insert(id);
            }
            assert_eq!(slab.len(), model.len());
        }
        for (id, value) in &model {
            assert_eq!((slab.get(*id).copied(), slab.get_mut(*id).copied()), (Some(*value), Some(*value)));
            assert_eq!(slab.at(id.slot), Some((*id, value)));
        }
        assert!(gone.iter().all(|id| slab.get(*id).is_none() && slab.get_mut(*id).is_none()));
        assert!(gone.iter().all(|id| slab.remove(*id).is_none()));
        assert_eq!(slab.iter().map(|(id, value)| (id, *value)).collect::<HashMap<_, _>>(), model);
    }

    /// A small generator of its own: the same numbers on every machine.
    fn random() -> impl FnMut(u64) -> u64 {
        let mut state = 7_u64;
        move |limit| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % limit
        }
    }

    #[test]
    fn what_is_empty_gives_its_memory_back_and_old_numbers_stay_old() {
        let mut slab = Slab::default();
        let first: Vec<EntryId> = (0..1000).map(|value| slab.insert(value)).collect();
        assert!(first.iter().all(|id| slab.remove(*id).is_some()));
        let held = |slab: &Slab<i32>| slab.chunks.iter().filter(|chunk| !chunk.slots.is_empty()).count();
        assert_eq!((slab.len(), held(&slab)), (0, 1));
        let second: Vec<EntryId> = (0..1000).map(|value| slab.insert(value)).collect();
        assert_eq!(slab.chunks.len(), 16, "slots are used again");
        assert!(first.iter().all(|id| !second.contains(id) && slab.get(*id).is_none()));
        assert_eq!(slab.iter().map(|(id, _)| id).collect::<Vec<_>>(), second);
    }

    #[test]
    fn a_slot_whose_numbers_ran_out_is_not_used_again() {
        let mut slab = Slab::default();
        let ids: Vec<EntryId> = (0..2 * CHUNK).map(|value| slab.insert(value)).collect();
        for id in ids {
            slab.chunks[(id.slot / CHUNK) as usize].slots[(id.slot % CHUNK) as usize].generation = u32::MAX;
            assert!(slab.remove(EntryId { generation: u32::MAX, ..id }).is_some());
        }
        assert_eq!(slab.insert(7).slot, 2 * CHUNK);
    }
}
