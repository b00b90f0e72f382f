//! Objects: what is asked for, what is kept, what is left out.

use std::collections::BTreeMap;

use serde_json::{Value as Json, from_str, json, to_string};

use crate::Nullable;

#[derive(Debug, PartialEq)]
struct Everything {
    always: i64,
    cleared: Option<String>,
    maybe: Option<String>,
    state: Nullable<i64>,
    open: Option<Json>,
    r#type: String,
    additional: BTreeMap<String, i64>,
}
object! {
    Everything {
        always = "always" required, cleared = "cleared" required, maybe = "maybe" optional, state = "state" nullable,
        open = "open" untyped, r#type = "type" required, .. additional
    }
}

#[derive(Debug)]
struct Empty {}
object! { Empty {} }

#[derive(Debug)]
struct Open {
    rest: BTreeMap<String, Json>,
}
object! { Open { .. rest } }

fn trip(text: &str) -> Everything {
    let read: Everything = from_str(text).unwrap();
    assert_eq!(to_string(&read).unwrap(), text);
    read
}

#[test]
fn each_kind_of_member_survives_a_round_trip() {
    let full = trip(r#"{"always":1,"cleared":null,"maybe":"m","state":null,"open":null,"type":"t","a":1,"b":2}"#);
    assert_eq!((full.state, full.open), (Nullable::Null, Some(Json::Null)));
    assert_eq!(full.additional.into_iter().collect::<Vec<_>>(), [("a".to_owned(), 1), ("b".to_owned(), 2)]);
    let bare = trip(r#"{"always":1,"cleared":"c","type":"t"}"#);
    assert_eq!((bare.maybe, bare.state, bare.open), (None, Nullable::Absent, None));
}

#[test]
fn a_required_member_has_to_be_there_unless_it_can_be_null() {
    let error = from_str::<Everything>(r#"{"type":"t"}"#).unwrap_err();
    assert!(error.to_string().contains("missing field `always`"), "{error}");
    let read: Everything = from_str(r#"{"always":1,"type":"t"}"#).unwrap();
    assert_eq!(read.cleared, None);
}

#[test]
fn names_are_found_however_they_are_escaped_and_wherever_they_come_from() {
    let text = r#"{"alw\u0061ys":1,"type":"t"}"#;
    assert_eq!(from_str::<Everything>(text).unwrap().always, 1);
    assert_eq!(serde_json::from_reader::<_, Everything>(text.as_bytes()).unwrap().always, 1);
    assert_eq!(serde_json::from_value::<Everything>(json!({ "always": 2, "type": "" })).unwrap().always, 2);
}

#[test]
fn what_is_no_object_is_refused() {
    for text in ["[1]", "null", "\"text\"", "1"] {
        let error = from_str::<Everything>(text).unwrap_err();
        assert!(error.to_string().contains("an object: Everything"), "{text}: {error}");
    }
    assert_eq!(from_str::<Open>(r#"{"a":[{}]}"#).unwrap().rest["a"], json!([{}]));
    assert_eq!(to_string(&from_str::<Empty>(r#"{"a":[{}]}"#).unwrap()).unwrap(), "{}");
}
