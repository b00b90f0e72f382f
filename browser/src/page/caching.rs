//! Reading, refetching, trying again, and timers.

use std::time::Duration;

use larder::{ErrorKind, Event, RefetchOf, ResponseHeader, Retry};
use serde_json::json;

use crate::host;
use crate::trial::{NOTE, Trial, begun, get_note, put_note};

pub async fn readers_share_a_request(trial: Trial) {
    trial.server.answers("GET /notes/1", json!({ "gate": "go", "body": "{\"text\":\"one\"}" })).await;
    let client = trial.client();
    let one = begun(client.fetch(get_note(1))).await;
    let mut watched = client.watch(get_note(1));
    trial.server.arrived(1).await;
    let other = begun(client.fetch(get_note(1))).await;
    trial.server.open("go").await;
    let (one, other) = (one.await.expect("the note"), other.await.expect("the note"));
    assert!(std::sync::Arc::ptr_eq(&one, &other));
    assert_eq!(watched.ready().await.expect("the note")["text"], "one");
    assert_eq!(trial.server.calls(0).await, ["GET /notes/1"]);
}

pub async fn a_mutation_refetches_what_is_watched(trial: Trial) {
    let headers = json!({ "content-type": "application/json", "x-version": "1" });
    trial.server.answers("GET /notes/1", json!({ "headers": headers, "body": "{\"text\":\"one\"}" })).await;
    let headers = json!({ "content-type": "application/json", "x-version": "2" });
    trial.server.answers("GET /notes/1", json!({ "headers": headers, "body": "{\"text\":\"two\"}" })).await;
    trial.server.answers("PUT /notes/1", json!({ "status": 202, "headers": { "x-done": "yes" }, "body": "{}" })).await;
    let client = trial.client();
    let mut watched = client.watch(get_note(1));
    watched.ready().await.expect("the note");
    let state = watched.snapshot();
    assert_eq!(state.status.map(|status| status.as_u16()), Some(200));
    assert_eq!(state.headers.expect("headers")["x-version"], "1");
    let done = client.mutate(put_note(1, "two")).answered().await.expect("it is done");
    let head = done.head.expect("a head");
    assert_eq!((head.status().as_u16(), head.header("x-done")), (202, Some("yes")));
    while watched.snapshot().data.is_none_or(|note| note["text"] != "two") {
        watched.changed().await;
    }
    assert_eq!(watched.snapshot().headers.expect("headers")["x-version"], "2");
    let arrived = trial.server.arrived(3).await;
    assert_eq!(
        arrived.iter().map(|one| one.call.as_str()).collect::<Vec<_>>(),
        ["GET /notes/1", "PUT /notes/1", "GET /notes/1"]
    );
    assert_eq!(arrived[1].body, "{\"text\":\"two\"}");
    assert_eq!(arrived[1].header("content-type"), Some("application/json"));
}

pub async fn a_fetch_that_is_dropped_gives_its_request_up(trial: Trial) {
    trial.server.answers("GET /notes/1", json!({ "gate": "never" })).await;
    let client = trial.client();
    let fetched = begun(client.fetch(get_note(1))).await;
    trial.server.arrived(1).await;
    drop(fetched);
    trial.server.given_up(1).await;
}

pub async fn what_takes_too_long_is_given_up(trial: Trial) {
    trial.server.answers("GET /notes/1", json!({ "gate": "never" })).await;
    let client = trial.builder().timeout(Duration::from_millis(50)).build().expect("a client");
    let error = client.fetch(get_note(1)).await.expect_err("nothing comes");
    assert_eq!(error.kind(), ErrorKind::Timeout);
    trial.server.given_up(1).await;
}

pub async fn a_refusal_says_what_the_server_said(trial: Trial) {
    let headers = json!({ "content-type": "application/problem+json", "retry-after": "7" });
    let body = json!({ "title": "Too long", "detail": "The text is too long." }).to_string();
    trial.server.answers("PUT /notes/1", json!({ "status": 422, "headers": headers, "body": body })).await;
    let error = trial.client().mutate(put_note(1, "long")).await.expect_err("it is refused");
    assert_eq!((error.kind(), error.status().map(|status| status.as_u16())), (ErrorKind::Status, Some(422)));
    assert_eq!(error.view().message, "The text is too long.");
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
}

pub async fn a_query_is_tried_again(trial: Trial) {
    for _ in 0..2 {
        trial.server.answers("GET /notes/1", json!({ "status": 503, "body": "busy" })).await;
    }
    trial.server.answers_json("GET /notes/1", &json!({ "text": "one" })).await;
    let retry = Retry::times(2).delay(Duration::from_millis(1));
    let client = trial.builder().retry(retry).build().expect("a client");
    let mut watched = client.watch(get_note(1));
    let mut most = 0;
    while watched.snapshot().data.is_none() {
        most = most.max(watched.changed().await.failures);
    }
    assert!(most > 0, "a watcher sees that a try failed");
    assert_eq!(trial.server.calls(0).await.len(), 3);
    assert_eq!(watched.snapshot().failures, 0);
}

