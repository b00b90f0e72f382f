//! Tells when all refetches that a mutation caused have settled.

use std::collections::HashMap;

use super::Core;
use super::event::{Effect, EntryId, MutationId, Seq};
use crate::error::Error;

/// Mutations whose refetches are under way.
#[derive(Default)]
pub(super) struct Awaited {
    mutations: HashMap<MutationId, Pending>,
}

#[derive(Default)]
struct Pending {
    entries: usize,
    errors: Vec<Error>,
}

impl Awaited {
    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.mutations.is_empty()
    }
}

impl Core {
    /// A mutation settled, which makes these entries refetch.
    pub(super) fn await_refetches(&mut self, mutation: MutationId, entries: impl IntoIterator<Item = EntryId>) {
        let mut pending = Pending::default();
        for id in entries {
            if let Some(entry) = self.entries.get_mut(id) {
                entry.users.present().awaited.push((mutation, self.seq));
                pending.entries += 1;
            }
        }
        if pending.entries == 0 {
            return self.effects.push(Effect::Refetched { mutation, errors: Vec::new() });
        }
        self.awaited.mutations.insert(mutation, pending);
    }

    /// The entry's request that began at `since` has settled, or will never be.
    pub(super) fn release_awaited(&mut self, id: EntryId, since: Seq, error: Option<&Error>) {
        let Some(entry) = self.entries.get_mut(id) else { return };
        let Some(users) = entry.users.present_if_any() else { return };
        let (done, rest) = std::mem::take(&mut users.awaited).into_iter().partition(|(_, at)| *at <= since);
        users.awaited = rest;
        let done: Vec<(MutationId, Seq)> = done;
        for (mutation, _) in done {
            let Some(pending) = self.awaited.mutations.get_mut(&mutation) else { continue };
            pending.entries -= 1;
            pending.errors.extend(error.cloned());
            if pending.entries == 0 {
                let errors = std::mem::take(&mut pending.errors);
                self.awaited.mutations.remove(&mutation);
                self.effects.push(Effect::Refetched { mutation, errors });
            }
        }
    }
}
