//! The reference model: responses arrive, requests fail, data is written.

use std::time::Duration;

use super::entry::{Data, Moment};
use super::{Arriving, Model};
use crate::core::tests::simulation::asked::{Asked, Call};
use crate::event::Cause;
use crate::tag::Tag;

/// What became of a mutation's write.
pub(super) enum Written {
    Clean,
    /// There is an entry which is asked for anew instead.
    Overtaken,
    Nothing,
}

impl Model {
    /// The answer to the entry's request, not to one that is given up.
    pub(in super::super) fn received(&mut self, asked: Asked, arriving: Arriving) {
        let Some(flight) = self.entries.get_mut(&asked).and_then(|entry| entry.flight.take()) else { return };
        let known = self.entries.get(&asked).map(|entry| entry.indexed()).unwrap_or_default();
        self.store(asked, arriving, flight.since, flight.request);
        if let Some(data) = self.entries.get_mut(&asked).and_then(|entry| entry.data.as_mut()) {
            data.is_own = true;
        }
        self.reach_late(asked, &known, flight.since);
        self.settle(asked, flight.since, None);
    }

    /// The entry's request failed. `again` says that it may go better after this time.
    pub(in super::super) fn failed(&mut self, asked: Asked, error: String, again: Option<Duration>) {
        let now = self.now;
        let Some(entry) = self.entries.get_mut(&asked) else { return };
        if let Some(wait) = again
            && entry.is_used()
            && let Some(flight) = &mut entry.flight
        {
            // Somebody still wants it: nobody is told anything, and the wait begins.
            flight.failures.push(error);
            flight.waits_until = Some(now + wait);
            return;
        }
        let Some(flight) = entry.flight.take() else { return };
        entry.error = Some(error.clone());
        entry.failed = flight.since;
        entry.settled_at = Some(now);
        self.settle(asked, flight.since, Some(error));
    }

    fn store(&mut self, asked: Asked, arriving: Arriving, as_of: Moment, request: u64) {
        let now: Duration = self.now;
        let Some(entry) = self.entries.get_mut(&asked) else { return };
        let Arriving { mut serial, body, tags, max_age } = arriving;
        match &entry.data {
            // Equal data is the data that was there.
            Some(known) if known.body.is_some() && known.body == body => serial = known.serial,
            _ => entry.version += 1,
        }
        entry.data = Some(Data { serial, body, tags, as_of, request, fetched_at: now, max_age, is_own: false });
        entry.error = None;
        entry.settled_at = Some(now);
    }

    /// Of tags that were not known before nobody knew when they were invalidated.
    pub(super) fn reach_late(&mut self, asked: Asked, known: &[Tag], since: Moment) {
        let Some(entry) = self.entries.get_mut(&asked).filter(|entry| !entry.never_stale) else { return };
        let added: Vec<Tag> = entry.indexed().into_iter().filter(|tag| !known.contains(tag)).collect();
        for (at, happened) in self.history.iter().enumerate().skip(since) {
            for (_, is_wanted) in happened.tags.iter().filter(|(tag, _)| added.iter().any(|added| tag.reaches(added))) {
                entry.reached.push(at + 1);
                entry.demands.extend(is_wanted.then_some(at + 1));
            }
        }
    }

    /// A request or write that began then is through: callers are answered, and what must follow follows.
    fn settle(&mut self, asked: Asked, since: Moment, error: Option<String>) {
        let Some(entry) = self.entries.get_mut(&asked) else { return };
        let serial = entry.data.as_ref().map(|data| data.serial);
        // Who came later than something happened gets no data that is older than that, if that reached the entry.
        let is_current = !entry.was_reached_after(since);
        let callers = std::mem::take(&mut entry.callers);
        let (answered, waiting) = callers.into_iter().partition(|caller| is_current || caller.came <= since);
        entry.callers = waiting;
        for caller in answered {
            let answer = error.clone().map_or_else(|| Ok(serial.unwrap_or_default()), Err);
            self.out.answered.extend(caller.id.map(|id| (id, answer)));
        }
        self.release(asked, Some(since), usize::from(error.is_some()));
        if self.entries.get(&asked).is_some_and(|entry| entry.needs_request()) {
            self.send(asked, Cause::Invalidated);
        } else {
            self.release(asked, None, 0);
        }
        self.used_no_more(asked);
    }

    /// Those who await a request that began by then, or any, need not wait for this entry any more.
    pub(super) fn release(&mut self, asked: Asked, since: Option<Moment>, errors: usize) {
        let Some(entry) = self.entries.get_mut(&asked) else { return };
        let awaited = std::mem::take(&mut entry.awaited);
        let (done, rest) = awaited.into_iter().partition(|(_, at)| since.is_none_or(|since| *at <= since));
        entry.awaited = rest;
        let done: Vec<(u64, Moment)> = done;
        for (token, _) in done {
            *self.awaiting.entry(token).or_default() += errors;
            self.tell_if_through(token);
        }
    }

