//! What failed and may go better is tried again: the wait for the next try, and who ends it.
//!
//! While it waits an entry has no request, but counts as fetching: whoever comes joins. The next try is a request like any
//! other, newer than all that was invalidated meanwhile.

use std::time::Duration;

use super::entry::Entry;
use super::event::{Effect, EntryId, RequestId};
use super::hosts::Hosts;
use super::{Core, Seq};
use crate::error::Error;
use crate::event::{Cause, Event as Report};
use crate::paging::{Progress, Walk};
use crate::query::QueryPlan;
use crate::retry::Retry;

/// The tries of one flight so far.
pub(super) struct Tries {
    /// What those who sent it said of further tries.
    pub(super) policy: Retry,
    /// When the first of them began.
    pub(super) began: Duration,
    pub(super) failures: u32,
    /// What of a list of pages they are to bring.
    pub(super) walk: Walk,
    /// Why the last one failed.
    pub(super) error: Option<Error>,
    /// How far the last one came, of several pages, and when that began.
    pub(super) progress: Option<(Seq, Box<Progress>)>,
}

impl Tries {
    pub(super) fn none(policy: Retry, began: Duration) -> Tries {
        Tries { policy, began, failures: 0, walk: Walk::Again, error: None, progress: None }
    }

    /// What is the application's of a flight that is over.
    pub(super) fn spent(&mut self) -> Option<Effect> {
        let (error, progress) = (self.error.take(), self.progress.take());
        (error.is_some() || progress.is_some()).then(|| Effect::Discard(Box::new((error, progress))))
    }
}

impl Entry {
    /// When the next try is due, if one is waited for. Offline none is.
    pub(super) fn retry_due(&self, hosts: Hosts) -> Option<Duration> {
        self.users.flight()?.next_try.filter(|_| hosts.online)
    }
}

impl Core {
    /// What is said of further tries: by the call that sends the request, else by who watches, else by whoever came first.
    pub(super) fn policy(&self, entry: &Entry, call: Option<&QueryPlan>) -> Retry {
        let said = match call {
            Some(plan) => plan.settings.retry,
            None => {
                let watching = entry.users.subscribers().iter().find_map(|subscriber| subscriber.plan.settings.retry);
                watching.or(entry.origin.settings.retry)
            }
        };
        said.unwrap_or(self.defaults.retry)
    }

    /// A request failed, and may be sent again after a while. Gives the error back if nobody needs that, or if the request is
    /// no longer the entry's.
    pub(super) fn retry_later(
        &mut self,
        id: EntryId,
        request: RequestId,
        error: Error,
        wait: Duration,
        now: Duration,
    ) -> Result<(), Error> {
        let Some(entry) = self.entries.get_mut(id).filter(|entry| entry.in_use()) else { return Err(error) };
        let flight = entry.users.present_if_any().and_then(|present| present.flight.as_mut());
        let Some(flight) = flight.filter(|flight| flight.is_under_way(request)) else { return Err(error) };
        flight.next_try = Some(now.saturating_add(wait));
        flight.tries.failures += 1;
        let failures = flight.tries.failures;
        let before = flight.tries.error.replace(error.clone());
        self.log.end(flight.since);
        self.retrying.insert(id);
        self.touch(id);
        self.effects.extend(before.map(|before| Effect::Discard(Box::new(before))));
        self.report_of(id, |entry| Report::Retrying { entry, request: request.0, error, failures, wait });
        Ok(())
    }

    /// How far a request came, which is about to fail.
    pub(super) fn walked(&mut self, id: EntryId, request: RequestId, progress: Box<Progress>) {
        let flight = self.entries.get_mut(id).and_then(|entry| entry.users.present_if_any()?.flight.as_mut());
        match flight.filter(|flight| flight.is_under_way(request)) {
            Some(flight) => flight.tries.progress = Some((flight.since, progress)),
            None => self.effects.push(Effect::Discard(Box::new(progress))),
        }
    }

    /// How far the try before came, if it can be gone on from there: nothing was changed, by hand or by the server, since that
    /// began, so the pages that came are as new as if they had been asked for now.
    pub(super) fn progress_of(&mut self, tries: &mut Tries) -> Option<Box<Progress>> {
        let (since, progress) = tries.progress.take()?;
        if since == self.seq {
            return Some(progress);
        }
        self.effects.push(Effect::Discard(Box::new(progress)));
        None
    }

    /// The wait is over.
    pub(super) fn try_again(&mut self, id: EntryId) {
        let Some(entry) = self.entries.get_mut(id) else { return };
        let flight = entry.users.present_if_any().and_then(|present| present.flight.take());
        self.retrying.remove(&id);
        if let Some(flight) = flight {
            self.send_try(id, Cause::Retry, flight.tries);
        }
    }

    /// Sends what was due while the host was offline.
    pub(super) fn retry_online(&mut self, now: Duration) {
        let waiting: Vec<EntryId> = self.retrying.iter().copied().collect();
        for id in waiting {
            let due = self.entries.get(id).and_then(|entry| entry.retry_due(self.hosts));
            if due.is_some_and(|due| due <= now) {
                self.try_again(id);
            }
            self.touch(id);
        }
    }

    /// Somebody left. If nobody is there any more, no further try is made.
    pub(super) fn stop_unneeded_tries(&mut self, id: EntryId) {
        let is_over = |entry: &Entry| !entry.in_use() && entry.users.is_retrying();
        if self.entries.get(id).is_some_and(is_over) {
            self.abort(id);
            self.release_awaited(id, super::Seq::MAX, None);
        }
    }
}
