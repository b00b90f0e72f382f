//! Parts are found again wherever their text is, and decoded wherever it is not.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{Parts, sharing};
use crate::guard::guarded;
use crate::{Json, Part};

thread_local! {
    static DECODED: Cell<usize> = const { Cell::new(0) };
}

/// A post that counts how often one was decoded.
#[derive(Debug, PartialEq)]
struct Post {
    id: i64,
    title: String,
    comments: Vec<Part<Comment>>,
}

crate::object! { read PostData { id = "id" required, title = "title" optional, comments = "comments" optional } }

struct PostData {
    id: i64,
    title: Option<String>,
    comments: Option<Vec<Part<Comment>>>,
}

impl<'de> Deserialize<'de> for Post {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Post, D::Error> {
        let PostData { id, title, comments } = PostData::deserialize(deserializer)?;
        DECODED.set(DECODED.get() + 1);
        assert!(title.as_deref() != Some("panic"), "asked for");
        Ok(Post { id, title: title.unwrap_or_default(), comments: comments.unwrap_or_default() })
    }
}

#[derive(Debug, PartialEq)]
struct Comment {
    id: i64,
    replies: Option<Vec<Part<Comment>>>,
}

crate::object! { Comment { id = "id" required, replies = "replies" optional } }

/// Decodes bodies one after the other, each with the parts of the one before.
#[derive(Default)]
struct Reader(Arc<Parts>);

impl Reader {
    fn read<T: DeserializeOwned>(&mut self, body: impl Into<String>) -> T {
        let body = Bytes::from(body.into());
        let (value, parts) = sharing(&body, &self.0, || serde_json::from_slice(&body));
        self.0 = parts.unwrap_or_default();
        value.expect("it is what it is read as")
    }
}

