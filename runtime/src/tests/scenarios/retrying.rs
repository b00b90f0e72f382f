//! What failed is tried again.

use std::sync::atomic::AtomicUsize;

use super::*;
use crate::{ErrorKind, RefetchOf};

/// Waits of one second, two, four, and no randomness.
const THREE: Retry = Retry::times(3).without_jitter();

fn trying() -> (Client, Server) {
    setup_with(|builder| builder.retry(THREE))
}

/// The next request fails.
async fn fail(server: &Server) {
    server.next().await.with(503, json("{}"));
    server.settled().await;
}

// B25
#[tokio::test(start_paused = true)]
async fn b25_a_query_is_tried_four_times_and_then_fails() {
    let server = Counter::default();
    server.fail(true);
    let client = Client::builder("https://api.example.com/v1").transport(server.clone()).build().unwrap();
    let begun = tokio::time::Instant::now();
    let error = client.fetch(get_post(1)).await.unwrap_err();
    assert_eq!((server.all(), error.status().map(|status| status.as_u16())), (4, Some(500)));
    let took = begun.elapsed();
    assert!(SECOND * 7 / 2 <= took && took <= SECOND * 7 + SECOND / 100, "{took:?}");
    assert!(client.fetch(get_post(1).retry(Retry::none())).await.is_err());
    assert_eq!(server.all(), 5, "none is one request");
    assert!(client.fetch(get_post(1).retry(Retry::times(5))).await.is_err());
    assert_eq!(server.all(), 11, "five further ones are six");
}

// B25
#[tokio::test(start_paused = true)]
async fn b25_success_ends_the_tries_and_all_who_wait_are_answered_by_it() {
    let (client, server) = trying();
    let watcher = client.watch(get_post(1));
    let fetching = tokio::spawn(client.fetch(get_post(1)));
    fail(&server).await;
    let state = seen(&watcher);
    assert!(state.is_loading && state.is_fetching && state.error.is_none(), "nobody is told of it as of the end");
    assert_eq!((state.failures, state.last_failure.map(|error| error.kind())), (1, Some(ErrorKind::Status)));
    let joining = tokio::spawn(client.fetch(get_post(1)));
    let also = client.watch(get_post(1));
    server.settled().await;
    assert_eq!(server.settled().await, 1, "whoever comes joins the wait");
    after(SECOND * 2).await;
    server.next().await.ok(json("1"));
    assert_eq!(*fetching.await.unwrap().unwrap(), 1);
    assert_eq!(*joining.await.unwrap().unwrap(), 1);
    let state = seen(&also);
    assert_eq!((number(&watcher), state.failures, state.is_fetching), (1, 0, false));
    assert!(state.last_failure.is_none());
    assert_eq!(server.settled().await, 2);
}

// B25
#[tokio::test(start_paused = true)]
async fn b25_what_will_not_go_better_is_told_at_once() {
    let (client, server) = trying();
    for (status, body) in [(404, "{}"), (200, "no JSON")] {
        let fetching = tokio::spawn(client.fetch(get_post(1)));
        server.next().await.with(status, json(body));
        assert!(fetching.await.unwrap().is_err());
    }
    let (panicking, picky) = (
        get_post(2).provides_with(|_| -> crate::Tags { panic!("on purpose") }),
        get_post(3).retry(THREE.when(|error, _| error.status().is_none_or(|status| status != 503))),
    );
    let fetching = tokio::spawn(client.fetch(panicking));
    server.next().await.ok(json("1"));
    assert_eq!(fetching.await.unwrap().unwrap_err().kind(), ErrorKind::Panicked);
    let fetching = tokio::spawn(client.fetch(picky));
    fail(&server).await;
    assert_eq!(fetching.await.unwrap().unwrap_err().status().unwrap(), 503, "the error as it is");
    after(SECOND * 100).await;
    assert_eq!(server.settled().await, 4);
}

// B25
#[tokio::test(start_paused = true)]
async fn b25_panics_are_bounded_too() {
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let (client, server) = counting_with(|builder| {
        builder.retry(THREE.when(|_, failures| {
            ASKED.fetch_add(1, Ordering::SeqCst);
            0 < failures
        }))
    });
    let panicking = get_post(2).provides_with(|_| -> crate::Tags { panic!("on purpose") });
    assert_eq!(client.fetch(panicking).await.unwrap_err().kind(), ErrorKind::Panicked);
    assert_eq!((server.all(), ASKED.load(Ordering::SeqCst)), (4, 3));
}

