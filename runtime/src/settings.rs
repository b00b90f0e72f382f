//! What a call, or a client for all calls, says about lifetimes and about when to ask the server again.

use std::ops::{Deref, DerefMut};
use std::time::Duration;

use crate::retry::Retry;

/// When something that is watched is requested again, although nothing was invalidated: at a new watcher, when the host's
/// window gets the focus, when it is online again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refetch {
    /// Not for this reason. A new watcher of what has no data has it requested all the same.
    Never,
    /// When the data is stale: invalidated, or older than the stale time. Also when there is none, because it failed.
    IfStale,
    /// When the data is stale, or older than this.
    IfOlderThan(Duration),
    /// In any case, unless the data is never stale ([`Query::never_stale`](crate::Query::never_stale)).
    Always,
}

/// What a query says of itself. What it leaves open, the client's [`Defaults`] say. Most queries say nothing, and hold nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Settings(Option<Box<Said>>);

/// What a query says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) keep_unused: Option<Duration>,
    pub(crate) stale_time: Option<Duration>,
    /// The server's `Cache-Control: max-age` is the stale time.
    pub(crate) stale_time_from_server: Option<bool>,
    pub(crate) on_watch: Option<Refetch>,
    pub(crate) on_focus: Option<Refetch>,
    pub(crate) on_reconnect: Option<Refetch>,
    pub(crate) poll_every: Option<Duration>,
    pub(crate) retry: Option<Retry>,
    /// The server is asked whether what is there still holds.
    pub(crate) conditional: Option<bool>,
    /// Polling pauses while the host's window has no focus.
    pub(crate) poll_only_focused: bool,
    /// No invalidation and no time makes the data stale.
    pub(crate) never_stale: bool,
    /// A response that brings what is there already is new data all the same.
    pub(crate) is_new_each_time: bool,
    /// A watcher that comes from another query shows that one's data until there is some of this.
    pub(crate) keep_previous: bool,
}

/// What holds for every entry unless its query says otherwise, and what holds for all of them together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Defaults {
    pub(crate) keep_unused: Duration,
    pub(crate) stale_time: Option<Duration>,
    pub(crate) stale_time_from_server: bool,
    pub(crate) on_watch: Refetch,
    pub(crate) on_focus: Refetch,
    pub(crate) on_reconnect: Refetch,
    pub(crate) retry: Retry,
    pub(crate) conditional: bool,
    /// What was asked for less than this ago is left alone when the window gets the focus.
    pub(crate) focus_throttle: Duration,
    /// An invalidated entry that nobody uses is removed, instead of kept and marked.
    pub(crate) remove_unwatched: bool,
    pub(crate) max_entries: usize,
    pub(crate) max_bytes: usize,
}

impl Default for Defaults {
    fn default() -> Defaults {
        Defaults {
            keep_unused: Duration::from_secs(60),
            stale_time: None,
            stale_time_from_server: false,
            on_watch: Refetch::IfStale,
            on_focus: Refetch::IfStale,
            on_reconnect: Refetch::IfStale,
            retry: Retry::times(3),
            // A browser asks by itself, and may not let a page set such headers.
            conditional: cfg!(not(target_arch = "wasm32")),
            focus_throttle: Duration::from_secs(5),
            remove_unwatched: false,
            max_entries: usize::MAX,
            max_bytes: usize::MAX,
        }
    }
}

/// Nothing was said.
static NOTHING: Said = Said {
    keep_unused: None,
    stale_time: None,
    stale_time_from_server: None,
    on_watch: None,
    on_focus: None,
    on_reconnect: None,
    poll_every: None,
    retry: None,
    conditional: None,
    poll_only_focused: false,
    never_stale: false,
    is_new_each_time: false,
    keep_previous: false,
};

impl Deref for Settings {
    type Target = Said;

    fn deref(&self) -> &Said {
        self.0.as_deref().unwrap_or(&NOTHING)
    }
}

impl DerefMut for Settings {
    fn deref_mut(&mut self) -> &mut Said {
        self.0.get_or_insert_default()
    }
}

impl Settings {
    /// What was said here counts more than what was said in `other`.
    pub(crate) fn or(self, other: Settings) -> Settings {
        let (Some(said), Some(more)) = (&self.0, &other.0) else { return if self.0.is_some() { self } else { other } };
        Settings(Some(Box::new(said.or(more))))
    }
}

impl Said {
    fn or(&self, other: &Said) -> Said {
        Said {
            keep_unused: self.keep_unused.or(other.keep_unused),
            stale_time: self.stale_time.or(other.stale_time),
            stale_time_from_server: self.stale_time_from_server.or(other.stale_time_from_server),
            on_watch: self.on_watch.or(other.on_watch),
            on_focus: self.on_focus.or(other.on_focus),
            on_reconnect: self.on_reconnect.or(other.on_reconnect),
            poll_every: self.poll_every.or(other.poll_every),
            retry: self.retry.or(other.retry),
            conditional: self.conditional.or(other.conditional),
            poll_only_focused: self.poll_only_focused || other.poll_only_focused,
            never_stale: self.never_stale || other.never_stale,
            is_new_each_time: self.is_new_each_time || other.is_new_each_time,
            keep_previous: self.keep_previous || other.keep_previous,
        }
    }

    /// The age at which data is stale. `max_age` looks up what the server said of it.
    pub(crate) fn stale_time(
        &self,
        defaults: &Defaults,
        max_age: impl FnOnce() -> Option<Duration>,
    ) -> Option<Duration> {
        if self.never_stale {
            return None;
        }
        let from_server = self.stale_time_from_server.unwrap_or(defaults.stale_time_from_server);
        self.stale_time.or_else(|| if from_server { max_age() } else { None }).or(defaults.stale_time)
    }
}
