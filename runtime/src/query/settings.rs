//! What a call says about lifetimes, and about when to ask again.

use std::time::Duration;

use super::Query;
use crate::retry::Retry;
use crate::settings::Refetch;

impl<T> Query<T> {
    /// How long the result is kept when nobody uses it any more. When callers say different times, or leave it to the
    /// client, the longest counts. Zero is not at all, `Duration::MAX` for ever.
    pub fn keep_unused(mut self, time: Duration) -> Query<T> {
        self.settings.keep_unused = Some(time);
        self
    }

    /// How long the result is fresh for this caller, instead of the client's default. Zero is never.
    pub fn stale_time(mut self, time: Duration) -> Query<T> {
        self.settings.stale_time = Some(time);
        self
    }

    /// Whether the server says how long the result is fresh: `Cache-Control: max-age`, or `Expires`, is the stale time then,
    /// unless the call says one itself.
    pub fn stale_time_from_server(mut self, on: bool) -> Query<T> {
        self.settings.stale_time_from_server = Some(on);
        self
    }

    /// The result never changes: neither an invalidation nor time makes it stale, and neither a new watcher nor focus nor
    /// reconnect has it requested again. It holds for all callers as soon as one says it. A refetch by hand, a forced prefetch,
    /// a reset and polling request it all the same.
    pub fn never_stale(mut self) -> Query<T> {
        self.settings.never_stale = true;
        self
    }

    /// When a watcher that comes to data which is there has it requested again: [`Refetch::IfStale`], unless the client says
    /// otherwise.
    pub fn refetch_on_watch(mut self, when: Refetch) -> Query<T> {
        self.settings.on_watch = Some(when);
        self
    }

    /// When the result is requested again because the host's window got the focus, while it is watched:
    /// [`Refetch::IfStale`], unless the client says otherwise. Of several watchers the most demanding counts.
    pub fn refetch_on_focus(mut self, when: Refetch) -> Query<T> {
        self.settings.on_focus = Some(when);
        self
    }

    /// As [`refetch_on_focus`](Self::refetch_on_focus), for the moment at which the host is online again. What failed before is
    /// requested unless this is [`Refetch::Never`].
    pub fn refetch_on_reconnect(mut self, when: Refetch) -> Query<T> {
        self.settings.on_reconnect = Some(when);
        self
    }

    /// Requests the result again and again while it is watched, this long after each answer or failure. Of several watchers
    /// the shortest time counts, and only watchers count. Polling pauses while the host is offline; zero is not at all. A watcher
    /// that comes to data which is there polls this long after it came.
    pub fn poll_every(mut self, time: Duration) -> Query<T> {
        self.settings.poll_every = Some(time);
        self
    }

    /// Whether and when a failed request is sent again for this caller, in place of what the client says. The call that has a
    /// request sent says it; who joins, joins that. Of what is requested by itself, the watchers say it.
    ///
    /// While it waits for the next try the entry is fetching ([`State::failures`](crate::State::failures) tells how it goes), and
    /// nobody is given an error. It waits as long as the host is offline, and stops when nobody needs the result any more.
    pub fn retry(mut self, retry: Retry) -> Query<T> {
        self.settings.retry = Some(retry);
        self
    }

    /// Whether the server is asked to send the result only if it is another than the one that is there, as it is unless told
    /// otherwise (B28). See [`ClientBuilder::conditional_requests`](crate::ClientBuilder::conditional_requests).
    pub fn conditional_requests(mut self, on: bool) -> Query<T> {
        self.settings.conditional = Some(on);
        self
    }

    /// Whether this watcher's polling pauses while the host's window has no focus. What was due meanwhile is made up for as
    /// soon as it has it again.
    pub fn poll_only_focused(mut self, on: bool) -> Query<T> {
        self.settings.poll_only_focused = on;
        self
    }

    /// Lets a [`Watcher`](crate::Watcher) that comes to this query from another one show the data of before, marked by
    /// [`State::is_previous`](crate::State::is_previous), until this query's is there.
    pub fn keep_previous(mut self, keep: bool) -> Query<T> {
        self.settings.keep_previous = keep;
        self
    }

    /// Whether to watch the query at all, such as when what it depends on is known. While it is not, a
    /// [`Watcher`](crate::Watcher) of it is off: no subscriber, it sends nothing and keeps its last data. Nothing else minds.
    ///
    /// ```
    /// # fn run(client: &larder::Client, get_user: fn(Option<&str>) -> larder::Query<String>, author: Option<&str>) {
    /// let user = client.watch(get_user(author).when(author.is_some()));
    /// user.set_query(get_user(Some("ada"))); // Later, when the author is known.
    /// # }
    /// ```
    pub fn when(mut self, condition: bool) -> Query<T> {
        self.is_off = !condition;
        self
    }

    /// Whether a response that brings what is there already leaves it in place, as it does unless told otherwise.
    ///
    /// Equal data keeps its `Arc`, and no watcher is told that data changed; where some of it changed, each
    /// [`Part`](crate::Part) that did not is the same as before. With `false` every response is new data.
    pub fn structural_sharing(mut self, on: bool) -> Query<T> {
        self.settings.is_new_each_time = !on;
        self
    }
}
