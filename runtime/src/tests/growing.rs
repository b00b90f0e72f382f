//! B30: queries whose response is a stream: their data grows.

use super::streams::{FEED, feed, shown};
use super::*;
use crate::{ErrorKind, Growing, Regrow};

// B30
#[tokio::test(start_paused = true)]
async fn b30_a_query_grows_while_it_streams() {
    let (client, server) = setup();
    let mut watcher = client.watch(feed());
    let pieces = server.next().await.begin();
    server.settled().await;
    assert!(watcher.snapshot().is_loading);
    pieces.send("data: 1\n\ndata: 2\n\n");
    let state = watcher.data_changed().await;
    assert_eq!((shown(&state.data.unwrap()), state.is_fetching, state.is_loading), (vec![1, 2], true, false));
    let first = watcher.snapshot().data.unwrap().shared()[0].clone();
    pieces.send("data: 3\n\n");
    let state = watcher.data_changed().await;
    assert!(state.is_stale, "it is not all there is");
    let three = state.data.unwrap();
    assert_eq!(shown(&three), [1, 2, 3]);
    assert!(Arc::ptr_eq(&first, &three.shared()[0]), "what is there is shared");
    drop(pieces);
    server.settled().await;
    let state = watcher.snapshot();
    assert_eq!(
        (state.is_fetching, state.is_stale, state.status.map(|status| status.as_u16())),
        (false, false, Some(200))
    );
    assert!(Arc::ptr_eq(&three, &state.data.unwrap()), "the end brings nothing new");
    assert_eq!(shown(&client.fetch(feed()).await.unwrap()), [1, 2, 3]);
    assert_eq!(server.settled().await, 1, "it is fresh");
}

// B30
#[tokio::test(start_paused = true)]
async fn b30_a_fetch_waits_for_the_end_and_no_longer_than_the_client_says() {
    let server = Server::default();
    let client = builder(&server).timeout(SECOND * 5).build().unwrap();
    let mut watcher = client.watch(feed());
    let pieces = server.next().await.begin();
    pieces.send("data: 1\n\n");
    assert_eq!(shown(&watcher.data_changed().await.data.unwrap()), [1]);
    let fetch = tokio::spawn(client.fetch(feed()));
    let error = fetch.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(pieces.is_read(), "the watcher still wants it");
    let fetch = tokio::spawn(client.fetch(feed()));
    server.settled().await;
    pieces.send("data: 2\n\n");
    drop(pieces);
    assert_eq!(shown(&fetch.await.unwrap().unwrap()), [1, 2]);
    assert_eq!(server.settled().await, 1);
}

// B13
#[tokio::test(start_paused = true)]
async fn b13_an_invalidation_begins_the_stream_anew() {
    let (client, server) = setup();
    let mut watcher = client.watch(feed());
    let old = server.next().await.begin();
    old.send("data: 1\n\n");
    watcher.data_changed().await;
    let waiting = client.mutate(update_post(1).invalidates(FEED.all())).refetched();
    server.next().await.ok("{}");
    let new = server.next().await.begin();
    server.settled().await;
    assert!(!old.is_read());
    assert_eq!(shown(&watcher.snapshot().data.unwrap()), [1], "the old stays to be seen");
    new.send("data: 10\n\n");
    assert_eq!(shown(&watcher.data_changed().await.data.unwrap()), [10]);
    assert!(waiting.await.unwrap().errors.is_empty(), "who waits for refetches waits for the first data");
    assert!(watcher.snapshot().is_fetching);
}

// B5
#[tokio::test(start_paused = true)]
async fn b5_an_error_keeps_what_came_and_the_next_reader_begins_anew() {
    let (client, server) = setup();
    let mut watcher = client.watch(feed());
    let pieces = server.next().await.begin();
    pieces.send("data: 1\n\n");
    watcher.data_changed().await;
    pieces.lose();
    server.settled().await;
    let state = watcher.snapshot();
    assert_eq!((state.error.unwrap().kind(), state.is_fetching, state.is_stale), (ErrorKind::Connect, false, true));
    assert_eq!(shown(&state.data.unwrap()), [1]);
    let fetch = tokio::spawn(client.fetch(feed().regrow(Regrow::Append)));
    server.next().await.ok("data: 2\n\n");
    assert_eq!(shown(&fetch.await.unwrap().unwrap()), [2], "what did not come to its end is nothing to add to");
}

