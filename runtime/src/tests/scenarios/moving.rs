//! Watchers that move to other queries, are off, or wait for their query.

use super::*;
use crate::{Refetch, RefetchOf, Target};

// B7, B14
#[tokio::test(start_paused = true)]
async fn b7_a_watcher_that_is_off_is_no_reason_to_ask() {
    let (client, server) = counting_with(|builder| builder.focus_throttle(Duration::ZERO));
    let query = || get_post(1).poll_every(SECOND).refetch_on_focus(Refetch::Always);
    let watcher = watched(&client, query().when(false)).await;
    for refetch in [RefetchOf::Watched, RefetchOf::Unwatched, RefetchOf::All] {
        client.invalidate_and(POST.all(), refetch).await;
        client.invalidate_and(Target::everything(), refetch).await;
    }
    client.mutate(changing(POST.id(1))).refetched().await.unwrap();
    client.focused(true);
    client.online(false);
    client.online(true);
    client.reset(Target::everything()).await;
    after(SECOND * 10).await;
    assert_eq!(server.of("/posts/1"), 0, "never");
    assert!(client.would_reach(Target::everything()).is_empty());
    watcher.set_query(query());
    yield_often().await;
    assert!(server.of("/posts/1") == 1 && number(&watcher) == 1);
    watcher.set_query(query().when(false));
    client.invalidate(POST.id(1)).await;
    client.focused(true);
    after(SECOND * 10).await;
    assert!(server.of("/posts/1") == 1 && number(&watcher) == 1, "nor again");
    let other = watched(&client, get_post(1)).await;
    assert!(server.of("/posts/1") == 2 && number(&other) == 2, "whoever is on has it");
    assert_eq!(number(&watcher), 1);
}

// B7
#[tokio::test(start_paused = true)]
async fn b7_a_query_that_depends_on_another_waits_for_it() {
    let (client, server) = counting();
    let mut author = client.watch(get_post(7));
    let of_author = |id: Option<i64>| {
        let request = Request::get("listPosts", "/posts").query_param("author_id", &id);
        Query::<Json>::new(request).provides(POST.list().with("author_id", id)).when(id.is_some())
    };
    let posts = client.watch(of_author(None));
    let id = author.ready().await.unwrap().as_i64();
    assert_eq!(server.all(), 1);
    posts.set_query(of_author(id));
    yield_often().await;
    assert!(server.of("/posts?author_id=1") == 1 && server.all() == 2);
    client.invalidate(POST.list().with("author_id", 1)).await;
    assert_eq!(number(&posts), 2);
}

// B7
#[tokio::test(start_paused = true)]
async fn b7_other_settings_of_the_same_query_ask_for_nothing() {
    let (client, server) = counting();
    let query = || get_post(1).keep_unused(Duration::ZERO);
    let watcher = watched(&client, query()).await;
    watcher.set_query(query().poll_every(SECOND * 10));
    yield_often().await;
    assert!(server.all() == 1 && number(&watcher) == 1, "its entry is not left in between");
    after(SECOND * 10).await;
    assert_eq!(server.all(), 2);
    watcher.set_query(query().poll_every(SECOND * 100));
    after(SECOND * 50).await;
    assert_eq!(server.all(), 2, "the old interval is over");
    watcher.set_query(query().poll_every(SECOND));
    after(SECOND * 3).await;
    assert_eq!(server.all(), 5, "the new one counts at once");
    watcher.set_query(query());
    after(SECOND * 100).await;
    assert_eq!(server.all(), 5);
}

// B5, B7
#[tokio::test(start_paused = true)]
async fn b5_a_watcher_with_other_settings_is_told_as_before() {
    let (client, _server) = counting();
    let mut watcher = watched(&client, get_post(1)).await;
    let part = watcher.select(|post| post.as_i64());
    watcher.set_query(get_post(1).stale_time(SECOND * 100));
    while tokio::time::timeout(SECOND, watcher.changed()).await.is_ok() {}
    client.invalidate(POST.id(1));
    let told = tokio::time::timeout(SECOND, watcher.data_changed()).await;
    assert_eq!(told.ok().and_then(|state| state.data?.as_i64()), Some(2));
    assert_eq!(part.snapshot().data.as_deref(), Some(&Some(2)));
}

// B7, B12
#[tokio::test(start_paused = true)]
async fn b12_a_watcher_is_given_further_tags_of_the_same_query() {
    let (client, server) = counting();
    let watcher = watched(&client, get_post(1)).await;
    watcher.set_query(get_post(1).provides(USER.id(1)));
    yield_often().await;
    assert_eq!(server.all(), 1, "the data will do");
    client.invalidate(USER.id(1)).await;
    assert!(server.all() == 2 && number(&watcher) == 2);
}

// B7, B9
#[tokio::test(start_paused = true)]
async fn b9_a_watcher_that_moved_on_holds_nothing_of_what_it_left() {
    let (client, _server) = counting();
    let watcher = watched(&client, get_post(1)).await;
    let other = watched(&client, get_post(1)).await;
    let left = Arc::downgrade(&seen(&watcher).data.unwrap());
    watcher.set_query(get_post(2));
    yield_often().await;
    assert!(left.upgrade().is_some(), "it is cached");
    drop(other);
    after(SECOND * 61).await;
    assert!(client.peek(&get_post(1)).is_none() && left.upgrade().is_none());
}

