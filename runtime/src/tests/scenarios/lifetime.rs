//! How long entries live, and what puts that off.

use super::*;
use crate::{Removal, Target};

const HUGE: [Duration; 4] = [
    Duration::MAX,
    Duration::from_secs(u64::MAX),
    Duration::from_millis(u32::MAX as u64 + 1),
    Duration::from_secs(3600 * 24 * 365 * 1000),
];

fn is_there(client: &Client, id: i64) -> bool {
    client.peek(&get_post(id)).is_some()
}

// B9
#[tokio::test(start_paused = true)]
async fn b9_the_last_watcher_starts_the_clock_and_one_that_stays_stops_it() {
    let (client, server) = counting();
    let (one, other) = (watched(&client, get_post(1)).await, watched(&client, get_post(1)).await);
    drop(one);
    after(SECOND * 3600).await;
    assert!(is_there(&client, 1));
    drop(other);
    after(SECOND * 59).await;
    assert!(is_there(&client, 1));
    let back = watched(&client, get_post(1)).await;
    after(SECOND * 3600).await;
    drop(back);
    after(SECOND * 61).await;
    assert!(!is_there(&client, 1));
    assert_eq!(server.all(), 1);
}

// B9
#[tokio::test(start_paused = true)]
async fn b9_what_is_answered_from_the_cache_does_not_put_off_the_removal() {
    let (client, server) = counting();
    drop(watched(&client, get_post(1)).await);
    for _ in 0..5 {
        after(SECOND * 10).await;
        client.fetch(get_post(1)).await.unwrap();
        client.prefetch(get_post(1), Prefetch::IfMissing);
        client.prefetch(get_post(1), Prefetch::IfOlderThan(SECOND * 3600));
        client.peek(&get_post(1)).unwrap();
        client.would_reach(POST.id(1));
        client.focused(true);
    }
    after(SECOND * 11).await;
    assert!(!is_there(&client, 1));
    assert_eq!(server.all(), 1);
}

// B9
#[tokio::test(start_paused = true)]
async fn b9_a_prefetch_does_not_subscribe_and_is_collected() {
    let (client, server) = counting();
    for _ in 0..10 {
        client.prefetch(get_post(1), Prefetch::Force);
        yield_often().await;
    }
    assert_eq!(server.all(), 10);
    after(SECOND * 61).await;
    assert!(!is_there(&client, 1));
}

// B9
#[tokio::test(start_paused = true)]
async fn b9_zero_is_gone_at_once_also_where_the_watcher_leaves_mid_request() {
    let (client, server) = setup_with(|builder| builder.keep_unused(Duration::ZERO));
    let watcher = client.watch(get_post(1));
    server.next().await.ok(json("1"));
    server.settled().await;
    drop(watcher);
    assert!(!is_there(&client, 1));
    let watcher = client.watch(get_post(1));
    let asked = server.next().await;
    drop(watcher);
    server.settled().await;
    assert!(asked.answer.is_closed(), "the request is given up");
    let fetching = tokio::spawn(client.fetch(get_post(1)));
    server.next().await.ok(json("2"));
    assert_eq!(*fetching.await.unwrap().unwrap(), 2);
    assert!(!is_there(&client, 1));
}

// B9
#[tokio::test(start_paused = true)]
async fn b9_huge_times_are_for_ever_and_do_not_wrap() {
    for time in HUGE {
        let (client, server) = counting_with(|builder| builder.keep_unused(SECOND));
        drop(watched(&client, get_post(1).keep_unused(time).stale_time(time)).await);
        drop(watched(&client, get_post(2)).await);
        after(SECOND * 3600 * 24 * 40).await;
        assert!(is_there(&client, 1) && !is_there(&client, 2), "{time:?}");
        client.fetch(get_post(1).stale_time(time)).await.unwrap();
        assert_eq!(server.of("/posts/1"), 1, "{time:?}");
    }
}

// B9
#[tokio::test(start_paused = true)]
async fn b9_a_call_counts_over_its_operation_and_that_over_the_client() {
    let (client, _server) = counting_with(|builder| {
        builder.keep_unused(SECOND * 100).enhance_query("getPost", |query: Query<Json>| query.keep_unused(SECOND * 10))
    });
    drop(watched(&client, of("/client", POST.all())).await);
    drop(watched(&client, get_post(1)).await);
    drop(watched(&client, get_post(2).keep_unused(SECOND)).await);
    after(SECOND * 2).await;
    assert!(is_there(&client, 1) && !is_there(&client, 2));
    after(SECOND * 10).await;
    assert!(!is_there(&client, 1) && client.peek(&of("/client", POST.all())).is_some());
    after(SECOND * 100).await;
    assert!(client.peek(&of("/client", POST.all())).is_none());
}

// B9
#[tokio::test(start_paused = true)]
async fn b9_a_request_goes_on_when_its_watcher_leaves_until_the_entry_expires() {
    let (client, server) = setup_with(|builder| builder.keep_unused(SECOND * 10).timeout(SECOND * 3600));
    drop(client.watch(get_post(1)));
    let first = server.next().await;
    after(SECOND * 9).await;
    assert!(!first.answer.is_closed());
    first.ok(json("1"));
    server.settled().await;
    assert!(is_there(&client, 1), "its data is kept");
    after(SECOND * 2).await;
    assert!(!is_there(&client, 1), "until ten seconds after the watcher left");
    drop(client.watch(get_post(1)));
    let second = server.next().await;
    after(SECOND * 11).await;
    assert!(second.answer.is_closed(), "given up with the entry, and not before");
}

