//! Layers around the transport, transports and limits of single operations and calls.

use std::future::pending;

use super::*;
use crate::layers::{ComputedHeader, RequestIds, Tracing, layer_fn};
use crate::{ErrorKind, Layer, OperationInfo, RequestId, transport_fn};

fn text(body: &'static str) -> Answer {
    Ok(Response::new(ResponseBody::from(body)))
}

/// A layer that writes down when it is passed.
fn named(name: &'static str, passed: &Arc<Mutex<Vec<String>>>) -> impl Layer + use<> {
    let passed = passed.clone();
    layer_fn(move |request, inner| {
        let passed = passed.clone();
        async move {
            lock(&passed).push(format!("{name} in"));
            let answer = inner.send(request).await;
            lock(&passed).push(format!("{name} out"));
            answer
        }
    })
}

// B28
#[tokio::test(start_paused = true)]
async fn b28_the_first_layer_is_the_outermost() {
    let (server, passed) = (Server::default(), Arc::default());
    let builder = builder(&server).layer(named("first", &passed)).layer(named("second", &passed));
    let client = builder.transport_for("listPosts", transport_fn(|_| async { text("[]") })).build().unwrap();
    client.fetch(list_posts()).await.unwrap();
    assert_eq!(*lock(&passed), ["first in", "second in", "second out", "first out"]);
    // They are around the transport of a call, too.
    client.fetch(get_post(1).transport(transport_fn(|_| async { text("7") }))).await.unwrap();
    assert_eq!(lock(&passed).len(), 8);
    assert_eq!(server.settled().await, 0);
}

// B28
#[tokio::test(start_paused = true)]
async fn b28_a_request_tells_its_operation_and_its_id_to_every_layer() {
    let (server, seen) = (Server::default(), Arc::new(Mutex::new(Vec::new())));
    let seeing = seen.clone();
    let look = layer_fn(move |request: ::http::Request<Bytes>, inner: Arc<dyn Transport>| {
        let operation = *request.extensions().get::<OperationInfo>().unwrap();
        let id = request.extensions().get::<RequestId>().unwrap().clone();
        lock(&seeing).push((operation.id(), operation.path_template(), id));
        inner.send(request)
    });
    let language = ComputedHeader::new(::http::HeaderName::from_static("x-for"), |operation| {
        ::http::HeaderValue::from_str(operation.id()).ok()
    });
    let client = builder(&server).layer(look).layer(RequestIds::new()).layer(Tracing).layer(language);
    let client = client.build().unwrap();
    for id in [1, 2] {
        let fetching = tokio::spawn(client.fetch(get_post(id)));
        let asked = server.next().await;
        let (operation, template, request_id) = lock(&seen).pop().unwrap();
        assert_eq!((operation, template), ("getPost", "/posts/{id}"));
        assert_eq!(asked.request.headers()["x-request-id"], request_id.as_str());
        assert_eq!(asked.request.headers()["x-for"], "getPost");
        asked.ok("1");
        fetching.await.unwrap().unwrap();
        lock(&seen).push((operation, template, request_id));
    }
    let seen = lock(&seen);
    assert_ne!(seen[0].2, seen[1].2);
}

// B28
#[tokio::test(start_paused = true)]
async fn b28_a_call_may_bring_its_own_transport_and_stays_the_same_entry() {
    let (client, server) = setup();
    let draft = transport_fn(|request| async move {
        assert_eq!(request.uri(), "https://api.example.com/v1/posts/1");
        text("\"draft\"")
    });
    assert_eq!(*client.fetch(get_post(1).transport(draft)).await.unwrap(), "draft");
    // The same entry: nothing is asked for.
    assert_eq!(*client.fetch(get_post(1)).await.unwrap(), "draft");
    assert_eq!(server.settled().await, 0);
    // Its refetches go there as well, until another call says otherwise.
    drop(client.invalidate(POST.id(1)));
    assert_eq!(*client.fetch(get_post(1)).await.unwrap(), "draft");
    drop(client.invalidate(POST.id(1)));
    let other = transport_fn(|_| async { text("\"other\"") });
    assert_eq!(*client.fetch(get_post(1).transport(other)).await.unwrap(), "other");
    let mutated = client.mutate(update_post(1).transport(transport_fn(|_| async { text("3") }))).await.unwrap();
    assert_eq!(mutated, 3);
    assert!(client.peek(&get_post(1)).is_some() && client.inspect().entries[0].is_stale, "tags count as ever");
    assert_eq!(server.settled().await, 0);
}

// B28
#[tokio::test(start_paused = true)]
async fn b28_an_operation_may_have_its_own_transport() {
    let server = Server::default();
    let client = builder(&server).transport_for("getPost", transport_fn(|_| async { text("7") })).build().unwrap();
    assert_eq!(*client.fetch(get_post(1)).await.unwrap(), 7);
    let fetching = tokio::spawn(client.fetch(list_posts()));
    server.next().await.ok("[]");
    fetching.await.unwrap().unwrap();
    assert_eq!(server.settled().await, 1);
}

// B25
#[tokio::test(start_paused = true)]
async fn b25_a_call_says_how_long_it_may_take_and_counts_over_its_operation() {
    let server = Server::default();
    let silent = transport_fn(|_| pending());
    let builder = builder(&server).transport(silent).timeout(30 * SECOND);
    let client = builder.enhance_query("getPost", |query: Query<Json>| query.timeout(5 * SECOND)).build().unwrap();
    let cases =
        [(get_post(1).timeout(2 * SECOND), 2), (get_post(2), 5), (Query::new(Request::get("other", "/other")), 30)];
    for (query, seconds) in cases {
        let started = tokio::time::Instant::now();
        let error = client.fetch(query).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert_eq!(started.elapsed().as_secs(), seconds, "{error}");
    }
    let started = tokio::time::Instant::now();
    assert_eq!(client.mutate(update_post(1).timeout(SECOND)).await.unwrap_err().kind(), ErrorKind::Timeout);
    assert_eq!(started.elapsed().as_secs(), 1);
}

// B36
#[tokio::test(start_paused = true)]
async fn b36_a_call_says_how_large_its_response_may_be() {
    let server = Server::default();
    let large = transport_fn(|_| async { text("1234567890") });
    let client = builder(&server).transport(large).max_response_bytes(5).build().unwrap();
    assert_eq!(*client.fetch(get_post(1).max_response_bytes(10)).await.unwrap(), 1_234_567_890);
    let error = client.fetch(get_post(2)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    let error = client.mutate(update_post(1).max_response_bytes(9)).await.unwrap_err();
    assert!(error.to_string().ends_with("9 bytes"), "{error}");
}

// B36
#[tokio::test(start_paused = true)]
async fn b36_a_panic_in_a_layer_is_an_error() {
    struct Broken;
    impl Layer for Broken {
        fn layer(&self, _: Arc<dyn Transport>) -> Arc<dyn Transport> {
            panic!("on purpose");
        }
    }
    let server = Server::default();
    let error = builder(&server).layer(Broken).build().unwrap_err();
    assert!(error.to_string().contains("a layer panicked"), "{error}");
    let sending = layer_fn(|_, _| async { panic!("on purpose") });
    let client = builder(&server).layer(sending).build().unwrap();
    assert_eq!(client.fetch(get_post(1)).await.unwrap_err().kind(), ErrorKind::Panicked);
}
