//! Who waits for what, and until when.

use super::*;
use crate::RefetchOf;

// B16
#[tokio::test(start_paused = true)]
async fn b16_each_invalidation_waits_for_a_request_of_its_own_time() {
    let (client, server) = setup();
    let _watcher = client.watch(get_post(1));
    server.next().await.ok(json("1"));
    server.settled().await;
    let first = tokio::spawn(client.invalidate(POST.id(1)));
    let asked = server.next().await;
    let second = tokio::spawn(client.invalidate(POST.id(1)));
    asked.ok(json("2"));
    server.settled().await;
    assert!(first.is_finished() && !second.is_finished());
    server.next().await.with(500, json("{}"));
    assert!(first.await.unwrap().is_empty());
    assert_eq!(second.await.unwrap().len(), 1);
}

// B16
#[tokio::test(start_paused = true)]
async fn b16_waiting_ends_when_who_watched_has_left() {
    let (client, server) = setup();
    let watcher = client.watch(get_post(1));
    let asked = server.next().await;
    let waiting = tokio::spawn(client.invalidate(POST.id(1)));
    server.settled().await;
    drop(watcher);
    asked.ok(json("1"));
    assert!(waiting.await.unwrap().is_empty(), "nobody is there for whom to ask again");
    assert_eq!(server.settled().await, 1);
    let fetching = tokio::spawn(client.fetch(get_post(1)));
    server.next().await.ok(json("2"));
    assert_eq!(*fetching.await.unwrap().unwrap(), 2, "but it is not forgotten");
}

// B13
#[tokio::test(start_paused = true)]
async fn b13_what_nobody_watches_is_followed_up_if_that_was_asked_for() {
    let (client, server) = setup();
    let fetching = tokio::spawn(client.fetch(get_post(1)));
    let asked = server.next().await;
    let waiting = tokio::spawn(client.invalidate_and(POST.id(1), RefetchOf::All));
    server.settled().await;
    asked.ok(json("1"));
    assert_eq!(*fetching.await.unwrap().unwrap(), 1);
    server.next().await.ok(json("2"));
    assert!(waiting.await.unwrap().is_empty());
    assert_eq!(*client.peek(&get_post(1)).unwrap(), 2);
}

// B25
#[tokio::test(start_paused = true)]
async fn b25_a_caller_that_leaves_takes_no_request_from_a_watcher_or_a_prefetch() {
    let (client, server) = setup();
    let leaving = tokio::spawn(client.fetch(get_post(1)));
    let first = server.next().await;
    let watcher = client.watch(get_post(1));
    leaving.abort();
    server.settled().await;
    assert!(!first.answer.is_closed());
    first.ok(json("1"));
    server.settled().await;
    assert_eq!(number(&watcher), 1);
    client.prefetch(get_post(2), Prefetch::IfMissing);
    let second = server.next().await;
    let leaving = tokio::spawn(client.fetch(get_post(2)));
    server.settled().await;
    leaving.abort();
    second.ok(json("2"));
    server.settled().await;
    assert_eq!(*client.peek(&get_post(2)).unwrap(), 2);
}
