//! What headers are read as, and what is said of those that are something else.

use http::{HeaderMap, HeaderName, HeaderValue};

use super::*;
use crate::Json;
#[cfg(feature = "chrono")]
use crate::formats::chrono::DateTime;

fn headers(values: &[&str]) -> HeaderMap {
    values.iter().map(|value| (HeaderName::from_static("x-a"), HeaderValue::from_str(value).unwrap())).collect()
}

fn read<T: DeserializeOwned>(values: &[&str]) -> Result<Option<T>, String> {
    ResponseHeader::new("X-A").of(&headers(values)).map_err(|error| error.to_string())
}

/// What is said of a value that is none of its type.
fn refused<T: DeserializeOwned + fmt::Debug>(value: &str) -> String {
    let said = read::<T>(&[value]).unwrap_err();
    assert!(!said.contains(value), "{said}");
    said.replace("the header `X-A` in a response is not ", "")
}

#[derive(Debug, PartialEq)]
enum Color {
    Red,
    Unknown(String),
}

crate::string_enum! { Color { Red = "red" } }

#[derive(Debug, PartialEq, serde::Deserialize)]
enum Derived {
    Red,
}

// B5
#[test]
fn b5_headers_are_read_as_the_document_types_them() {
    assert_eq!(read(&["42"]), Ok(Some(42_i64)));
    assert_eq!(read(&[" -7 "]), Ok(Some(-7_i32)));
    assert_eq!(read(&["18446744073709551615"]), Ok(Some(u64::MAX)));
    assert_eq!(read(&["0.5"]), Ok(Some(0.5_f64)));
    assert_eq!(read(&["True"]), Ok(Some(true)));
    assert_eq!(read(&["a, b"]), Ok(Some("a, b".to_owned())));
    assert_eq!(read(&[""]), Ok(Some(String::new())));
    assert_eq!(read(&["red"]), Ok(Some(Color::Red)));
    assert_eq!(read(&["green"]), Ok(Some(Color::Unknown("green".to_owned()))));
    assert_eq!(read(&["Red"]), Ok(Some(Derived::Red)));
    assert_eq!(read(&["7"]), Ok(Some(Some(7_u8))));
    assert_eq!(read::<i64>(&[]), Ok(None));
}

// B5
#[cfg(feature = "chrono")]
#[test]
fn b5_a_moment_in_a_header_keeps_its_text() {
    let moment = read::<DateTime>(&["2026-01-02T03:04:05Z"]).unwrap().unwrap();
    assert_eq!(moment.as_str(), "2026-01-02T03:04:05Z");
}

// B5
#[test]
fn b5_a_list_is_all_headers_of_the_name_and_one_value_the_first() {
    assert_eq!(read(&["1, 2", "3"]), Ok(Some(vec![1, 2, 3])));
    assert_eq!(read(&["red,green"]), Ok(Some(vec![Color::Red, Color::Unknown("green".to_owned())])));
    assert_eq!(read(&[""]), Ok(Some(Vec::<i64>::new())));
    assert_eq!(read(&["1,2"]), Ok(Some((1_u8, 2_u8))));
    assert_eq!(read(&["first", "second"]), Ok(Some("first".to_owned())));
}

// B5
#[test]
fn b5_a_header_that_is_something_else_is_an_error_without_its_value() {
    assert_eq!(refused::<i64>("s3cret"), "a whole number");
    assert_eq!(refused::<u8>("256"), "a whole number");
    assert_eq!(refused::<f64>("s3cret"), "a number");
    assert_eq!(refused::<bool>("s3cret"), "`true` or `false`");
    assert_eq!(refused::<Derived>("s3cret"), "a value of its type");
    assert_eq!(refused::<Vec<i64>>("1,s3cret"), "a whole number");
    assert_eq!(refused::<std::collections::BTreeMap<String, String>>("s3cret"), "a value of its type");
    let mut bytes = HeaderMap::new();
    bytes.insert("x-a", HeaderValue::from_bytes(b"\xff").unwrap());
    let said = ResponseHeader::<String>::new("X-A").of(&bytes).unwrap_err();
    assert_eq!((said.kind(), said.to_string().ends_with("is not text")), (ErrorKind::Decode, true));
}

// B5
#[test]
fn b5_a_header_of_json_is_read_as_json() {
    const JSON: ResponseHeader<Json> = ResponseHeader::json("X-A");
    assert_eq!(JSON.of(&headers(&["{\"a\":[1]}"])).unwrap(), Some(serde_json::json!({ "a": [1] })));
    let said = JSON.of(&headers(&["s3cret"])).unwrap_err().to_string();
    assert_eq!(said, "the header `X-A` in a response is not JSON of its type");
}

// B36
#[test]
fn b36_a_panic_while_a_header_is_read_is_an_error() {
    #[derive(Debug)]
    struct Panics;
    impl<'de> serde::Deserialize<'de> for Panics {
        fn deserialize<D: serde::Deserializer<'de>>(_: D) -> Result<Panics, D::Error> {
            panic!("user code")
        }
    }
    assert_eq!(refused::<Panics>("s3cret"), "a value of its type, and reading it panicked");
}

// B5
#[test]
fn b5_an_error_names_the_operation_where_it_is_known() {
    let head = ResponseHead::new(http::StatusCode::OK, std::sync::Arc::new(headers(&["s3cret"]))).of("listPosts");
    let said = ResponseHeader::<i64>::new("X-A").of(&head).unwrap_err().to_string();
    assert_eq!(said, "the header `X-A` in a response of listPosts is not a whole number");
    assert_eq!(ResponseHeader::<i64>::new("X-A").of(&None::<ResponseHead>).unwrap(), None);
}
