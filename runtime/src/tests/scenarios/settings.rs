//! What calls and clients say of an entry, one against the other, and what they say later.

use super::*;
use crate::{Refetch, RefetchOf, Target};

/// A client that asks for what is watched whenever it can.
fn eager() -> (Client, Counter) {
    counting_with(|builder| {
        let builder = builder.refetch_on_watch(Refetch::Always).focus_throttle(Duration::ZERO);
        builder.refetch_on_focus(Refetch::Always).refetch_on_reconnect(Refetch::Always).stale_time(SECOND * 10)
    })
}

/// The window gets the focus and the connection back.
async fn back(client: &Client) {
    client.focused(true);
    client.online(false);
    client.online(true);
    yield_often().await;
}

// B8, B27
#[tokio::test(start_paused = true)]
async fn b8_what_is_never_stale_is_asked_for_by_hand_alone() {
    let (client, server) = eager();
    let watcher = watched(&client, get_post(1)).await;
    after(SECOND * 20).await;
    assert!(seen(&watcher).is_stale);
    client.fetch(get_post(1).never_stale()).await.unwrap();
    assert!(!seen(&watcher).is_stale && server.all() == 1, "from now on, for all of its callers");
    let _other = watched(&client, get_post(1)).await;
    back(&client).await;
    client.fetch(get_post(1)).await.unwrap();
    client.prefetch(get_post(1), Prefetch::IfOlderThan(SECOND));
    yield_often().await;
    assert_eq!(server.all(), 1);
    client.prefetch(get_post(1), Prefetch::Force);
    yield_often().await;
    client.refetch(&get_post(1)).await.unwrap();
    client.reset(Target::everything()).await;
    assert_eq!(server.all(), 4);
}

// B8
#[tokio::test(start_paused = true)]
async fn b8_what_was_stale_before_it_never_is_again_is_asked_for_once() {
    let (client, server) = counting();
    client.fetch(get_post(1)).await.unwrap();
    client.invalidate(POST.id(1)).await;
    let watcher = watched(&client, get_post(1).never_stale()).await;
    assert!(server.all() == 2 && number(&watcher) == 2);
    client.invalidate(POST.id(1)).await;
    assert_eq!(server.all(), 2);
}

// B27
#[tokio::test(start_paused = true)]
async fn b27_never_is_never_also_where_the_first_request_failed() {
    for (when, expected) in [(Refetch::Never, 1), (Refetch::IfStale, 2)] {
        let (client, server) = counting_with(|builder| builder.focus_throttle(Duration::ZERO));
        server.fail(true);
        let query = get_post(1).refetch_on_focus(when).refetch_on_reconnect(Refetch::Never);
        let watcher = watched(&client, query).await;
        server.fail(false);
        back(&client).await;
        assert_eq!(server.all(), expected, "{when:?}: without data there is nothing fresh");
        assert_eq!(seen(&watcher).error.is_none(), expected == 2);
    }
}

// B13, B27
#[tokio::test(start_paused = true)]
async fn b27_an_invalidation_while_offline_is_made_up_for_when_online() {
    let (client, server) = counting();
    let watcher = watched(&client, get_post(1)).await;
    client.online(false);
    server.fail(true);
    assert_eq!(client.invalidate(POST.id(1)).await.len(), 1, "nobody waits for a connection");
    assert!(number(&watcher) == 1 && seen(&watcher).is_stale && seen(&watcher).error.is_some());
    server.fail(false);
    client.online(true);
    yield_often().await;
    assert!(number(&watcher) == 3 && !seen(&watcher).is_stale && seen(&watcher).error.is_none());
}

// B8
#[tokio::test(start_paused = true)]
async fn b8_another_stale_time_counts_at_once_and_asks_for_nothing() {
    let (client, server) = counting();
    let watcher = watched(&client, get_post(1).stale_time(SECOND * 100)).await;
    after(SECOND * 20).await;
    assert!(!seen(&watcher).is_stale);
    watcher.set_query(get_post(1).stale_time(SECOND * 10));
    assert!(seen(&watcher).is_stale);
    watcher.set_query(get_post(1).stale_time(SECOND * 100));
    assert!(!seen(&watcher).is_stale && server.all() == 1);
}

// B9
#[tokio::test(start_paused = true)]
async fn b9_a_watcher_may_ask_for_more_time_later() {
    let (client, _server) = counting();
    let watcher = watched(&client, get_post(1)).await;
    watcher.set_query(get_post(1).keep_unused(SECOND * 300));
    drop(watcher);
    after(SECOND * 299).await;
    assert!(client.peek(&get_post(1)).is_some());
    after(SECOND * 2).await;
    assert!(client.peek(&get_post(1)).is_none());
}

