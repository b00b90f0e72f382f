//! Which tag reaches which, and what a value becomes in a tag.

use serde_json::json;

use super::*;
use crate::tags::Tags;

const POST: TagType = TagType::new("Post");
const USER: TagType = TagType::new("User");

#[test]
fn which_tag_reaches_which() {
    let list = || POST.list();
    let by = |author: i64| POST.list().with("author_id", author);
    let table = [
        ("the same list", list(), list(), true),
        ("a list and its part", list(), by(5), true),
        ("a part and the whole", by(5), list(), true),
        ("the same part", by(5), by(5), true),
        ("another part", by(5), by(6), false),
        ("another constraint", by(5), list().with("status", "done"), true),
        ("one of two conflicts", by(5).with("status", "done"), by(5).with("status", "open"), false),
        ("sets that meet", list().with("status", ["a", "b"]), list().with("status", ["b", "c"]), true),
        ("sets that do not", list().with("status", ["a"]), list().with("status", ["b", "c"]), false),
        ("filtered and unfiltered", list().with("status", "done").filtered(), list(), false),
        ("filtered and its list", list().with("status", "done").filtered(), list().with("status", "done"), true),
        ("filtered and other value", list().with("status", "done").filtered(), list().with("status", "open"), false),
        ("filtered and other name", list().with("status", "done").filtered(), by(5), false),
        ("filtered by nothing", list().filtered(), list(), false),
        ("an id", POST.id(1), POST.id(1), true),
        ("another id", POST.id(1), POST.id(2), false),
        ("an id and a list", POST.id(1), list(), false),
        ("a list and an id", list(), POST.id(1), false),
        ("an id of the word LIST", POST.id("LIST"), list(), false),
        ("a type and an id", POST.all(), POST.id(1), true),
        ("a type and a list", POST.all(), by(5), true),
        ("a type and itself", POST.all(), POST.all(), true),
        ("an id and its type", POST.id(1), POST.all(), false),
        ("another type", USER.all(), POST.all(), false),
        ("a reference", POST.id(1), POST.id(1).reference(), false),
        ("a type and a reference", POST.all(), POST.id(1).reference(), false),
        ("a reference that is meant", POST.id(1).reference(), POST.id(1).reference(), true),
        ("references and the entity", POST.id(1).reference(), POST.id(1), true),
        ("gone", POST.id(1).gone(), POST.id(1), true),
        ("nothing", POST.id(None::<i64>), POST.id(None::<i64>), false),
        ("a type and nothing", POST.all(), POST.id(None::<i64>), false),
        ("many parts", POST.id(("a", 1)), POST.id(["a", "1"]), true),
        ("parts are kept apart", POST.id(("a", "b")), POST.id("a/b"), false),
        ("parts in order", POST.id(("a", "b")), POST.id(("b", "a")), false),
    ];
    for (name, invalidated, provided, expected) in table {
        assert_eq!(invalidated.reaches(&provided), expected, "{name}: {invalidated} and {provided}");
    }
}

// B1
#[test]
fn b1_a_number_and_its_text_are_one_id_and_zero_and_empty_are_ids_like_any_other() {
    let same = [json!(42), json!(42.0), json!("42"), json!(42u64), json!([42]), json!(["42"])];
    for id in &same {
        assert_eq!(POST.id(id), POST.id(42), "{id}");
    }
    for (one, other) in
        [(json!(0), json!("")), (json!("42.0"), json!(42)), (json!(4.2), json!(42)), (json!(true), json!(1))]
    {
        assert_ne!(POST.id(&one), POST.id(&other));
    }
    assert_eq!(POST.id(true), POST.id("true"));
    assert_eq!(POST.id(-0.0), POST.id(0));
    assert_eq!(Tags::from(POST.id(0)).len(), 1);
    assert_eq!(Tags::from(POST.id("")).len(), 1);
    assert_eq!(POST.id(u64::MAX).to_string(), "Post:18446744073709551615");
}

#[test]
fn what_is_no_id_names_nothing() {
    let none = [json!(null), json!([]), json!({ "id": 1 }), json!([1, null]), json!([[1]])];
    for id in none {
        assert!(Tags::from(POST.id(&id)).is_empty(), "{id}");
    }
}

#[test]
fn what_is_not_known_constrains_nothing() {
    for value in [json!(null), json!([]), json!({ "a": 1 }), json!(["a", null])] {
        assert_eq!(POST.list().with("status", &value), POST.list(), "{value}");
    }
    assert_eq!(POST.id(1).with("status", "done"), POST.id(1));
    assert_eq!(POST.list().with("b", 1).with("a", true).with("a", false).to_string(), "Post:LIST{a=false|true, b=1}");
}

#[test]
fn tags_are_made_of_many_things() {
    let post = || Tags::from(POST.all());
    assert_eq!(Tags::from("Post"), post());
    assert_eq!(Tags::from("Post".to_owned()), post());
    assert_eq!(Tags::from(POST), post());
    assert_eq!(Tags::from(Some(POST.all())), post());
    assert_eq!(Tags::from(vec![POST.all()]), post());
    assert_eq!(Tags::from([POST.all(), POST.id(())]), post());
    assert_eq!([post(), Tags::none()].into_iter().collect::<Tags>(), post());
    assert_eq!(Tags::from(("Post", 1)), Tags::from(POST.id(1)));
    let marked = POST.list().with("a", 1).filtered().reference();
    assert_eq!(marked.to_string(), "Post:LIST{a=1} filtered reference");
}
