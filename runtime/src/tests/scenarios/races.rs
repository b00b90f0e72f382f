//! Invalidations, writes and responses that overtake one another.

use super::*;
use crate::{ErrorKind, RefetchOf, Target};

// B13
#[tokio::test(start_paused = true)]
async fn b13_an_invalidation_during_the_first_fetch_is_kept_however_it_is_made() {
    type Invalidate = fn(&Client);
    let ways: [(&str, Invalidate); 6] = [
        ("tags", |client| drop(client.invalidate(POST.id(1)))),
        ("a query", |client| drop(client.invalidate(&get_post(1)))),
        ("an operation", |client| drop(client.invalidate(Target::operation("getPost")))),
        ("a path", |client| drop(client.invalidate(Target::path("/posts")))),
        ("everything", |client| drop(client.invalidate(Target::everything()))),
        ("a batch", |client| drop(client.batch(|batch| batch.invalidate_and(POST.all(), RefetchOf::All)))),
    ];
    for (name, invalidate) in ways {
        let (client, server) = setup();
        let watcher = client.watch(get_post(1));
        let first = server.next().await;
        invalidate(&client);
        assert_eq!(server.settled().await, 1, "{name}: one request of an entry at a time");
        first.ok(json("1"));
        let second = server.next().await;
        assert!(number(&watcher) == 1 && seen(&watcher).is_stale && seen(&watcher).is_fetching, "{name}");
        second.ok(json("2"));
        assert_eq!(server.settled().await, 2, "{name}");
        assert!(number(&watcher) == 2 && !seen(&watcher).is_stale, "{name}");
    }
}

// B13
#[tokio::test(start_paused = true)]
async fn b13_an_invalidation_during_a_refetch_is_followed_by_one_more() {
    let (client, server) = setup();
    let watcher = client.watch(get_post(1));
    server.next().await.ok(json("1"));
    server.settled().await;
    client.invalidate(POST.id(1));
    let refetch = server.next().await;
    for _ in 0..5 {
        client.invalidate(POST.id(1));
    }
    refetch.ok(json("2"));
    server.next().await.ok(json("3"));
    assert_eq!(server.settled().await, 3);
    assert!(number(&watcher) == 3 && !seen(&watcher).is_stale);
}

// B13
#[tokio::test(start_paused = true)]
async fn b13_what_is_only_marked_while_a_request_is_under_way_stays_stale() {
    for has_data in [false, true] {
        let (client, server) = setup();
        let watcher = client.watch(get_post(1));
        if has_data {
            server.next().await.ok(json("1"));
            server.settled().await;
            drop(tokio::spawn(client.refetch(&get_post(1))));
        }
        let asked = server.next().await;
        client.invalidate_and(POST.id(1), RefetchOf::Nothing);
        asked.ok(json("2"));
        let sent = server.settled().await;
        assert!(number(&watcher) == 2 && seen(&watcher).is_stale, "the older answer is shown and is stale");
        assert_eq!(sent, 1 + usize::from(has_data), "nothing is asked before somebody reads");
        let fetching = tokio::spawn(client.fetch(get_post(1)));
        server.next().await.ok(json("3"));
        assert_eq!(*fetching.await.unwrap().unwrap(), 3);
        assert!(!seen(&watcher).is_stale);
    }
}

// B13
#[tokio::test(start_paused = true)]
async fn b13_a_query_that_starts_after_the_mutation_settled_is_not_asked_twice() {
    let (client, server) = setup();
    let _hanging = client.watch(of("/hanging", USER.all()));
    let _never_answered = server.next().await;
    let mutating = client.mutate(changing(POST.id(1)));
    server.next().await.ok(json("{}"));
    mutating.await.unwrap();
    let watcher = client.watch(get_post(1));
    server.next().await.ok(json("1"));
    assert_eq!(server.settled().await, 3);
    assert!(!seen(&watcher).is_stale);
}

