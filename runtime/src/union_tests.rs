//! Unions: which variant is read, and what is written back.

use serde::{Deserialize, Serialize};
use serde_json::{from_str, json, to_string, to_value};

use crate::Json;

#[derive(Debug, Serialize, Deserialize, PartialEq)]
struct Image {
    url: String,
}

#[derive(Debug, Serialize, Deserialize, PartialEq)]
struct Link {
    kind: String,
    href: String,
}

#[derive(Debug, PartialEq)]
enum Attachment {
    Image(Image),
    Link(Box<Link>),
    Unknown(Json),
}
tagged_union! { Attachment by "kind" { "image" => Image, "picture" => Image, "link" => Link } }

#[derive(Debug, Deserialize)]
struct Only {
    #[allow(dead_code)]
    a: i32,
}
#[derive(Debug)]
enum ReadOnly {
    Only(#[allow(dead_code)] Only),
    Unknown(#[allow(dead_code)] Json),
}
tagged_union! { read ReadOnly by "k" { "1" => Only } }

#[test]
fn tagged_unions_keep_what_they_do_not_know() {
    for text in [r#"{"kind":"film","len":3}"#, r#"{"no":"kind"}"#, r#"{"kind":"image","url":5}"#, "[1]", "null"] {
        let read: Attachment = from_str(text).unwrap();
        assert!(matches!(read, Attachment::Unknown(_)), "{text}");
        assert_eq!(to_string(&read).unwrap(), text);
    }
}

#[test]
fn the_tag_is_put_in_first_when_the_variant_lacks_it() {
    let picture: Attachment = from_str(r#"{"kind":"picture","url":"/a"}"#).unwrap();
    assert_eq!(picture, Attachment::Image(Image { url: "/a".into() }));
    assert_eq!(to_string(&picture).unwrap(), r#"{"kind":"image","url":"/a"}"#);
    let link: Attachment = from_str(r#"{"kind":"link","href":"/b"}"#).unwrap();
    assert_eq!(to_value(&link).unwrap(), json!({ "kind": "link", "href": "/b" }));
}

#[test]
fn a_tag_can_be_a_number() {
    assert!(matches!(from_str(r#"{"k":1,"a":2}"#).unwrap(), ReadOnly::Only(_)));
    assert!(matches!(from_str(r#"{"k":2,"a":2}"#).unwrap(), ReadOnly::Unknown(_)));
}

#[derive(Debug, Serialize, Deserialize, PartialEq)]
struct User {
    id: i64,
    name: Option<String>,
}

#[derive(Debug, Serialize, Deserialize, PartialEq)]
struct Robot {
    id: i64,
    model: String,
    name: Option<String>,
}

#[derive(Debug, PartialEq)]
enum Actor {
    User(User),
    Robot(Robot),
    Text(String),
    Unknown(Json),
}
untagged_union! { Actor { User ["id", "name"], Robot ["id", "model", "name"], Text [] } }

#[test]
fn untagged_unions_take_the_variant_that_fits_best() {
    let user = |name: Option<&str>| Actor::User(User { id: 1, name: name.map(str::to_owned) });
    let table = [
        (json!({ "id": 1 }), user(None)),
        (json!({ "id": 1, "name": "a" }), user(Some("a"))),
        (json!({ "id": 1, "model": "x" }), Actor::Robot(Robot { id: 1, model: "x".into(), name: None })),
        (json!({ "id": 1, "other": true }), user(None)),
        (json!("a"), Actor::Text("a".into())),
        (json!({ "id": "x" }), Actor::Unknown(json!({ "id": "x" }))),
        (json!(null), Actor::Unknown(json!(null))),
    ];
    for (json, expected) in table {
        assert_eq!(from_str::<Actor>(&json.to_string()).unwrap(), expected, "{json}");
    }
}