// B30
#[tokio::test(start_paused = true)]
async fn b30_a_stream_that_is_asked_for_again_replaces_appends_or_waits_for_its_end() {
    for (how, while_streaming, at_end) in [
        (Regrow::Reset, vec![2], vec![2, 3]),
        (Regrow::Append, vec![1, 2], vec![1, 2, 3]),
        (Regrow::Replace, vec![1], vec![2, 3]),
    ] {
        let (client, server) = setup();
        let watcher = client.watch(feed().regrow(how));
        server.next().await.ok("data: 1\n\n");
        server.settled().await;
        client.invalidate(FEED.all());
        let pieces = server.next().await.begin();
        pieces.send("data: 2\n\n");
        server.settled().await;
        assert_eq!(shown(&watcher.snapshot().data.unwrap()), while_streaming, "{how:?}");
        pieces.send("data: 3\n\n");
        drop(pieces);
        server.settled().await;
        assert_eq!(shown(&watcher.snapshot().data.unwrap()), at_end, "{how:?}");
        assert!(!watcher.snapshot().is_stale);
    }
}

// B30
#[tokio::test(start_paused = true)]
async fn b30_data_is_the_last_item_the_last_few_or_what_a_function_makes_of_them() {
    let (client, server) = setup();
    let numbers = || Query::<Growing<i64>>::events(Request::get("feed", "/feed"));
    let (last, few) = (client.watch(numbers().latest()), client.watch(numbers().keep_last(2)));
    let sum = client.watch(numbers().reduce(String::new(), |sum, item| *sum = format!("{sum}+{}", item.data)));
    for _ in 0..3 {
        server.next().await.ok("data: 1\n\ndata: 2\n\ndata: 3\n\n");
    }
    server.settled().await;
    assert_eq!(last.snapshot().data.as_deref(), Some(&3));
    assert_eq!(few.snapshot().data.unwrap().data().copied().collect::<Vec<_>>(), [2, 3]);
    assert_eq!(sum.snapshot().data.as_deref().map(String::as_str), Some("+1+2+3"));
    let nothing = tokio::spawn(client.fetch(Query::<Growing<i64>>::events(Request::get("no", "/no")).latest()));
    server.next().await.ok("");
    assert_eq!(nothing.await.unwrap().unwrap_err().kind(), ErrorKind::Decode);
}

// B36
#[tokio::test(start_paused = true)]
async fn b36_a_query_that_grows_has_a_limit_and_contains_panics() {
    let server = Server::default();
    let client = builder(&server).max_response_bytes(10).build().unwrap();
    let watcher = client.watch(feed());
    server.next().await.ok("data: 12345\n\ndata: 123456\n\n");
    server.settled().await;
    assert_eq!(watcher.snapshot().error.unwrap().kind(), ErrorKind::TooLarge);
    let few = client.watch(Query::<Growing<Json>>::events(Request::get("few", "/few")).keep_last(1));
    server.next().await.ok("data: 12345\n\ndata: 123456\n\n");
    server.settled().await;
    assert_eq!(shown(&few.snapshot().data.unwrap()), [123456]);
    let panics = Query::<Growing<Json>>::events(Request::get("panics", "/panics")).reduce(0, |_, _| panic!("no"));
    let watcher = client.watch(panics);
    server.next().await.ok("data: 1\n\n");
    server.settled().await;
    assert_eq!(watcher.snapshot().error.unwrap().kind(), ErrorKind::Panicked);
}

// B9
#[tokio::test(start_paused = true)]
async fn b9_a_stream_ends_with_its_entry() {
    let (client, server) = setup();
    let watcher = client.watch(feed().keep_unused(SECOND));
    let pieces = server.next().await.begin();
    pieces.send("data: 1\n\n");
    server.settled().await;
    drop(watcher);
    server.settled().await;
    assert!(pieces.is_read(), "it is kept for its time");
    tokio::time::sleep(SECOND * 61).await;
    server.settled().await;
    assert!(!pieces.is_read() && client.peek(&feed()).is_none());
    client.prefetch(feed().keep_unused(SECOND), crate::Prefetch::IfMissing);
    let pieces = server.next().await.begin();
    pieces.send("data: 1\n\n");
    server.settled().await;
    assert!(client.peek(&feed()).is_some(), "it has its first data");
    tokio::time::sleep(SECOND * 61).await;
    server.settled().await;
    assert!(!pieces.is_read(), "and nobody used it");
}
