//! How long a server says that its answer is fresh.

use std::time::Duration;

use http::HeaderMap;
use http::header::{AGE, CACHE_CONTROL};

/// What `Cache-Control` says, less the age that the answer already has (RFC 9111, sections 4.2 and 5.2.2).
///
/// `no-store` and `no-cache` are an age of zero. Without a `max-age` the server says nothing.
pub(crate) fn max_age(headers: &HeaderMap) -> Option<Duration> {
    let mut max_age = None;
    for value in headers.get_all(CACHE_CONTROL) {
        for directive in value.to_str().ok()?.split(',') {
            let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
            match name.trim().to_ascii_lowercase().as_str() {
                "no-store" | "no-cache" => return Some(Duration::ZERO),
                "max-age" => max_age = seconds(value),
                _ => {}
            }
        }
    }
    let age = headers.get(AGE).and_then(|age| seconds(age.to_str().ok()?)).unwrap_or_default();
    Some(max_age?.saturating_sub(age))
}

fn seconds(text: &str) -> Option<Duration> {
    let digits = text.trim().trim_matches('"');
    let all_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    // More than can be counted is as good as for ever.
    all_digits.then(|| Duration::from_secs(digits.parse().unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    // B8
    #[test]
    fn b8_a_server_says_how_long_its_answer_is_fresh() {
        let table = [
            (vec![("cache-control", "max-age=60")], Some(60)),
            (vec![("cache-control", "public, Max-Age=\"60\", immutable")], Some(60)),
            (vec![("cache-control", "max-age=60"), ("age", "50")], Some(10)),
            (vec![("cache-control", "max-age=60"), ("age", "70")], Some(0)),
            (vec![("cache-control", "private"), ("cache-control", "max-age=5")], Some(5)),
            (vec![("cache-control", "max-age=60, no-cache")], Some(0)),
            (vec![("cache-control", "no-store")], Some(0)),
            (vec![("cache-control", "max-age=99999999999999999999999")], Some(u64::MAX)),
            (vec![("cache-control", "max-age=-1")], None),
            (vec![("cache-control", "private")], None),
            (vec![], None),
        ];
        for (headers, expected) in table {
            let map = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
            assert_eq!(max_age(&map), expected.map(Duration::from_secs), "{headers:?}");
        }
    }
}
