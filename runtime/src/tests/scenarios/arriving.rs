//! Who comes, leaves, or writes while a request is under way.

use super::*;
use crate::{ErrorKind, RefetchOf, Target};

// B2, B9
#[tokio::test(start_paused = true)]
async fn b9_a_watcher_that_comes_back_finds_the_request_of_the_one_that_left() {
    let (client, server) = setup();
    drop(client.watch(get_post(1)));
    let asked = server.next().await;
    let back = client.watch(get_post(1));
    assert!(seen(&back).is_loading);
    assert_eq!(server.settled().await, 1);
    asked.ok(json("1"));
    server.settled().await;
    assert_eq!(number(&back), 1);
}

// B25
#[tokio::test(start_paused = true)]
async fn b25_a_watcher_that_comes_after_a_fetch_was_given_up_is_loading_and_sees_no_error() {
    let (client, server) = setup();
    let fetching = tokio::spawn(client.fetch(get_post(1)));
    let given_up = server.next().await;
    fetching.abort();
    drop(fetching.await);
    let watcher = client.watch(get_post(1));
    assert!(seen(&watcher).is_loading && seen(&watcher).error.is_none());
    server.next().await.ok(json("2"));
    assert!(given_up.answer.is_closed());
    assert_eq!(server.settled().await, 2);
    assert_eq!(number(&watcher), 2);
}

// B18
#[tokio::test(start_paused = true)]
async fn b18_a_watcher_that_comes_after_a_removal_asks_anew_and_sees_no_error() {
    let (client, server) = setup();
    let waiting = tokio::spawn(client.fetch(get_post(1)));
    let _removed = server.next().await;
    client.remove(&get_post(1));
    let watcher = client.watch(get_post(1));
    assert!(seen(&watcher).is_loading && seen(&watcher).error.is_none());
    assert_eq!(waiting.await.unwrap().unwrap_err().kind(), ErrorKind::Aborted);
    server.next().await.ok(json("2"));
    server.settled().await;
    assert_eq!(number(&watcher), 2);
}

// B18
#[tokio::test(start_paused = true)]
async fn b18_a_caller_from_before_a_reset_gets_an_error_and_the_watcher_the_new_data() {
    let (client, server) = setup();
    let watcher = client.watch(get_post(1));
    let waiting = tokio::spawn(client.fetch(get_post(1)));
    let _old = server.next().await;
    server.settled().await;
    client.reset(Target::everything());
    assert_eq!(waiting.await.unwrap().unwrap_err().kind(), ErrorKind::Aborted, "it was another user's question");
    assert!(seen(&watcher).is_loading && seen(&watcher).error.is_none());
    server.next().await.ok(json("2"));
    server.settled().await;
    assert_eq!(number(&watcher), 2);
}

// B13, B14
#[tokio::test(start_paused = true)]
async fn b13_a_prefetch_under_way_that_is_invalidated_is_stale_for_the_next_watcher() {
    let (client, server) = setup();
    client.prefetch(get_post(1), Prefetch::IfMissing);
    let asked = server.next().await;
    client.invalidate(POST.id(1)).await;
    asked.ok(json("1"));
    assert_eq!(server.settled().await, 1, "nobody watches it");
    let watcher = client.watch(get_post(1));
    let state = seen(&watcher);
    assert!(state.is_stale && state.is_fetching && !state.is_loading && number(&watcher) == 1);
    server.next().await.ok(json("2"));
    server.settled().await;
    assert!(number(&watcher) == 2 && !seen(&watcher).is_stale);
}

// B13, B14
#[tokio::test(start_paused = true)]
async fn b13_a_prefetch_under_way_is_followed_up_where_all_are_to_be_asked() {
    let (client, server) = setup();
    client.prefetch(get_post(1), Prefetch::IfMissing);
    let asked = server.next().await;
    let refetches = client.invalidate_and(Target::everything(), RefetchOf::All);
    asked.ok(json("1"));
    server.next().await.ok(json("2"));
    assert!(refetches.await.is_empty());
    assert_eq!(*client.fetch(get_post(1)).await.unwrap(), 2);
    assert_eq!(server.settled().await, 2);
}

// B13
#[tokio::test(start_paused = true)]
async fn b13_callers_from_before_and_after_an_invalidation_get_answers_of_their_time() {
    let (client, server) = setup();
    let before = tokio::spawn(client.fetch(get_post(1)));
    let asked = server.next().await;
    client.invalidate(POST.id(1));
    let after = tokio::spawn(client.fetch(get_post(1)));
    server.settled().await;
    asked.ok(json("1"));
    assert_eq!(*before.await.unwrap().unwrap(), 1);
    server.next().await.ok(json("2"));
    assert_eq!(*after.await.unwrap().unwrap(), 2);
    assert_eq!(server.settled().await, 2);
}

// B23
#[tokio::test(start_paused = true)]
async fn b23_what_is_written_answers_whoever_waits() {
    type Write = fn(&Client);
    let writes: [(&str, Write); 2] = [
        ("set", |client| client.set(&get_post(1), 5.into()).unwrap()),
        ("upsert", |client| client.upsert(&get_post(1), |before| before.map_or(5, |_| 0).into()).unwrap()),
    ];
    for (name, write) in writes {
        let (client, server) = setup();
        let watcher = client.watch(get_post(1));
        let (fetching, refetching) =
            (tokio::spawn(client.fetch(get_post(1))), tokio::spawn(client.refetch(&get_post(1))));
        let asked = server.next().await;
        server.settled().await;
        write(&client);
        assert!(number(&watcher) == 5 && !seen(&watcher).is_fetching, "{name}");
        assert_eq!(*fetching.await.unwrap().unwrap(), 5, "{name}");
        assert_eq!(*refetching.await.unwrap().unwrap(), 5, "{name}");
        asked.ok(json("1"));
        assert_eq!(server.settled().await, 1, "{name}");
        assert_eq!(number(&watcher), 5, "{name}: the older answer is dropped");
    }
}

