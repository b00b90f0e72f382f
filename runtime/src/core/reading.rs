//! Readers come and go: subscribers, callers that wait, prefetches.

use std::sync::Arc;
use std::time::Duration;

use super::Core;
use super::event::{Effect, EntryId, SubscriberId, WaiterId};
use super::users::{Subscriber, Waiter};
use crate::event::{Cause, Event as Report, Removal};
use crate::prefetch::Prefetch;
use crate::query::{Query, QueryPlan, Value};
use crate::settings::Refetch;
use crate::state::StateCell;

impl Core {
    pub(super) fn subscribe(&mut self, plan: &Arc<QueryPlan>, subscriber: SubscriberId, now: Duration) {
        let id = self.entry_of(plan, now);
        let Some(entry) = self.entries.get_mut(id) else { return };
        let when = plan.settings.on_watch.unwrap_or(self.defaults.on_watch);
        let wanted = entry.wants(when, &plan.settings, &self.defaults, now);
        let users = entry.users.present();
        users.cell.get_or_insert_with(|| Arc::new(StateCell::new()));
        users.subscribers.push(Subscriber { id: subscriber, plan: plan.clone(), since: now });
        let subscribers = users.subscribers.len();
        self.watched.insert(id);
        let is_fetching = entry.users.flight().is_some();
        if let Some(flight) = &mut entry.users.present().flight {
            flight.kept = true;
            // What went on without a request so far may not do for who comes now.
            entry.wanted = entry.wanted.max(entry.changed_at);
        }
        self.report_of(id, |entry| Report::Subscribed { entry, subscribers });
        if is_fetching && wanted && self.is_lengthening(id) {
            self.wait(id, None, Cause::Watch, Some(plan), now);
        } else if is_fetching {
            self.report_of(id, |entry| Report::Joined { entry });
        } else if wanted {
            self.send_for(id, Cause::Watch, Some(plan), now);
        } else {
            self.report_of(id, |entry| Report::AnsweredFromCache { entry });
        }
        self.mind_use(id, now);
    }

    pub(super) fn unsubscribe(&mut self, id: EntryId, subscriber: SubscriberId, now: Duration) {
        let Some(entry) = self.entries.get_mut(id) else { return };
        let Some(users) = entry.users.present_if_any() else { return };
        let before = users.subscribers.len();
        users.subscribers.retain(|other| other.id != subscriber);
        let subscribers = users.subscribers.len();
        if subscribers == before {
            return;
        }
        if subscribers == 0 {
            self.effects.extend(users.cell.take().map(Effect::Empty));
            users.published = Arc::default();
            self.watched.remove(&id);
        }
        self.report_of(id, |entry| Report::Unsubscribed { entry, subscribers });
        self.stop_unneeded_tries(id);
        self.mind_use(id, now);
    }

    pub(super) fn fetch(&mut self, plan: &Arc<QueryPlan>, waiter: WaiterId, now: Duration) {
        let id = self.entry_of(plan, now);
        let Some(entry) = self.entries.get(id) else { return };
        match &entry.stored {
            Some(stored) if entry.is_fresh(&plan.settings, &self.defaults, now) => {
                let value = stored.value.clone();
                self.report_of(id, |entry| Report::AnsweredFromCache { entry });
                self.effects.push(Effect::Answer { waiter, result: Ok(value) });
            }
            _ => {
                self.wait(id, Some(waiter), Cause::Fetch, Some(plan), now);
                self.mind_use(id, now);
            }
        }
    }

    /// The data of a query, if it is fresh and the call says nothing of it that is not known. As
    /// [`fetch`](Self::fetch), when nobody hears.
    pub(crate) fn hit<T: Send + Sync + 'static>(
        &mut self,
        query: &Query<T>,
        now: impl FnOnce() -> Duration,
    ) -> Option<Value> {
        let id = self.entries.find(query.key())?;
        let entry = self.entries.get_mut(id)?;
        let settings = query.settings();
        let ((tags, sources), stored) = (query.tells(), entry.stored.as_ref()?);
        // The clock is asked only where time can make the data stale.
        let is_young = |limit| !entry.is_older_than(Some(limit), now());
        let is_fresh = entry.is_valid() && entry.stale_time(settings, &self.defaults).is_none_or(is_young);
        let says_more = entry.is_told_more_by(tags.iter(), sources) || entry.becomes_never_stale(settings);
        if !is_fresh || says_more {
            return None;
        }
        let value = stored.value.clone();
        entry.keep_for(settings.keep_unused.unwrap_or(self.defaults.keep_unused));
        self.bounds.note_use(id);
        Some(value)
    }

    pub(super) fn refetch(&mut self, plan: &Arc<QueryPlan>, waiter: WaiterId, now: Duration) {
        let id = self.entry_of(plan, now);
        self.wait(id, Some(waiter), Cause::Refetch, Some(plan), now);
        self.mind_use(id, now);
    }

    pub(super) fn prefetch(&mut self, plan: &Arc<QueryPlan>, when: Prefetch, now: Duration) {
        let id = self.entry_of(plan, now);
        let Some(entry) = self.entries.get(id) else { return };
        let wants = |when| entry.wants(when, &plan.settings, &self.defaults, now);
        let wanted = match when {
            Prefetch::Force => true,
            Prefetch::IfMissing => wants(Refetch::IfStale),
            Prefetch::IfOlderThan(age) => wants(Refetch::IfOlderThan(age)),
        };
        if wanted {
            self.wait(id, None, Cause::Prefetch, Some(plan), now);
            self.mind_use(id, now);
        }
    }

    /// Somebody waits for data that is as new as this moment. Nobody in particular does for a prefetch.
    pub(super) fn wait(
        &mut self,
        id: EntryId,
        waiter: Option<WaiterId>,
        cause: Cause,
        call: Option<&QueryPlan>,
        now: Duration,
    ) {
        let Some(entry) = self.entries.get_mut(id) else { return };
        let called = self.seq;
        let users = entry.users.present();
        let is_known =
            waiter.is_none() && users.waiters.iter().any(|other| other.id.is_none() && other.called == called);
        if !is_known {
            users.waiters.push(Waiter { id: waiter, called });
        }
        entry.unused_since = None;
        // Whoever asks by hand need not wait for the next try.
        let is_at_once = cause == Cause::Refetch && entry.users.is_retrying();
        let is_idle = entry.users.flight().is_none();
        if is_at_once {
            self.abort(id);
        }
        if is_at_once || is_idle {
            return self.send_for(id, cause, call, now);
        }
        self.report_of(id, |entry| Report::Joined { entry });
    }

    /// A caller no longer waits. A request that nobody else needs is given up.
    pub(super) fn cancel(&mut self, plan: &Arc<QueryPlan>, waiter: WaiterId, now: Duration) {
        let Some(id) = self.entries.find(plan.key()) else { return };
        let Some(entry) = self.entries.get_mut(id) else { return };
        let Some(users) = entry.users.present_if_any() else { return };
        let before = users.waiters.len();
        users.waiters.retain(|waiting| waiting.id != Some(waiter));
        if users.waiters.len() == before {
            return;
        }
        let needed = entry.users.flight().is_none_or(|flight| flight.kept && flight.next_try.is_none());
        if !needed && !entry.in_use() {
            let is_empty = entry.stored.is_none() && entry.users.error().is_none();
            self.abort(id);
            self.release_awaited(id, super::Seq::MAX, None);
            if is_empty {
                return self.remove(id, Removal::Unused);
            }
        }
        self.mind_use(id, now);
    }
}
