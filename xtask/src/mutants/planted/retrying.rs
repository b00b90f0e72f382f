//! Bugs of what the core does about requests that failed and are sent again.

use super::{Planted, bug};

pub const RETRYING: &[Planted] = &[
    bug(
        "B25: what failed is tried again although nobody needs it",
        "core/retrying.rs",
        "self.entries.get_mut(id).filter(|entry| entry.in_use())",
        "self.entries.get_mut(id)",
    ),
    bug(
        "B25: tries go on when the last watcher has left",
        "core/reading.rs",
        "        self.stop_unneeded_tries(id);\n",
        "",
    ),
    bug(
        "B25: the end of a request that failed and is to be tried again is told twice, and counts twice",
        "core/users.rs",
        "self.request == request && self.next_try.is_none()",
        "self.request == request",
    ),
    bug(
        "B25: offline it is tried all the same",
        "core/retrying.rs",
        "self.users.flight()?.next_try.filter(|_| hosts.online)",
        "self.users.flight()?.next_try.filter(|_| hosts.focused || true)",
    ),
    bug("B25: what was due offline is forgotten", "core/hosts.rs", "            self.retry_online(now);\n", ""),
    bug(
        "B25: the next try forgets the tries before",
        "core/retrying.rs",
        "self.send_try(id, Cause::Retry, flight.tries);",
        "self.send(id, Cause::Retry, flight.tries.began);",
    ),
    bug(
        "B25: an invalidation while the next try is waited for is remembered for ever",
        "core/retrying.rs",
        "        self.log.end(flight.since);\n",
        "",
    ),
    bug(
        "B25: who asks by hand waits for the next try",
        "core/reading.rs",
        "let is_at_once = cause == Cause::Refetch && entry.users.is_retrying();",
        "let is_at_once = false;",
    ),
    bug(
        "B25: a change of data by hand gives up the next try",
        "core/settling.rs",
        "flight.take_if(|_| is_under_way)",
        "flight.take_if(|_| true)",
    ),
    bug(
        "B25: a request that was sent anew after a change by hand counts its tries anew",
        "core/settling.rs",
        "            self.send_try(id, cause, tries);\n",
        "            self.send(id, cause, tries.began);\n",
    ),
    bug(
        "B25: without watchers no timer is set for the next try",
        "core/entry.rs",
        "return self.expiry().into_iter().chain(self.retry_due(hosts)).min();",
        "return self.expiry();",
    ),
    bug(
        "B25: the failures of the request under way are not shown",
        "core/entry.rs",
        "            && last.failures == failures\n            && same_error(last.last_failure.as_ref(), last_failure)\n",
        "",
    ),
    bug(
        "B25: what is given up while it waits is kept in mind",
        "core/mod.rs",
        "        self.retrying.remove(&id);\n        self.touch(id);\n",
        "        self.touch(id);\n",
    ),
    bug(
        "B28: the server is asked about what somebody wrote, as if it had answered that",
        "core/entry.rs",
        "is_wanted && stored.brought.is_own()",
        "is_wanted",
    ),
    bug(
        "B28: the server is never asked about what is there",
        "core/settling.rs",
        "            stored.brought = stored.brought.as_own();\n",
        "            let _ = (changed, stored);\n",
    ),
    bug(
        "B28: without structural sharing, or switched off, the server is asked about what is there all the same",
        "core/entry.rs",
        "settings.conditional.unwrap_or(defaults.conditional) && !settings.is_new_each_time",
        "settings.conditional.is_none_or(|_| !settings.is_new_each_time)",
    ),
    bug(
        "B38: a write takes an entry out of its groups",
        "core/settling.rs",
        "!tags_are_all || tag.is_group()",
        "!tags_are_all",
    ),
    bug(
        "B38: everything of a type that is called as an origin is, is in its groups",
        "tag.rs",
        "(Scope::Type, Scope::Group(_)) => false,",
        "",
    ),
    bug(
        "B38: groups made stale while the first response that tells of them is on its way are missed",
        "tag.rs",
        "            return vec![self.clone()];\n",
        "            return Vec::new();\n",
    ),
];
