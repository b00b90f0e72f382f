//! Bodies that are sent, parts that are selected, operations that take long, and what stands in for a server.

use std::time::Duration;

use larder::http::{HeaderValue, Method};
use larder::{
    Bytes, FilePart, Json, MockAnswer, MockTransport, Mutation, Polling, Query, Recorder, Replay, Request, RequestBody,
};
use serde::Serialize;
use serde_json::json;

use crate::trial::{NOTE, Trial, get_note};

#[derive(Serialize)]
struct Form {
    title: &'static str,
    file: FilePart,
}

pub async fn a_form_with_a_file(trial: Trial) {
    trial.server.answers_json("POST /files", &json!({})).await;
    let form = Form { title: "a cat", file: FilePart::new("cat.txt", "meow").content_type("text/plain") };
    let post: Mutation<Json> = Mutation::new(Request::post("postFile", "/files").multipart(&form));
    trial.client().mutate(post).await.expect("it is done");
    let arrived = trial.server.arrived(1).await;
    assert!(arrived[0].header("content-type").is_some_and(|kind| kind.starts_with("multipart/form-data; boundary=")));
    for part in ["name=\"title\"\r\n\r\na cat\r\n", "filename=\"cat.txt\"", "content-type: text/plain\r\n\r\nmeow\r\n"]
    {
        assert!(arrived[0].body.to_lowercase().contains(part), "{part}: {}", arrived[0].body);
    }
}

/// Two pieces, one after the other.
struct Pieces(Vec<&'static str>);

impl futures_core::Stream for Pieces {
    type Item = std::io::Result<Bytes>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        std::task::Poll::Ready(self.0.pop().map(|piece| Ok(Bytes::from(piece))))
    }
}

pub async fn a_body_that_is_streamed(trial: Trial) {
    trial.server.answers_json("PUT /file", &json!({})).await;
    let put: Mutation<Json> = Mutation::new(Request::put("putFile", "/file").bytes("text/plain", Bytes::new()));
    let body = RequestBody::stream(None, Pieces(vec!["def", "abc"]));
    trial.client().mutate(put.with_body(body)).await.expect("it is done");
    let arrived = trial.server.arrived(1).await;
    assert_eq!((arrived[0].body.as_str(), arrived[0].header("content-type")), ("abcdef", Some("text/plain")));
}

pub async fn a_selection_hears_of_its_part(trial: Trial) {
    for (text, stars) in [("one", 1), ("one", 2), ("two", 2)] {
        trial.server.answers_json("GET /notes/1", &json!({ "text": text, "stars": stars })).await;
    }
    let client = trial.client();
    let texts = get_note(1).select(|note| note["text"].to_string());
    let mut watched = texts.watch(&client);
    assert_eq!(*texts.fetch(&client).await.expect("the text"), "\"one\"");
    let first = watched.snapshot().data.expect("the text");
    client.invalidate(NOTE.id(1)).await;
    assert!(std::sync::Arc::ptr_eq(&first, &watched.snapshot().data.expect("the text")));
    client.invalidate(NOTE.id(1)).await;
    while watched.snapshot().data.is_none_or(|text| *text != "\"two\"") {
        watched.changed().await;
    }
    assert_eq!(trial.server.calls(0).await.len(), 3);
}

pub async fn an_operation_that_takes_long(trial: Trial) {
    trial.server.answers("POST /exports", json!({ "status": 202, "headers": { "location": "exports/7" } })).await;
    let running = json!({ "status": "running" }).to_string();
    let headers = json!({ "content-type": "application/json", "retry-after": "0" });
    trial.server.answers("GET /exports/7", json!({ "status": 202, "headers": headers, "body": running })).await;
    trial.server.answers_json("GET /exports/7", &json!({ "status": "succeeded", "rows": 3 })).await;
    let export: Mutation<Json> = Mutation::new(Request::post("startExport", "/exports"));
    let polling = Polling::new().interval(Duration::from_millis(1));
    let client = trial.client();
    let report: Json = client.run(export, polling).await.expect("it ends well");
    assert_eq!(report["rows"], 3);
    assert_eq!(trial.server.calls(0).await, ["POST /exports", "GET /exports/7", "GET /exports/7"]);
}

pub async fn a_mock_answers(trial: Trial) {
    let answer = MockAnswer::json(200, "{\"text\":\"made up\"}").delay(Duration::from_millis(1));
    let mock = MockTransport::new().route(Method::GET, "/notes/{id}", answer);
    let client = trial.builder().transport(mock.clone()).build().expect("a client");
    assert_eq!(client.fetch(get_note(1)).await.expect("the note")["text"], "made up");
    assert_eq!(mock.requests().len(), 1);
    assert!(trial.server.calls(0).await.is_empty());
}

pub async fn a_recording_is_played_again(trial: Trial) {
    trial.server.answers_json("GET /notes/1", &json!({ "text": "one" })).await;
    let recorder = Recorder::new();
    let client = trial.builder().layer(recorder.clone()).build().expect("a client");
    client.fetch(get_note(1)).await.expect("the note");
    let replay = Replay::from_text(&recorder.to_text()).expect("a recording");
    let client = trial.builder().transport(replay).build().expect("a client");
    assert_eq!(client.fetch(get_note(1)).await.expect("the note")["text"], "one");
    assert_eq!(trial.server.calls(0).await.len(), 1);
}

pub async fn layers_see_requests(trial: Trial) {
    trial.server.answers_json("GET /notes/1", &json!({ "text": "one" })).await;
    let mark = larder::layers::layer_fn(|mut request: larder::http::Request<Bytes>, inner: std::sync::Arc<_>| {
        request.headers_mut().insert("x-mark", HeaderValue::from_static("seen"));
        larder::Transport::send(&*inner, request)
    });
    let client = trial.builder().layer(mark).layer(larder::layers::RequestIds::new()).build().expect("a client");
    let note: Query<Json> = get_note(1);
    client.fetch(note).await.expect("the note");
    let arrived = trial.server.arrived(1).await;
    assert_eq!(arrived[0].header("x-mark"), Some("seen"));
    assert!(arrived[0].header("x-request-id").is_some());
}
