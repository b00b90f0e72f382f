//! Servers that give no token, a bad one, or do not take the one that they gave.

use std::time::Duration;

use larder::{Client, Credential, ErrorCategory, ErrorKind, Json, Mutation, OAuth2, Query, Request, Retry};

use super::fault::{act, ignore, say};
use super::script::{get, later, ok, tells};
use super::server::{FaultServer, SECRET};

const SECOND: Duration = Duration::from_secs(1);
const TOKEN: &str = "POST /token";
const FEED: &str = "GET /feed";

fn credential() -> Credential {
    OAuth2::refresh_token("oauth", "/api/token", "app", "s3cret-0").into()
}

fn client(server: &FaultServer) -> Client {
    server.plain().credential(credential()).build().expect("the address is valid")
}

/// The token server's answer: a token, and a new refresh token.
fn token(number: usize) -> String {
    format!(r#"{{"access_token": "s3cret-t{number}", "refresh_token": "s3cret-{number}", "expires_in": 3600}}"#)
}

#[tokio::test]
async fn b25_a_token_server_in_trouble_is_asked_again_and_one_that_says_no_is_not() {
    let server = FaultServer::start().await;
    let client = server.patient(3).credential(credential()).build().expect("the address is valid");
    let busy = say("503 Service Unavailable", "").header("retry-after", "7").all();
    let (lost, none) = (ignore().reset(), say("502 Bad Gateway", "<h1>s3cret</h1>").all());
    server.script([(TOKEN, busy), (TOKEN, lost), (TOKEN, none), (TOKEN, ok(token(1))), (FEED, ok("[1]"))]);
    let before = tokio::time::Instant::now();
    assert_eq!(*client.fetch(get("/feed")).await.expect("the fourth token is one"), serde_json::json!([1]));
    assert!(before.elapsed() >= 7 * SECOND, "it asked for so much");
    assert_eq!(server.asked(), [TOKEN, TOKEN, TOKEN, TOKEN, FEED]);

    let client = server.patient(3).credential(credential()).build().expect("the address is valid");
    server.script([(TOKEN, say("400 Bad Request", r#"{"error":"invalid_grant"}"#).all())]);
    let error = client.fetch(get("/feed")).await.expect_err("there is no token");
    tells(&error, "GET /feed (getIt", &["there is no token for oauth", "400 Bad Request: invalid_grant"]);
    assert_eq!((error.kind(), error.category()), (ErrorKind::Credential, ErrorCategory::Authentication));
    assert_eq!(server.asked(), [TOKEN], "to ask once more would change nothing");
}

#[tokio::test]
async fn b28_every_way_not_to_give_a_token_is_told_and_the_next_request_has_one() {
    let huge = format!(r#"{{"access_token":"{}"}}"#, "s3cret".repeat(1 << 18));
    let cases = [
        ("a page", ok("<html>s3cret</html>"), "holds no access_token", false),
        ("nothing", ok(""), "holds no access_token", false),
        ("a list", ok(r#"["s3cret"]"#), "holds no access_token", false),
        ("a token that is a number", ok(r#"{"access_token": 7}"#), "holds no access_token", false),
        (
            "a token of two lines",
            ok(r#"{"access_token": "s3cret\nx: y"}"#),
            "characters that a header cannot carry",
            false,
        ),
        ("another kind of token", ok(r#"{"access_token": "s3cret", "token_type": "mac"}"#), "no bearer token", false),
        ("a token without end", ok(huge), "larger than 1048576 bytes", false),
        (
            "a refusal in secret words",
            say("401 Unauthorized", r#"{"error":"S3CRET s3cret"}"#).all(),
            "401 Unauth",
            false,
        ),
        ("half a token", ok(token(1)).part(50), "", true),
        ("a server that is busy", say("429 Too Many Requests", "").all(), "429 Too Many Requests", true),
        ("a lost answer", ignore().close(), "", true),
        ("no answer", ignore().hang(), "no answer within 30s", true),
        ("half an answer", say("200 OK", token(1)).part(50).hang(), "no answer within 30s", true),
        (
            "another place",
            say("307 Temporary Redirect", "").header("location", "http://127.0.0.2:1/").all(),
            "307",
            false,
        ),
    ];
    for (name, fault, words, passes) in cases {
        let fault = if name == "half a token" { say("200 OK", token(1)).part(50).close() } else { fault };
        let server = FaultServer::start().await;
        let client = server.patient(3).credential(credential()).build().expect("the address is valid");
        server.script([(TOKEN, fault), (TOKEN, ok(token(2))), (FEED, ok("[1]"))]);
        let once = get("/feed").retry(Retry::none());
        let error = server.through(client.fetch(once)).await.expect_err(name);
        tells(&error, "GET /feed (getIt", &["there is no token for oauth: ", words]);
        assert_eq!((error.kind(), error.was_sent()), (ErrorKind::Credential, false), "{name}");
        let category = if passes { ErrorCategory::Network } else { ErrorCategory::Authentication };
        assert_eq!((error.category(), error.retry_after().is_some()), (category, passes), "{name}: {error}");
        later(2 * SECOND).await;
        // Where nobody answered, the request for a token may have ended just now, and then it rests for a second.
        client.fetch(get("/feed")).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(server.asked(), [TOKEN, TOKEN, FEED], "{name}");
        drop(client);
        server.deserted().await;
    }
}

#[tokio::test]
async fn b28_a_refresh_token_is_used_once_also_where_the_answer_to_it_was_lost() {
    let server = FaultServer::start().await;
    let client = client(&server);
    let refused = say("401 Unauthorized", "").all();
    server.script([
        (TOKEN, ok(token(1))),
        (FEED, refused.clone()),
        (FEED, refused.clone()),
        (TOKEN, ok(token(2))),
        (FEED, ok("[1]")),
        (FEED, refused.clone()),
        (TOKEN, ignore().close()),
        (FEED, refused),
        (TOKEN, ok(token(3))),
        (FEED, ok("[2]")),
    ]);
    // The first token is so new that no other would be better.
    client.fetch(get("/feed")).await.expect_err("it is refused");
    later(2 * SECOND).await;
    client.fetch(get("/feed")).await.expect("the second token is taken");
    later(2 * SECOND).await;
    client.fetch(get("/feed")).await.expect_err("the answer with the third token is lost");
    later(2 * SECOND).await;
    client.fetch(get("/feed")).await.expect("it is given once more");
    let sent = server.take().into_iter().filter(|met| met.request.line() == TOKEN);
    let sent: Vec<_> = sent.map(|met| String::from_utf8_lossy(&met.request.body).into_owned()).collect();
    let used: Vec<_> = sent.iter().filter_map(|body| body.split("refresh_token=").nth(1)?.get(..8)).collect();
    assert_eq!(used, ["s3cret-0", "s3cret-1", "s3cret-2", "s3cret-2"], "nobody knows of a newer one than the last");
}

#[tokio::test]
async fn b28_what_is_refused_with_a_new_token_too_is_told_after_one_more_try() {
    let server = FaultServer::start().await;
    let client = client(&server);
    let refused = || say("401 Unauthorized", r#"{"detail":"the token s3cret-t2 is bad"}"#).all();
    server.script([
        (TOKEN, ok(token(1))),
        (FEED, ok("[1]")),
        (FEED, refused()),
        (TOKEN, ok(token(2))),
        (FEED, refused()),
    ]);
    client.fetch(get("/feed")).await.expect("the first token is taken");
    later(2 * SECOND).await;
    let error = client.fetch(get("/feed")).await.expect_err("neither is taken");
    tells(&error, "GET /feed (getIt", &["401 Unauthorized"]);
    assert_eq!((error.kind(), error.status().map(|status| status.as_u16())), (ErrorKind::Status, Some(401)));
    assert_eq!(server.asked(), [TOKEN, FEED, FEED, TOKEN, FEED]);
}

#[tokio::test]
async fn b28_a_mutation_goes_once_more_with_a_new_token_and_its_body_and_not_after_that_is_lost() {
    let server = FaultServer::start().await;
    let client = client(&server);
    let write = || Mutation::<Json>::new(Request::post("write", "/notes").json(&"a note"));
    let line = "POST /notes";
    server.script([
        (TOKEN, ok(token(1))),
        (line, ok("1")),
        (line, say("401 Unauthorized", "").all()),
        (TOKEN, ok(token(2))),
        (line, ignore().close()),
    ]);
    client.mutate(write()).await.expect("the first token is taken");
    later(2 * SECOND).await;
    let error = client.mutate(write()).await.expect_err("the answer is lost");
    tells(&error, "POST /notes (write", &["the connection was lost before the answer was complete"]);
    assert_eq!((error.kind(), error.was_sent()), (ErrorKind::Connect, true));
    let met = server.take();
    let notes: Vec<_> = met.iter().filter(|met| met.request.line() == line).collect();
    assert_eq!(notes.len(), 3);
    assert!(notes.iter().all(|met| met.request.body == b"\"a note\""));
    let tokens: Vec<_> = notes.iter().filter_map(|met| met.request.header("authorization")).collect();
    assert_eq!(tokens, ["Bearer s3cret-t1", "Bearer s3cret-t1", "Bearer s3cret-t2"]);
}

#[tokio::test]
async fn b28_a_scheme_whose_tokens_fail_is_no_other_schemes_trouble() {
    let server = FaultServer::start().await;
    let client = server
        .plain()
        .credential(OAuth2::client_credentials("good", "/api/good", "app", "s3cret").usual(&[&["good"]]))
        .credential(OAuth2::client_credentials("bad", "/api/bad", "app", "s3cret").usual(&[&["bad"]]))
        .credential(Credential::in_header("key", "x-key", SECRET).usual(&[&["key"]]));
    let client = client.build().expect("the address is valid");
    let of = |scheme: larder::Security| {
        // One entry would be one request.
        let number = scheme.len() * 10 + scheme.first().map_or(0, |names| names[0].len());
        Query::<Json>::new(Request::get("getIt", "/feed").query_param("n", &number).security(scheme))
    };
    server.script([
        ("POST /bad", ignore().hang()),
        ("POST /good", ok(r#"{"access_token": "s3cret-good"}"#)),
        (FEED, ok("[1]")),
        (FEED, ok("[2]")),
        (FEED, say("403 Forbidden", format!(r#"{{"detail":"the key {SECRET} is locked"}}"#)).all()),
    ]);
    let (bad, good) = tokio::join!(server.through(client.fetch(of(&[&["bad"]]))), async {
        client.fetch(of(&[&["good"]])).await.map(drop)
    });
    tells(
        &bad.expect_err("nobody answers"),
        "GET /feed",
        &["there is no token for bad: there was no answer within 30s"],
    );
    good.expect("it needs no token of the other");
    client.fetch(of(&[])).await.expect("it needs none at all");
    let error = client.fetch(of(&[&["key"], &["bad"]])).await.expect_err("the key is refused");
    tells(&error, "GET /feed", &["403 Forbidden", "is locked"]);
    let sent: Vec<_> =
        server.take().into_iter().filter(|met| met.request.line() == FEED).map(|met| met.request).collect();
    let of_request = |at: usize, name| sent.get(at).and_then(|request| request.header(name)).map(str::to_owned);
    assert_eq!(of_request(0, "authorization").as_deref(), Some("Bearer s3cret-good"));
    assert_eq!((of_request(1, "authorization"), of_request(1, "x-key")), (None, None));
    assert_eq!((of_request(2, "authorization"), of_request(2, "x-key").as_deref()), (None, Some(SECRET)));
}

#[tokio::test]
async fn b36_a_server_that_refuses_every_token_is_not_asked_in_a_circle() {
    let server = FaultServer::start().await;
    let client = server.patient(3).credential(credential()).build().expect("the address is valid");
    let count = std::sync::atomic::AtomicUsize::new(0);
    server.choose(move |request| {
        let number = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Some(if request.line() == TOKEN { ok(token(number)) } else { say("401 Unauthorized", "").all() })
    });
    for _ in 0..20 {
        client.fetch(get("/feed")).await.expect_err("no token is taken");
    }
    let asked = server.asked();
    let tokens = asked.iter().filter(|line| *line == TOKEN).count();
    // At most one a second, whatever is asked for.
    assert!(tokens <= 5 && asked.len() <= 2 * 20 + tokens, "{tokens} of {}", asked.len());
    // The API still answers whoever needs no token.
    server.choose(|_| Some(act().all()));
    server.truth().fetch(larder_tests::social::posts::get_post(2)).await.expect("it is there");
}