// B13
#[tokio::test(start_paused = true)]
async fn b13_an_unrelated_request_that_hangs_holds_no_invalidation_up() {
    let (client, server) = setup();
    let watcher = client.watch(get_post(1));
    server.next().await.ok(json("1"));
    let _query = client.watch(of("/slow", USER.all()));
    let _held = server.next().await;
    let _upload = client.mutate(changing(USER.id(5)));
    let _also_held = server.next().await;
    let mutating = client.mutate(changing(POST.id(1))).refetched();
    server.next().await.ok(json("{}"));
    server.next().await.ok(json("2"));
    mutating.await.unwrap();
    assert_eq!(number(&watcher), 2);
}

// B13
#[tokio::test(start_paused = true)]
async fn b13_calls_answered_from_the_cache_during_a_mutation_change_nothing() {
    let (client, server) = setup();
    let watcher = client.watch(get_post(1));
    server.next().await.ok(json("1"));
    server.settled().await;
    let slow = client.mutate(changing(POST.id(1)));
    let asked = server.next().await;
    let second = client.watch(get_post(1));
    client.fetch(get_post(1)).await.unwrap();
    client.prefetch(get_post(1), Prefetch::IfMissing);
    drop(second);
    assert_eq!(server.settled().await, 2, "nothing is asked before the mutation settled");
    asked.ok(json("{}"));
    slow.await.unwrap();
    server.next().await.ok(json("2"));
    assert_eq!(server.settled().await, 3);
    assert_eq!(number(&watcher), 2);
}

