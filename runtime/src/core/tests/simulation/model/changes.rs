//! The reference model: mutations settle, and changes by hand.

use std::collections::{BTreeMap, BTreeSet};

use super::entry::{Entry, Moment};
use super::settling::Written;
use super::{Arriving, Model};
use crate::core::tests::simulation::asked::{Asked, Call};
use crate::core::tests::simulation::schedule::Meant;
use crate::event::{Cause, Removal};
use crate::tag::Tag;
use crate::target::RefetchOf;

/// A change by hand, with the data that it writes.
pub(in super::super) enum Changing {
    Invalidate(Meant, RefetchOf),
    Set(Box<Setting>),
    Remove(Meant),
    Reset(Meant),
}

/// Data of the application's own.
pub(in super::super) struct Setting {
    pub(in super::super) call: Call,
    pub(in super::super) arriving: Arriving,
    pub(in super::super) tags_are_all: bool,
}

/// What a mutation's end means.
#[derive(Default)]
pub(in super::super) struct Settling {
    pub(in super::super) tags: Vec<Tag>,
    pub(in super::super) writes: Option<(Call, Arriving)>,
    pub(in super::super) suspects: Vec<Asked>,
}

impl Model {
    pub(in super::super) fn start(&mut self, mutation: u64) {
        self.mutations.insert(mutation, (self.history.len(), self.requests));
    }

    pub(in super::super) fn settle_mutation(&mut self, mutation: u64, settling: Settling) {
        let Some(began) = self.mutations.remove(&mutation) else { return };
        let Settling { tags, writes, suspects } = settling;
        let mut reached: BTreeSet<Asked> =
            suspects.into_iter().filter(|asked| self.entries.contains_key(asked)).collect();
        let mut written = None;
        if let Some((call, arriving)) = writes {
            match self.write_result(&call, arriving, began) {
                Written::Clean => written = Some(call.asked),
                Written::Overtaken => drop(reached.insert(call.asked)),
                Written::Nothing => {}
            }
        }
        reached.extend(self.meant(&Meant::Tags(tags.clone())));
        reached.retain(|asked| Some(*asked) != written);
        let mut refetching = BTreeSet::new();
        if !tags.is_empty() || !reached.is_empty() {
            let at = self.happens(tags.iter().map(|tag| (tag.clone(), true)).collect(), false);
            refetching = self.invalidate(&tags, &reached, RefetchOf::Watched, at);
        }
        self.out.told.push(mutation);
        self.await_refetches(mutation, &refetching);
    }

    /// Changes by hand, as one: all that is invalidated is so at one moment, after all else.
    pub(in super::super) fn change(&mut self, changes: Vec<Changing>, token: u64) {
        let (mut tags, mut happening) = (Vec::new(), Vec::new());
        let (mut anything, mut invalidates) = (false, false);
        let mut reached: BTreeMap<RefetchOf, BTreeSet<Asked>> = BTreeMap::new();
        let mut to_reset = BTreeSet::new();
        for change in changes {
            match change {
                Changing::Invalidate(meant, refetch) => {
                    invalidates = true;
                    reached.entry(refetch).or_default().extend(self.meant(&meant));
                    match meant {
                        Meant::Tags(more) => {
                            let is_wanted = matches!(refetch, RefetchOf::Watched | RefetchOf::All);
                            happening.extend(more.iter().map(|tag| (tag.clone(), is_wanted)));
                            tags.extend(more);
                        }
                        _ => anything = true,
                    }
                }
                Changing::Set(setting) => {
                    let Setting { call, arriving, tags_are_all } = *setting;
                    self.write_by_hand(&call, arriving, tags_are_all);
                    // It is newer than what was said before it.
                    reached.values_mut().for_each(|others| others.retain(|asked| *asked != call.asked));
                    to_reset.remove(&call.asked);
                }
                Changing::Remove(meant) => {
                    self.happens(Vec::new(), true);
                    self.remove_unwatched(&meant);
                }
                Changing::Reset(meant) => {
                    let at = self.happens(Vec::new(), true);
                    let watched = self.remove_unwatched(&meant);
                    watched.iter().for_each(|asked| self.reset(*asked, at));
                    to_reset.extend(watched);
                }
            }
        }
        let mut refetching = to_reset.clone();
        if invalidates {
            let at = self.happens(happening, anything);
            for (refetch, mut asked) in reached {
                asked.retain(|asked| !to_reset.contains(asked));
                refetching.extend(self.invalidate(&tags, &asked, refetch, at));
            }
        }
        // Last, so that it is newer than all that was said.
        to_reset.into_iter().for_each(|asked| self.send(asked, Cause::Reset));
        self.await_refetches(token, &refetching);
    }