// B9
#[tokio::test(start_paused = true)]
async fn b9_a_failed_entry_that_nobody_uses_goes_as_well() {
    let (client, server, events) = listening();
    let fetching = tokio::spawn(client.fetch(get_post(1)));
    server.next().await.with(500, json("{}"));
    fetching.await.unwrap().unwrap_err();
    after(SECOND * 61).await;
    let why: Vec<Removal> = lock(&events)
        .iter()
        .filter_map(|event| match event {
            Event::Removed { why, .. } => Some(*why),
            _ => None,
        })
        .collect();
    assert_eq!(why, [Removal::Unused]);
}

// B9
#[tokio::test(start_paused = true)]
async fn b9_data_written_by_hand_is_collected_too() {
    let (client, _server) = counting();
    client.set(&get_post(1), 1.into()).unwrap();
    after(SECOND * 59).await;
    assert!(is_there(&client, 1));
    after(SECOND * 2).await;
    assert!(!is_there(&client, 1) && client.would_reach(Target::everything()).is_empty());
}

// B9
#[tokio::test(start_paused = true)]
async fn b9_an_invalidated_entry_that_nobody_uses_goes_in_its_time() {
    let (client, server) = counting();
    drop(watched(&client, get_post(1)).await);
    after(SECOND * 40).await;
    client.invalidate(POST.id(1)).await;
    after(SECOND * 21).await;
    assert!(!is_there(&client, 1), "being invalidated is no use");
    assert_eq!(server.all(), 1);
}

// B10
#[tokio::test(start_paused = true)]
async fn b10_over_the_bound_the_least_recently_used_goes_and_nothing_that_is_watched() {
    let (client, server) = counting_with(|builder| builder.max_entries(3));
    let _watcher = watched(&client, get_post(1)).await;
    for id in [2, 3, 2, 4] {
        client.fetch(get_post(id)).await.unwrap();
    }
    let there: Vec<bool> = (1..=4).map(|id| is_there(&client, id)).collect();
    assert_eq!(there, [true, true, false, true]);
    let more: Vec<_> = (5..=8).map(|id| client.watch(get_post(id))).collect();
    yield_often().await;
    assert!([1, 5, 6, 7, 8].iter().all(|id| is_there(&client, *id)), "what is watched never goes");
    assert!(![2, 3, 4].iter().any(|id| is_there(&client, *id)));
    assert!(client.would_reach(POST.id(3)).is_empty(), "tags go with it");
    drop(more);
    client.fetch(get_post(9)).await.unwrap();
    assert!(client.would_reach(Target::everything()).len() <= 3);
    assert_eq!(server.of("/posts/1"), 1);
}

// B10
#[tokio::test(start_paused = true)]
async fn b10_the_bound_in_bytes_counts_what_is_cached() {
    let (client, server) = setup_with(|builder| builder.max_bytes(10_000));
    for id in 1..=3 {
        let fetching = tokio::spawn(client.fetch(get_post(id)));
        server.next().await.ok(Bytes::from(format!("\"{}\"", "x".repeat(2_000))));
        fetching.await.unwrap().unwrap();
    }
    assert!(!is_there(&client, 1) && is_there(&client, 2) && is_there(&client, 3));
}

// B10
#[tokio::test(start_paused = true)]
async fn b10_a_bound_of_nothing_still_answers() {
    let (client, server) = counting_with(|builder| builder.max_entries(0).max_bytes(0));
    assert_eq!(*client.fetch(get_post(1)).await.unwrap(), 1);
    assert_eq!(*client.fetch(get_post(1)).await.unwrap(), 2);
    let watcher = watched(&client, get_post(1)).await;
    assert_eq!(number(&watcher), 3);
    client.invalidate(POST.id(1)).await;
    assert_eq!(number(&watcher), 4);
    assert_eq!(server.all(), 4);
}

// B9
#[tokio::test(start_paused = true)]
async fn b9_what_asks_or_sets_is_use_and_what_changes_is_none() {
    type Use = fn(&Client);
    let uses: [(&str, Use, bool); 4] = [
        ("refetch", |client| drop(tokio::spawn(client.refetch(&get_post(1)))), true),
        ("set", |client| client.set(&get_post(1), 7.into()).unwrap(), true),
        ("prefetch", |client| client.prefetch(get_post(1), Prefetch::Force), true),
        ("update", |client| assert!(client.update(&get_post(1), |data| *data = 7.into()).unwrap()), false),
    ];
    for (name, used, expected) in uses {
        let (client, _server) = counting();
        client.fetch(get_post(1)).await.unwrap();
        after(SECOND * 50).await;
        used(&client);
        after(SECOND * 50).await;
        assert_eq!(is_there(&client, 1), expected, "{name}");
        after(SECOND * 11).await;
        assert!(!is_there(&client, 1), "{name}");
    }
}

// B10
#[tokio::test(start_paused = true)]
async fn b10_what_was_watched_until_now_was_used_until_now() {
    let (client, _server) = counting_with(|builder| builder.max_entries(2));
    let watcher = watched(&client, get_post(1)).await;
    client.fetch(get_post(2)).await.unwrap();
    drop(watcher);
    client.fetch(get_post(3)).await.unwrap();
    assert!(is_there(&client, 1) && !is_there(&client, 2) && is_there(&client, 3));
}
