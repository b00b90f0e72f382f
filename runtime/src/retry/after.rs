//! `Retry-After`: how long a server wants to be left alone.

use std::time::Duration;

use http::HeaderMap;
use http::header::{DATE, RETRY_AFTER};

use crate::http_date;

/// How long the server that answered with these headers wants not to be asked again, if it says so.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let said = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !said.is_empty() && said.bytes().all(|byte| byte.is_ascii_digit()) {
        // More than can be counted is as good as for ever.
        return Some(Duration::from_secs(said.parse().unwrap_or(u64::MAX)));
    }
    let at = http_date::parse(said)?;
    // The server's own clock is the one by which it named the time.
    let now = date(headers).unwrap_or_else(http_date::now);
    Some(at.saturating_sub(now))
}

fn date(headers: &HeaderMap) -> Option<Duration> {
    http_date::parse(headers.get(DATE)?.to_str().ok()?)
}