// B25
#[tokio::test(start_paused = true)]
async fn b25_tries_stop_with_the_last_who_needs_them() {
    let (client, server) = trying();
    let (one, other) = (client.watch(get_post(1)), client.watch(get_post(1)));
    fail(&server).await;
    drop(one);
    after(SECOND * 2).await;
    fail(&server).await;
    assert_eq!(server.settled().await, 2, "one is left, so it goes on");
    drop(other);
    after(SECOND * 100).await;
    assert_eq!(server.settled().await, 2);
    let leaving = tokio::spawn(client.fetch(get_post(2)));
    fail(&server).await;
    leaving.abort();
    after(SECOND * 100).await;
    assert_eq!(server.settled().await, 3);
    assert!(client.inspect().entries.iter().all(|entry| !entry.is_fetching));
    let watcher = client.watch(get_post(3));
    let asked = server.next().await;
    drop(watcher);
    asked.with(503, json("{}"));
    after(SECOND * 10).await;
    assert_eq!(server.settled().await, 4, "it went on, and nobody was there when it failed");
    let (watcher, leaving) = (client.watch(get_post(4)), tokio::spawn(client.fetch(get_post(4))));
    fail(&server).await;
    drop(watcher);
    leaving.abort();
    after(SECOND * 100).await;
    assert_eq!(server.settled().await, 5, "that there was a watcher once keeps no try");
}

// B25
#[tokio::test(start_paused = true)]
async fn b25_reset_and_removal_end_the_tries() {
    let (client, server) = trying();
    let fetching = tokio::spawn(client.fetch(get_post(1)));
    fail(&server).await;
    client.remove(crate::Target::everything());
    assert_eq!(fetching.await.unwrap().unwrap_err().kind(), ErrorKind::Aborted);
    after(SECOND * 100).await;
    assert_eq!(server.settled().await, 1);
    let watcher = client.watch(get_post(2));
    fail(&server).await;
    drop(client.reset(crate::Target::everything()));
    server.next().await.ok(json("2"));
    after(SECOND * 100).await;
    assert_eq!((number(&watcher), server.settled().await), (2, 3));
}

// B25
#[tokio::test(start_paused = true)]
async fn b25_an_invalidation_while_it_waits_needs_no_request_of_its_own() {
    let (client, server) = trying();
    let watcher = client.watch(get_post(1));
    server.next().await.ok(json("1"));
    server.settled().await;
    let first = tokio::spawn(client.invalidate(POST.id(1)));
    fail(&server).await;
    let second = tokio::spawn(client.invalidate(POST.id(1)));
    server.settled().await;
    assert!(!first.is_finished() && !second.is_finished() && number(&watcher) == 1);
    after(SECOND).await;
    server.next().await.ok(json("2"));
    assert!(first.await.unwrap().is_empty() && second.await.unwrap().is_empty());
    assert_eq!((number(&watcher), server.settled().await), (2, 3));
    assert!(!seen(&watcher).is_stale);
    let failing = tokio::spawn(client.invalidate(POST.id(1)));
    for wait in [1, 2, 4] {
        fail(&server).await;
        after(SECOND * wait).await;
    }
    fail(&server).await;
    assert_eq!(failing.await.unwrap().len(), 1, "who waits for the refetch hears of the end, once");
    let state = seen(&watcher);
    assert!(state.is_stale && state.error.is_some() && !state.is_fetching && state.failures == 0);
}

// B25
#[tokio::test(start_paused = true)]
async fn b25_who_asks_by_hand_does_not_wait() {
    let (client, server) = trying();
    let _watcher = client.watch(get_post(1));
    for wait in [1, 2] {
        fail(&server).await;
        after(SECOND * wait).await;
    }
    fail(&server).await;
    let refetching = tokio::spawn(client.refetch(&get_post(1)));
    for wait in [1, 2, 4] {
        fail(&server).await;
        after(SECOND * wait).await;
    }
    server.next().await.ok(json("1"));
    assert_eq!(*refetching.await.unwrap().unwrap(), 1, "and has tries of its own");
    assert_eq!(server.settled().await, 7);
}

// B25, B27
#[tokio::test(start_paused = true)]
async fn b25_offline_it_waits_for_the_connection() {
    let (client, server) = trying();
    let watcher = client.watch(get_post(1));
    let fetching = tokio::spawn(client.fetch(get_post(2)));
    fail(&server).await;
    fail(&server).await;
    client.online(false);
    after(SECOND * 1000).await;
    client.focused(true);
    assert_eq!(server.settled().await, 2);
    assert!(seen(&watcher).is_fetching && !fetching.is_finished());
    client.online(true);
    answer_all(&server, "1").await;
    assert_eq!((number(&watcher), *fetching.await.unwrap().unwrap() == 1), (1, true));
    assert_eq!(server.settled().await, 4, "once each");
    let again = tokio::spawn(client.refetch(&get_post(1)));
    fail(&server).await;
    client.online(false);
    client.online(true);
    assert_eq!(server.settled().await, 5, "what is not due yet keeps its time");
    after(SECOND).await;
    server.next().await.ok(json("2"));
    assert_eq!(*again.await.unwrap().unwrap(), 2);
}

