//! Asking again and again.

use super::*;
use crate::Target;

fn every(time: Duration) -> Query<Json> {
    get_post(1).poll_every(time)
}

// B26
#[tokio::test(start_paused = true)]
async fn b26_the_shortest_interval_of_the_watchers_counts() {
    let (client, server) = counting();
    let _slow = watched(&client, every(SECOND * 30)).await;
    let quick = watched(&client, every(SECOND * 10)).await;
    after(SECOND * 35).await;
    assert_eq!(server.all(), 4);
    drop(quick);
    after(SECOND * 29).await;
    assert_eq!(server.all(), 5, "thirty seconds after the last answer");
    after(SECOND * 30).await;
    assert_eq!(server.all(), 6);
}

// B26
#[tokio::test(start_paused = true)]
async fn b26_one_of_two_pollers_leaves_and_polling_goes_on() {
    let (client, server) = counting();
    let one = watched(&client, every(SECOND)).await;
    let other = watched(&client, every(SECOND)).await;
    drop(one);
    after(SECOND * 5).await;
    assert_eq!(server.all(), 6);
    drop(other);
    after(SECOND * 50).await;
    assert_eq!(server.all(), 6, "with the last of them it stops");
}

// B26
#[tokio::test(start_paused = true)]
async fn b26_a_watcher_that_does_not_poll_neither_starts_nor_stops_it() {
    let (client, server) = counting();
    let _plain = watched(&client, get_post(1)).await;
    after(SECOND * 100).await;
    assert_eq!(server.all(), 1);
    let polling = watched(&client, every(SECOND)).await;
    let zero = watched(&client, every(Duration::ZERO)).await;
    after(SECOND * 3).await;
    assert_eq!(server.all(), 4, "zero is not at all");
    drop((polling, zero));
    after(SECOND * 100).await;
    assert_eq!(server.all(), 4);
}

// B26
#[tokio::test(start_paused = true)]
async fn b26_the_interval_counts_from_the_last_answer_and_polls_never_overlap() {
    let (client, server) = setup();
    let _watcher = client.watch(every(SECOND * 10));
    server.next().await.ok(json("1"));
    server.settled().await;
    after(SECOND * 10).await;
    let slow = server.next().await;
    after(SECOND * 25).await;
    assert_eq!(server.settled().await, 2, "none while one is under way");
    slow.ok(json("2"));
    after(SECOND * 9).await;
    assert_eq!(server.settled().await, 2);
    after(SECOND * 2).await;
    assert_eq!(server.settled().await, 3);
}

// B26
#[tokio::test(start_paused = true)]
async fn b26_errors_do_not_stop_it() {
    let (client, server) = counting();
    let watcher = watched(&client, every(SECOND)).await;
    server.fail(true);
    after(SECOND * 5).await;
    assert_eq!(server.all(), 6);
    assert!(seen(&watcher).error.is_some() && number(&watcher) == 1);
    server.fail(false);
    after(SECOND).await;
    assert!(seen(&watcher).error.is_none() && number(&watcher) == 7);
}

// B26
#[tokio::test(start_paused = true)]
async fn b26_a_refetch_for_another_reason_puts_the_next_poll_off() {
    let (client, server) = counting();
    let _watcher = watched(&client, every(SECOND * 10)).await;
    after(SECOND * 6).await;
    client.invalidate(POST.id(1)).await;
    after(SECOND * 6).await;
    assert_eq!(server.all(), 2);
    after(SECOND * 4).await;
    assert_eq!(server.all(), 3);
}

// B26
#[tokio::test(start_paused = true)]
async fn b26_without_focus_it_pauses_if_asked() {
    let (client, server) = counting();
    let _pausing = watched(&client, every(SECOND * 10).poll_only_focused(true)).await;
    let _going_on = watched(&client, get_post(2).poll_every(SECOND * 10).poll_only_focused(false)).await;
    let asked = || [server.of("/posts/1"), server.of("/posts/2")];
    after(SECOND * 15).await;
    assert_eq!(asked(), [2, 2]);
    client.focused(false);
    after(SECOND * 30).await;
    assert_eq!(asked(), [2, 5], "from the moment at which the focus is lost");
    client.focused(true);
    yield_often().await;
    assert_eq!(server.of("/posts/1"), 3, "what is overdue is asked for at once");
    after(SECOND * 10).await;
    assert_eq!(server.of("/posts/1"), 4);
}

// B26
#[tokio::test(start_paused = true)]
async fn b26_a_new_interval_counts_at_once() {
    let (client, server) = counting();
    let slow = watched(&client, every(SECOND * 1000)).await;
    after(SECOND * 5).await;
    let quick = watched(&client, every(SECOND * 10)).await;
    drop(slow);
    after(SECOND * 11).await;
    assert_eq!(server.all(), 2, "ten seconds after it was asked for, not a thousand after the first answer");
    let _slow = watched(&client, every(SECOND * 1000)).await;
    drop(quick);
    after(SECOND * 500).await;
    assert_eq!(server.all(), 2, "the old timer asks for nothing any more");
}

