//! When data is fresh, and what a reader gets.

use super::*;
use crate::{Refetch, Target};

// B8
#[tokio::test(start_paused = true)]
async fn b8_by_default_nothing_goes_stale_by_time() {
    let (client, server) = counting();
    let watcher = watched(&client, get_post(1)).await;
    after(SECOND * 3600 * 24 * 30).await;
    let _second = watched(&client, get_post(1)).await;
    client.fetch(get_post(1)).await.unwrap();
    assert!(server.all() == 1 && !seen(&watcher).is_stale);
}

// B8
#[tokio::test(start_paused = true)]
async fn b8_a_stale_time_makes_readers_ask_again_and_watchers_hear_of_it() {
    let (client, server) = counting();
    let mut watcher = watched(&client, get_post(1).stale_time(SECOND * 10)).await;
    assert!(!watcher.changed().await.is_stale);
    after(SECOND * 9).await;
    client.fetch(get_post(1).stale_time(SECOND * 10)).await.unwrap();
    assert!(server.all() == 1 && !seen(&watcher).is_stale);
    after(SECOND).await;
    assert!(watcher.changed().await.is_stale, "it is told of it");
    after(SECOND * 100).await;
    assert_eq!(server.all(), 1, "going stale alone asks for nothing");
    client.fetch(get_post(1)).await.unwrap();
    assert_eq!(server.all(), 1, "for a caller without a stale time it is fresh");
    client.fetch(get_post(1).stale_time(SECOND * 10)).await.unwrap();
    assert!(server.all() == 2 && !seen(&watcher).is_stale);
}

// B8
#[tokio::test(start_paused = true)]
async fn b8_zero_is_never_fresh() {
    let (client, server) = counting_with(|builder| builder.stale_time(Duration::ZERO));
    client.fetch(get_post(1)).await.unwrap();
    client.fetch(get_post(1)).await.unwrap();
    let watcher = watched(&client, get_post(1)).await;
    assert!(server.all() == 3 && seen(&watcher).is_stale);
    client.fetch(get_post(1).stale_time(Duration::MAX)).await.unwrap();
    assert_eq!(server.all(), 3, "the call counts over the client");
}

// B8
#[tokio::test(start_paused = true)]
async fn b8_what_is_never_stale_is_immune_whoever_said_so() {
    for first_says_so in [true, false] {
        let (client, server) = counting();
        let (one, other) = if first_says_so {
            (get_post(1).never_stale(), get_post(1))
        } else {
            (get_post(1), get_post(1).never_stale())
        };
        let _one = watched(&client, one).await;
        let other = watched(&client, other).await;
        assert!(client.invalidate(POST.id(1)).await.is_empty());
        client.mutate(changing(POST.all())).refetched().await.unwrap();
        client.invalidate(Target::everything()).await;
        assert_eq!(server.of("/posts/1"), 1, "{first_says_so}");
        assert!(!seen(&other).is_stale);
        client.refetch(&get_post(1)).await.unwrap();
        assert_eq!(server.of("/posts/1"), 2, "by hand it is asked for");
    }
}

// B8
#[tokio::test(start_paused = true)]
async fn b8_the_server_says_how_long_when_it_is_asked() {
    for (asked_for, expected) in [(true, 2), (false, 1)] {
        let (client, server) = setup_with(|builder| builder.stale_time_from_server(asked_for));
        let fetching = tokio::spawn(client.fetch(get_post(1)));
        let response = Response::builder().header("cache-control", "max-age=5").body(json("1").into()).unwrap();
        server.next().await.send(Ok(response));
        fetching.await.unwrap().unwrap();
        after(SECOND * 6).await;
        drop(tokio::spawn(client.fetch(get_post(1))));
        assert_eq!(server.settled().await, expected);
    }
}

// B8
#[tokio::test(start_paused = true)]
async fn b8_a_new_watcher_can_always_ask_or_ask_what_is_old() {
    let (client, server) = counting();
    client.fetch(get_post(1)).await.unwrap();
    after(SECOND / 2).await;
    let older = |time| get_post(1).refetch_on_watch(Refetch::IfOlderThan(time));
    drop(watched(&client, older(SECOND * 10)).await);
    drop(watched(&client, get_post(1)).await);
    assert_eq!(server.all(), 1);
    drop(watched(&client, older(SECOND / 2)).await);
    assert_eq!(server.all(), 2);
    drop(watched(&client, older(SECOND / 2)).await);
    assert_eq!(server.all(), 2, "now it is young");
    drop(watched(&client, get_post(1).refetch_on_watch(Refetch::Always)).await);
    assert_eq!(server.all(), 3);
    client.invalidate(POST.id(1));
    drop(watched(&client, get_post(1).refetch_on_watch(Refetch::Never)).await);
    assert_eq!(server.all(), 3, "not even what is stale");
    drop(watched(&client, get_post(2).refetch_on_watch(Refetch::Never)).await);
    assert_eq!(server.of("/posts/2"), 1, "what was never fetched is");
}

