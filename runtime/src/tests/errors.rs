//! Bodies that are wrong, too large or too slow, secrets, and base URLs.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;

use super::*;
use crate::{Error, ErrorKind};

/// Gives these pieces; then ends, or never does.
struct Pieces {
    pieces: VecDeque<Bytes>,
    ends: bool,
}

impl Stream for Pieces {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match self.pieces.pop_front() {
            Some(piece) => Poll::Ready(Some(Ok(piece))),
            None if self.ends => Poll::Ready(None),
            None => Poll::Pending,
        }
    }
}

fn pieces(pieces: &[&'static str], ends: bool) -> ResponseBody {
    ResponseBody::stream(Pieces { pieces: pieces.iter().map(|piece| json(piece)).collect(), ends })
}

async fn fetched<T: Send + Sync + 'static>(
    client: &Client,
    server: &Server,
    query: Query<T>,
    body: ResponseBody,
) -> Result<Arc<T>, Error> {
    let fetching = tokio::spawn(client.fetch(query));
    server.next().await.ok(body);
    fetching.await.unwrap()
}

// B36
#[tokio::test(start_paused = true)]
async fn b36_a_body_that_is_too_large_is_not_read_to_its_end() {
    let server = Server::default();
    let client = builder(&server).max_response_bytes(10).build().unwrap();
    for body in [pieces(&["123456", "789012"], false), pieces(&["12345678901"], true), json("12345678901").into()] {
        let error = fetched(&client, &server, get_post(1), body).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TooLarge);
    }
    let whole = fetched(&client, &server, get_post(1), pieces(&["12345", "67890"], true)).await.unwrap();
    assert_eq!(*whole, 1_234_567_890);
}

// B36
#[tokio::test(start_paused = true)]
async fn b36_a_body_that_never_ends_runs_into_the_timeout() {
    let server = Server::default();
    let client = builder(&server).timeout(SECOND * 5).build().unwrap();
    let error = fetched(&client, &server, get_post(1), pieces(&["1"], false)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.to_string().ends_with("there was no complete answer within 5s"), "{error}");
}

// B29
#[tokio::test(start_paused = true)]
async fn b29_a_body_that_does_not_decode_tells_where_and_is_kept() {
    let (client, server) = setup();
    let query = Query::<Vec<i64>>::new(Request::get("listIds", "/ids"));
    let error = fetched(&client, &server, query, json(r#"[1, "x"]"#).into()).await.unwrap_err();
    assert_eq!((error.kind(), error.json_path()), (ErrorKind::Decode, Some("[1]")));
    assert_eq!(error.body_bytes().unwrap().as_ref(), br#"[1, "x"]"#);
    let text = error.to_string();
    assert!(text.starts_with("GET /ids (listIds, request "), "{text}");
    assert!(text.contains("): the response is not what was expected, at [1]: "), "{text}");
}

#[tokio::test(start_paused = true)]
async fn an_empty_body_is_null_and_other_readers_read_it_their_way() {
    let (client, server) = setup();
    let empty = || ResponseBody::from(Bytes::new());
    let optional = Query::<Option<i64>>::new(Request::get("a", "/a"));
    assert_eq!(*fetched(&client, &server, optional, empty()).await.unwrap(), None);
    let required = Query::<i64>::new(Request::get("b", "/b"));
    let error = fetched(&client, &server, required, empty()).await.unwrap_err();
    assert!(error.to_string().ends_with("the body is empty"), "{error}");
    let text = Query::text(Request::get("c", "/c"));
    assert_eq!(*fetched(&client, &server, text, json("hello").into()).await.unwrap(), "hello");
    let bytes = Query::bytes(Request::get("d", "/d"));
    assert_eq!(*fetched(&client, &server, bytes, json("raw").into()).await.unwrap(), "raw");
    let nothing = Query::empty(Request::get("e", "/e"));
    fetched(&client, &server, nothing, json("ignored").into()).await.unwrap();
}

// B36
#[tokio::test(start_paused = true)]
async fn b36_a_transport_that_panics_is_an_error() {
    struct Broken;
    impl Transport for Broken {
        fn send(&self, _: ::http::Request<Bytes>) -> BoxFuture<Answer> {
            panic!("a transport")
        }
    }
    let client = Client::builder("https://a.example").transport(Broken).build().unwrap();
    let error = client.fetch(get_post(1)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Panicked);
    assert!(error.to_string().ends_with("the transport panicked"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn headers_of_the_client_and_of_the_call_are_sent_and_never_shown() {
    let (server, events) = (Server::default(), Arc::new(Mutex::new(String::new())));
    let heard = events.clone();
    let builder = builder(&server)
        .bearer_token("secret-token")
        .header("X-Key", "secret-key")
        .unwrap()
        .on_event(move |event| lock(&heard).push_str(&format!("{event:?}")));
    let shown = format!("{builder:?}");
    let client = builder.build().unwrap();
    let query = Query::<Json>::new(
        Request::get("a", "/a").header_param("X-Key", "secret-of-call").query_param("q", "secret-query"),
    );
    let watcher = client.watch(query.clone());
    let asked = server.next().await;
    assert_eq!(asked.request.headers()["authorization"], "Bearer secret-token");
    assert_eq!(asked.request.headers()["x-key"], "secret-of-call");
    assert_eq!(asked.request.headers()["accept"], "application/json");
    assert_eq!(asked.url(), "https://api.example.com/v1/a?q=secret-query");
    asked.with(401, json("{}"));
    server.settled().await;
    let error = watcher.snapshot().error.unwrap();
    let events = lock(&events).clone();
    for text in [shown, format!("{client:?} {query:?} {watcher:?} {:?} {error} {error:?}", watcher.snapshot()), events]
    {
        assert!(!text.contains("secret"), "{text}");
    }
}

#[tokio::test]
async fn base_urls() {
    let server = Server::default();
    let build = |url: &str| Client::builder(url).transport(server.clone()).build();
    for (url, reason) in [
        ("api.example.com", "must begin with http"),
        ("ftp://example.com", "must begin with http"),
        ("", "base URL"),
        ("https://", "base URL"),
        ("https://a.example/?key=1", "must end with the path"),
        ("https://a.example/#top", "must end with the path"),
        ("https://me:hunter2@a.example", "cannot hold a user"),
        ("https://a b", "base URL"),
    ] {
        let error = build(url).unwrap_err().to_string();
        assert!(error.contains(reason), "{url}: {error}");
        assert!(!error.contains("hunter2"));
    }
    for url in ["https://a.example", "http://localhost:8080/", "https://a.example/v1/", "http://[::1]:3000/api"] {
        build(url).unwrap();
    }
    assert!(Client::builder("https://a.example").header("bad name", "x").is_err());
    assert!(Client::builder("https://a.example").bearer_token("a\nb").build().is_err());
}