pub async fn retry_after_is_obeyed(trial: Trial) {
    trial.server.answers("GET /notes/1", json!({ "status": 503, "headers": { "retry-after": "30" } })).await;
    let retry = Retry::times(1).delay(Duration::from_millis(1));
    let client = trial.builder().retry(retry).build().expect("a client");
    let mut events = client.events();
    let fetched = begun(client.fetch(get_note(1))).await;
    loop {
        if let Event::Retrying { wait, .. } = events.next().await.expect("an event") {
            assert_eq!(wait, Duration::from_secs(30));
            break;
        }
    }
    drop(fetched);
}

pub async fn polling_goes_on(trial: Trial) {
    trial.server.answers_json("GET /notes/1", &json!({ "text": "one" })).await;
    let client = trial.client();
    let watched = client.watch(get_note(1).poll_every(Duration::from_millis(5)));
    trial.server.arrived(4).await;
    drop(watched);
}

pub async fn intervals_beyond_what_a_browser_counts_do_not_ring(trial: Trial) {
    trial.server.answers_json("GET /notes/1", &json!({ "text": "one" })).await;
    trial.server.answers_json("GET /notes/2", &json!({ "text": "two" })).await;
    let client = trial.client();
    // A browser's timer takes 2^31 milliseconds for none at all.
    let mut watched = client.watch(get_note(1).poll_every(Duration::from_millis(1 << 31)));
    watched.ready().await.expect("the note");
    let mut polled = client.watch(get_note(2).poll_every(Duration::from_millis(5)));
    polled.ready().await.expect("the note");
    let calls = trial.server.calls(5).await;
    assert_eq!(calls.iter().filter(|call| *call == "GET /notes/1").count(), 1);
}

pub async fn unused_entries_leave(trial: Trial) {
    trial.server.answers_json("GET /notes/1", &json!({ "text": "one" })).await;
    let client = trial.builder().keep_unused(Duration::from_millis(20)).build().expect("a client");
    let mut events = client.events();
    client.fetch(get_note(1)).await.expect("the note");
    assert!(client.peek(&get_note(1)).is_some());
    while !matches!(events.next().await, Some(Event::Removed { .. })) {}
    assert!(client.peek(&get_note(1)).is_none());
}

pub async fn focus_refetches_what_is_stale(trial: Trial) {
    trial.server.answers_json("GET /notes/1", &json!({ "text": "one" })).await;
    trial.server.answers_json("GET /notes/1", &json!({ "text": "two" })).await;
    let client = trial.builder().focus_throttle(Duration::ZERO).build().expect("a client");
    let mut watched = client.watch(get_note(1));
    watched.ready().await.expect("the note");
    client.invalidate_and(NOTE.id(1), RefetchOf::Nothing);
    host::show(true);
    while watched.snapshot().data.is_none_or(|note| note["text"] != "two") {
        watched.changed().await;
    }
}

pub async fn a_hidden_page_does_not_poll(trial: Trial) {
    trial.server.answers_json("GET /notes/1", &json!({ "text": "one" })).await;
    trial.server.answers_json("GET /notes/2", &json!({ "text": "two" })).await;
    let client = trial.client();
    let polled = get_note(1).poll_every(Duration::from_millis(5));
    let mut paused = client.watch(polled.poll_only_focused(true));
    paused.ready().await.expect("the note");
    host::show(false);
    let before = trial.server.calls(0).await.len();
    let other = client.watch(get_note(2).poll_every(Duration::from_millis(5)));
    // One may have been on its way.
    let calls = trial.server.calls(before + 6).await;
    let of_hidden = calls[before..].iter().filter(|call| *call == "GET /notes/1").count();
    assert!(of_hidden <= 1, "{calls:?}");
    drop(other);
    host::show(true);
    trial.server.calls(calls.len() + 3).await;
}

pub async fn a_page_that_begins_hidden_has_no_focus(trial: Trial) {
    trial.server.answers_json("GET /notes/1", &json!({ "text": "one" })).await;
    trial.server.answers_json("GET /notes/2", &json!({ "text": "two" })).await;
    host::show(false);
    let client = trial.client();
    let mut paused = client.watch(get_note(1).poll_every(Duration::from_millis(5)).poll_only_focused(true));
    paused.ready().await.expect("the note");
    let _other = client.watch(get_note(2).poll_every(Duration::from_millis(5)));
    let calls = trial.server.calls(6).await;
    assert_eq!(calls.iter().filter(|call| *call == "GET /notes/1").count(), 1, "{calls:?}");
    host::show(true);
}

pub async fn headers_are_read_with_their_types(trial: Trial) {
    const TOTAL: ResponseHeader<u64> = ResponseHeader::new("X-Total-Count");
    let headers = json!({ "content-type": "application/json", "x-total-count": "7" });
    trial.server.answers("GET /notes/1", json!({ "headers": headers, "body": "1" })).await;
    let client = trial.client();
    let note = client.fetch_answered(get_note(1)).await.expect("the note");
    assert_eq!(TOTAL.of(&note).expect("a number"), Some(7));
    assert_eq!(TOTAL.of(&client.watch(get_note(1)).snapshot()).expect("a number"), Some(7));
}
