//! What the host reports: whether its window has the focus, whether it is online.

use std::time::Duration;

use super::Core;
use super::entry::Entry;
use super::event::EntryId;
use super::users::Subscriber;
use crate::event::{Cause, Event as Report};
use crate::settings::{Refetch, Said};

/// What the host reported last.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hosts {
    pub(super) focused: bool,
    pub(super) online: bool,
}

impl Default for Hosts {
    fn default() -> Hosts {
        Hosts { focused: true, online: true }
    }
}

impl Core {
    /// What is watched and wants it is requested again, unless it was asked for a short while ago. Offline that waits.
    pub(super) fn focus(&mut self, focused: bool, now: Duration) {
        self.hosts.focused = focused;
        self.tell(|| Report::Focus(focused));
        if focused && self.hosts.online {
            let (throttle, default) = (self.defaults.focus_throttle, self.defaults.on_focus);
            let is_late =
                |entry: &Entry| entry.settled_at().is_none_or(|settled_at| throttle <= now.saturating_sub(settled_at));
            self.refetch_watched(Cause::Focus, is_late, |settings| settings.on_focus.unwrap_or(default), now);
        }
        self.touch_watched();
    }

    /// Once it is online again, mutations that waited for that are sent, and what is watched and is stale or failed is requested
    /// again, unless its watchers never want that.
    pub(super) fn online(&mut self, online: bool, now: Duration) {
        let was_online = std::mem::replace(&mut self.hosts.online, online);
        if was_online == online {
            return;
        }
        self.tell(|| Report::Online(online));
        if online {
            self.resume_mutations();
            let default = self.defaults.on_reconnect;
            self.refetch_watched(Cause::Reconnect, |_| true, |settings| settings.on_reconnect.unwrap_or(default), now);
            self.retry_online(now);
        } else {
            self.lanes.lose_connection();
        }
        self.touch_watched();
    }

    fn refetch_watched(
        &mut self,
        cause: Cause,
        may: impl Fn(&Entry) -> bool,
        when: impl Fn(&Said) -> Refetch,
        now: Duration,
    ) {
        let wants = |entry: &Entry| {
            let wants = |subscriber: &Subscriber| {
                let (settings, when) = (&subscriber.plan.settings, when(&subscriber.plan.settings));
                let failed = cause == Cause::Reconnect && entry.users.error().is_some();
                when != Refetch::Never && (failed || entry.wants(when, settings, &self.defaults, now))
            };
            entry.users.flight().is_none() && may(entry) && entry.users.subscribers().iter().any(wants)
        };
        let watched = self.watched.iter().copied();
        let wanted: Vec<EntryId> = watched.filter(|id| self.entries.get(*id).is_some_and(wants)).collect();
        for id in wanted {
            self.send(id, cause, now);
        }
    }

    /// Polling may begin or pause.
    fn touch_watched(&mut self) {
        self.touched.extend(&self.watched);
    }
}