// B13
#[tokio::test(start_paused = true)]
async fn b13_tags_that_only_a_late_response_tells_count_as_well() {
    let (client, server) = setup();
    let list = client.watch(list_posts());
    let asked = server.next().await;
    let mutating = client.mutate(update_post(7));
    server.next().await.ok(json("{}"));
    mutating.await.unwrap();
    asked.ok(json(r#"[{"id": 7}]"#));
    server.next().await.ok(json("[]"));
    assert_eq!(server.settled().await, 3);
    assert!(seen(&list).data.unwrap().is_empty());
}

// B13
#[tokio::test(start_paused = true)]
async fn b13_a_reader_after_the_mutation_gets_no_answer_from_before() {
    let (client, server) = setup();
    let before = tokio::spawn(client.fetch(get_post(1)));
    let old = server.next().await;
    let mutating = client.mutate(update_post(1));
    server.next().await.ok(json("{}"));
    mutating.await.unwrap();
    let later = tokio::spawn(client.fetch(get_post(1)));
    server.settled().await;
    old.ok(json("1"));
    server.next().await.ok(json("2"));
    assert_eq!(*before.await.unwrap().unwrap(), 1);
    assert_eq!(*later.await.unwrap().unwrap(), 2);
}

// B17
#[tokio::test(start_paused = true)]
async fn b17_of_overlapping_mutations_the_last_data_began_after_the_last_settled() {
    let (client, server) = setup();
    let watcher = client.watch(get_post(1));
    server.next().await.ok(json("0"));
    let (one, two) = (client.mutate(update_post(1)), client.mutate(update_post(1)));
    let (first, second) = (server.next().await, server.next().await);
    second.ok(json("{}"));
    two.await.unwrap();
    let refetch = server.next().await;
    first.ok(json("{}"));
    one.await.unwrap();
    refetch.ok(json("1"));
    server.next().await.ok(json("2"));
    assert_eq!(server.settled().await, 5);
    assert!(number(&watcher) == 2 && !seen(&watcher).is_stale);
}

// B17
#[tokio::test(start_paused = true)]
async fn b17_of_several_overlapping_writes_none_is_taken_for_the_last() {
    let (client, server) = setup();
    let watcher = client.watch(get_post(1));
    server.next().await.ok(json("0"));
    server.settled().await;
    let mutations: Vec<_> = (0..3).map(|_| client.mutate(update_post(1).writes(get_post(1)))).collect();
    let mut asked = Vec::new();
    for _ in 0..3 {
        asked.push(server.next().await);
    }
    for (asked, body) in asked.into_iter().rev().zip(["3", "2", "1"]) {
        asked.ok(json(body));
        server.settled().await;
    }
    server.next().await.ok(json("9"));
    server.settled().await;
    answer_all(&server, "9").await;
    for mutation in mutations {
        mutation.await.unwrap();
    }
    assert!(number(&watcher) == 9 && !seen(&watcher).is_stale, "nobody knows which came last, so it is asked");
}

// B16
#[tokio::test(start_paused = true)]
async fn b16_the_result_of_a_mutation_is_not_overwritten_by_an_older_request() {
    let (client, server) = setup();
    let watcher = client.watch(get_post(1));
    let old = server.next().await;
    let mutating = client.mutate(update_post(1).writes(get_post(1)));
    server.next().await.ok(json("5"));
    mutating.await.unwrap();
    old.ok(json("1"));
    assert_eq!(server.settled().await, 2);
    assert_eq!(number(&watcher), 5);
}

// B19
#[tokio::test(start_paused = true)]
async fn b19_a_refetch_joins_what_is_under_way_unless_that_is_too_old() {
    let (client, server) = setup();
    let _watcher = client.watch(get_post(1));
    let asked = server.next().await;
    let joined = tokio::spawn(client.refetch(&get_post(1)));
    assert_eq!(server.settled().await, 1);
    client.invalidate(POST.id(1));
    let newer = tokio::spawn(client.refetch(&get_post(1)));
    assert_eq!(server.settled().await, 1, "the older is waited for, not thrown away");
    asked.ok(json("1"));
    server.next().await.ok(json("2"));
    assert_eq!(*joined.await.unwrap().unwrap(), 1);
    assert_eq!(*newer.await.unwrap().unwrap(), 2);
    assert_eq!(server.settled().await, 2);
}

// B9
#[tokio::test(start_paused = true)]
async fn b9_a_late_response_of_what_was_removed_leaves_neither_data_nor_tags() {
    let (client, server) = setup();
    let fetching = tokio::spawn(client.fetch(list_posts()));
    let asked = server.next().await;
    client.remove(Target::everything());
    asked.ok(json(r#"[{"id": 7}]"#));
    assert_eq!(fetching.await.unwrap().unwrap_err().kind(), ErrorKind::Aborted);
    server.settled().await;
    assert!(client.peek(&list_posts()).is_none());
    assert!(client.would_reach(POST.id(7)).is_empty() && client.would_reach(POST.all()).is_empty());
}

// B23
#[tokio::test(start_paused = true)]
async fn b23_a_response_that_is_older_than_a_write_is_not_shown() {
    let (client, server) = setup();
    let mut watcher = client.watch(get_post(1));
    server.next().await.ok(json("1"));
    watcher.changed().await;
    let refetching = tokio::spawn(client.refetch(&get_post(1)));
    let asked = server.next().await;
    client.set(&get_post(1), Json::from(3)).unwrap();
    asked.ok(json("2"));
    assert_eq!(*refetching.await.unwrap().unwrap(), 3, "who waited gets what is newest");
    server.settled().await;
    let state = seen(&watcher);
    assert!(number(&watcher) == 3 && !state.is_fetching && !state.is_stale && state.error.is_none());
}

// B13, B23
#[tokio::test(start_paused = true)]
async fn b13_a_change_of_stale_data_by_hand_does_not_lose_the_invalidation() {
    let (client, server) = setup();
    let watcher = client.watch(get_post(1));
    server.next().await.ok(json("1"));
    server.settled().await;
    client.invalidate(POST.id(1));
    let old = server.next().await;
    assert!(client.update(&get_post(1), |data| *data = Json::from(data.as_i64().unwrap() + 10)).unwrap());
    let state = seen(&watcher);
    assert!(number(&watcher) == 11 && state.is_stale && state.is_fetching, "it is made of stale data: {state:?}");
    old.ok(json("2"));
    server.next().await.ok(json("3"));
    assert_eq!(server.settled().await, 3);
    assert!(number(&watcher) == 3 && !seen(&watcher).is_stale);
}

// B23
#[tokio::test(start_paused = true)]
async fn b23_a_change_by_hand_is_as_stale_as_what_it_was_made_of() {
    let (client, server) = counting();
    client.fetch(get_post(1)).await.unwrap();
    client.invalidate(POST.id(1));
    assert!(client.update(&get_post(1), |data| *data = 7.into()).unwrap());
    assert_eq!(*client.fetch(get_post(1)).await.unwrap(), 2, "it is asked for");
    client.invalidate(POST.id(1));
    client.upsert(&get_post(1), |_| 7.into()).unwrap();
    assert_eq!(*client.fetch(get_post(1)).await.unwrap(), 3);
    client.invalidate(POST.id(1));
    client.set(&get_post(1), 7.into()).unwrap();
    assert_eq!(*client.fetch(get_post(1)).await.unwrap(), 7, "`set` says what is so now");
    client.upsert(&get_post(2), |_| 7.into()).unwrap();
    assert_eq!(*client.fetch(get_post(2)).await.unwrap(), 7, "there was nothing to be stale");
    assert_eq!(server.all(), 3);
}

// B13
#[tokio::test(start_paused = true)]
async fn b13_a_fetch_that_ends_while_a_mutation_runs_is_asked_again_when_that_settles() {
    let (client, server) = setup();
    let mutating = client.mutate(changing(POST.id(1)));
    let changing = server.next().await;
    let watcher = client.watch(get_post(1));
    server.next().await.ok(json("1"));
    server.settled().await;
    assert!(!seen(&watcher).is_stale, "nobody knows of any change yet");
    changing.ok(json("{}"));
    mutating.await.unwrap();
    assert!(seen(&watcher).is_stale);
    server.next().await.ok(json("2"));
    server.settled().await;
    assert_eq!(number(&watcher), 2);
}

// B13, B18
#[tokio::test(start_paused = true)]
async fn b13_a_mutation_that_settles_after_a_reset_still_invalidates() {
    let (client, server) = setup();
    let watcher = client.watch(get_post(1));
    server.next().await.ok(json("1"));
    let mutating = client.mutate(changing(POST.id(1)));
    let changing = server.next().await;
    client.reset(Target::everything());
    let anew = server.next().await;
    changing.ok(json("{}"));
    mutating.await.unwrap();
    anew.ok(json("2"));
    server.next().await.ok(json("3"));
    assert_eq!(server.settled().await, 4);
    assert_eq!(number(&watcher), 3);
}

// B13, B14
#[tokio::test(start_paused = true)]
async fn b13_what_only_the_response_tells_is_asked_for_whatever_was_marked_since() {
    let (client, server) = setup();
    let list = client.watch(list_posts());
    let asked = server.next().await;
    client.invalidate(POST.id(7));
    client.invalidate_and(POST.list(), RefetchOf::Nothing);
    asked.ok(json(r#"[{"id": 7}]"#));
    server.next().await.ok(json("[]"));
    assert_eq!(server.settled().await, 2);
    assert!(!seen(&list).is_stale);
}

// B14
#[tokio::test(start_paused = true)]
async fn b14_what_is_gone_while_it_is_on_its_way_is_not_asked_for_again() {
    let (client, server) = setup();
    let watcher = client.watch(get_post(1));
    let asked = server.next().await;
    client.invalidate(POST.id(1).gone());
    asked.ok(json("1"));
    assert_eq!(server.settled().await, 1);
    assert!(seen(&watcher).is_stale && number(&watcher) == 1);
}

// B13, B14
#[tokio::test(start_paused = true)]
async fn b13_a_mark_that_only_the_response_tells_of_asks_for_nothing() {
    let (client, server) = setup();
    let list = client.watch(list_posts());
    let asked = server.next().await;
    client.invalidate_and(POST.id(7), RefetchOf::Nothing);
    asked.ok(json(r#"[{"id": 7}]"#));
    assert_eq!(server.settled().await, 1);
    assert!(seen(&list).is_stale);
    let fetching = tokio::spawn(client.fetch(list_posts()));
    server.next().await.ok(json("[]"));
    assert!(fetching.await.unwrap().unwrap().is_empty());
}
