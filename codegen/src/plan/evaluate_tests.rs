//! What plans mean for calls, by example.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Call, ConcreteTag, filled, tags};
use crate::plan::{Source, Tag, Write};

fn call(given: Value) -> Call {
    let mut call = json!({ "operation_id": "op" });
    call.as_object_mut().expect("an object").extend(given.as_object().expect("an object").clone());
    serde_json::from_value(call).expect("a call")
}

fn source(text: &str) -> Source {
    let rest = |start| text.strip_prefix(start).map(str::to_owned);
    if let Some(name) = rest("path.") {
        Source::Path { name }
    } else if let Some(name) = rest("query.") {
        Source::Query { name }
    } else if let Some(pointer) = rest("body.") {
        Source::Body { pointer }
    } else if let Some(pointer) = rest("response.") {
        Source::Response { pointer }
    } else {
        Source::Value { value: text.to_owned() }
    }
}

fn id(sources: &[&str]) -> Tag {
    Tag::id("Post", sources.iter().copied().map(source).collect())
}

fn list(constraints: &[(&str, &str)]) -> Tag {
    Tag::list("Post", constraints.iter().map(|(name, from)| ((*name).to_owned(), source(from))).collect())
}

fn shown(tag: Tag, given: Value, response: Value) -> Vec<String> {
    tags([&tag], &call(given), &response).iter().map(|tag| format!("{:?}", tag.scope)).collect()
}

fn only(tag: Tag, given: Value, response: Value) -> ConcreteTag {
    let mut found: Vec<_> = tags([&tag], &call(given), &response).into_iter().collect();
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

#[test]
fn a_number_and_its_text_are_the_same_id() {
    let by_path = only(id(&["path.id"]), json!({ "path_params": { "id": "42" } }), Value::Null);
    for answer in [json!(42), json!("42"), json!(42.0)] {
        assert_eq!(only(id(&["response./id"]), json!({}), json!({ "id": answer })), by_path);
    }
    assert_eq!(shown(id(&["response./id"]), json!({}), json!({ "id": true })), [r#"Id(["true"])"#]);
}

#[test]
fn parts_of_the_same_element_belong_together() {
    let response =
        json!({ "data": [{ "id": 1, "tags": ["a", "b"] }, { "id": 2, "tags": [] }, { "id": 3, "tags": ["c"] }] });
    let tag = id(&["path.bucket", "response./data/*/id", "response./data/*/tags/*"]);
    let given = json!({ "path_params": { "bucket": "lab" } });
    assert_eq!(
        shown(tag, given, response),
        [r#"Id(["lab", "1", "a"])"#, r#"Id(["lab", "1", "b"])"#, r#"Id(["lab", "3", "c"])"#]
    );
}

#[test]
fn each_value_of_an_object_and_each_of_an_array_counts() {
    let response = json!({ "by_id": { "x": { "id": 7 }, "y": { "id": 8 }, "z": {} } });
    assert_eq!(shown(id(&["response./by_id/*/id"]), json!({}), response), [r#"Id(["7"])"#, r#"Id(["8"])"#]);
    assert_eq!(
        shown(id(&["body./ids"]), json!({ "body": { "ids": [5, 6, null] } }), Value::Null),
        [r#"Id(["5"])"#, r#"Id(["6"])"#]
    );
    assert_eq!(shown(id(&["body./a~1b/0"]), json!({ "body": { "a/b": [5, 6] } }), Value::Null), [r#"Id(["5"])"#]);
}

#[test]
fn what_is_absent_drops_an_id_and_leaves_a_constraint_out() {
    let given = || json!({ "query": { "status": null, "tag": ["a", "b"] } });
    assert!(shown(id(&["query.status"]), given(), Value::Null).is_empty());
    assert!(shown(id(&["query.tag", "query.other"]), given(), Value::Null).is_empty());
    let tag = list(&[("status", "query.status"), ("tag", "query.tag"), ("kind", "post")]);
    let expected = r#"List { constraints: {"kind": {"post"}, "tag": {"a", "b"}}, filtered: false }"#;
    assert_eq!(shown(tag, given(), Value::Null), [expected]);
}

#[test]
fn what_reaches_what() {
    let by =
        |author: u64| only(list(&[("author", "body./author")]), json!({ "body": { "author": author } }), Value::Null);
    let whole = only(list(&[]), json!({}), Value::Null);
    let all = only(Tag::all("Post"), json!({}), Value::Null);
    let seven = |tag: Tag| only(tag, json!({ "path_params": { "id": 7 } }), Value::Null);
    let one = seven(id(&["path.id"]));
    let filtered =
        only(Tag::filtered("Post", BTreeMap::from([("author".to_owned(), source("5"))])), json!({}), Value::Null);
    assert!(by(5).reaches(&whole) && by(5).reaches(&by(5)) && whole.reaches(&by(5)));
    assert!(!by(5).reaches(&by(6)) && !by(5).reaches(&one) && !by(5).reaches(&all));
    assert!(filtered.reaches(&by(5)) && !filtered.reaches(&by(6)) && !filtered.reaches(&whole));
    assert!(all.reaches(&whole) && all.reaches(&one) && all.reaches(&all) && !one.reaches(&all));
    let refers = seven(id(&["path.id"]).reference());
    assert!(!one.reaches(&refers) && !all.reaches(&refers));
    assert!(seven(id(&["path.id"]).gone().reference()).reaches(&refers));
}

#[test]
fn a_write_fills_the_entry_with_exactly_its_args() {
    let write = Write {
        operation: "op".to_owned(),
        args: BTreeMap::from([("id".to_owned(), source("response./post/id"))]),
        pointer: "/post".to_owned(),
    };
    let answer = json!({ "post": { "id": 7 } });
    let filled = filled(&write, &call(json!({})), &answer);
    assert_eq!(filled.value, Some(&answer["post"]));
    assert!(filled.is_entry_of(&call(json!({ "path_params": { "id": "7" } }))));
    assert!(!filled.is_entry_of(&call(json!({ "path_params": { "id": "8" } }))));
    assert!(!filled.is_entry_of(&call(json!({ "path_params": { "id": "7" }, "query": { "full": "1" } }))));
}