// B3
#[tokio::test(start_paused = true)]
async fn b3_empty_values_are_data() {
    for body in ["null", "0", "false", r#""""#, "[]", "{}", ""] {
        let (client, server) = setup();
        let fetching = tokio::spawn(client.fetch(get_post(1)));
        server.next().await.ok(json(body));
        fetching.await.unwrap().unwrap();
        client.fetch(get_post(1)).await.unwrap();
        client.prefetch(get_post(1), Prefetch::IfMissing);
        let mut watcher = client.watch(get_post(1));
        assert!(seen(&watcher).data.is_some() && !seen(&watcher).is_fetching, "{body}");
        watcher.ready().await.unwrap();
        assert!(client.update(&get_post(1), |_| ()).unwrap(), "{body}");
        assert_eq!(server.settled().await, 1, "{body}");
    }
}

// B3, B5
#[tokio::test(start_paused = true)]
async fn b3_a_fetch_of_stale_data_that_fails_is_an_error_and_leaves_the_data_to_watchers() {
    let (client, server) = counting();
    let watcher = watched(&client, get_post(1)).await;
    client.invalidate_and(POST.id(1), RefetchOf::Nothing).await;
    server.fail(true);
    client.fetch(get_post(1)).await.unwrap_err();
    assert!(number(&watcher) == 1 && seen(&watcher).is_stale && seen(&watcher).error.is_some());
    server.fail(false);
    assert_eq!(*client.fetch(get_post(1)).await.unwrap(), 3);
    assert!(!seen(&watcher).is_stale && seen(&watcher).error.is_none());
    client.invalidate_and(POST.id(1), RefetchOf::Nothing).await;
    client.refetch(&get_post(1)).await.unwrap();
    assert!(!seen(&watcher).is_stale, "by hand is as good");
}

// B14
#[tokio::test(start_paused = true)]
async fn b14_what_failed_once_for_an_invalidation_is_asked_for_by_the_next_who_comes() {
    let (client, server) = counting();
    let watcher = watched(&client, get_post(1)).await;
    let comes: [fn(&Client); 3] = [
        |client| drop(client.watch(get_post(1))),
        |client| client.focused(true),
        |client| {
            client.online(false);
            client.online(true);
        },
    ];
    for come in comes {
        server.fail(true);
        assert_eq!(client.invalidate(POST.id(1)).await.len(), 1);
        server.fail(false);
        let asked = server.all();
        after(SECOND * 100).await;
        assert!(server.all() == asked && seen(&watcher).is_stale, "not by itself");
        come(&client);
        yield_often().await;
        assert!(server.all() == asked + 1 && !seen(&watcher).is_stale && seen(&watcher).error.is_none());
    }
}

// B3, B7
#[tokio::test(start_paused = true)]
async fn b7_only_watchers_mind_that_a_query_is_off() {
    let (client, server) = counting();
    assert_eq!(*client.fetch(get_post(1).when(false)).await.unwrap(), 1);
    client.prefetch(get_post(2).when(false), Prefetch::IfMissing);
    yield_often().await;
    assert_eq!(server.all(), 2);
    let off = client.watch(get_post(1).when(false));
    assert_eq!(number(&off), -1, "it is no subscriber, so it is shown nothing");
    off.set_query(get_post(1));
    assert!(number(&off) == 1 && server.all() == 2);
}

// B7, B8
#[tokio::test(start_paused = true)]
async fn b7_moving_to_a_query_is_coming_to_it() {
    let (client, server) = counting();
    client.fetch(get_post(1)).await.unwrap();
    client.fetch(get_post(2)).await.unwrap();
    let always = |id| get_post(id).refetch_on_watch(Refetch::Always);
    let watcher = watched(&client, always(1)).await;
    assert_eq!(server.all(), 3);
    watcher.set_query(always(2));
    yield_often().await;
    assert_eq!(server.all(), 4);
    watcher.set_query(always(2));
    yield_often().await;
    assert_eq!(server.all(), 4, "it is there already");
    watcher.set_query(always(2).when(false));
    watcher.set_query(always(2));
    yield_often().await;
    assert_eq!(server.all(), 5);
    let _more: Vec<_> = (0..5).map(|_| client.watch(always(3))).collect();
    yield_often().await;
    assert_eq!(server.of("/posts/3"), 1, "they share a request");
}

