//! Times as HTTP headers have them: since 1970, so that they are alike natively and in a browser.

use std::time::Duration;

use crate::platform::SystemTime;

/// A date of HTTP in any of its three forms (RFC 9110, section 5.6.7).
pub(crate) fn parse(text: &str) -> Option<Duration> {
    httpdate::parse_http_date(text).ok()?.duration_since(std::time::UNIX_EPOCH).ok()
}

/// The time by this machine's clock.
pub(crate) fn now() -> Duration {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
}