// B8
#[tokio::test(start_paused = true)]
async fn b8_a_call_counts_over_the_client_on_watch() {
    let (client, server) = counting_with(|builder| builder.refetch_on_watch(Refetch::Always));
    client.fetch(get_post(1)).await.unwrap();
    drop(watched(&client, get_post(1)).await);
    assert_eq!(server.all(), 2);
    drop(watched(&client, get_post(1).refetch_on_watch(Refetch::IfStale)).await);
    assert_eq!(server.all(), 2);
}

// B3
#[tokio::test(start_paused = true)]
async fn b3_prefetch_by_age_and_by_force() {
    let (client, server) = counting();
    let older = |time| Prefetch::IfOlderThan(time);
    client.prefetch(get_post(1), older(SECOND * 100));
    yield_often().await;
    assert_eq!(server.all(), 1, "there was nothing");
    after(SECOND * 10).await;
    client.prefetch(get_post(1), older(SECOND * 11));
    client.prefetch(get_post(1), Prefetch::IfMissing);
    yield_often().await;
    assert_eq!(server.all(), 1);
    client.prefetch(get_post(1), older(SECOND * 10));
    yield_often().await;
    assert_eq!(server.all(), 2);
    client.prefetch(get_post(1), Prefetch::Force);
    client.prefetch(get_post(1), Prefetch::Force);
    yield_often().await;
    assert_eq!(server.all(), 3, "the second joins the first");
    client.invalidate(POST.id(1));
    client.prefetch(get_post(1), Prefetch::IfMissing);
    yield_often().await;
    assert_eq!(server.all(), 4, "stale is as good as missing");
}

// B3
#[tokio::test(start_paused = true)]
async fn b3_fetch_after_a_failure_asks_again_and_after_data_does_not() {
    let (client, server) = counting();
    server.fail(true);
    client.fetch(get_post(1)).await.unwrap_err();
    client.fetch(get_post(1)).await.unwrap_err();
    assert_eq!(server.all(), 2, "errors are not cached");
    server.fail(false);
    client.fetch(get_post(1)).await.unwrap();
    server.fail(true);
    client.refetch(&get_post(1)).await.unwrap_err();
    assert_eq!(*client.fetch(get_post(1)).await.unwrap(), 3, "the last good data is as fresh as before");
    let watcher = watched(&client, get_post(1)).await;
    assert_eq!(server.all(), 4);
    assert!(seen(&watcher).error.is_some() && number(&watcher) == 3);
}

// B8
#[tokio::test(start_paused = true)]
async fn b8_an_endless_stale_time_does_not_keep_an_invalidation_out() {
    let (client, server) = counting();
    let watcher = watched(&client, get_post(1).stale_time(Duration::MAX)).await;
    client.invalidate(POST.id(1)).await;
    assert!(server.all() == 2 && number(&watcher) == 2);
    client.invalidate_and(POST.id(1), crate::RefetchOf::Nothing).await;
    assert!(seen(&watcher).is_stale);
    client.fetch(get_post(1).stale_time(Duration::MAX)).await.unwrap();
    assert_eq!(server.all(), 3);
}

// B8
#[tokio::test(start_paused = true)]
async fn b8_watchers_hear_when_the_shortest_of_their_stale_times_is_over() {
    let (client, _server) = counting();
    let long = watched(&client, get_post(1).stale_time(SECOND * 20)).await;
    let short = watched(&client, get_post(1).stale_time(SECOND * 10)).await;
    after(SECOND * 10).await;
    assert!(seen(&long).is_stale && seen(&short).is_stale);
    drop(short);
    client.set(&get_post(1), 5.into()).unwrap();
    after(SECOND * 15).await;
    assert!(!seen(&long).is_stale, "data that is written is new");
    after(SECOND * 5).await;
    assert!(seen(&long).is_stale);
}

// B3
#[tokio::test(start_paused = true)]
async fn b3_a_watcher_that_comes_to_a_failure_without_data_asks_again() {
    let (client, server) = counting();
    server.fail(true);
    let first = watched(&client, get_post(1)).await;
    assert_eq!(server.all(), 1);
    server.fail(false);
    let second = watched(&client, get_post(1)).await;
    assert_eq!(server.all(), 2);
    assert!(number(&first) == 2 && number(&second) == 2 && seen(&first).error.is_none());
}
