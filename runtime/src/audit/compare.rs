//! Compares two JSON texts and names the places that differ.

use bytes::Bytes;
use serde_json::Value as Json;

use crate::recorded;

/// More places than this are not named one by one.
const MAX_PLACES: usize = 50;

/// A place that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// A JSON Pointer. The empty one is the whole.
    pub(crate) pointer: String,
    /// What is there is a time, before and after.
    pub(crate) is_time: bool,
}

/// The places in which two bodies differ. Equal JSON is equal, however it is written.
pub(crate) fn differences(before: &Bytes, after: &Bytes) -> Vec<Place> {
    if before == after {
        return Vec::new();
    }
    let is_text = |bytes: &Bytes| std::str::from_utf8(bytes).is_ok();
    if !is_text(before) || !is_text(after) {
        return vec![Place { pointer: String::new(), is_time: false }];
    }
    let mut places = Vec::new();
    walk(&recorded::read(before), &recorded::read(after), String::new(), &mut places);
    places
}

/// The place with `*` for each element, which is how places of one operation are told apart.
pub(crate) fn pattern(pointer: &str) -> String {
    let is_index = |token: &str| !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_digit());
    pointer.split('/').map(|token| if is_index(token) { "*" } else { token }).collect::<Vec<_>>().join("/")
}

fn walk(before: &Json, after: &Json, pointer: String, places: &mut Vec<Place>) {
    if before == after || places.len() == MAX_PLACES {
        return;
    }
    match (before, after) {
        (Json::Object(one), Json::Object(other)) => {
            let gone = one.keys().filter(|name| !other.contains_key(*name));
            for name in other.keys().chain(gone) {
                let at = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
                let value = |members: &serde_json::Map<String, Json>| members.get(name).cloned();
                match (value(one), value(other)) {
                    (Some(before), Some(after)) => walk(&before, &after, at, places),
                    _ => add(places, Place { pointer: at, is_time: false }),
                }
            }
        }
        (Json::Array(one), Json::Array(other)) => {
            for at in 0..one.len().max(other.len()) {
                let place = format!("{pointer}/{at}");
                match (one.get(at), other.get(at)) {
                    (Some(before), Some(after)) => walk(before, after, place, places),
                    _ => add(places, Place { pointer: place, is_time: false }),
                }
            }
        }
        _ => {
            let is_time = is_time(&pointer, before) && is_time(&pointer, after);
            add(places, Place { pointer, is_time });
        }
    }
}

fn add(places: &mut Vec<Place>, place: Place) {
    if places.len() < MAX_PLACES {
        places.push(place);
    }
}

/// Whether a value is a point in time: a date with a time, or a number or nothing whose name says so.
fn is_time(pointer: &str, value: &Json) -> bool {
    let named = || {
        let name = pointer.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
        ["_at", "modified", "updated", "timestamp", "lastseen", "last_seen"].iter().any(|end| name.ends_with(end))
    };
    match value {
        Json::String(text) => {
            let bytes = text.as_bytes();
            let digits = |range: std::ops::Range<usize>| bytes[range].iter().all(u8::is_ascii_digit);
            bytes.len() >= 16
                && digits(0..4)
                && bytes[4] == b'-'
                && digits(5..7)
                && bytes[7] == b'-'
                && digits(8..10)
                && matches!(bytes[10], b'T' | b't' | b' ')
                && digits(11..13)
        }
        Json::Number(_) | Json::Null => named(),
        Json::Bool(_) | Json::Array(_) | Json::Object(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(before: &'static str, after: &'static str) -> Vec<String> {
        let bytes = |text: &'static str| Bytes::from_static(text.as_bytes());
        let told = |place: Place| format!("{}{}", place.pointer, if place.is_time { " (time)" } else { "" });
        let mut places: Vec<String> = differences(&bytes(before), &bytes(after)).into_iter().map(told).collect();
        // Whether objects keep their order is for the whole program to choose.
        places.sort();
        places
    }

    #[test]
    fn equal_json_is_equal_however_it_is_written() {
        assert!(places(r#"{"a": 1, "b": [2]}"#, r#"{"b":[2],"a":1}"#).is_empty());
        assert!(places("", "").is_empty() && places(" ", "null").is_empty());
    }

    #[test]
    fn places_are_pointers() {
        let table = [
            (r#"{"a/b": 1}"#, r#"{"a/b": 2}"#, vec!["/a~1b"]),
            (r#"[{"n": 1}]"#, r#"[{"n": 2}, {"n": 3}]"#, vec!["/0/n", "/1"]),
            (r#"{"a": 1}"#, r#"{"b": 1}"#, vec!["/a", "/b"]),
            ("1", "2", vec![""]),
            ("text", "other text", vec![""]),
        ];
        for (before, after, expected) in table {
            assert_eq!(places(before, after), expected, "{before} {after}");
        }
    }

    #[test]
    fn times_are_told_by_value_or_by_name() {
        let before = r#"{"seen": "2026-01-01T10:00:00Z", "last_modified": 5, "n": 5, "name": "2026-01-01 is no time"}"#;
        let after = r#"{"seen": "2026-01-01T10:00:01Z", "last_modified": 6, "n": 6, "name": "2026-01-02 is no time"}"#;
        assert_eq!(places(before, after), ["/last_modified (time)", "/n", "/name", "/seen (time)"]);
    }

    #[test]
    fn the_number_of_places_is_bounded() {
        let list = |n: u32| Bytes::from(serde_json::to_vec(&vec![n; 10_000]).unwrap_or_default());
        assert_eq!(differences(&list(1), &list(2)).len(), MAX_PLACES);
    }

    #[test]
    fn patterns_stand_for_each_element() {
        assert_eq!(pattern("/items/12/tags/0/name"), "/items/*/tags/*/name");
        assert_eq!(pattern(""), "");
    }
}
