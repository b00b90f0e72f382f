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

// B1
#[test]
fn b1_a_text_is_the_integer_that_is_written_so_and_no_other() {
    for (number, text) in [(i64::MAX, "9223372036854775807"), (i64::MIN, "-9223372036854775808"), (-7, "-7"), (0, "0")]
    {
        assert_eq!(POST.id(number), POST.id(text));
        assert_eq!(POST.id(number).to_string(), format!("Post:{text}"));
    }
    for text in ["007", "+7", "-0", "00", "-", "--7", " 7", "7 ", "7.0", "1e3", "9223372036854775808", "٧", ""] {
        assert_eq!(POST.id(text).to_string(), format!("Post:{text}"));
        for number in [0, 7, 1000, i64::MAX, i64::MIN] {
            assert_ne!(POST.id(text), POST.id(number), "{text}");
        }
    }
    assert_eq!(POST.id(9_223_372_036_854_775_808_u64), POST.id("9223372036854775808"));
    assert_eq!(POST.id("a/b~").to_string(), "Post:a~1b~0");
    assert_eq!(POST.id(["a/b~"]), POST.id("a/b~"));
    assert_ne!(POST.id(("", "")), POST.id(""));
}

// B11
#[test]
fn b11_a_list_is_no_id_and_a_list_without_constraints_is_one_however_it_was_made() {
    let whole = POST.list().with("a", None::<i64>);
    assert_eq!(whole, POST.list());
    for id in ["LIST", "LIST{}", "", "Post:LIST{}"] {
        assert_ne!(POST.id(id), whole);
        assert!(!POST.id(id).reaches(&whole) && !whole.reaches(&POST.id(id)));
    }
    let (one, other) = (POST.list().with("b", 1).with("a", [2, 1]), POST.list().with("a", ["1", "2"]).with("b", "1"));
    assert_eq!(one, other);
    let widened = one.clone().with("a", 3);
    assert_ne!(widened, one, "a copy has its own constraints");
    assert_eq!(one, other);
}

#[test]
fn names_made_at_run_time_are_those_of_constants() {
    let made = Tags::from(format!("Po{}", "st"));
    assert_eq!(made, Tags::from(POST));
    assert!(made.iter().all(|tag| tag.reaches(&POST.id(1))));
    assert!(format!("{made:?}").contains("Tag(Post)"));
}

/// Tags are held by the million, so this may not grow unseen.
#[test]
#[cfg(target_pointer_width = "64")]
fn a_tag_is_small() {
    assert!(size_of::<Tag>() <= 48, "{}", size_of::<Tag>());
    assert!(size_of::<Id>() <= 16, "{}", size_of::<Id>());
    let one = Tags::from(POST.id(1));
    assert_eq!((one.capacity(), Tags::from([POST.id(1)]).capacity()), (1, 1));
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
