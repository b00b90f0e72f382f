//! Headers that a document promises of responses, read by generated constants from a real server's answers.

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::get;
use larder::{Client, ErrorKind, Headed, Retry};
use larder_tests::response_headers::headers::{
    ETAG, RETRY_AFTER, X_COLUMNS, X_COST, X_ENDED_AT, X_KIND, X_PARTIAL, X_PLACE, X_RANGE, X_TOTAL_COUNT, X_VERSION,
};
use larder_tests::response_headers::report::{get_report, put_report};
use larder_tests::response_headers::types::Kind;
use tokio::net::TcpListener;

const HEADERS: [(&str, &str); 11] = [
    ("x-total-count", "2"),
    ("x-cost", "0.25"),
    ("x-partial", "true"),
    ("x-ended-at", "2026-01-02T03:04:05Z"),
    ("x-columns", "name, size"),
    ("x-columns", "owner"),
    ("x-kind", "final"),
    ("x-place", r#"{"x":1,"y":2}"#),
    ("x-version", "7"),
    ("x-range", "from,1"),
    ("etag", "\"a\""),
];

fn headers(of: &[(&'static str, &str)]) -> HeaderMap {
    of.iter().map(|(name, value)| (name.parse().expect("a name"), value.parse().expect("a value"))).collect()
}

/// A client of a server that answers a `GET` with these headers and this status, and a `PUT` with two headers.
async fn start(status: StatusCode, of_get: HeaderMap) -> Client {
    let report = get(async move || (status, of_get, "[\"a\",\"b\"]"));
    let report = report
        .put(async || (StatusCode::NO_CONTENT, headers(&[("x-version", "8"), ("etag", "\"b\"")])).into_response());
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("the port has a number");
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/report", report)).await });
    Client::builder(format!("http://{address}")).retry(Retry::none()).build().expect("the address is valid")
}

#[tokio::test]
async fn each_header_is_read_as_the_document_types_it() {
    let client = start(StatusCode::OK, headers(&HEADERS)).await;
    let report = client.fetch_answered(get_report()).await.expect("the report");
    assert_eq!(X_TOTAL_COUNT.of(&report).expect("a number"), Some(2));
    assert_eq!(X_COST.of(&report).expect("a number"), Some(0.25));
    assert_eq!(X_PARTIAL.of(&report).expect("a truth value"), Some(true));
    assert_eq!(X_ENDED_AT.of(&report).expect("a moment").expect("it is there").as_str(), "2026-01-02T03:04:05Z");
    assert_eq!(X_COLUMNS.of(&report).expect("a list").expect("it is there"), ["name", "size", "owner"]);
    assert!(matches!(X_KIND.of(&report).expect("a kind"), Some(Kind::Final)));
    assert_eq!(X_PLACE.of(&report).expect("a place").map(|place| (place.x, place.y)), Some((1, 2)));
    // What the document gives two types, or no plain one, is text.
    assert_eq!(X_VERSION.of(&report).expect("text").as_deref(), Some("7"));
    assert_eq!(X_RANGE.of(&report).expect("text").as_deref(), Some("from,1"));
    assert_eq!(ETAG.of(&report).expect("text").as_deref(), Some("\"a\""));
    assert_eq!(RETRY_AFTER.of(&report).expect("nothing"), None);
}

#[tokio::test]
async fn whatever_brings_a_result_can_be_asked() {
    let client = start(StatusCode::OK, headers(&HEADERS)).await;
    let mut watched = client.watch(get_report());
    watched.ready().await.expect("the report");
    assert_eq!(X_TOTAL_COUNT.of(&watched.snapshot()).expect("a number"), Some(2));
    let done = client.mutate(put_report(&["a".to_owned()])).refetched().await.expect("it is done");
    assert_eq!(ETAG.of(&done).expect("text").as_deref(), Some("\"b\""));
    assert_eq!(X_VERSION.of(&done.head).expect("text").as_deref(), Some("8"));
    assert_eq!(done.operation_id(), Some("putReport"));
}

#[tokio::test]
async fn a_refusal_has_headers_of_its_own() {
    let client = start(StatusCode::TOO_MANY_REQUESTS, headers(&[("retry-after", "7")])).await;
    let refused = client.fetch(get_report()).await.expect_err("it is refused");
    assert_eq!(RETRY_AFTER.of(&refused).expect("a number"), Some(7));
}

#[tokio::test]
async fn what_is_something_else_is_an_error_that_keeps_it_secret() {
    let client =
        start(StatusCode::OK, headers(&[("x-total-count", "s3cret"), ("x-place", "{\"x\":\"s3cret\"}")])).await;
    let report = client.fetch_answered(get_report()).await.expect("the report");
    let error = X_TOTAL_COUNT.of(&report).expect_err("it is no number");
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert_eq!(error.to_string(), "the header `X-Total-Count` in a response of getReport is not a whole number");
    let error = X_PLACE.of(&report).expect_err("it is no place");
    assert_eq!(error.to_string(), "the header `X-Place` in a response of getReport is not JSON of its type");
}
