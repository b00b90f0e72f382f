//! What errors tell: the call, the request's id, what the server said in any shape, and nothing that was sent in secret.

use ::http::header::{HeaderName, HeaderValue};

use super::*;
use crate::{Credential, Error, ErrorCategory, ErrorKind, ErrorView, RawResponse, Security};

async fn refused(client: &Client, server: &Server, status: u16, body: impl Into<ResponseBody>) -> Error {
    let fetching = tokio::spawn(client.fetch(get_post(7)));
    server.next().await.with(status, body);
    fetching.await.unwrap().unwrap_err()
}

fn answer(status: u16, headers: &[(&'static str, &str)], body: &'static str) -> Answer {
    let mut response = Response::new(json(body).into());
    *response.status_mut() = status.try_into().unwrap();
    for (name, value) in headers {
        response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
    }
    Ok(response)
}

// B29
#[tokio::test(start_paused = true)]
async fn b29_an_error_is_seen_in_one_view_by_every_reader() {
    let (client, server) = setup();
    let body = r#"{"title":"Invalid","detail":"two fields","errors":[{"pointer":"/name","detail":"empty"}]}"#;
    let error = refused(&client, &server, 422, json(body)).await;
    let view = error.view();
    assert_eq!((view.title.as_deref(), view.message.as_str()), (Some("Invalid"), "two fields"));
    assert_eq!(view.messages_of("name"), ["empty"]);
    assert_eq!(error.category(), ErrorCategory::Validation);
    let text = "GET /posts/{id} (getPost, request ID): the server answered 422 Unprocessable Entity: two fields";
    let id = error.request_id().unwrap();
    assert_eq!(error.to_string(), text.replace("ID", id));
    // Where the server says nothing, there is a message all the same.
    let empty = refused(&client, &server, 404, json("")).await;
    assert_eq!((empty.view().message.as_str(), empty.view().status.unwrap().as_u16()), ("Not Found", 404));
    assert!(empty.to_string().ends_with("): the server answered 404 Not Found"), "{empty}");
    assert_ne!(empty.request_id(), error.request_id());
    // A watcher sees the same error.
    let watcher = client.watch(get_post(8));
    server.next().await.with(409, json(r#"{"message":"taken"}"#));
    yield_often().await;
    assert_eq!(watcher.snapshot().error.unwrap().view().message, "taken");
}

// B29
#[tokio::test(start_paused = true)]
async fn b29_errors_without_a_response_have_a_view_too() {
    let (client, server) = setup();
    let fetching = tokio::spawn(client.fetch(get_post(7)));
    server.next().await.send(Err(TransportError::not_sent("no route")));
    let error = fetching.await.unwrap().unwrap_err();
    assert_eq!(error.view(), &ErrorView::new("no connection could be made: no route"));
    assert_eq!(error.category(), ErrorCategory::Network);
    let fetching = tokio::spawn(client.fetch(get_post(7)));
    server.next().await.ok("no JSON");
    let error = fetching.await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.category()), (ErrorKind::Decode, ErrorCategory::Internal));
    assert!(error.view().message.starts_with("the response is not what was expected: "), "{:?}", error.view());
}

// B29
#[tokio::test(start_paused = true)]
async fn b29_each_status_has_its_category() {
    let (client, server) = setup();
    for (status, category) in [
        (400, ErrorCategory::Validation),
        (401, ErrorCategory::Authentication),
        (403, ErrorCategory::Authorization),
        (404, ErrorCategory::NotFound),
        (408, ErrorCategory::Network),
        (410, ErrorCategory::NotFound),
        (409, ErrorCategory::Conflict),
        (412, ErrorCategory::Conflict),
        (418, ErrorCategory::Refused),
        (422, ErrorCategory::Validation),
        (429, ErrorCategory::RateLimit),
        (500, ErrorCategory::Server),
        (503, ErrorCategory::Server),
        (304, ErrorCategory::Refused),
    ] {
        assert_eq!(refused(&client, &server, status, "").await.category(), category, "{status}");
    }
}

// B29
#[tokio::test(start_paused = true)]
async fn b29_the_client_can_read_its_servers_errors_itself() {
    let server = Server::default();
    let read = |response: &RawResponse| {
        let body: Json = response.json()?;
        assert!(body["panic"].is_null(), "a panic in the application's code");
        Some(ErrorView::new(body["oops"].as_str()?).code("own"))
    };
    let client = builder(&server).error_view(read).build().unwrap();
    let own = refused(&client, &server, 400, json(r#"{"oops":"odd shape"}"#)).await;
    assert_eq!((own.view().message.as_str(), own.view().code.as_deref()), ("odd shape", Some("own")));
    assert!(own.to_string().ends_with("400 Bad Request: odd shape"), "{own}");
    let usual = refused(&client, &server, 400, json(r#"{"message":"usual"}"#)).await;
    assert_eq!(usual.view().message, "usual");
    let after_panic = refused(&client, &server, 400, json(r#"{"panic":1,"message":"as usual"}"#)).await;
    assert_eq!(after_panic.view().message, "as usual");
}

// B29
#[tokio::test(start_paused = true)]
async fn b29_the_requests_id_is_told_the_servers_first() {
    let server = Server::default();
    let client = builder(&server).header("x-request-id", "sent-1").unwrap().build().unwrap();
    let ask = |answer: Answer| {
        let fetching = tokio::spawn(client.fetch(get_post(7)));
        let server = server.clone();
        async move {
            server.next().await.send(answer);
            fetching.await.unwrap().unwrap_err()
        }
    };
    let by_server = ask(answer(500, &[("request-id", "srv-9")], "")).await;
    assert_eq!(by_server.request_id(), Some("srv-9"));
    assert!(by_server.to_string().starts_with("GET /posts/{id} (getPost, request srv-9): "), "{by_server}");
    let sent = ask(answer(500, &[], "")).await;
    assert_eq!(sent.request_id(), Some("sent-1"));
    let repeated = ask(answer(500, &[], "sent-1 failed")).await;
    assert!(
        repeated
            .to_string()
            .ends_with("(getPost, request sent-1): the server answered 500 Internal Server Error: sent-1 failed"),
        "{repeated}"
    );
    let lost = ask(Err(TransportError::lost("reset"))).await;
    assert!(lost.to_string().contains("(getPost, request sent-1): "), "{lost}");
    let odd = ask(answer(500, &[("x-request-id", "a b"), ("cf-ray", "ray")], "")).await;
    assert_eq!(odd.request_id(), Some("ray"));
    // What was read and did not decode has one, too.
    let undecoded = ask(answer(200, &[("x-request-id", "r2")], "?")).await;
    assert!(undecoded.to_string().contains("(getPost, request r2): the response is not"), "{undecoded}");
}

// B29
#[tokio::test(start_paused = true)]
async fn b29_what_is_no_json_says_what_the_server_calls_it() {
    let (client, server) = setup();
    for (media, body, expected) in [
        ("Text/HTML; charset=utf-8", "<html>", "it is `Text/HTML` and no JSON; `as_text` and `as_bytes` read such"),
        ("application/zip", "PK", "it is `application/zip` and no JSON"),
        ("application/problem+json", "?", "was expected: expected value"),
        // Valid JSON is what it is, whatever it is called; and a header may hold anything.
        ("text/plain", "{}", "was expected: invalid type"),
        ("`a/b`", "?", "was expected: expected value"),
    ] {
        let fetching = tokio::spawn(client.refetch(&Query::<Vec<i64>>::new(Request::get("listIds", "/ids"))));
        server.next().await.send(answer(200, &[("content-type", media)], body));
        let error = fetching.await.unwrap().unwrap_err().to_string();
        assert!(error.contains(expected), "{media}: {error}");
    }
}

// B29
#[tokio::test(start_paused = true)]
async fn b29_an_error_tells_when_to_try_again() {
    let (client, server) = setup();
    let fetching = tokio::spawn(client.fetch(get_post(7)));
    server.next().await.send(answer(429, &[("retry-after", "17")], ""));
    assert_eq!(fetching.await.unwrap().unwrap_err().retry_after(), Some(SECOND * 17));
    assert_eq!(refused(&client, &server, 429, "").await.retry_after(), None);
}

/// A server that repeats what it was sent, in every form and place that people read.
fn echoing(asked: &Asked) -> String {
    let headers = asked.request.headers();
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
    let url = asked.url();
    let query = url.split_once('?').map_or("", |(_, query)| query).to_owned();
    let sent = [text("authorization"), text("x-api-key"), text("cookie"), query];
    let said = sent.join(" / ");
    let inner = said.replace("Bearer ", "").replace("Basic ", "");
    serde_json::json!({
        "title": format!("you sent {said}"), "detail": format!("{} and {inner}", "long ".repeat(30)), "code": inner.replace(' ', ""),
        "errors": { inner: [said, format!("password hunter2&co")] },
    })
    .to_string()
}

// B29
#[tokio::test(start_paused = true)]
async fn b29_no_credential_is_shown_that_a_server_repeats() {
    const EACH: Security = &[&["one"]];
    let credentials = [
        Credential::bearer("one", "tok-5ecret-abcdef"),
        Credential::basic("one", "ada", "hunter2&co"),
        Credential::in_header("one", "x-api-key", "tok-5ecret-abcdef"),
        Credential::in_query("one", "api_key", "tok 5ecret/abcdef"),
        Credential::in_cookie("one", "sid", "tok-5ecret-abcdef"),
    ];
    for credential in credentials {
        let (server, events) = (Server::default(), Arc::new(Mutex::new(String::new())));
        let heard = events.clone();
        let client = builder(&server)
            .credential(credential.usual(EACH))
            .on_event(move |event| lock(&heard).push_str(&format!("{event:?}")))
            .build()
            .unwrap();
        let fetching = tokio::spawn(client.fetch(get_post(7)));
        let asked = server.next().await;
        let body = echoing(&asked);
        assert!(body.contains("5ecret") || body.contains("YWRh"), "it was sent: {body}");
        asked.with(401, body.clone());
        let error = fetching.await.unwrap().unwrap_err();
        let basic = "YWRhOmh1bnRlcjImY28";
        for shown in [format!("{error}"), format!("{error:?}"), format!("{:?}", error.view()), lock(&events).clone()] {
            for secret in ["5ecret", "abcdef", "ada:", basic] {
                assert!(!shown.contains(secret), "{secret} in {shown}");
            }
        }
        let view = format!("{:?}", error.view());
        let is_basic = body.contains("YWRh");
        assert_eq!(view.contains("hunter2&co"), !is_basic, "{view}");
        assert!(view.contains("[secret]"), "{view}");
    }
}

// B29
#[tokio::test(start_paused = true)]
async fn b29_no_secret_is_shown_by_what_the_client_reads_itself_or_of_a_connection() {
    let server = Server::default();
    let client = builder(&server)
        .bearer_token("tok-5ecret-abcdef")
        .credential(Credential::in_query("key", "key", "query-5ecret"))
        .error_view(|_| Some(ErrorView::new("cut tok-5ecr…").detail("tok-5ecret-abcdef")))
        .build()
        .unwrap();
    let error = refused(&client, &server, 400, "").await;
    assert_eq!((error.view().message.as_str(), error.view().details[0].as_str()), ("cut [secret]…", "[secret]"));
    let fetching = tokio::spawn(client.fetch(get_post(7)));
    let asked = server.next().await;
    let url = asked.url();
    assert!(url.contains("query-5ecret"));
    asked.send(Err(TransportError::lost(format!("{url} is not there"))));
    let error = fetching.await.unwrap().unwrap_err();
    let chain = format!("{error} {error:?} {:?}", std::error::Error::source(&error).map(ToString::to_string));
    assert!(!chain.contains("5ecret"), "{chain}");
    assert!(chain.contains("key=[secret] is not there"), "{chain}");
}
