//! Focus and connection, as the host tells of them.

use super::*;
use crate::{Refetch, RefetchOf};

// B27
#[tokio::test(start_paused = true)]
async fn b27_at_focus_what_is_stale_and_watched_is_asked_for() {
    let (client, server) = counting();
    let _fresh = watched(&client, get_post(1)).await;
    let _stale = watched(&client, get_post(2).stale_time(SECOND * 10)).await;
    let _marked = watched(&client, get_post(3)).await;
    client.fetch(get_post(4)).await.unwrap();
    client.invalidate_and([POST.id(3), POST.id(4)], RefetchOf::Nothing).await;
    after(SECOND * 20).await;
    client.focused(false);
    yield_often().await;
    assert_eq!(server.all(), 4, "losing it asks for nothing");
    client.focused(true);
    yield_often().await;
    let asked: Vec<usize> = (1..=4).map(|id| server.of(&format!("/posts/{id}"))).collect();
    assert_eq!(asked, [1, 2, 2, 1]);
}

// B27
#[tokio::test(start_paused = true)]
async fn b27_focus_removes_nothing_and_is_no_use() {
    let (client, server) = counting_with(|builder| builder.refetch_on_focus(Refetch::Always).remove_unwatched(true));
    client.fetch(get_post(1)).await.unwrap();
    after(SECOND * 30).await;
    client.focused(true);
    client.online(false);
    client.online(true);
    yield_often().await;
    assert!(client.peek(&get_post(1)).is_some());
    assert_eq!(server.all(), 1);
    after(SECOND * 31).await;
    assert!(client.peek(&get_post(1)).is_none());
}

// B27
#[tokio::test(start_paused = true)]
async fn b27_focus_is_throttled() {
    let (client, server) = counting_with(|builder| builder.focus_throttle(SECOND * 5));
    let _watcher = watched(&client, get_post(1).refetch_on_focus(Refetch::Always)).await;
    after(SECOND * 4).await;
    client.focused(true);
    yield_often().await;
    assert_eq!(server.all(), 1, "it was asked for a short while ago");
    after(SECOND * 2).await;
    for _ in 0..5 {
        client.focused(false);
        client.focused(true);
        yield_often().await;
    }
    assert_eq!(server.all(), 2, "once for all of them");
    after(SECOND * 6).await;
    client.focused(true);
    yield_often().await;
    assert_eq!(server.all(), 3);
}

// B27
#[tokio::test(start_paused = true)]
async fn b27_of_several_watchers_the_most_demanding_counts() {
    let never = || get_post(1).refetch_on_focus(Refetch::Never).refetch_on_reconnect(Refetch::Never);
    let always = || get_post(1).refetch_on_focus(Refetch::Always).refetch_on_reconnect(Refetch::Always);
    let (client, server) = counting();
    let _never = watched(&client, never()).await;
    let demanding = watched(&client, always()).await;
    let back = || {
        client.focused(true);
        client.online(false);
        client.online(true);
    };
    after(SECOND * 10).await;
    client.focused(true);
    yield_often().await;
    assert_eq!(server.all(), 2);
    client.online(false);
    client.online(true);
    yield_often().await;
    assert_eq!(server.all(), 3);
    drop(demanding);
    client.invalidate_and(POST.id(1), RefetchOf::Nothing).await;
    after(SECOND * 10).await;
    back();
    yield_often().await;
    assert_eq!(server.all(), 3, "who is left wants none");
}

// B27
#[tokio::test(start_paused = true)]
async fn b27_a_call_counts_over_the_client() {
    let (client, server) =
        counting_with(|builder| builder.refetch_on_focus(Refetch::Always).focus_throttle(Duration::ZERO));
    let _client = watched(&client, get_post(1)).await;
    let _never = watched(&client, get_post(2).refetch_on_focus(Refetch::Never)).await;
    let _older = watched(&client, get_post(3).refetch_on_focus(Refetch::IfOlderThan(SECOND * 10))).await;
    let asked = || [server.of("/posts/1"), server.of("/posts/2"), server.of("/posts/3")];
    client.focused(true);
    yield_often().await;
    assert_eq!(asked(), [2, 1, 1]);
    after(SECOND * 10).await;
    client.focused(true);
    yield_often().await;
    assert_eq!(asked(), [3, 1, 2]);
}

// B27
#[tokio::test(start_paused = true)]
async fn b27_at_reconnect_what_failed_or_is_stale_is_asked_for_once() {
    let (client, server) = counting();
    let _fresh = watched(&client, get_post(1)).await;
    server.fail(true);
    let failed = watched(&client, get_post(2)).await;
    server.fail(false);
    client.online(true);
    yield_often().await;
    assert_eq!(server.all(), 2, "it was online all the time");
    client.online(false);
    client.online(false);
    client.online(true);
    client.online(true);
    yield_often().await;
    assert_eq!([server.of("/posts/1"), server.of("/posts/2")], [1, 2]);
    assert_eq!(number(&failed), 2);
}

// B27
#[tokio::test(start_paused = true)]
async fn b27_focus_joins_what_is_under_way() {
    let (client, server) = setup_with(|builder| builder.focus_throttle(Duration::ZERO));
    let _watcher = client.watch(get_post(1).refetch_on_focus(Refetch::Always));
    let _asked = server.next().await;
    client.focused(true);
    client.online(false);
    client.online(true);
    assert_eq!(server.settled().await, 1);
}

// B26, B27
#[tokio::test(start_paused = true)]
async fn b26_offline_it_pauses_and_goes_on_when_online() {
    let (client, server) = counting();
    let _watcher = watched(&client, get_post(1).poll_every(SECOND * 10)).await;
    client.online(false);
    after(SECOND * 100).await;
    assert_eq!(server.all(), 1);
    client.online(true);
    yield_often().await;
    assert_eq!(server.all(), 2);
}

// B27
#[tokio::test(start_paused = true)]
async fn b27_focus_while_offline_waits_for_the_connection() {
    let (client, server) = counting();
    let _watcher = watched(&client, get_post(1)).await;
    client.online(false);
    client.invalidate_and(POST.id(1), RefetchOf::Nothing).await;
    after(SECOND * 10).await;
    client.focused(true);
    yield_often().await;
    assert_eq!(server.all(), 1, "it could only fail");
    client.online(true);
    yield_often().await;
    assert_eq!(server.all(), 2);
}

// B27
#[tokio::test(start_paused = true)]
async fn b27_huge_times_are_as_good_as_never() {
    let older = || Refetch::IfOlderThan(Duration::MAX);
    let (client, server) = counting_with(|builder| builder.focus_throttle(Duration::MAX));
    let _watcher = watched(&client, get_post(1).refetch_on_focus(Refetch::Always).refetch_on_reconnect(older())).await;
    after(SECOND * 3600 * 24 * 400).await;
    client.focused(true);
    client.online(false);
    client.online(true);
    drop(watched(&client, get_post(1).refetch_on_watch(older())).await);
    client.prefetch(get_post(1), Prefetch::IfOlderThan(Duration::MAX));
    yield_often().await;
    assert_eq!(server.all(), 1);
}
