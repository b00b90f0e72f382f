//! Bugs of the cache's core, each an edit, that the simulation must find.
//!
//! When the core changes, an edit may no longer apply: then it is written anew for the new code, or replaced by another that
//! breaks the same rule.

mod layers;
mod retrying;
mod waiting;

use self::layers::LAYERS;
use self::retrying::RETRYING;
use self::waiting::WAITING;

/// A bug: in a file of `runtime/src`, a text that is there once, and what is put in its place.
pub struct Planted {
    pub breaks: &'static str,
    pub file: &'static str,
    pub find: &'static str,
    pub replace: &'static str,
}

const fn bug(breaks: &'static str, file: &'static str, find: &'static str, replace: &'static str) -> Planted {
    Planted { breaks, file, find, replace }
}

/// All of them.
pub fn planted() -> impl Iterator<Item = &'static Planted> {
    PLANTED.iter().chain(RETRYING).chain(LAYERS).chain(WAITING)
}

const PLANTED: &[Planted] = &[
    bug(
        "B3: a prefetch of what is stale by its age alone sends nothing",
        "core/reading.rs",
        "Prefetch::IfOlderThan(age) => wants(Refetch::IfOlderThan(age)),",
        "Prefetch::IfOlderThan(_) => wants(Refetch::IfStale),",
    ),
    bug(
        "B4: equal data takes the place of that which is there",
        "core/entry.rs",
        "swap(&mut value, &mut stored.value);",
        "",
    ),
    bug(
        "B5: the error stays when data comes",
        "core/entry.rs",
        "error = present.error.take();",
        "error = present.error.clone();",
    ),
    bug(
        "B8: what is never stale is requested at each focus, if the client says so",
        "core/entry.rs",
        "_ if self.origin.settings.never_stale => !self.is_valid(),",
        "",
    ),
    bug(
        "B8: data is fresh at the end of its stale time",
        "core/entry.rs",
        "now.saturating_sub(stored.fetched_at()) >= limit",
        "now.saturating_sub(stored.fetched_at()) > limit",
    ),
    bug(
        "B8: of several watchers the most patient tells when data is stale",
        "core/entry.rs",
        "all.filter_map(|settings| self.stale_time(settings, defaults)).min()",
        "all.filter_map(|settings| self.stale_time(settings, defaults)).max()",
    ),
    bug(
        "B8: a watcher's own word on when to fetch is not heard",
        "core/reading.rs",
        "plan.settings.on_watch.unwrap_or(self.defaults.on_watch)",
        "self.defaults.on_watch",
    ),
    bug(
        "B9: a late response of an entry whose request was given up is stored",
        "core/settling.rs",
        "flight.take_if(|flight| flight.is_under_way(request))?",
        "flight.take()?",
    ),
    bug(
        "B9: the keep-unused time begins anew whenever the entry is looked at",
        "core/entry.rs",
        "self.unused_since.get_or_insert(Moment::of(now));",
        "self.unused_since = Some(Moment::of(now));",
    ),
    bug(
        "B9: the last who asks says how long an unused entry is kept, not the longest",
        "core/entry.rs",
        "self.keep_unused = self.keep_unused.max(Moment::of(keep_unused));",
        "self.keep_unused = Moment::of(keep_unused);",
    ),
    bug(
        "B9: who comes back does not stop the keep-unused time",
        "core/entry.rs",
        "        if self.in_use() {\n            self.unused_since = None;\n            return true;",
        "        if self.in_use() {\n            return true;",
    ),
    bug(
        "B9: tags of a removed entry stay in the index",
        "core/mod.rs",
        "        self.index.replace(id, entry.indexed(), &[]);\n        self.watched.remove(&id);",
        "        self.watched.remove(&id);",
    ),
    bug(
        "B9: the timer is not set when something is due earlier than before",
        "core/timers.rs",
        "entry.queued.is_none_or(|queued| due < queued)",
        "entry.queued.is_none()",
    ),
    bug(
        "B10: a watched entry leaves when there are too many",
        "core/bounds.rs",
        "self.entries.get(id).is_none_or(Entry::in_use)",
        "self.entries.get(id).is_none_or(|entry: &Entry| !entry.users.waiters().is_empty())",
    ),
    bug(
        "B10: the entry that was used last leaves first",
        "core/bounds.rs",
        "self.bounds.order.pop_first()",
        "self.bounds.order.pop_last()",
    ),
    bug(
        "B11: a reference is reached by what only changes the thing itself",
        "core/tag_index.rs",
        "filter(|posting| !posting.reference || tag.is_reference())",
        "filter(|_| true)",
    ),
    bug(
        "B12: tags of further args are not in the index",
        "core/mod.rs",
        "            let added = self.retag(id, tags);\n            self.effects",
        "            let added = tags;\n            self.effects",
    ),
    bug(
        "B13: an invalidation during the first flight is lost",
        "core/invalidation.rs",
        "            entry.changed_at = self.seq;\n            if is_wanted {",
        "            if entry.stored.is_some() {\n                entry.changed_at = self.seq;\n            }\n            if is_wanted {",
    ),
    bug(
        "B13: what was invalidated is forgotten while an older request is under way",
        "core/log.rs",
        "self.last.retain(|_, reached| reached.at > *oldest)",
        "self.last.clear()",
    ),
    bug(
        "B13: tags that only the response tells are not compared with what happened meanwhile",
        "core/settling.rs",
        "        self.mark_missed(id, &added, since);\n        self.mark_guessed(id);",
        "        self.mark_guessed(id);",
    ),
    bug(
        "B13: a caller gets data that is older than what had happened when it asked",
        "core/settling.rs",
        "partition(|waiter| all || waiter.called <= since)",
        "partition(|waiter| all || waiter.called <= since + 1)",
    ),
    bug(
        "B14: the request that must follow is forgotten",
        "core/settling.rs",
        "        if entry.needs_request() {\n            self.send(id, Cause::Invalidated, now);",
        "        if !entry.users.waiters().is_empty() {\n            self.send(id, Cause::Invalidated, now);",
    ),
    bug(
        "B14: what failed is asked for again and again",
        "core/entry.rs",
        "        present.tried = present.tried.max(since);\n",
        "        let _ = since;\n",
    ),
    bug(
        "B14: a watcher that joins an outdated request is content with it",
        "core/reading.rs",
        "            entry.wanted = entry.wanted.max(entry.changed_at);\n",
        "",
    ),
    bug(
        "B14: what is only to be marked is requested",
        "target.rs",
        "RefetchOf::Nothing => false,",
        "RefetchOf::Nothing => watched,",
    ),
    bug(
        "B16: what a mutation wrote is requested all the same",
        "core/mutations.rs",
        "        reached.retain(|id| !written.contains(id));\n",
        "",
    ),
    bug(
        "B16: waiting for refetches ends with a request that began before the invalidation",
        "core/refetched.rs",
        "partition(|(_, at)| *at <= since)",
        "partition(|(_, at)| *at <= since + 1)",
    ),
    bug(
        "B17: a mutation's answer is written over data that was asked for later",
        "core/settling.rs",
        "sending.since < entry.changed_at || entry.stored.as_ref().is_some_and(newer)",
        "sending.since < entry.changed_at && entry.stored.as_ref().is_some_and(newer)",
    ),
    bug(
        "B17: a batch that resets and invalidates an entry asks for it twice",
        "core/changes.rs",
        "            ids.retain(|id| !reset.contains(id));\n",
        "            ids.retain(|_| true);\n",
    ),
    bug(
        "B18: a reset leaves the data of what is watched",
        "core/changes.rs",
        "let stored = entry.stored.take();",
        "let stored: Option<super::stored::Stored> = None;",
    ),
    bug(
        "B2: a caller that joins sends a request of its own",
        "core/reading.rs",
        "if is_at_once || is_idle {",
        "if is_at_once || is_idle || waiter.is_none() {",
    ),
    bug(
        "B25: a request that a watcher wanted is given up with the last caller",
        "core/reading.rs",
        "            flight.kept = true;\n",
        "",
    ),
    bug(
        "B26: polls are measured from the coming of the watcher, not from the last answer",
        "core/users.rs",
        "settled_at.unwrap_or_default().max(subscriber.since)",
        "settled_at.unwrap_or_default().min(subscriber.since)",
    ),
    bug(
        "B26: polls go on without focus where they should pause",
        "core/users.rs",
        "focused || !settings.poll_only_focused",
        "focused || settings.poll_only_focused",
    ),
    bug(
        "B27: the focus asks again without regard to how long ago that was done",
        "core/hosts.rs",
        "throttle <= now.saturating_sub(settled_at)",
        "settled_at <= now",
    ),
    bug(
        "B27: once online, fresh entries are requested too",
        "core/hosts.rs",
        "when != Refetch::Never && (failed || entry.wants(when, settings, &self.defaults, now))",
        "failed || cause == Cause::Reconnect || entry.wants(when, settings, &self.defaults, now)",
    ),
    bug(
        "B36: the core drops data itself",
        "core/settling.rs",
        "            return self.effects.push(Effect::Discard(Box::new(response)));\n        };\n        let since",
        "            return;\n        };\n        let since",
    ),
    bug(
        "B18: what a mutation brought from before a reset is written into an entry made anew",
        "core/mod.rs",
        "entry.changed_at = self.log.last_of_everything();",
        "entry.changed_at = 0;",
    ),
    bug(
        "B14: what is gone is asked for when the request before it is through",
        "core/invalidation.rs",
        "entry.wanted = if is_gone { 0 } else { entry.wanted };",
        "",
    ),
    bug(
        "B13: a request that an update gave up is not sent anew",
        "core/settling.rs",
        "        if let Some((cause, tries)) = resent {\n            self.send_try(id, cause, tries);\n        }\n",
        "        let _ = resent;\n",
    ),
    bug(
        "B14: a request for what nobody watches is not followed by one more",
        "core/invalidation.rs",
        "                self.wait(id, None, Cause::Invalidated, None, now);",
        "                if entry.users.flight().is_none() {\n                    self.send(id, Cause::Invalidated, now);\n                }",
    ),
    bug(
        "B23: data that is set loses the tags that only its JSON tells",
        "core/settling.rs",
        "!tags_are_all || tag.is_group()",
        "tags_are_all || tag.is_group()",
    ),
    bug(
        "B9: the keep-unused time begins anew with each call",
        "core/mod.rs",
        "        self.bounds.note_use(id);\n        if found.is_none() {",
        "        self.bounds.note_use(id);\n        entry.unused_since = entry.unused_since.map(|_| self::moment::Moment::of(now));\n        if found.is_none() {",
    ),
    bug(
        "B26: polls go on while offline",
        "core/entry.rs",
        "self.users.flight().is_some() || !hosts.online",
        "self.users.flight().is_some()",
    ),
    bug(
        "B13: of two that began at one moment the first that ends makes the cache forget",
        "core/log.rs",
        "            *count -= 1;\n            if *count == 0 {",
        "            *count -= 1;\n            if *count < 2 {",
    ),
    bug(
        "B17: what is written counts as no change for other mutations",
        "core/settling.rs",
        "        // The write counts as a change, for other mutations that are under way.\n        self.seq += 1;\n",
        "",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::root;

    #[test]
    fn every_planted_bug_applies_to_the_code_as_it_is() {
        for bug in planted() {
            let text = std::fs::read_to_string(root().join("runtime").join("src").join(bug.file)).expect("a file");
            assert_eq!(text.matches(bug.find).count(), 1, "{}: its text is to be once in {}", bug.breaks, bug.file);
            assert_ne!(bug.find, bug.replace, "{}", bug.breaks);
        }
    }
}