// B23
#[tokio::test(start_paused = true)]
async fn b23_bytes_that_the_server_sent_before_a_write_are_new_after_it() {
    let (client, server) = setup();
    let watcher = client.watch(get_post(1));
    server.next().await.ok(json(r#"{"likes": 1}"#));
    server.settled().await;
    let writes: [fn(&Client); 2] = [
        |client| client.set(&get_post(1), serde_json::json!({ "likes": 5 })).unwrap(),
        |client| assert!(client.update(&get_post(1), |post| post["likes"] = 7.into()).unwrap()),
    ];
    for write in writes {
        write(&client);
        assert_ne!(seen(&watcher).data.unwrap()["likes"], 1);
        client.invalidate(POST.id(1));
        server.next().await.ok(json(r#"{"likes": 1}"#));
        server.settled().await;
        assert_eq!(seen(&watcher).data.unwrap()["likes"], 1);
    }
}

// B16, B23
#[tokio::test(start_paused = true)]
async fn b16_waiting_for_refetches_ends_when_something_else_brings_the_data() {
    let (client, server) = setup();
    let watcher = client.watch(get_post(1));
    server.next().await.ok(json("1"));
    server.settled().await;
    let written = client.invalidate(POST.id(1));
    let _given_up = server.next().await;
    client.set(&get_post(1), 7.into()).unwrap();
    assert!(written.await.is_empty());
    let changed = client.invalidate(POST.id(1));
    let _given_up = server.next().await;
    client.update(&get_post(1), |post| *post = 8.into()).unwrap();
    server.next().await.ok(json("9"));
    assert!(changed.await.is_empty() && number(&watcher) == 9);
    let forgotten = client.invalidate(POST.id(1));
    let _given_up = server.next().await;
    let reset = client.reset(POST.id(1));
    assert!(forgotten.await.is_empty());
    server.next().await.ok(json("10"));
    assert!(reset.await.is_empty() && number(&watcher) == 10);
}

// B16, B23
#[tokio::test(start_paused = true)]
async fn b23_a_change_by_hand_before_a_mutation_settles_is_shown_until_the_server_is_asked() {
    let (client, server) = setup();
    let watcher = client.watch(get_post(1));
    server.next().await.ok(json("1"));
    server.settled().await;
    let mutating = client.mutate(update_post(1));
    let asked = server.next().await;
    client.update(&get_post(1), |post| *post = 5.into()).unwrap();
    assert!(number(&watcher) == 5 && !seen(&watcher).is_fetching);
    asked.ok(json("{}"));
    mutating.await.unwrap();
    assert!(number(&watcher) == 5 && seen(&watcher).is_stale && seen(&watcher).is_fetching);
    server.next().await.ok(json("6"));
    assert_eq!(server.settled().await, 3);
    assert!(number(&watcher) == 6 && !seen(&watcher).is_stale);
}

// B23, B26
#[tokio::test(start_paused = true)]
async fn b26_a_poll_that_is_older_than_a_write_is_given_up_and_the_next_one_comes() {
    let (client, server) = setup();
    let watcher = client.watch(get_post(1).poll_every(SECOND * 10));
    server.next().await.ok(json("1"));
    after(SECOND * 11).await;
    let poll = server.next().await;
    client.set(&get_post(1), 5.into()).unwrap();
    server.settled().await;
    assert!(poll.answer.is_closed());
    after(SECOND * 8).await;
    assert!(number(&watcher) == 5 && server.settled().await == 2);
    after(SECOND * 3).await;
    server.next().await.ok(json("6"));
    server.settled().await;
    assert_eq!(number(&watcher), 6);
}

// B35
#[tokio::test(start_paused = true)]
async fn b35_who_watches_and_waits_is_counted_as_they_come_and_go() {
    let (client, server) = setup();
    let watchers: Vec<_> = (0..3).map(|_| client.watch(get_post(1))).collect();
    let fetching = tokio::spawn(client.fetch(get_post(1)));
    server.settled().await;
    let entries = client.inspect().entries;
    assert!(entries.len() == 1 && entries[0].subscribers == 3 && entries[0].waiting == 1);
    assert!(entries[0].is_fetching && !entries[0].has_data);
    server.next().await.ok(json("1"));
    fetching.await.unwrap().unwrap();
    for (left, watcher) in watchers.into_iter().enumerate() {
        drop(watcher);
        assert_eq!(client.inspect().entries[0].subscribers, 2 - left);
    }
    assert!(client.inspect().entries[0].expires_in.is_some());
    after(SECOND * 61).await;
    assert!(client.inspect().entries.is_empty() && client.inspect().next_timer.is_none());
}

// B13, B14
#[tokio::test(start_paused = true)]
async fn b13_a_request_that_fails_after_it_was_overtaken_is_followed_by_one_more() {
    let (client, server) = setup();
    let watcher = client.watch(get_post(1));
    for (asked_for, data) in [(2, "2"), (4, "4")] {
        let asked = server.next().await;
        client.invalidate(POST.id(1));
        asked.with(500, json("{}"));
        assert_eq!(server.settled().await, asked_for, "the failure is older than the invalidation");
        server.next().await.ok(json(data));
        server.settled().await;
        assert!(number(&watcher).to_string() == data && seen(&watcher).error.is_none() && !seen(&watcher).is_stale);
        client.invalidate(POST.id(1));
    }
}
