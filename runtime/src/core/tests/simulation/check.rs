//! After each step: what came out of the core, and what is in it, is what the model says.
//!
//! This is the only place that looks into the core.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Debug};

use super::asked::{Asked, PROBED};
use super::model::{Entry, Outcome};
use super::payload;
use super::schedule::Meant;
use super::world::{Seen, View, World, asked_of_url, key_of, keys};
use crate::core::EntryId;
use crate::tag::Tag;
use crate::target::Kind;

/// How many of the tags are tried after each step; the next step tries others.
const PROBES: usize = 4;

impl World {
    pub(super) fn check(&mut self, seen: Seen) -> Result<(), String> {
        let expected = self.model.take_outcome();
        check_outcome(expected, seen.outcome)?;
        self.check_entries()?;
        self.check_index()?;
        self.check_known(&seen.known)?;
        self.check_shown(&seen.published)?;
        self.check_timer()?;
        if self.core.log.is_idle() != self.model.is_idle() {
            return Err(format!(
                "invalidations are remembered: {}; something is under way that may need them: {}",
                !self.core.log.is_idle(),
                !self.model.is_idle()
            ));
        }
        same(format_args!("somebody waits for refetches"), &self.model.is_awaiting(), &!self.core.awaited.is_empty())?;
        same(format_args!("mutations under way"), &self.mutations.len(), &self.core.mutations.len())
    }

    fn check_entries(&self) -> Result<(), String> {
        for (asked, key) in keys() {
            let (model, core) = (self.model.entries.get(&asked), self.core.entries.find(key));
            same(format_args!("{asked} is in the cache"), &model.is_some(), &core.is_some())?;
            let Some((model, entry)) = model.zip(core.and_then(|id| self.core.entries.get(id))) else { continue };
            let data = |data: &super::model::Data| (data.serial, data.fetched_at);
            let shown = entry.stored.as_ref().map(|stored| (payload::serial(&stored.value), stored.fetched_at()));
            same(format_args!("data of {asked}, by number, and when it came"), &model.data.as_ref().map(data), &shown)?;
            let peeked = self.core.data(key).map(payload::serial);
            same(
                format_args!("data of {asked} for who only looks"),
                &model.data.as_ref().map(|data| data.serial),
                &peeked,
            )?;
            same(format_args!("error of {asked}"), &model.error, &entry.users.error().map(ToString::to_string))?;
            let is_outdated = model.data.is_some() && !entry.is_valid();
            same(format_args!("an invalidation reached the data of {asked}"), &model.is_outdated(), &is_outdated)?;
            let flight = self.requests.iter().any(|request| request.is_open && request.asked == asked);
            same(format_args!("a request of {asked} is in flight"), &model.request().is_some(), &flight)?;
        }
        same(format_args!("entries"), &self.model.entries.len(), &self.core.entries.len())
    }

    /// The tags in the index are exactly those of the entries.
    fn check_index(&self) -> Result<(), String> {
        let mut count = 0;
        for entry in self.model.entries.values() {
            count += entry.indexed().len();
        }
        same(format_args!("tags in the index"), &count, &self.core.index.len())?;
        let ids: BTreeMap<EntryId, Asked> =
            keys().filter_map(|(asked, key)| Some((self.core.entries.find(key)?, asked))).collect();
        for tag in PROBED.iter().cycle().skip(self.steps * PROBES % PROBED.len()).take(PROBES) {
            let expected = self.model.meant(&Meant::Tags(vec![tag.clone()]));
            let reached = self.core.reached(&Kind::Tags(tag.clone().into()));
            let found: BTreeSet<Asked> = reached.into_iter().filter_map(|id| ids.get(&id).copied()).collect();
            same(format_args!("reached by {tag}"), &expected, &found)?;
        }
        let told = |tag: &Tag| {
            let mut expected = self.model.meant(&Meant::Tags(vec![tag.clone()]));
            expected.retain(|asked| self.model.entries.get(asked).is_some_and(|entry| !entry.never_stale));
            let reached = self.core.would_reach(&Kind::Tags(tag.clone().into()));
            let found: BTreeSet<Asked> = reached.iter().map(|call| asked_of_url(&call.url)).collect();
            same(format_args!("said to be reached by {tag}"), &expected, &found)
        };
        PROBED.get(self.steps % PROBED.len()).map_or(Ok(()), told)
    }

    /// A request knows the data that is there.
    fn check_known(&self, known: &[(Asked, Option<u64>, bool)]) -> Result<(), String> {
        for (asked, known, is_revalidated) in known {
            let data = self.model.entries.get(asked).and_then(|entry| entry.data.as_ref());
            let serial = data.map(|data| data.serial);
            same(format_args!("what the request of {asked} knows"), &serial, known)?;
            // What somebody wrote the server does not know by any name.
            let is_its_own = self.model.defaults.conditional && data.is_some_and(|data| data.is_own);
            same(format_args!("the server is asked about what is there of {asked}"), &is_its_own, is_revalidated)?;
        }
        Ok(())
    }