fn post(id: i64) -> String {
    format!(r#"{{"id": {id}, "title": "Post {id}"}}"#)
}

fn list(posts: &[String]) -> String {
    format!("[{}]", posts.join(", "))
}

/// How many of `now` are parts of `before`.
fn shared<T>(before: &[Part<T>], now: &[Part<T>]) -> usize {
    now.iter().filter(|part| before.iter().any(|other| Part::ptr_eq(part, other))).count()
}

fn decoded() -> usize {
    DECODED.take()
}

#[test]
fn one_changed_of_a_thousand_is_the_only_one_decoded() {
    let mut reader = Reader::default();
    let mut posts: Vec<String> = (0..1000).map(post).collect();
    let before: Vec<Part<Post>> = reader.read(list(&posts));
    assert_eq!(decoded(), 1000);
    posts[500] = r#"{"id": 500, "title": "New"}"#.to_owned();
    let now: Vec<Part<Post>> = reader.read(list(&posts));
    assert_eq!((decoded(), shared(&before, &now)), (1, 999));
    assert_eq!((now[500].title.as_str(), now[501].id), ("New", 501));
    let again: Vec<Part<Post>> = reader.read(list(&posts));
    assert_eq!((decoded(), shared(&now, &again)), (0, 1000));
}

#[test]
fn what_moves_is_found_again() {
    let mut reader = Reader::default();
    let posts: Vec<String> = (0..100).map(post).collect();
    let mut before: Vec<Part<Post>> = reader.read(list(&posts));
    decoded();
    let moved = |change: &dyn Fn(&mut Vec<String>)| {
        let mut posts = posts.clone();
        change(&mut posts);
        posts
    };
    let table: [(&str, Vec<String>, usize); 7] = [
        ("one at the head", moved(&|posts| posts.insert(0, post(1_000))), 1),
        ("the first gone", moved(&|posts| drop(posts.remove(0))), 0),
        // The first is new again.
        ("reversed", moved(&|posts| posts.reverse()), 1),
        ("sorted otherwise", moved(&|posts| posts.sort_by_key(|post| post.len() * 7919 % 13)), 0),
        ("two changed places", moved(&|posts| posts.swap(3, 90)), 0),
        ("each twice", moved(&|posts| posts.extend(posts.clone())), 0),
        ("some in the middle gone", moved(&|posts| drop(posts.drain(10..60))), 0),
    ];
    for (what, posts, new) in table {
        let now: Vec<Part<Post>> = reader.read(list(&posts));
        assert_eq!(decoded(), new, "{what}");
        assert_eq!(shared(&before, &now), posts.len() - new, "{what}");
        let plain: Vec<Post> = serde_json::from_str(&list(&posts)).expect("posts");
        assert!(now.iter().map(|part| &**part).eq(&plain), "{what}");
        decoded();
        before = now;
    }
}

#[test]
fn values_of_maps_and_parts_of_several_types_are_found() {
    #[derive(Deserialize)]
    struct Page {
        posts: BTreeMap<String, Part<Post>>,
        comments: Vec<Part<Comment>>,
        same: Vec<Part<Json>>,
    }
    let mut reader = Reader::default();
    let text = |posts: &str| {
        format!(
            r#"{{"posts": {{{posts}}}, "comments": [{{"id": 1}}, {{"id": 2}}], "same": [{{"id": 1}}, {{"id": 3}}]}}"#
        )
    };
    let one: Page = reader.read(text(r#""a": {"id": 1}, "b": {"id": 2}"#));
    let other: Page = reader.read(text(r#""c": {"id": 3}, "b": {"id": 2}, "a": {"id": 1}"#));
    assert!(Part::ptr_eq(&one.posts["a"], &other.posts["a"]) && Part::ptr_eq(&one.posts["b"], &other.posts["b"]));
    assert_eq!((shared(&one.comments, &other.comments), shared(&one.same, &other.same)), (2, 2));
    assert_eq!((other.comments[0].id, other.posts["a"].id, &other.same[0]["id"]), (1, 1, &Json::from(1)));
}

#[test]
fn parts_within_parts_are_found_also_when_the_outer_was_not_decoded() {
    let mut reader = Reader::default();
    let thread = |title: &str, comments: &str| {
        format!(
            r#"[{{"id": 1, "title": "{title}", "comments": [{comments}]}}, {{"id": 2, "comments": [{{"id": 20}}]}}]"#
        )
    };
    let comments = r#"{"id": 10, "replies": [{"id": 100}, {"id": 101}]}, {"id": 11}"#;
    let first: Vec<Part<Post>> = reader.read(thread("a", comments));
    // The second post is taken as a whole twice, the first one changes around its comments.
    let second: Vec<Part<Post>> = reader.read(thread("b", comments));
    assert!(!Part::ptr_eq(&first[0], &second[0]) && Part::ptr_eq(&first[1], &second[1]));
    assert_eq!(shared(&first[0].comments, &second[0].comments), 2);
    // Then a reply changes: the comment around it is new, its other reply is not.
    let third: Vec<Part<Post>> =
        reader.read(thread("b", r#"{"id": 11}, {"id": 10, "replies": [{"id": 100}, {"id": 102}]}"#));
    assert_eq!(shared(&second[0].comments, &third[0].comments), 1);
    let replies = |comment: &Part<Comment>| comment.replies.clone().unwrap_or_default();
    assert_eq!(shared(&replies(&first[0].comments[0]), &replies(&third[0].comments[1])), 1);
    // The second post changes at last, and its comment is the one from the first response.
    let last: Vec<Part<Post>> = reader.read(r#"[{"id": 2, "title": "c", "comments": [{"id": 20}]}]"#);
    assert!(Part::ptr_eq(&first[1].comments[0], &last[0].comments[0]));
}

#[test]
fn unions_are_parts_as_a_whole() {
    #[derive(Debug, PartialEq)]
    enum Thing {
        Comment(Comment),
        Title { _title: String },
        Unknown(Json),
    }
    impl<'de> Deserialize<'de> for Titled {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Titled, D::Error> {
            let json = Json::deserialize(deserializer)?;
            json["title"].as_str().map(|title| Titled(title.to_owned())).ok_or(serde::de::Error::custom("no title"))
        }
    }
    struct Titled(String);
    impl From<Titled> for Thing {
        fn from(titled: Titled) -> Thing {
            Thing::Title { _title: titled.0 }
        }
    }
    impl<'de> Deserialize<'de> for Thing {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Thing, D::Error> {
            let json = crate::union::read_json(deserializer)?;
            let comment = crate::union::read_variant(&json).map(|(comment, _)| Thing::Comment(comment));
            let titled = || serde_json::from_value::<Titled>(json.clone()).ok().map(Thing::from);
            Ok(comment.or_else(titled).unwrap_or(Thing::Unknown(json)))
        }
    }
    let mut reader = Reader::default();
    let before: Vec<Part<Thing>> = reader.read(r#"[{"id": 1, "replies": [{"id": 2}]}, {"title": "a"}, 7]"#);
    let now: Vec<Part<Thing>> = reader.read(r#"[7, {"id": 1, "replies": [{"id": 2}]}, {"title": "b"}]"#);
    assert_eq!(shared(&before, &now), 2);
    assert!(matches!((&*now[0], &*now[1]), (Thing::Unknown(Json::Number(_)), Thing::Comment(_))));
}

#[test]
fn what_a_union_could_not_hold_is_counted_in_parts_too() {
    let json = serde_json::json!({ "id": 1, "replies": [{ "id": 2, "new": 3 }], "other": 4 });
    let mut reader = Reader::default();
    let plain = crate::union::read_variant::<Comment>(&json).map(|(_, lost)| lost);
    struct Counted(Option<usize>);
    impl<'de> Deserialize<'de> for Counted {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Counted, D::Error> {
            let json = Json::deserialize(deserializer)?;
            Ok(Counted(crate::union::read_variant::<Comment>(&json).map(|(_, lost)| lost)))
        }
    }
    let Counted(within) = reader.read(json.to_string());
    assert_eq!((plain, within), (Some(2), Some(2)));
}

#[test]
fn any_other_decoder_reads_the_value_alone() {
    #[derive(Deserialize, PartialEq, Debug)]
    struct Flat {
        name: String,
        #[serde(flatten)]
        rest: BTreeMap<String, Vec<Part<Comment>>>,
    }
    /// Reads what it is given twice: once as JSON, once as text within the text.
    struct Odd(Vec<Part<Comment>>, Vec<Part<Comment>>);
    impl<'de> Deserialize<'de> for Odd {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Odd, D::Error> {
            let (json, text) = <(Json, String)>::deserialize(deserializer)?;
            let custom = serde::de::Error::custom::<serde_json::Error>;
            Ok(Odd(serde_json::from_value(json).map_err(custom)?, serde_json::from_str(&text).map_err(custom)?))
        }
    }
    let mut reader = Reader::default();
    for _ in 0..2 {
        let flat: Flat = reader.read(r#"{"name": "a", "list": [{"id": 1}]}"#);
        assert_eq!(flat.rest["list"][0].id, 1);
        let Odd(one, other) = reader.read(r#"[[{"id": 1}], "[{\"id\": 2, \"replies\": [{\"id\": 3}]}]"]"#);
        assert_eq!((one[0].id, other[0].id), (1, 2));
        assert_eq!(other[0].replies.as_ref().map(Vec::len), Some(1));
    }
    let alone: Part<Comment> = serde_json::from_str(r#"{"id": 1}"#).expect("a comment");
    assert_eq!(serde_json::to_string(&alone).expect("it is written"), r#"{"id":1}"#);
}

// B36
#[test]
fn b36_what_is_nested_without_end_is_refused_as_ever() {
    let deep = format!("{}null{}", r#"{"id": 1, "replies": ["#.repeat(50_000), "]}".repeat(50_000));
    let body = Bytes::from(format!("[{deep}]"));
    let (value, _) = sharing(&body, &Parts::default(), || serde_json::from_slice::<Vec<Part<Comment>>>(&body));
    assert!(value.is_err());
    // As deep as one decoder goes, each level a part.
    let thread = |last: &str| format!("{}{last}{}", r#"{"id": 1, "replies": ["#.repeat(55), "]}".repeat(55));
    let mut reader = Reader::default();
    let before: Vec<Part<Comment>> = reader.read(format!("[{}, {}]", thread(""), thread(r#"{"id": 2}"#)));
    let now: Vec<Part<Comment>> = reader.read(format!("[{}, {}]", thread(r#"{"id": 3}"#), thread(r#"{"id": 2}"#)));
    assert_eq!(shared(&before, &now), 1);
}

// B36
#[test]
fn b36_a_panic_and_an_error_leave_nothing_behind() {
    let mut reader = Reader::default();
    let before: Vec<Part<Post>> = reader.read(list(&[post(1), post(2)]));
    let bad = |text: &str| Bytes::from(format!(r#"[{}, {{"id": 3, "comments": [{{"id": 1}}], {text}}}]"#, post(1)));
    for body in [bad(r#""title": "panic""#), bad(r#""title": 7"#)] {
        let decode = || sharing(&body, &reader.0, || serde_json::from_slice::<Vec<Part<Post>>>(&body));
        assert!(guarded(decode).err_or(|(value, _)| value.is_err()));
        assert!(!super::are_wanted());
        let now: Vec<Part<Post>> = reader.read(list(&[post(1), post(2)]));
        assert_eq!(shared(&before, &now), 2);
    }
    // An error that its reader swallows: the parts of the failed attempt are gone, those after it are right.
    #[derive(Debug)]
    struct Either(Result<Part<Post>, Json>);
    impl<'de> Deserialize<'de> for Either {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Either, D::Error> {
            let raw = <&serde_json::value::RawValue>::deserialize(deserializer)?;
            let other = |_| serde_json::from_str(raw.get()).unwrap_or_default();
            Ok(Either(serde_json::from_str(raw.get()).map_err(other)))
        }
    }
    let text = r#"[{"id": 1, "comments": [{"id": 5}, 6]}, {"id": 7, "comments": [{"id": 5}]}]"#;
    let (one, other): (Vec<Either>, Vec<Either>) = (reader.read(text), reader.read(text));
    assert!(one[0].0.is_err() && other[0].0.is_err());
    let (Ok(one), Ok(other)) = (&one[1].0, &other[1].0) else { panic!("the second is a post") };
    assert!(Part::ptr_eq(one, other));
}

trait OrBad<T> {
    fn err_or(self, is_bad: impl FnOnce(T) -> bool) -> bool;
}

impl<T, E> OrBad<T> for Result<T, E> {
    fn err_or(self, is_bad: impl FnOnce(T) -> bool) -> bool {
        self.map_or(true, is_bad)
    }
}

#[test]
fn a_part_that_is_gone_is_dropped_with_the_last_result_that_held_it() {
    let mut reader = Reader::default();
    let before: Vec<Part<Post>> = reader.read(list(&[post(1), post(2)]));
    let weak: Vec<_> = before.iter().map(|part| Arc::downgrade(&Part::into_arc(part.clone()))).collect();
    let now: Vec<Part<Post>> = reader.read(list(&[post(2), post(3)]));
    drop(before);
    assert!(weak[0].upgrade().is_none() && weak[1].upgrade().is_some());
    drop(now);
    reader.0 = Arc::default();
    assert!(weak[1].upgrade().is_none());
}
