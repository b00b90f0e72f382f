//! Lists of pages: one more page, at either end.
//!
//! A list has one request under way at a time, as any entry. One more page waits for what brings all of them anew, and is
//! asked for where the new list ends; asking for it twice is asking once.

use std::sync::Arc;
use std::time::Duration;

use super::Core;
use super::event::{Decoded, Effect, EntryId, WaiterId};
use super::retrying::Tries;
use super::users::Flight;
use crate::error::Error;
use crate::event::{Cause, Event as Report};
use crate::paging::{Direction, Walk};
use crate::query::{QueryPlan, Value};

/// Who waits for one more page.
#[derive(Default)]
pub(super) struct Further {
    next: Option<Vec<WaiterId>>,
    previous: Option<Vec<WaiterId>>,
}

/// Which pages are asked for, or wait for their turn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Coming {
    pub(crate) next: bool,
    pub(crate) previous: bool,
}

impl Further {
    pub(super) fn is_empty(&self) -> bool {
        self.next.is_none() && self.previous.is_none()
    }

    pub(super) fn coming(&self) -> Coming {
        Coming { next: self.next.is_some(), previous: self.previous.is_some() }
    }

    fn at(&mut self, direction: Direction) -> &mut Option<Vec<WaiterId>> {
        match direction {
            Direction::Next => &mut self.next,
            Direction::Previous => &mut self.previous,
        }
    }
}

const BOTH: [Direction; 2] = [Direction::Next, Direction::Previous];

impl Core {
    /// One more page is wanted. Of a list that is not there yet, the first.
    pub(super) fn more(&mut self, plan: &Arc<QueryPlan>, direction: Direction, waiter: WaiterId, now: Duration) {
        let id = self.entry_of(plan, now);
        let Some(entry) = self.entries.get_mut(id) else { return };
        let is_under_way = entry.users.flight().is_some();
        if entry.stored.is_none() && !is_under_way {
            self.wait(id, Some(waiter), Cause::Fetch, Some(plan), now);
        } else {
            entry.users.present().further.at(direction).get_or_insert_default().push(waiter);
            entry.unused_since = None;
            self.touch(id);
            if is_under_way {
                self.report_of(id, |entry| Report::Joined { entry });
            } else {
                self.go_further(id, now);
            }
        }
        self.mind_use(id, now);
    }

    /// Nothing is under way: one more page has its turn, if it is wanted and there is one.
    pub(super) fn go_further(&mut self, id: EntryId, now: Duration) {
        for direction in BOTH {
            let Some(entry) = self.entries.get_mut(id) else { return };
            let is_wanted = entry.users.present_if_any().is_some_and(|users| users.further.at(direction).is_some());
            if !is_wanted {
                continue;
            }
            if !entry.is_valid() {
                // A page of today does not follow pages of yesterday.
                return self.send(id, Cause::Page, now);
            }
            let value = entry.stored.as_ref().map(|stored| stored.value.clone());
            if value.as_ref().is_some_and(|value| entry.origin.has_more(value, direction)) {
                let Some(entry) = self.entries.get(id) else { return };
                let policy = self.policy(entry, None);
                let walk = Walk::More(direction);
                return self.send_try(id, Cause::Page, Tries { walk, ..Tries::none(policy, now) });
            }
            let end = value.map(Ok);
            self.answer_further(id, direction, end.as_ref());
        }
    }

    /// What brought the list is as old as its oldest page, so what was there says how old it is.
    pub(super) fn lengthen(&mut self, id: EntryId, flight: &Flight, response: Decoded, now: Duration) {
        let Walk::More(direction) = flight.tries.walk else { return };
        let Some(entry) = self.entries.get(id) else { return };
        let before = entry.stored.as_ref().map(|stored| (stored.since, stored.fetched_at, stored.brought.is_own()));
        let oldest = before.map_or(flight.since, |(since, ..)| since);
        let status = response.response.as_ref().map(|head| head.status).unwrap_or_default();
        let (changed, added) = self.store(id, response, oldest, flight.request, now);
        let stored = self.entries.get_mut(id).and_then(|entry| entry.stored.as_mut());
        if let Some((stored, (_, fetched_at, is_own))) = stored.zip(before) {
            stored.fetched_at = fetched_at;
            stored.brought = if is_own { stored.brought.as_own() } else { stored.brought };
        }
        self.mark_missed(id, &added, flight.since);
        self.report_of(id, |entry| Report::Received {
            entry,
            request: flight.request.0,
            status,
            changed,
            not_modified: false,
        });
        let value = self.entries.get(id).and_then(|entry| entry.stored.as_ref()).map(|stored| Ok(stored.value.clone()));
        self.answer_further(id, direction, value.as_ref());
    }

    /// The request failed for which somebody waits: of one more page, or of what it had to wait for.
    pub(super) fn fail_further(&mut self, id: EntryId, walk: Walk, error: &Error) {
        let Some(entry) = self.entries.get(id) else { return };
        let is_valid = entry.is_valid();
        for direction in BOTH {
            if walk == Walk::More(direction) || walk == Walk::Again && !is_valid {
                self.answer_further(id, direction, Some(&Err(error.clone())));
            }
        }
    }

    /// Nothing more will come for those who wait for more pages.
    pub(super) fn give_up_further(&mut self, id: EntryId) {
        let Some(entry) = self.entries.get(id) else { return };
        if entry.users.get().is_none_or(|users| users.further.is_empty()) {
            return;
        }
        let error = Error::aborted(entry.origin.request().call());
        BOTH.into_iter().for_each(|direction| self.answer_further(id, direction, Some(&Err(error.clone()))));
    }

    fn answer_further(&mut self, id: EntryId, direction: Direction, result: Option<&Result<Value, Error>>) {
        let Some(entry) = self.entries.get_mut(id) else { return };
        let waiting = entry.users.present_if_any().and_then(|users| users.further.at(direction).take());
        self.touch(id);
        for waiter in waiting.into_iter().flatten() {
            self.effects.extend(result.cloned().map(|result| Effect::Answer { waiter, result }));
        }
    }

    /// Whether what is under way brings all of the entry's data. Who wants that does not join one more page.
    pub(super) fn is_lengthening(&self, id: EntryId) -> bool {
        let flight = self.entries.get(id).and_then(|entry| entry.users.flight());
        flight.is_some_and(|flight| flight.tries.walk != Walk::Again)
    }
}
