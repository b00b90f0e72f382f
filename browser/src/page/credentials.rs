//! Tokens of OAuth 2.

use std::time::Duration;

use larder::{ErrorKind, OAuth2};
use serde_json::json;

use crate::trial::{Trial, get_note};

fn worker() -> OAuth2 {
    OAuth2::client_credentials("oauth", "token", "worker", "secret")
}

pub async fn a_token_is_fetched_and_renewed(trial: Trial) {
    for token in ["first", "second"] {
        let body = json!({ "access_token": token, "token_type": "Bearer", "expires_in": 3600 });
        trial.server.answers_json("POST /token", &body).await;
    }
    trial.server.answers_json("GET /notes/1", &json!({ "text": "one" })).await;
    let revoked = json!({ "refuses": "Bearer first", "body": "{\"text\":\"two\"}" });
    trial.server.answers("GET /notes/1", revoked).await;
    let client = trial.builder().credential(worker()).build().expect("a client");
    // A token is asked for once a second at most, so the first questions after it is revoked are refused.
    let mut watched = client.watch(get_note(1).poll_every(Duration::from_millis(50)));
    while watched.snapshot().data.is_none_or(|note| note["text"] != "two") {
        watched.changed().await;
    }
    let arrived = trial.server.arrived(5).await;
    assert!(arrived[0].body.contains("grant_type=client_credentials"));
    assert_eq!(arrived[1].header("authorization"), Some("Bearer first"));
    let renewed = arrived.iter().rposition(|one| one.call == "POST /token").expect("it is renewed");
    assert_eq!(arrived[renewed + 1].header("authorization"), Some("Bearer second"));
    assert_eq!(arrived.iter().filter(|one| one.call == "POST /token").count(), 2);
}

pub async fn a_token_that_cannot_be_had_is_told(trial: Trial) {
    let refusal = json!({ "status": 400, "body": json!({ "error": "invalid_client" }).to_string() });
    trial.server.answers("POST /token", refusal).await;
    let client = trial.builder().credential(worker()).build().expect("a client");
    let error = client.fetch(get_note(1)).await.expect_err("there is no token");
    assert_eq!(error.kind(), ErrorKind::Credential);
    assert!(error.to_string().contains("invalid_client"), "{error}");
    assert_eq!(trial.server.calls(0).await, ["POST /token"]);
}