// B7, B9
#[tokio::test(start_paused = true)]
async fn b7_moving_on_leaves_the_entry_for_its_keep_unused_time() {
    let (client, server) = counting();
    let watcher = watched(&client, get_post(1)).await;
    watcher.set_query(get_post(2));
    yield_often().await;
    after(SECOND * 30).await;
    watcher.set_query(get_post(1));
    yield_often().await;
    assert_eq!([server.of("/posts/1"), server.of("/posts/2")], [1, 1]);
    watcher.set_query(get_post(2));
    after(SECOND * 61).await;
    assert!(client.peek(&get_post(1)).is_none());
    client.invalidate(POST.all()).await;
    assert_eq!([server.of("/posts/1"), server.of("/posts/2")], [1, 2]);
}

// B7
#[tokio::test(start_paused = true)]
async fn b7_an_answer_to_the_query_before_is_not_shown_as_this_ones() {
    let (client, server) = setup();
    let watcher = client.watch(get_post(1));
    let slow = server.next().await;
    watcher.set_query(get_post(2));
    let quick = server.next().await;
    quick.ok(json("2"));
    server.settled().await;
    slow.ok(json("1"));
    server.settled().await;
    assert_eq!(number(&watcher), 2);
    assert_eq!(*client.peek(&get_post(1)).unwrap(), 1, "it is kept where it belongs");
}

// B7
#[tokio::test(start_paused = true)]
async fn b7_previous_data_goes_when_the_new_query_fails_or_answers() {
    let (client, server) = counting();
    let watcher = watched(&client, get_post(1)).await;
    server.fail(true);
    watcher.set_query(get_post(2).keep_previous(true));
    yield_often().await;
    let state = seen(&watcher);
    assert!(state.error.is_some() && state.is_previous && number(&watcher) == 1, "an error takes no data away");
    server.fail(false);
    client.refetch(&get_post(2)).await.unwrap();
    let state = seen(&watcher);
    assert!(state.error.is_none() && !state.is_previous && number(&watcher) == 2);
}

// B7
#[tokio::test(start_paused = true)]
async fn b7_a_lazy_watcher_asks_when_it_is_given_a_query_and_shares_it() {
    let (client, server) = counting();
    let lazy: Watcher<Json> = client.lazy();
    client.invalidate(Target::everything()).await;
    assert!(server.all() == 0 && !seen(&lazy).is_loading);
    let other = watched(&client, get_post(1)).await;
    lazy.set_query(get_post(1));
    yield_often().await;
    assert!(server.all() == 1, "what is cached will do");
    assert!(Arc::ptr_eq(&seen(&lazy).data.unwrap(), &seen(&other).data.unwrap()));
    lazy.set_query(get_post(1).refetch_on_watch(Refetch::Always));
    yield_often().await;
    assert!(server.all() == 2 && number(&lazy) == 2, "unless it always asks");
}

// B7
#[tokio::test(start_paused = true)]
async fn b7_a_reset_leaves_no_data_of_before_on_the_screen() {
    let (client, server) = counting();
    let mut off = watched(&client, get_post(1)).await;
    off.set_query(get_post(1).when(false));
    assert!(off.changed().await.data.is_some());
    let moved = watched(&client, get_post(2)).await;
    server.fail(true);
    moved.set_query(get_post(3).keep_previous(true));
    yield_often().await;
    assert_eq!([number(&off), number(&moved)], [1, 1]);
    client.reset(Target::everything()).await;
    assert_eq!([number(&off), number(&moved)], [-1, -1], "whoever logs in next may see it");
    assert!(off.changed().await.data.is_none(), "it is told of it");
    server.fail(false);
    moved.set_query(get_post(4));
    yield_often().await;
    moved.set_query(get_post(5).keep_previous(true));
    client.reset(POST.id(9)).await;
    assert!(number(&moved) == 1 && seen(&moved).is_previous, "what is not meant stays");
    client.reset(POST.id(4)).await;
    assert_eq!(number(&moved), -1, "what is meant goes");
    yield_often().await;
    assert!(number(&moved) == 1 && !seen(&moved).is_previous);
}

// B6, B18
#[tokio::test(start_paused = true)]
async fn b6_a_part_goes_with_the_data_and_comes_with_it() {
    let (client, server) = setup();
    let watcher = client.watch(get_post(1));
    let mut part = watcher.select(|post| post["title"].clone());
    server.next().await.ok(json(r#"{"title": "a", "likes": 1}"#));
    assert_eq!(*part.changed().await.data.unwrap(), "a");
    client.update(&get_post(1), |post| post["likes"] = 2.into()).unwrap();
    assert!(tokio::time::timeout(SECOND, part.changed()).await.is_err(), "likes are no part of it");
    client.update(&get_post(1), |post| post["title"] = "b".into()).unwrap();
    assert_eq!(*part.changed().await.data.unwrap(), "b");
    client.reset(&get_post(1));
    assert!(part.snapshot().data.is_none() && part.snapshot().is_loading);
    server.next().await.ok(json(r#"{"title": "c"}"#));
    server.settled().await;
    assert_eq!(*part.snapshot().data.unwrap(), "c");
}

// B19
#[tokio::test(start_paused = true)]
async fn b19_a_watcher_refetches_what_it_watches_now() {
    let (client, server) = counting();
    let watcher = watched(&client, get_post(1)).await;
    watcher.set_query(get_post(2));
    yield_often().await;
    let data = watcher.refetch().await.unwrap();
    assert_eq!((data.as_i64(), number(&watcher)), (Some(2), 2));
    assert_eq!((server.of("/posts/1"), server.of("/posts/2")), (1, 2));
    watcher.set_query(get_post(2).when(false));
    let off = watcher.refetch().await.unwrap_err();
    assert_eq!((off.kind(), server.all()), (crate::ErrorKind::Request, 3));
}
