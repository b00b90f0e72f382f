//! How long a server says that its answer is fresh.

use std::time::Duration;

use http::header::{AGE, CACHE_CONTROL, DATE, EXPIRES};
use http::{HeaderMap, HeaderName};

use crate::http_date;

/// What `Cache-Control`, or `Expires` in its place, says, less the age that the answer already has (RFC 9111, sections 4.2
/// and 5.2.2), to a cache of one user's. Without either the server says nothing.
///
/// - `no-cache` and `no-store` are an age of zero: what is shown is stale at once, and asked for again by whoever comes next.
///   It is held all the same, for those who watch it.
/// - What cannot be read as a time is zero, and of several times the shortest counts.
/// - `Expires` counts from the server's own `Date`, and means nothing without one.
/// - `s-maxage` and `private` are for shared caches. `must-revalidate`, `stale-while-revalidate` and `immutable` ask for what is
///   done anyway: stale data is shown while it is asked for again, and fresh data is not asked for.
pub(crate) fn max_age(headers: &HeaderMap) -> Option<Duration> {
    let mut max_age = None;
    for value in headers.get_all(CACHE_CONTROL) {
        for (name, value) in directives(&String::from_utf8_lossy(value.as_bytes())) {
            match name.to_ascii_lowercase().as_str() {
                "no-store" | "no-cache" => return Some(Duration::ZERO),
                "max-age" => {
                    let said = seconds(value).unwrap_or_default();
                    max_age = Some(max_age.map_or(said, |least: Duration| least.min(said)));
                }
                _ => {}
            }
        }
    }
    let max_age = match max_age {
        Some(said) => said,
        None => until_expiry(headers)?,
    };
    let age = headers.get(AGE).and_then(|age| seconds(age.to_str().ok()?)).unwrap_or_default();
    Some(max_age.saturating_sub(age))
}

fn until_expiry(headers: &HeaderMap) -> Option<Duration> {
    let time = |name: &HeaderName| Some(http_date::parse(headers.get(name)?.to_str().ok()?));
    // A date that is none, such as `0`, is past.
    let Some(expires) = time(&EXPIRES)? else { return Some(Duration::ZERO) };
    Some(expires.saturating_sub(time(&DATE)??))
}

/// The directives of a header, with their values. A comma within quotes ends none.
fn directives(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut is_quoted = false;
    let mut is_escaped = false;
    let pieces = text.split(move |letter| {
        let was_escaped = is_escaped;
        is_escaped = is_quoted && !was_escaped && letter == '\\';
        is_quoted ^= letter == '"' && !was_escaped;
        letter == ',' && !is_quoted
    });
    pieces.map(|piece| piece.split_once('=').unwrap_or((piece, ""))).map(|(name, value)| (name.trim(), value.trim()))
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

    fn read(headers: &[(&str, &str)]) -> Option<Duration> {
        max_age(&headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect())
    }

    // B8
    #[test]
    fn b8_a_server_says_how_long_its_answer_is_fresh() {
        let table = [
            (vec![("cache-control", "max-age=60")], Some(60)),
            (vec![("cache-control", "public, Max-Age=\"60\", immutable")], Some(60)),
            (vec![("cache-control", "max-age=60"), ("age", "50")], Some(10)),
            (vec![("cache-control", "max-age=60"), ("age", "70")], Some(0)),
            (vec![("cache-control", "max-age=60"), ("age", "old")], Some(60)),
            (vec![("cache-control", "private"), ("cache-control", "max-age=5")], Some(5)),
            (vec![("cache-control", "max-age=60, no-cache")], Some(0)),
            (vec![("cache-control", "no-store")], Some(0)),
            (vec![("cache-control", "no-cache=\"set-cookie, x\", max-age=60")], Some(0)),
            (vec![("cache-control", "private=\"a, no-store, \\\", no-cache\", max-age=60")], Some(60)),
            (vec![("cache-control", "max-age=99999999999999999999999")], Some(u64::MAX)),
            (vec![("cache-control", "max-age=-1")], Some(0)),
            (vec![("cache-control", "max-age")], Some(0)),
            (vec![("cache-control", "max-age=60, max-age=5")], Some(5)),
            (vec![("cache-control", "s-maxage=5, max-age=60, must-revalidate")], Some(60)),
            (vec![("cache-control", "max-age=5, stale-while-revalidate=60, stale-if-error=600")], Some(5)),
            (vec![("cache-control", "s-maxage=5")], None),
            (vec![("cache-control", "immutable")], None),
            (vec![("cache-control", "private, ,")], None),
            (vec![], None),
        ];
        for (headers, expected) in table {
            assert_eq!(read(&headers), expected.map(Duration::from_secs), "{headers:?}");
        }
    }

    // B8
    #[test]
    fn b8_an_expiry_counts_from_the_servers_own_date() {
        let (date, soon) = ("Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:50:37 GMT");
        let table = [
            (vec![("expires", soon), ("date", date)], Some(60)),
            (vec![("expires", soon), ("date", date), ("age", "10")], Some(50)),
            (vec![("expires", date), ("date", soon)], Some(0)),
            (vec![("expires", "0"), ("date", date)], Some(0)),
            (vec![("expires", "-1")], Some(0)),
            (vec![("expires", soon)], None),
            (vec![("expires", soon), ("date", "today")], None),
            (vec![("expires", soon), ("date", date), ("cache-control", "max-age=5")], Some(5)),
            (vec![("expires", soon), ("date", date), ("cache-control", "private")], Some(60)),
            (vec![("date", date)], None),
        ];
        for (headers, expected) in table {
            assert_eq!(read(&headers), expected.map(Duration::from_secs), "{headers:?}");
        }
    }
}