    pub(super) fn tell_if_through(&mut self, token: u64) {
        let awaits = |entry: &super::Entry| entry.awaited.iter().any(|(other, _)| *other == token);
        if !self.entries.values().any(awaits) {
            let errors = self.awaiting.remove(&token).unwrap_or_default();
            self.out.refetched.push((token, errors));
        }
    }

    /// A mutation's answer is written, unless something newer is known, or it may be older than what happened meanwhile.
    pub(super) fn write_result(&mut self, call: &Call, mut arriving: Arriving, began: (Moment, u64)) -> Written {
        let (since, requests) = began;
        let tags: Vec<_> = call.tags().into_iter().chain(arriving.tags.iter().cloned()).collect();
        let meanwhile = self.history.get(since..).unwrap_or_default();
        let reaches = |happened: &super::Happened| {
            happened.tags.iter().any(|(tag, _)| tags.iter().any(|provided| tag.reaches(provided)))
        };
        let is_anything = |happened: &super::Happened| happened.anything;
        let is_reached = meanwhile.iter().any(reaches);
        let known = self.entries.get(&call.asked);
        let is_overtaken = match known {
            Some(entry) => {
                let is_newer = entry.data.as_ref().is_some_and(|data| requests < data.request);
                // A reset and the like may have been meant for it, before it was made anew.
                let is_made_anew = self.history.get(since..entry.made).is_some_and(|it| it.iter().any(is_anything));
                entry.changed_after(since) || is_newer || is_made_anew
            }
            None => meanwhile.iter().any(is_anything),
        };
        if is_reached || is_overtaken {
            return if known.is_some() { Written::Overtaken } else { Written::Nothing };
        }
        let at = self.happens(Vec::new(), false);
        self.keep_groups(call.asked, &mut arriving);
        self.write(call, arriving, at);
        Written::Clean
    }

    /// Data of the application's own. Tags that only a response's JSON tells stay.
    pub(super) fn write_by_hand(&mut self, call: &Call, mut arriving: Arriving, tags_are_all: bool) {
        let at = self.happens(Vec::new(), false);
        if let Some(data) = self.entries.get(&call.asked).and_then(|entry| entry.data.as_ref())
            && !tags_are_all
        {
            arriving.tags.extend(data.tags.clone());
        }
        self.keep_groups(call.asked, &mut arriving);
        // As a fetch would have been, it is use.
        self.entry_of(call).unused_since = None;
        self.write(call, arriving, at);
    }

    /// Data made of that which is there is as old as that. A request that it overtakes is sent anew.
    pub(in super::super) fn rework(&mut self, call: &Call, mut arriving: Arriving, token: u64) {
        let known = self.entries.get(&call.asked).and_then(|entry| entry.data.clone());
        let Some(known) = known else {
            self.write_by_hand(call, arriving, false);
            return self.out.refetched.push((token, 0));
        };
        let at = self.happens(Vec::new(), false);
        let entry = self.entry_of(call);
        let (is_outdated, error, settled_at) = (entry.is_outdated(), entry.error.clone(), entry.settled_at);
        // What waits for another try is sent later than this anyway.
        let resent = entry.request().map(|flight| (flight.cause, flight.failures.clone()));
        if resent.is_some() {
            self.abort(call.asked);
        }
        arriving.tags.extend(known.tags);
        self.store(call.asked, arriving, if is_outdated { known.as_of } else { at }, self.requests);
        if let Some(entry) = self.entries.get_mut(&call.asked) {
            entry.written.push(at);
            (entry.error, entry.settled_at) = (error, settled_at);
            if let Some(data) = &mut entry.data {
                (data.fetched_at, data.max_age) = (known.fetched_at, known.max_age);
            }
        }
        if let Some((cause, failures)) = resent {
            self.send_after(call.asked, cause, failures);
        }
        self.used_no_more(call.asked);
        self.out.refetched.push((token, 0));
    }

    /// Of its groups only an answer to the entry's own request tells.
    fn keep_groups(&self, asked: Asked, arriving: &mut Arriving) {
        let data = self.entries.get(&asked).and_then(|entry| entry.data.as_ref());
        arriving.tags.extend(data.into_iter().flat_map(|data| &data.tags).filter(|tag| tag.is_group()).cloned());
    }

    fn write(&mut self, call: &Call, arriving: Arriving, at: Moment) {
        self.entry_of(call);
        self.abort(call.asked);
        self.store(call.asked, arriving, at, self.requests);
        if let Some(entry) = self.entries.get_mut(&call.asked) {
            entry.written.push(at);
        }
        self.settle(call.asked, at, None);
    }
}