// B26
#[tokio::test(start_paused = true)]
async fn b26_a_reset_ends_the_interval_that_was_under_way() {
    let (client, server) = counting();
    let watcher = watched(&client, every(SECOND * 10)).await;
    after(SECOND * 8).await;
    client.reset(Target::everything()).await;
    assert_eq!(server.all(), 2, "who watches has it asked for anew");
    after(SECOND * 8).await;
    assert_eq!(server.all(), 2);
    drop(watcher);
    client.reset(Target::everything()).await;
    after(SECOND * 100).await;
    assert_eq!(server.all(), 2, "and without a watcher there is nothing more");
}

// B26
#[tokio::test(start_paused = true)]
async fn b26_huge_intervals_are_never() {
    for time in [Duration::MAX, Duration::from_millis(u32::MAX as u64 * 2), SECOND * 3600 * 24 * 365 * 300] {
        let (client, server) = counting();
        let _watcher = watched(&client, every(time)).await;
        after(SECOND * 3600 * 24 * 30).await;
        assert_eq!(server.all(), 1, "{time:?}");
    }
}

// B26
#[tokio::test(start_paused = true)]
async fn b26_a_poll_that_was_overtaken_by_a_mutation_is_followed_by_one_more() {
    let (client, server) = setup();
    let watcher = client.watch(every(SECOND));
    server.next().await.ok(json("1"));
    after(SECOND).await;
    let poll = server.next().await;
    let mutating = client.mutate(changing(POST.id(1)));
    server.next().await.ok(json("{}"));
    mutating.await.unwrap();
    poll.ok(json("1"));
    server.settled().await;
    assert!(seen(&watcher).is_stale);
    server.next().await.ok(json("2"));
    server.settled().await;
    assert_eq!(number(&watcher), 2);
}

// B26
#[tokio::test(start_paused = true)]
async fn b26_of_two_pollers_one_goes_on_without_focus() {
    let (client, server) = counting();
    let _pausing = watched(&client, every(SECOND).poll_only_focused(true)).await;
    let going_on = watched(&client, every(SECOND * 10)).await;
    client.focused(false);
    after(SECOND * 25).await;
    assert_eq!(server.all(), 3, "at its own interval");
    drop(going_on);
    after(SECOND * 25).await;
    assert_eq!(server.all(), 3);
}

// B26
#[tokio::test(start_paused = true)]
async fn b26_an_operation_can_poll_and_a_write_puts_the_poll_off() {
    let (client, server) =
        counting_with(|builder| builder.enhance_query("getPost", |query: Query<Json>| query.poll_every(SECOND * 10)));
    let watcher = watched(&client, get_post(1)).await;
    after(SECOND * 8).await;
    client.set(&get_post(1), 70.into()).unwrap();
    after(SECOND * 8).await;
    assert!(server.all() == 1 && number(&watcher) == 70);
    after(SECOND * 2).await;
    assert!(server.all() == 2 && number(&watcher) == 2);
}

// B26
#[tokio::test(start_paused = true)]
async fn b26_a_first_request_that_fails_is_polled_as_well() {
    let (client, server) = counting();
    server.fail(true);
    let watcher = watched(&client, every(SECOND)).await;
    assert!(seen(&watcher).error.is_some());
    server.fail(false);
    after(SECOND).await;
    assert!(number(&watcher) == 2 && seen(&watcher).error.is_none());
}

// B7, B26
#[tokio::test(start_paused = true)]
async fn b26_the_interval_counts_from_when_a_poller_comes_to_what_is_there() {
    let (client, server) = counting();
    client.fetch(get_post(1)).await.unwrap();
    after(SECOND * 30).await;
    let polled = || get_post(1).poll_every(SECOND * 10);
    let watcher = watched(&client, polled()).await;
    after(SECOND * 9).await;
    assert_eq!(server.all(), 1, "old data is no reason to poll at once");
    after(SECOND * 2).await;
    assert_eq!(server.all(), 2);
    watcher.set_query(polled().when(false));
    after(SECOND * 30).await;
    watcher.set_query(polled());
    after(SECOND * 9).await;
    assert_eq!(server.all(), 2);
    after(SECOND * 2).await;
    assert_eq!(server.all(), 3);
}

// B14, B26
#[tokio::test(start_paused = true)]
async fn b26_without_focus_only_polls_wait() {
    let (client, server) = counting();
    client.focused(false);
    let _watcher = watched(&client, get_post(1).poll_every(SECOND * 10).poll_only_focused(true)).await;
    assert_eq!(server.all(), 1, "the first request is no poll");
    after(SECOND * 50).await;
    client.invalidate(POST.id(1)).await;
    assert_eq!(server.all(), 2, "nor is one for an invalidation");
    after(SECOND * 50).await;
    client.focused(true);
    yield_often().await;
    assert_eq!(server.all(), 3);
    after(SECOND * 10).await;
    assert_eq!(server.all(), 4);
}

// B26
#[tokio::test(start_paused = true)]
async fn b26_the_longer_interval_is_left_when_the_poller_with_the_shorter_goes() {
    let (client, server) = counting();
    let _long = watched(&client, get_post(1).poll_every(SECOND * 100)).await;
    after(SECOND * 50).await;
    let short = watched(&client, get_post(1).poll_every(SECOND * 10)).await;
    after(SECOND * 11).await;
    assert_eq!(server.all(), 2);
    drop(short);
    after(SECOND * 95).await;
    assert_eq!(server.all(), 2);
    after(SECOND * 10).await;
    assert_eq!(server.all(), 3, "counted from the last answer");
}