    /// The entries that are meant.
    pub(in super::super) fn meant(&self, meant: &Meant) -> BTreeSet<Asked> {
        let is_meant = |(asked, entry): &(&Asked, &Entry)| match meant {
            Meant::Tags(tags) => entry.is_reached_by(tags),
            Meant::Query(other) => *asked == other,
            Meant::Operation(operation) => asked.operation() == *operation,
            Meant::Path(pattern) => {
                let path = asked.path();
                let wanted: Vec<&str> = pattern.split('/').filter(|segment| !segment.is_empty()).collect();
                wanted.len() <= path.len() && wanted.iter().zip(&path).all(|(one, other)| *one == "*" || one == other)
            }
            Meant::Everything => true,
        };
        self.entries.iter().filter(is_meant).map(|(asked, _)| *asked).collect()
    }

    /// Marks what was reached, and gives back what is asked for anew.
    fn invalidate(
        &mut self,
        tags: &[Tag],
        reached: &BTreeSet<Asked>,
        refetch: RefetchOf,
        at: Moment,
    ) -> BTreeSet<Asked> {
        let (mut refetching, mut leaving) = (BTreeSet::new(), Vec::new());
        for asked in reached {
            let remove_unwatched = self.defaults.remove_unwatched;
            let Some(entry) = self.entries.get_mut(asked) else { continue };
            if entry.never_stale {
                continue;
            }
            let is_own = |tag: &Tag| {
                let same = |own: &Tag| own.type_name() == tag.type_name() && own.scope() == tag.scope();
                entry.arg_tags.iter().any(|own| !own.is_reference() && same(own))
            };
            let is_gone = tags.iter().any(|tag| tag.is_gone() && is_own(tag));
            let is_asked_for = match refetch {
                RefetchOf::Watched => entry.is_watched(),
                RefetchOf::Unwatched => !entry.is_watched(),
                RefetchOf::All => true,
                RefetchOf::Nothing => false,
            };
            if !entry.is_used() && is_gone {
                leaving.push((*asked, Removal::Gone));
                continue;
            }
            if !entry.is_used() && remove_unwatched && !is_asked_for {
                leaving.push((*asked, Removal::Invalidated));
                continue;
            }
            entry.reached.push(at);
            if is_gone {
                // Nothing is to be had any more, whatever asked for it before.
                entry.demands.clear();
            } else if is_asked_for {
                entry.demands.push(at);
                refetching.insert(*asked);
            }
        }
        leaving.into_iter().for_each(|(asked, why)| self.remove(asked, why));
        for asked in &refetching {
            let Some(entry) = self.entries.get(asked) else { continue };
            if !entry.is_watched() {
                self.wait(*asked, None, Cause::Invalidated);
            } else if entry.flight.is_none() {
                self.send(*asked, Cause::Invalidated);
            }
        }
        refetching
    }

    fn await_refetches(&mut self, token: u64, refetching: &BTreeSet<Asked>) {
        let at = self.history.len();
        self.awaiting.insert(token, 0);
        for asked in refetching {
            if let Some(entry) = self.entries.get_mut(asked) {
                entry.awaited.push((token, at));
            }
        }
        self.tell_if_through(token);
    }

    /// What nobody watches goes, and who waits for it is told so. Gives back what is watched.
    fn remove_unwatched(&mut self, meant: &Meant) -> BTreeSet<Asked> {
        let (watched, unwatched): (BTreeSet<Asked>, BTreeSet<Asked>) =
            self.meant(meant).into_iter().partition(|asked| self.entries.get(asked).is_some_and(Entry::is_watched));
        for asked in unwatched {
            self.give_up(asked);
            self.remove(asked, Removal::ByHand);
        }
        watched
    }

    fn reset(&mut self, asked: Asked, at: Moment) {
        self.give_up(asked);
        let Some(entry) = self.entries.get_mut(&asked) else { return };
        entry.data = None;
        entry.error = None;
        entry.settled_at = None;
        entry.version += 1;
        entry.written.push(at);
    }

    /// The request is given up, and with it who waits for it.
    fn give_up(&mut self, asked: Asked) {
        self.abort(asked);
        let callers = self.entries.get_mut(&asked).map(|entry| std::mem::take(&mut entry.callers)).unwrap_or_default();
        let given_up = callers.into_iter().filter_map(|caller| caller.id);
        self.out.answered.extend(given_up.map(|id| (id, Err("given up".to_owned()))));
        self.release(asked, None, 0);
    }
}
