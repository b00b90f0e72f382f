//! Streams and downloads: what comes piece by piece.

use std::time::Duration;

use larder::{ErrorKind, Growing, Json, Query, Request};
use serde_json::{Value, json};

use crate::trial::Trial;

fn ticks() -> Query<Growing<Json>> {
    Query::events(Request::get("ticks", "/ticks"))
}

async fn answers_events(trial: &Trial, pieces: Value) {
    let headers = json!({ "content-type": "text/event-stream", "x-of": "ticks" });
    trial.server.answers("GET /ticks", json!({ "headers": headers, "body": pieces })).await;
}

pub async fn events_come_as_they_are_sent(trial: Trial) {
    let pieces = json!(["id: a\ndata: 1\n\n", { "gate": "two" }, "event: named\ndata: ", { "gate": "rest" }, "2\n\n"]);
    answers_events(&trial, pieces).await;
    let client = trial.client();
    let mut items = client.stream(ticks());
    let one = items.next().await.expect("an item").expect("no error");
    assert_eq!((one.data, one.id.as_deref()), (json!(1), Some("a")));
    assert_eq!(items.head().and_then(|head| head.header("x-of")), Some("ticks"));
    trial.server.open("two").await;
    trial.server.open("rest").await;
    let two = items.next().await.expect("an item").expect("no error");
    assert_eq!((two.data, two.event.as_deref()), (json!(2), Some("named")));
    assert!(items.next().await.is_none());
}

pub async fn a_watched_stream_grows(trial: Trial) {
    answers_events(&trial, json!(["data: 1\n\n", { "gate": "two" }, "data: 2\n\n", { "gate": "end" }])).await;
    let client = trial.client();
    let mut watched = client.watch(ticks());
    let mut until = async |count| {
        while watched.snapshot().data.is_none_or(|data| data.len() != count) {
            watched.changed().await;
        }
        watched.snapshot()
    };
    let state = until(1).await;
    assert_eq!(state.headers.expect("headers of the stream")["x-of"], "ticks");
    trial.server.open("two").await;
    let state = until(2).await;
    assert_eq!(state.data.expect("items").data().cloned().collect::<Vec<_>>(), [json!(1), json!(2)]);
    trial.server.open("end").await;
    while watched.snapshot().is_fetching {
        watched.changed().await;
    }
    assert!(!watched.snapshot().is_stale);
}

pub async fn lines_come_as_they_are_sent(trial: Trial) {
    let pieces = json!(["{\"n\":1}\n{\"n\"", { "gate": "two" }, ":2}"]);
    let headers = json!({ "content-type": "application/x-ndjson" });
    trial.server.answers("GET /rows", json!({ "headers": headers, "body": pieces })).await;
    let rows: Query<Vec<Json>> = Query::json_lines(Request::get("rows", "/rows"));
    let client = trial.client();
    let mut items = client.stream(rows.growing());
    assert_eq!(items.next().await.expect("an item").expect("no error").data["n"], 1);
    trial.server.open("two").await;
    assert_eq!(items.next().await.expect("an item").expect("no error").data["n"], 2);
    assert!(items.next().await.is_none());
}

pub async fn a_lost_stream_is_taken_up_again(trial: Trial) {
    answers_events(&trial, json!(["retry: 1\nid: a\ndata: 1\n\n", { "gate": "lost" }, null])).await;
    answers_events(&trial, json!(["id: b\ndata: 2\n\ndata: [DONE]\n\n"])).await;
    let client = trial.client();
    let mut items = client.stream(ticks().reconnect(3));
    assert_eq!(items.next().await.expect("an item").expect("no error").data, 1);
    // A browser forgets what it has not given to the page yet when the connection breaks off.
    trial.server.open("lost").await;
    assert_eq!(items.next().await.expect("an item").expect("no error").data, 2);
    assert!(items.next().await.is_none());
    let arrived = trial.server.arrived(2).await;
    assert_eq!(arrived[1].header("last-event-id"), Some("a"));
}

pub async fn a_stream_that_nobody_needs_is_closed(trial: Trial) {
    answers_events(&trial, json!(["data: 1\n\n", { "gate": "never" }])).await;
    let client = trial.client();
    let mut items = client.stream(ticks());
    items.next().await.expect("an item").expect("no error");
    drop(items);
    trial.server.given_up(1).await;
    let mut watched = client.watch(ticks().keep_unused(Duration::ZERO));
    watched.ready().await.expect("an item");
    drop(watched);
    trial.server.given_up(2).await;
}

pub async fn a_silent_stream_ends(trial: Trial) {
    answers_events(&trial, json!(["data: 1\n\n", { "gate": "never" }])).await;
    let client = trial.client();
    let mut items = client.stream(ticks().idle_timeout(Duration::from_millis(30)));
    items.next().await.expect("an item").expect("no error");
    let error = items.next().await.expect("an end").expect_err("nothing more comes");
    assert_eq!(error.kind(), ErrorKind::Timeout);
    trial.server.given_up(1).await;
}

pub async fn a_download_comes_in_pieces(trial: Trial) {
    let headers = json!({ "content-type": "text/plain", "content-length": "6" });
    let pieces = json!(["abc", { "gate": "rest" }, "def"]);
    trial.server.answers("GET /file", json!({ "headers": headers, "body": pieces })).await;
    let client = trial.client();
    let mut download = client.download(Query::bytes(Request::get("file", "/file"))).await.expect("it begins");
    assert_eq!(download.head().header("content-type"), Some("text/plain"));
    assert_eq!(download.next().await.expect("a piece").expect("no error"), "abc");
    assert_eq!((download.progress().bytes, download.progress().total), (3, Some(6)));
    trial.server.open("rest").await;
    assert_eq!(download.next().await.expect("a piece").expect("no error"), "def");
    assert!(download.next().await.is_none());
}

pub async fn a_download_that_breaks_off_says_so(trial: Trial) {
    let pieces = json!(["abc", { "gate": "rest" }, null]);
    trial.server.answers("GET /file", json!({ "headers": { "content-length": "6" }, "body": pieces })).await;
    let client = trial.client();
    let mut download = client.download(Query::bytes(Request::get("file", "/file"))).await.expect("it begins");
    download.next().await.expect("a piece").expect("no error");
    trial.server.open("rest").await;
    let error = download.next().await.expect("an end").expect_err("it broke off");
    assert_eq!((error.kind(), error.to_string().lines().count()), (ErrorKind::Connect, 1), "{error}");
}