// B25
#[tokio::test(start_paused = true)]
async fn b25_a_server_is_asked_again_when_it_said() {
    let (client, server) = trying();
    let busy = |after: &str| {
        let response = ::http::Response::builder().status(429).header("retry-after", after);
        Ok(response.body(json("{}").into()).unwrap())
    };
    let fetching = tokio::spawn(client.fetch(get_post(1)));
    server.next().await.send(busy("20"));
    after(SECOND * 19).await;
    assert_eq!(server.settled().await, 1);
    after(SECOND).await;
    assert_eq!(server.settled().await, 2);
    server.next().await.send(busy("3600"));
    assert_eq!(fetching.await.unwrap().unwrap_err().status().unwrap(), 429, "nobody waits that long");
}

// B25
#[tokio::test(start_paused = true)]
async fn b25_a_limit_over_all_tries_ends_one_that_is_under_way() {
    let (client, server) = setup_with(|builder| builder.retry(Retry::times(9).delay(SECOND).within(SECOND * 10)));
    let begun = tokio::time::Instant::now();
    let fetching = tokio::spawn(client.fetch(get_post(1)));
    fail(&server).await;
    after(SECOND).await;
    let hanging = server.next().await;
    let error = fetching.await.unwrap().unwrap_err();
    assert_eq!((error.kind(), begun.elapsed().as_secs()), (ErrorKind::Timeout, 10));
    assert!(error.to_string().contains("within 10s"), "{error}");
    assert!(hanging.answer.is_closed());
    let fetching = tokio::spawn(client.fetch(get_post(1)));
    server.next().await.ok(json("1"));
    assert_eq!(*fetching.await.unwrap().unwrap(), 1, "the next call has a time of its own");
}

// B25
#[tokio::test(start_paused = true)]
async fn b25_call_operation_and_client_say_how_often() {
    let (client, server) = counting_with(|builder| {
        builder
            .retry(THREE)
            .enhance_query("of", |query: Query<Json>| query.retry(Retry::times(1).delay(SECOND).without_jitter()))
    });
    server.fail(true);
    assert!(client.fetch(of("/a", POST.id(1))).await.is_err());
    assert_eq!(server.of("/a"), 2, "the operation");
    assert!(client.fetch(of("/b", POST.id(1)).retry(Retry::none())).await.is_err());
    assert_eq!(server.of("/b"), 1, "the call");
    assert!(client.fetch(get_post(1)).await.is_err());
    assert_eq!(server.of("/posts/1"), 4, "the client");
    server.fail(false);
    let _watcher = watched(&client, get_post(2).retry(Retry::none())).await;
    server.fail(true);
    client.invalidate_and(POST.id(2), RefetchOf::All).await;
    assert_eq!(server.of("/posts/2"), 2, "who watches says it of what is asked for by itself");
}

// B25, B35
#[tokio::test(start_paused = true)]
async fn b25_each_try_is_told_with_its_cause_and_its_wait() {
    let (client, server) = trying();
    let mut events = client.events();
    let fetching = tokio::spawn(client.fetch(get_post(1)));
    fail(&server).await;
    assert!(client.inspect().to_string().contains("1 try failed"), "{}", client.inspect());
    assert_eq!(client.inspect().entries[0].retried_in, Some(SECOND));
    after(SECOND).await;
    fail(&server).await;
    after(SECOND * 2).await;
    server.next().await.ok(json("1"));
    fetching.await.unwrap().unwrap();
    let mut told = Vec::new();
    while told.last().is_none_or(|last: &String| last != "received") {
        told.push(match events.next().await.unwrap() {
            Event::Requested { cause, .. } => format!("{cause:?}"),
            Event::Retrying { failures, wait, error, .. } => {
                format!("{failures}: {wait:?}, {}", error.status().unwrap())
            }
            Event::Received { .. } => "received".to_owned(),
            other => format!("{other:?}"),
        });
    }
    let unavailable = "503 Service Unavailable";
    let first = format!("1: 1s, {unavailable}");
    let second = format!("2: 2s, {unavailable}");
    assert_eq!(told, ["Fetch", first.as_str(), "Retry", second.as_str(), "Retry", "received"]);
}