// B7
#[tokio::test(start_paused = true)]
async fn b7_what_is_cached_is_shown_before_what_is_previous() {
    let (client, server) = counting();
    client.fetch(get_post(2)).await.unwrap();
    let watcher = watched(&client, get_post(1)).await;
    watcher.set_query(get_post(2).keep_previous(true));
    assert!(!seen(&watcher).is_previous && !seen(&watcher).is_fetching && number(&watcher) == 1);
    client.invalidate_and(POST.id(1), RefetchOf::Nothing).await;
    watcher.set_query(get_post(1).keep_previous(true));
    let state = seen(&watcher);
    assert!(!state.is_previous && !state.is_loading && state.is_fetching && state.is_stale && state.data.is_some());
    yield_often().await;
    assert_eq!(number(&watcher), 2);
    watcher.set_query(get_post(3).keep_previous(true));
    watcher.set_query(get_post(4).keep_previous(true));
    assert!(seen(&watcher).is_previous && number(&watcher) == 2, "the last that there was");
    yield_often().await;
    assert!(!seen(&watcher).is_previous && number(&watcher) == 1);
    assert_eq!(server.of("/posts/1"), 2);
}

// B26
#[tokio::test(start_paused = true)]
async fn b26_only_watchers_poll() {
    let (client, server) = counting();
    let _watcher = watched(&client, get_post(1).poll_every(SECOND * 10)).await;
    client.prefetch(get_post(1).poll_every(SECOND), Prefetch::Force);
    yield_often().await;
    client.fetch(get_post(1).poll_every(SECOND)).await.unwrap();
    assert_eq!(server.all(), 2);
    after(SECOND * 9).await;
    assert_eq!(server.all(), 2, "what a prefetch says is no interval");
    after(SECOND * 2).await;
    assert_eq!(server.all(), 3);
}

// B26
#[tokio::test(start_paused = true)]
async fn b26_many_who_come_and_go_poll_as_one() {
    let (client, server) = counting();
    let query = || get_post(1).poll_every(SECOND * 10);
    let watchers: Vec<_> = (0..10).map(|_| client.watch(query())).collect();
    yield_often().await;
    after(SECOND * 31).await;
    assert_eq!(server.all(), 4);
    drop(watchers);
    after(SECOND * 20).await;
    assert_eq!(server.all(), 4);
    for _ in 0..5 {
        drop(client.watch(query()));
    }
    let _last = client.watch(query());
    after(SECOND * 31).await;
    assert_eq!(server.all(), 7, "no timer of those who left goes on");
}

// B7, B26
#[tokio::test(start_paused = true)]
async fn b26_polling_goes_along_to_another_query() {
    let (client, server) = counting();
    let polled = |id| get_post(id).poll_every(SECOND * 10);
    let asked = || [server.of("/posts/1"), server.of("/posts/2")];
    let watcher = watched(&client, polled(1)).await;
    after(SECOND * 5).await;
    watcher.set_query(polled(2));
    yield_often().await;
    after(SECOND * 9).await;
    assert_eq!(asked(), [1, 1], "the first is polled no more");
    after(SECOND * 2).await;
    assert_eq!(asked(), [1, 2]);
    watcher.set_query(polled(1));
    yield_often().await;
    assert_eq!(asked(), [1, 2], "what is there will do until the next poll");
    after(SECOND * 11).await;
    assert_eq!(asked(), [2, 2]);
}

// B4, B5
#[tokio::test(start_paused = true)]
async fn b5_an_error_stays_while_it_is_tried_again_and_equal_data_ends_it() {
    let (client, server) = setup();
    let mut watcher = client.watch(get_post(1));
    server.next().await.ok(json("1"));
    let first = watcher.data_changed().await.data.unwrap();
    client.invalidate(POST.id(1));
    server.next().await.with(503, json("{}"));
    server.settled().await;
    client.invalidate(POST.id(1));
    let state = seen(&watcher);
    assert!(state.error.is_some() && state.is_fetching && !state.is_loading && state.data.is_some());
    server.next().await.ok(json("1"));
    server.settled().await;
    let state = watcher.changed().await;
    assert!(state.error.is_none() && Arc::ptr_eq(&first, &state.data.unwrap()));
    assert!(tokio::time::timeout(SECOND, watcher.data_changed()).await.is_err());
}

// B6, B36
#[tokio::test(start_paused = true)]
async fn b6_a_part_without_data_tells_of_an_error_to_whom_flags_matter() {
    let (client, server) = setup();
    let watcher = client.watch(get_post(1));
    let mut part = watcher.select(|post| post.as_i64());
    let mut with_flags = watcher.select(|post| post.as_i64()).with_flags();
    server.next().await.with(404, json("{}"));
    assert_eq!(with_flags.changed().await.error.unwrap().status().unwrap(), 404);
    assert!(part.snapshot().error.is_some());
    assert!(tokio::time::timeout(SECOND, part.changed()).await.is_err(), "there is no other part");
    let mut panics = client.watch(get_post(2)).select(|_| -> i64 { panic!("a part") });
    server.next().await.ok(json("2"));
    let state = panics.changed().await;
    assert!(state.data.is_none() && state.error.is_some() && !state.is_loading);
}
