//! What an answer says of how its body is written.

use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};

/// What the body is, without parameters, if the answer says so.
pub(crate) fn media_type(headers: &HeaderMap) -> Option<&str> {
    headers.get(CONTENT_TYPE)?.to_str().ok()?.split(';').next().map(str::trim)
}

/// The coding or the character set in which the body is and in which this client reads nothing; a body that was decompressed
/// does not say so any more.
pub(crate) fn unreadable(headers: &HeaderMap) -> Option<String> {
    let coding = headers.get_all(CONTENT_ENCODING).iter().filter_map(|value| value.to_str().ok()).map(str::trim);
    let coding = coding.filter(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case("identity"));
    let coding: Vec<&str> = coding.collect();
    if !coding.is_empty() {
        return Some(format!("it is encoded as {}, which is not undone here", shown(&coding.join(", "))));
    }
    let media = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let charset = media.split(';').skip(1).find_map(|param| {
        let (name, value) = param.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"'))
    })?;
    let is_read = ["utf-8", "utf8", "us-ascii"].iter().any(|known| charset.eq_ignore_ascii_case(known));
    (!is_read).then(|| format!("it says that it is written in {}, and is read as UTF-8", shown(charset)))
}

/// As much of a server's word as belongs in a text.
fn shown(said: &str) -> String {
    said.chars().filter(|letter| letter.is_ascii_graphic() || *letter == ' ').take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_anyway_is_not_told() {
        let headers =
            |name: &'static str, value: &str| HeaderMap::from_iter([(name.parse().unwrap(), value.parse().unwrap())]);
        for (name, value, told) in [
            ("content-encoding", "identity", None),
            ("content-encoding", "br", Some("it is encoded as br, which is not undone here")),
            ("content-type", "application/json", None),
            ("content-type", "application/json; charset=UTF-8", None),
            ("content-type", "text/csv; header=present; charset=\"utf-8\"", None),
            ("content-type", "a/b; charset=utf-16", Some("it says that it is written in utf-16, and is read as UTF-8")),
        ] {
            let headers: HeaderMap = headers(name, value);
            assert_eq!(unreadable(&headers).as_deref(), told, "{value}");
        }
    }
}
