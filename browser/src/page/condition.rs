//! Conditional requests, and the browser's own cache of responses.

use std::sync::Arc;

use serde_json::json;

use crate::trial::{NOTE, Trial, get_note, put_note};

pub async fn the_browser_asks_on_condition(trial: Trial) {
    let headers = json!({ "content-type": "application/json", "etag": "\"one\"", "cache-control": "no-cache" });
    trial.server.answers("GET /notes/1", json!({ "headers": headers, "body": "{\"text\":\"one\"}" })).await;
    let client = trial.client();
    let before = client.fetch(get_note(1)).await.expect("the note");
    let after = client.refetch(&get_note(1)).await.expect("the note");
    assert!(Arc::ptr_eq(&before, &after));
    let answered = client.fetch_answered(get_note(1)).await.expect("the note");
    let head = answered.head.expect("a head");
    // The server said 304 to the browser, which says what it has to the page.
    assert_eq!((head.status().as_u16(), head.header("etag")), (200, Some("\"one\"")));
    let arrived = trial.server.arrived(2).await;
    assert_eq!(arrived[0].header("if-none-match"), None);
    assert_eq!(arrived[1].header("if-none-match"), Some("\"one\""));
}

pub async fn the_client_asks_on_condition(trial: Trial) {
    let headers = json!({ "content-type": "application/json", "etag": "\"one\"", "cache-control": "no-store" });
    trial.server.answers("GET /notes/1", json!({ "headers": headers, "body": "{\"text\":\"one\"}" })).await;
    let client = trial.builder().conditional_requests(true).build().expect("a client");
    let mut events = client.events();
    let before = client.fetch(get_note(1)).await.expect("the note");
    let after = client.refetch(&get_note(1)).await.expect("the note");
    assert!(Arc::ptr_eq(&before, &after));
    let arrived = trial.server.arrived(2).await;
    assert_eq!(arrived[1].header("if-none-match"), Some("\"one\""));
    let mut not_modified = false;
    while !not_modified {
        let event = events.next().await.expect("an event");
        not_modified = matches!(event, larder::Event::Received { not_modified: true, .. });
    }
}

pub async fn the_browsers_cache_does_not_answer_what_is_stale(trial: Trial) {
    let headers = json!({ "content-type": "application/json", "cache-control": "max-age=3600" });
    for text in ["one", "two"] {
        let body = json!({ "text": text }).to_string();
        trial.server.answers("GET /notes/1", json!({ "headers": headers, "body": body })).await;
    }
    trial.server.answers_json("PUT /notes/1", &json!({})).await;
    let client = trial.client();
    assert_eq!(client.fetch(get_note(1)).await.expect("the note")["text"], "one");
    client.mutate(put_note(1, "two")).await.expect("it is done");
    assert_eq!(client.fetch(get_note(1)).await.expect("the note")["text"], "two");
    // Another client of the same page does not begin with what the browser kept either.
    assert_eq!(trial.client().fetch(get_note(1)).await.expect("the note")["text"], "two");
    client.invalidate(NOTE.id(1));
    client.fetch(get_note(1)).await.expect("the note");
    assert_eq!(trial.server.calls(0).await.len(), 5);
}