    /// Watchers are shown what they should be, and told of it once, and only if it changed.
    fn check_shown(&mut self, published: &[Asked]) -> Result<(), String> {
        for asked in Asked::ALL {
            let times = published.iter().filter(|other| **other == asked).count();
            let Some(entry) = self.model.entries.get(&asked).filter(|entry| entry.is_watched()) else {
                self.shown.remove(&asked);
                same(format_args!("states of {asked} published, which nobody watches"), &0, &times)?;
                continue;
            };
            let Some((_, cell)) = self.core.watched_cell(key_of(asked)) else {
                return Err(format!("{asked} is watched and has no state to show"));
            };
            let snapshot = cell.current();
            let (view, state) = (View::of(&snapshot), snapshot.versions.state);
            let mut expected = self.view(entry);
            // That time made it stale is seen once the timer has rung.
            let is_late =
                entry.stale_at(&self.model.defaults).is_some_and(|at| self.last_tick.is_none_or(|last| last < at));
            if is_late && !entry.is_outdated() {
                expected.is_stale = view.is_stale;
            }
            same(format_args!("shown of {asked}"), &expected, &view)?;
            let (before, state_before) = self.shown.insert(asked, (view.clone(), state)).unwrap_or_default();
            let changes = u64::from(before != view);
            same(format_args!("states of {asked} published"), &changes, &(times as u64))?;
            same(format_args!("version of the state of {asked}"), &(state_before + changes), &state)?;
        }
        Ok(())
    }

    fn view(&self, entry: &Entry) -> View {
        View {
            serial: entry.data.as_ref().map(|data| data.serial),
            version: entry.version,
            error: entry.error.clone(),
            is_fetching: entry.flight.is_some(),
            failures: entry.failures(),
            is_stale: entry.shows_stale(&self.model.defaults, self.now),
            fetched_at: entry.data.as_ref().map(|data| data.fetched_at),
        }
    }

    /// The timer rings in time for whatever is due next.
    fn check_timer(&self) -> Result<(), String> {
        let Some(due) = self.model.next_due() else { return Ok(()) };
        if self.wake_at.is_none_or(|at| due < at) {
            return Err(format!("something is due at {due:?}, and the timer rings at {:?}", self.wake_at));
        }
        Ok(())
    }

    /// Nothing is under way: whoever waited has an answer, and what is shown as fresh is what the server holds.
    pub(super) fn check_quiet(&self) -> Result<(), String> {
        if let Some(caller) = self.calling.first() {
            return Err(format!("caller {} of {} has no answer", caller.id, caller.asked));
        }
        same(format_args!("somebody waits for refetches"), &false, &self.model.is_awaiting())?;
        for (asked, (view, _)) in &self.shown {
            let facts = view.serial.filter(|_| !view.is_stale).and_then(|serial| self.facts.get(&serial));
            for (thing, version) in facts.into_iter().flatten() {
                let held = self.server.version(*thing);
                same(format_args!("{asked} is shown as fresh, with the version of {thing:?}"), &held, version)?;
            }
            let needs = self.model.entries.get(asked).is_some_and(Entry::needs_request);
            same(format_args!("{asked} needs a request which is not sent"), &false, &needs)?;
        }
        Ok(())
    }

    /// All have left, and nothing is kept.
    pub(super) fn check_empty(&self) -> Result<(), String> {
        same(format_args!("entries"), &0, &self.core.entries.len())?;
        same(format_args!("the index is empty"), &true, &self.core.index.is_empty())?;
        same(format_args!("nothing is remembered of invalidations"), &true, &self.core.log.is_idle())?;
        same(format_args!("nobody waits for refetches"), &true, &self.core.awaited.is_empty())?;
        same(format_args!("no mutation is under way"), &true, &self.core.mutations.is_empty())?;
        same(format_args!("no layer is left"), &true, &self.core.layers.is_empty())?;
        same(format_args!("no timer is left"), &None, &self.core.timers.next())?;
        same(format_args!("watched entries"), &0, &self.core.watched.len())?;
        same(format_args!("entries that are tried again"), &0, &self.core.retrying.len())?;
        same(format_args!("the bounds count nothing"), &true, &self.core.bounds.is_empty())
    }
}

fn check_outcome(expected: Outcome, found: Outcome) -> Result<(), String> {
    same(format_args!("requests sent, and why"), &sorted(expected.sent), &sorted(found.sent))?;
    same(format_args!("requests given up"), &sorted(expected.aborted), &sorted(found.aborted))?;
    same(format_args!("callers answered"), &sorted(expected.answered), &sorted(found.answered))?;
    same(format_args!("mutations whose callers have their results"), &expected.told, &found.told)?;
    same(
        format_args!("whose refetches are through, with so many errors"),
        &sorted(expected.refetched),
        &sorted(found.refetched),
    )?;
    same(format_args!("entries removed, and why"), &sorted(expected.removed), &sorted(found.removed))
}

fn sorted<T: Debug>(mut list: Vec<T>) -> Vec<T> {
    if list.len() > 1 {
        list.sort_by_cached_key(|one| format!("{one:?}"));
    }
    list
}

fn same<T: PartialEq + Debug>(what: fmt::Arguments<'_>, expected: &T, found: &T) -> Result<(), String> {
    if expected == found {
        return Ok(());
    }
    Err(format!("{what}\n    expected: {expected:?}\n    found:    {found:?}"))
}
