//! How a long-running operation is followed.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::Method;
use serde_json::Value as Json;

/// A function of the application's that reads a status document.
type Reads<R> = Arc<dyn Fn(&Json) -> R + Send + Sync>;

/// How the time between two questions grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Backoff {
    /// It stays as it is.
    None,
    /// By the first interval each time.
    Linear,
    /// Twice as long each time.
    Exponential,
}

/// How a long-running operation is followed.
///
/// Where its status is asked for is read from `Operation-Location`, `Azure-AsyncOperation` or, of a `202`, `Location`. What its
/// status is, and how far it came, is read from the usual members of a status document: `status`, `state`,
/// `properties.provisioningState`, `done`, and `percentComplete`, `progress` and their like. A `202` says that it goes on, another
/// success without a word on the status that it ended. `Retry-After` counts more than the interval, up to ten minutes.
#[derive(Clone)]
#[must_use]
pub struct Polling {
    pub(super) interval: Duration,
    pub(super) backoff: Backoff,
    pub(super) longest: Duration,
    pub(super) limit: Duration,
    pub(super) failures: u32,
    pub(super) origins: Vec<String>,
    pub(super) url_at: Option<&'static str>,
    pub(super) result_at: Option<&'static str>,
    pub(super) result_is_fetched: bool,
    pub(super) cancel: Option<(Method, &'static str)>,
    pub(super) done: Option<Reads<bool>>,
    pub(super) failed: Option<Reads<bool>>,
    pub(super) fraction: Option<Reads<Option<f64>>>,
}

impl Polling {
    /// Asks after a second, then after twice as long each time, up to 30 seconds, for at most an hour.
    pub fn new() -> Polling {
        Polling {
            interval: Duration::from_secs(1),
            backoff: Backoff::Exponential,
            longest: Duration::from_secs(30),
            limit: Duration::from_secs(3600),
            failures: 5,
            origins: Vec::new(),
            url_at: None,
            result_at: None,
            result_is_fetched: true,
            cancel: None,
            done: None,
            failed: None,
            fraction: None,
        }
    }

    /// How long to wait before the first question, and between others as [`backoff`](Self::backoff) says. At least 10 ms.
    pub fn interval(mut self, time: Duration) -> Polling {
        self.interval = time.max(Duration::from_millis(10));
        self
    }

    /// How the interval grows.
    pub fn backoff(mut self, backoff: Backoff) -> Polling {
        self.backoff = backoff;
        self
    }

    /// The longest that the interval becomes.
    pub fn longest_interval(mut self, time: Duration) -> Polling {
        self.longest = time;
        self
    }

    /// For how long it is followed, from the first answer. Then it is an error of kind
    /// [`Timeout`](crate::ErrorKind::Timeout), and what it touches is invalidated.
    pub fn limit(mut self, time: Duration) -> Polling {
        self.limit = time;
        self
    }

    /// How many questions in a row may fail (a lost connection, a timeout, 408, 429, 5xx) without an end: 5 unless said
    /// otherwise.
    pub fn failures(mut self, times: u32) -> Polling {
        self.failures = times;
        self
    }

    /// Another origin at which a status may be asked for, such as `https://jobs.example.com`. Unless it is said here, only the
    /// operation's own is asked. No credentials and no headers of the client are sent there.
    pub fn allow_origin(mut self, origin: &str) -> Polling {
        self.origins.push(origin.to_owned());
        self
    }

    /// Where the first answer has the URL of the status, as a JSON Pointer: `/statusUrl`. Without it, and where there is nothing,
    /// its headers tell.
    pub fn status_url_at(mut self, pointer: &'static str) -> Polling {
        self.url_at = Some(pointer);
        self
    }

    /// Where the last status document has what the operation brings, as a JSON Pointer: `/result`.
    pub fn result_at(mut self, pointer: &'static str) -> Polling {
        self.result_at = Some(pointer);
        self
    }

    /// What the operation brings is the last status document: no request is sent for it.
    ///
    /// Otherwise it is asked for where a status document is not it: at `resourceLocation`, else the `Location` of the first
    /// answer; after a `PUT` or a `PATCH` where that was sent.
    pub fn without_final_request(mut self) -> Polling {
        self.result_is_fetched = false;
        self
    }

    /// How [`RunControl::cancel`](super::RunControl::cancel) tells the server: a method, and what follows the URL of the status, such as
    /// `(DELETE, "")` or `(POST, "/cancel")`.
    pub fn cancel_by(mut self, method: Method, suffix: &'static str) -> Polling {
        self.cancel = Some((method, suffix));
        self
    }

    /// Which status documents say that it ended well. Then the usual words do not count.
    pub fn done_when(mut self, is_done: impl Fn(&Json) -> bool + Send + Sync + 'static) -> Polling {
        self.done = Some(Arc::new(is_done));
        self
    }

    /// Which status documents say that it failed. Then the usual words do not count.
    pub fn failed_when(mut self, is_failed: impl Fn(&Json) -> bool + Send + Sync + 'static) -> Polling {
        self.failed = Some(Arc::new(is_failed));
        self
    }

    /// How far a status document says that it is, from 0 to 1.
    pub fn fraction_by(mut self, fraction: impl Fn(&Json) -> Option<f64> + Send + Sync + 'static) -> Polling {
        self.fraction = Some(Arc::new(fraction));
        self
    }

    /// The time before the question of this number, the first of which is 0.
    pub(super) fn wait(&self, number: u32) -> Duration {
        let times = match self.backoff {
            Backoff::None => 1,
            Backoff::Linear => number.saturating_add(1),
            Backoff::Exponential => 2_u32.saturating_pow(number),
        };
        self.interval.saturating_mul(times).min(self.longest.max(self.interval))
    }
}

impl Default for Polling {
    fn default() -> Polling {
        Polling::new()
    }
}

impl fmt::Debug for Polling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Polling")
            .field("interval", &self.interval)
            .field("backoff", &self.backoff)
            .field("longest", &self.longest)
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}
