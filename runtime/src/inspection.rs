//! What a cache holds at one moment, for tools and for people.

use std::fmt;
use std::time::Duration;

use crate::error::Error;
use crate::event::CallRef;
use crate::tags::Tags;

/// What a client's cache holds at one moment. Its `Display` is a table.
///
/// It holds args, in the entries' addresses and tags: show it to developers, do not log it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Inspection {
    /// The entries, in no order that means anything: the place of one that left goes to one that comes.
    pub entries: Vec<EntryView>,
    /// The mutations under way.
    pub mutations: Vec<CallRef>,
    /// Whether the host's window has the focus, as far as it was told.
    pub focused: bool,
    /// Whether the host is online, as far as it was told.
    pub online: bool,
    /// How long until the cache looks at its entries by itself, if it will.
    pub next_timer: Option<Duration>,
}

/// One entry of the cache.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct EntryView {
    /// The query.
    pub call: CallRef,
    /// The tags by which invalidations find it.
    pub tags: Tags,
    /// How many watch it.
    pub subscribers: usize,
    /// How many callers wait for its data.
    pub waiting: usize,
    /// Whether there is data.
    pub has_data: bool,
    /// Whether the data is stale for those who watch it, or, when nobody does, for a caller without a stale time of its own.
    pub is_stale: bool,
    /// Whether a request is in flight, or its next try is waited for.
    pub is_fetching: bool,
    /// How many layers of optimistic changes are over the data.
    pub layers: usize,
    /// How many tries of that failed.
    pub failures: u32,
    /// Why the last request failed, if it did.
    pub error: Option<Error>,
    /// The age of the data.
    pub age: Option<Duration>,
    /// What it is estimated to cost, in bytes.
    pub bytes: usize,
    /// How long until it leaves the cache, if nobody uses it till then.
    pub expires_in: Option<Duration>,
    /// How long until what failed is tried again, if it is. Offline it is not.
    pub retried_in: Option<Duration>,
    /// How long until it is polled.
    pub polled_in: Option<Duration>,
}

impl fmt::Display for Inspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const TITLES: [&str; 8] = ["entry", "query", "state", "age", "watched", "waiting", "timer", "tags"];
        let rows: Vec<[String; 8]> = self.entries.iter().map(EntryView::row).collect();
        let width = |column: usize| {
            let cells = rows.iter().map(|row| row[column].chars().count());
            cells.chain([TITLES[column].len()]).max().unwrap_or_default()
        };
        let widths: Vec<usize> = (0..TITLES.len()).map(width).collect();
        let line = |f: &mut fmt::Formatter<'_>, cells: [&str; 8]| {
            let padded = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
            writeln!(f, "{}", padded.collect::<Vec<_>>().join("  ").trim_end())
        };
        line(f, TITLES)?;
        for row in &rows {
            line(f, row.each_ref().map(String::as_str))?;
        }
        let (entries, mutations) = (self.entries.len(), self.mutations.len());
        let bytes: usize = self.entries.iter().map(|entry| entry.bytes).sum();
        let focus = if self.focused { "focused" } else { "without focus" };
        let online = if self.online { "online" } else { "offline" };
        let timer = self.next_timer.map_or("no timer".to_owned(), |time| format!("timer in {}", seconds(time)));
        write!(
            f,
            "entries: {entries}, about {bytes} bytes; mutations under way: {mutations}; {focus}, {online}; {timer}"
        )
    }
}

impl EntryView {
    fn row(&self) -> [String; 8] {
        let timers = [("retry", self.retried_in), ("poll", self.polled_in), ("removal", self.expires_in)];
        let timer = timers.iter().find_map(|(what, time)| Some(format!("{what} in {}", seconds((*time)?))));
        let tags: Vec<String> = self.tags.iter().map(ToString::to_string).collect();
        [
            format!("#{}", self.call.id),
            self.call.to_string(),
            self.state(),
            self.age.map(seconds).unwrap_or_default(),
            self.subscribers.to_string(),
            self.waiting.to_string(),
            timer.unwrap_or_default(),
            tags.join(", "),
        ]
    }

    fn state(&self) -> String {
        let data = match (self.has_data, self.is_stale) {
            (false, _) => "empty",
            (true, false) => "fresh",
            (true, true) => "stale",
        };
        let error = if self.error.is_some() { ", failed" } else { "" };
        let fetching = if self.is_fetching { ", fetching" } else { "" };
        let failures = match self.failures {
            0 => String::new(),
            1 => ", 1 try failed".to_owned(),
            many => format!(", {many} tries failed"),
        };
        format!("{data}{error}{fetching}{failures}")
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}
