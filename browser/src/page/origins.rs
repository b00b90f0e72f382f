//! Servers of another origin, and none.

use larder::{Client, ErrorKind, ReqwestTransport, Retry, SendCookies};
use serde_json::json;

use crate::trial::{Trial, get_note, post_note};

pub async fn another_origin_is_asked(trial: Trial) {
    trial.server.answers_json("GET /notes/1", &json!({ "text": "one" })).await;
    trial.server.answers_json("POST /notes", &json!({})).await;
    let client = trial.elsewhere().bearer_token("secret").idempotency_key("Idempotency-Key").expect("a name");
    let client = client.build().expect("a client");
    assert_eq!(client.fetch(get_note(1)).await.expect("the note")["text"], "one");
    client.mutate(post_note("two")).await.expect("it is done");
    let arrived = trial.server.arrived(2).await;
    assert_eq!(arrived[1].header("authorization"), Some("Bearer secret"));
    assert!(arrived[1].header("idempotency-key").is_some());
}

pub async fn headers_that_another_origin_does_not_show_are_not_there(trial: Trial) {
    let hidden = json!({ "content-type": "application/json", "x-total": "7", "x-shown": "8" });
    let mut shown = hidden.clone();
    shown["access-control-expose-headers"] = "x-shown".into();
    trial.server.answers("GET /notes/1", json!({ "headers": hidden, "body": "1" })).await;
    trial.server.answers("GET /notes/1", json!({ "headers": shown, "body": "2" })).await;
    let client = trial.elsewhere().build().expect("a client");
    let mut heads = Vec::new();
    for _ in 0..2 {
        client.refetch(&get_note(1)).await.expect("the note");
        let head = client.fetch_answered(get_note(1)).await.expect("the note").head.expect("a head");
        heads.push((head.header("x-total").map(str::to_owned), head.header("x-shown").map(str::to_owned)));
    }
    assert_eq!(heads, [(None, None), (None, Some("8".to_owned()))]);
}

pub async fn cookies_go_where_they_are_sent(trial: Trial) {
    let headers = json!({ "content-type": "application/json", "set-cookie": "session=one; Path=/" });
    trial.server.answers("GET /notes/1", json!({ "headers": headers, "body": "1" })).await;
    let transport = |when| ReqwestTransport::new().expect("a transport").send_cookies(when);
    let clients = [
        trial.client(),
        trial.client(),
        trial.builder().transport(transport(SendCookies::Never)).build().expect("a client"),
        // Cookies do not mind ports, so the other origin has the same ones.
        trial.elsewhere().build().expect("a client"),
        trial.elsewhere().transport(transport(SendCookies::Always)).build().expect("a client"),
    ];
    for client in clients {
        client.fetch(get_note(1)).await.expect("the note");
    }
    let arrived = trial.server.arrived(5).await;
    let sent: Vec<_> = arrived.iter().map(|one| one.header("cookie").is_some()).collect();
    assert_eq!(sent, [false, true, false, false, true]);
}

pub async fn no_server_is_an_error(trial: Trial) {
    drop(trial);
    // Nothing listens at the port of discarded packets, and browsers refuse it, too.
    let client = Client::builder("http://127.0.0.1:9").retry(Retry::none()).build().expect("a client");
    let error = client.fetch(get_note(1)).await.expect_err("nobody listens");
    assert_eq!(error.kind(), ErrorKind::Connect);
    let told = error.to_string();
    assert!(told.contains("TypeError: Failed to fetch (there is no connection, or"), "{told}");
    assert_eq!(told.lines().count(), 1, "{told}");
}
