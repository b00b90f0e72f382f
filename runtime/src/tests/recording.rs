//! Recordings: what they hold, what they never hold, and that they can be given back.

use super::*;
use crate::layers::layer_fn;
use crate::{Credential, MockAnswer, MockTransport, Recorder, Replay};
use ::http::{HeaderName, HeaderValue, Method};

fn search(q: &str, page: i64) -> Query<Json> {
    Query::new(Request::get("search", "/search").query_param("q", q).query_param("page", &page))
}

fn sign_in(body: &Json) -> Mutation<Json> {
    Mutation::new(Request::post("signIn", "/sessions").query_param("api_token", "s3cret").json(body))
}

/// A server with a counter, so that an answer tells how many there were before.
fn counting() -> MockTransport {
    let count = Arc::new(Mutex::new(0));
    let counted = move |_: &::http::Request<Bytes>| {
        *lock(&count) += 1;
        MockAnswer::json(200, format!("{{\"n\": {}}}", *lock(&count)))
            .header(HeaderName::from_static("set-cookie"), HeaderValue::from_static("sid=s3cret"))
            .header(HeaderName::from_static("etag"), HeaderValue::from_static("\"7\""))
    };
    let signed_in = r#"{"accessToken": "s3cret", "user": {"pin": "s3cret", "name": "Ada"}, "nextPageToken": "p2"}"#;
    MockTransport::new()
        .route_with(Method::GET, "/search", counted)
        .route(Method::POST, "/sessions", MockAnswer::json(201, signed_in))
        .route(Method::GET, "/posts/{id}", MockAnswer::new(200, "image/png", &b"\xff\xfe"[..]))
        .route(Method::PATCH, "/posts/{id}", MockAnswer::not_sent())
        .route(Method::GET, "/posts", MockAnswer::lost())
}

fn picture(id: &str) -> Query<Bytes> {
    Query::bytes(Request::get("getPost", "/posts/{id}").path_param("id", id))
}

async fn use_all(client: &Client) -> Vec<String> {
    let mut told = Vec::new();
    for (q, page) in [("a b", 1), ("a b", 2), ("a b", 1)] {
        let query = search(q, page);
        told.push(client.refetch(&query).await.map_or_else(|error| error.to_string(), |data| data.to_string()));
    }
    let body = serde_json::json!({ "name": "ada", "password": "s3cret", "pin": "s3cret" });
    told.push(
        client
            .mutate(sign_in(&body))
            .await
            .map_or_else(|error| error.to_string(), |data| data["user"]["name"].to_string()),
    );
    told.push(format!("{:?}", client.fetch(picture("x/y")).await.map_err(|error| error.kind())));
    told.push(format!("{:?}", client.mutate(update_post(7)).await.map_err(|error| error.was_sent())));
    told.push(format!("{:?}", client.fetch(list_posts()).await.map_err(|error| error.was_sent())));
    told
}

// B28
#[tokio::test(start_paused = true)]
async fn b28_a_recording_is_given_back_as_it_was() {
    let recorder = Recorder::new().hide(["pin"]);
    let client = Client::builder("https://api.example.com/v1").transport(counting()).retry(Retry::none());
    let client = client.layer(recorder.clone());
    let client = client.credential(Credential::in_query("key", "api key", "s3cret"));
    let client = client.credential(Credential::in_cookie("c", "sid", "s3cret"));
    let client = client.credential(Credential::in_header("h", "x-key", "s3cret"));
    let client = client.bearer_token("s3cret").build().unwrap();
    let told = use_all(&client).await;
    let text = recorder.to_text();
    assert!(!text.contains("s3cret") && !text.contains("api key") && !text.contains("api+key"), "{text}");
    assert_eq!((text.lines().count(), recorder.left_out()), (7, 0));
    let first: Json = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert_eq!(first["query"], serde_json::json!({ "q": "a b", "page": "1" }));
    assert_eq!(first["response_headers"], serde_json::json!({ "content-type": "application/json", "etag": "\"7\"" }));
    assert!(text.contains(r#""path_params":{"id":"x/y"}"#) && text.contains(r#""nextPageToken":"p2""#), "{text}");

    let replay = Replay::from_text(&text).unwrap().hide(["pin"]);
    let again =
        Client::builder("https://elsewhere.example.com").transport(replay).retry(Retry::none()).build().unwrap();
    assert_eq!(use_all(&again).await, told);
    // The last answer stays, and what was never asked is told of.
    assert_eq!(*again.refetch(&search("a b", 1)).await.unwrap(), serde_json::json!({ "n": 3 }));
    let error = again.fetch(search("b", 1)).await.unwrap_err().to_string();
    assert!(error.ends_with("there is no answer for GET /search here"), "{error}");
}

// B36
#[tokio::test(start_paused = true)]
async fn b36_a_recording_is_bounded_and_holds_up_nothing() {
    let recorder = Recorder::new().max_body_bytes(5);
    let large = MockAnswer::json(200, "\"more than five\"");
    let mock = MockTransport::new().route(Method::GET, "/posts/{id}", large).route(
        Method::GET,
        "/posts",
        MockAnswer::json(200, "[1, 2]").cut_off(),
    );
    let client = Client::builder("https://api.example.com").transport(mock).retry(Retry::none());
    let client = client.layer(recorder.clone()).build().unwrap();
    assert_eq!(*client.fetch(get_post(1)).await.unwrap(), "more than five");
    client.fetch(list_posts()).await.unwrap_err();
    let text = recorder.to_text();
    assert_eq!(text.matches(r#""response_left_out":true"#).count(), 2, "{text}");
    for (text, told) in [("{}", "line 1 is no exchange"), ("\n{", "line 2 is no JSON")] {
        let error = Replay::from_text(text).unwrap_err().to_string();
        assert!(error.starts_with("this is no recording: ") && error.contains(told), "{error}");
    }
}

// B28
#[tokio::test(start_paused = true)]
async fn b28_a_mock_answers_by_operation_and_fails_as_it_is_told() {
    let mock = MockTransport::new()
        .route(Method::GET, "/posts/{post_id}", MockAnswer::json(200, "1"))
        .route_with(Method::GET, "/posts", |request| match request.uri().query() {
            None => MockAnswer::json(200, "[]").delay(5 * SECOND),
            Some(_) => MockAnswer::never(),
        })
        .route(Method::PATCH, "/posts/{id}", MockAnswer::empty(204));
    let add = layer_fn(|mut request: ::http::Request<Bytes>, inner: Arc<dyn Transport>| {
        *request.uri_mut() = "https://other.example.com/any/where".parse().unwrap();
        inner.send(request)
    });
    let client = Client::builder("https://api.example.com").transport(mock.clone()).layer(add).build().unwrap();
    // By its operation, wherever it is sent.
    assert_eq!(*client.fetch(get_post(1)).await.unwrap(), 1);
    let started = tokio::time::Instant::now();
    client.fetch(list_posts()).await.unwrap();
    assert_eq!(started.elapsed(), 5 * SECOND);
    client.mutate(update_post(1)).await.unwrap();
    let error = client.mutate(Mutation::<()>::empty(Request::delete("drop", "/posts/{id}").path_param("id", "s3cret")));
    let error = error.await.unwrap_err();
    assert_eq!(error.status().map(|status| status.as_u16()), Some(404));
    assert!(error.to_string().ends_with("there is no answer for DELETE /posts/{id} here"), "{error}");
    assert_eq!(mock.requests().len(), 4);
}
