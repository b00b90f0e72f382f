//! Whether a request that failed is sent again, how often, and when.

mod after;
mod mutation;

use std::fmt;
use std::ptr::fn_addr_eq;
use std::time::Duration;

use http::StatusCode;

pub(crate) use self::after::retry_after;
pub(crate) use self::mutation::{Tried, tried};
use crate::error::{Call, Error, ErrorKind};
use crate::guard::guarded;
use crate::platform::{self, within};

/// Whether a request that failed is sent again, how often, and when (B25).
///
/// Tried again is what may go better the next time: a connection that could not be made or was lost, a timeout, and the
/// statuses 408, 425, 429, 500, 502, 503 and 504. A server that says `Retry-After` is not asked before that. Between tries there
/// are about 1, 2, 4 … seconds, at most 30, less a random part of up to a half, so that many clients do not come back at once.
///
/// ```
/// use std::time::Duration;
///
/// use larder::{Client, ErrorKind, Retry};
///
/// # fn build() -> Result<Client, larder::Error> {
/// let patient = Retry::times(8).backoff(Duration::from_millis(200), Duration::from_secs(10)).within(Duration::from_secs(60));
/// let connections_alone = Retry::times(2).when(|error, _failures| error.kind() == ErrorKind::Connect);
/// # assert_ne!(patient, connections_alone);
/// Client::builder("https://api.example.com").retry(patient).build()
/// # }
/// ```
#[derive(Clone, Copy)]
#[must_use]
pub struct Retry {
    times: u32,
    first: Duration,
    longest: Duration,
    is_jittered: bool,
    within: Option<Duration>,
    longest_retry_after: Duration,
    when: Option<fn(&Error, u32) -> bool>,
}

impl Retry {
    /// One try, and no more.
    pub const fn none() -> Retry {
        Retry::times(0)
    }

    /// Up to so many further tries after the first.
    pub const fn times(times: u32) -> Retry {
        Retry {
            times,
            first: Duration::from_secs(1),
            longest: Duration::from_secs(30),
            is_jittered: true,
            within: None,
            longest_retry_after: Duration::from_secs(60),
            when: None,
        }
    }

    /// Waits `first` after the first failure, and after each further one twice as long as before, but at most `longest`.
    pub const fn backoff(mut self, first: Duration, longest: Duration) -> Retry {
        (self.first, self.longest) = (first, longest);
        self
    }

    /// Waits equally long after each failure.
    pub const fn delay(self, time: Duration) -> Retry {
        self.backoff(time, time)
    }

    /// Waits exactly as long as was said, instead of a random time between half of that and all of it.
    pub const fn without_jitter(mut self) -> Retry {
        self.is_jittered = false;
        self
    }

    /// How long all tries and the times between them may take together, from the first request on. A try that takes longer ends
    /// as a timeout; one that would begin later is not made.
    pub const fn within(mut self, limit: Duration) -> Retry {
        self.within = Some(limit);
        self
    }

    /// The longest `Retry-After` of a server that is waited for: 60 seconds unless said otherwise. One who asks for more time is
    /// not asked again.
    pub const fn retry_after_up_to(mut self, limit: Duration) -> Retry {
        self.longest_retry_after = limit;
        self
    }

    /// Says which failures are worth another try, in place of the usual ones. It is given the error and how many tries have
    /// failed so far, this one included. It is asked after each failure but the last, never while the cache is locked; a panic
    /// in it counts as a no. What could not be sent at all, or was given up, is not asked about.
    pub const fn when(mut self, condition: fn(&Error, u32) -> bool) -> Retry {
        self.when = Some(condition);
        self
    }

    /// How long until the next try, if there is to be one. `failures` counts the tries that failed, `elapsed` is the time since
    /// the first began. Runs user code.
    pub(crate) fn next_try(&self, error: &Error, failures: u32, elapsed: Duration) -> Option<Duration> {
        if self.times < failures || matches!(error.kind(), ErrorKind::Request | ErrorKind::Aborted) {
            return None;
        }
        let is_worth_it = match self.when {
            Some(when) => guarded(|| when(error, failures)).unwrap_or(false),
            None => is_transient(error),
        };
        if !is_worth_it {
            return None;
        }
        let wait = match error.retry_after() {
            Some(asked) if self.longest_retry_after < asked => return None,
            asked => self.wait_after(failures, random()).max(asked.unwrap_or_default()),
        };
        let is_late = self.within.is_some_and(|limit| limit <= elapsed.saturating_add(wait));
        (!is_late).then_some(wait)
    }

    /// The wait after so many failures; `random` is from 0 to 1.
    fn wait_after(&self, failures: u32, random: f64) -> Duration {
        let doubled = 2_u32.checked_pow(failures.saturating_sub(1)).and_then(|times| self.first.checked_mul(times));
        let whole = doubled.unwrap_or(Duration::MAX).min(self.longest);
        if self.is_jittered { whole / 2 + (whole / 2).mul_f64(random) } else { whole }
    }
}

/// Does one try, within the time that is left for all of them `elapsed` after the first began.
pub(crate) async fn one_try<T>(
    asked: impl Future<Output = Result<T, Error>>,
    call: &Call,
    policy: Retry,
    elapsed: Duration,
) -> Result<T, Error> {
    let Some(limit) = policy.within else { return asked.await };
    let tried = within(limit.saturating_sub(elapsed), asked).await;
    tried.unwrap_or_else(|| Err(Error::timeout(call.clone(), limit)))
}

/// Whether a status says that the same request may well be answered the next time.
pub(crate) fn is_passing(status: StatusCode) -> bool {
    const STATUSES: [StatusCode; 7] = [
        StatusCode::REQUEST_TIMEOUT,
        StatusCode::TOO_EARLY,
        StatusCode::TOO_MANY_REQUESTS,
        StatusCode::INTERNAL_SERVER_ERROR,
        StatusCode::BAD_GATEWAY,
        StatusCode::SERVICE_UNAVAILABLE,
        StatusCode::GATEWAY_TIMEOUT,
    ];
    STATUSES.contains(&status)
}

/// Whether the same request may well be answered the next time.
pub(crate) fn is_transient(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::Connect | ErrorKind::Timeout => true,
        ErrorKind::Status => error.status().is_some_and(is_passing),
        ErrorKind::Credential => error.again().is_some(),
        _ => false,
    }
}

/// A number from 0 to 1.
fn random() -> f64 {
    f64::from((platform::random() >> 96) as u32) / f64::from(u32::MAX)
}

impl PartialEq for Retry {
    fn eq(&self, other: &Retry) -> bool {
        let Retry { times, first, longest, is_jittered, within, longest_retry_after, when } = *self;
        let is_same_when = match (when, other.when) {
            (None, None) => true,
            (Some(one), Some(other)) => fn_addr_eq(one, other),
            _ => false,
        };
        is_same_when
            && (times, first, longest, is_jittered) == (other.times, other.first, other.longest, other.is_jittered)
            && (within, longest_retry_after) == (other.within, other.longest_retry_after)
    }
}

impl Eq for Retry {}

impl fmt::Debug for Retry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retry")
            .field("times", &self.times)
            .field("first", &self.first)
            .field("longest", &self.longest)
            .field("within", &self.within)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
