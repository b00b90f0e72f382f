//! What an invalidation reaches, and what becomes of that.

use super::*;
use crate::{RefetchOf, Tags, Target};

// B18
#[tokio::test(start_paused = true)]
async fn b18_tags_by_hand_make_one_request_for_each_entry_that_they_reach() {
    let (client, server) = counting();
    let _posts = [watched(&client, get_post(1)).await, watched(&client, get_post(2)).await];
    client.invalidate(POST.id(1)).await;
    assert_eq!([server.of("/posts/1"), server.of("/posts/2")], [2, 1]);
    client.invalidate(POST.all()).await;
    assert_eq!([server.of("/posts/1"), server.of("/posts/2")], [3, 2]);
}

// B11
#[tokio::test(start_paused = true)]
async fn b11_tags_of_absent_ids_beside_others_change_nothing() {
    let (client, server) = counting();
    let _posts = [watched(&client, get_post(1)).await, watched(&client, get_post(2)).await];
    client.invalidate([POST.id(None::<i64>), POST.id(1), POST.id(Json::Null)]).await;
    assert_eq!([server.of("/posts/1"), server.of("/posts/2")], [2, 1]);
    client.invalidate(Some(POST.id(2))).await;
    client.invalidate(None::<crate::Tag>).await;
    assert_eq!([server.of("/posts/1"), server.of("/posts/2")], [2, 2]);
}

// B11
#[tokio::test(start_paused = true)]
async fn b11_what_matches_nothing_sends_nothing() {
    let (client, server) = counting();
    let watcher = watched(&client, get_post(1)).await;
    let nothing: [Tags; 5] =
        [Tags::none(), POST.id(None::<i64>).into(), POST.id(2).into(), USER.all().into(), "Unheard".into()];
    for tags in nothing {
        assert!(client.invalidate(tags.clone()).await.is_empty());
        client.mutate(changing(tags.clone())).refetched().await.unwrap();
        assert_eq!(server.of("/posts/1"), 1, "{tags:?}");
        assert!(!seen(&watcher).is_stale);
    }
}

// B11
#[tokio::test(start_paused = true)]
async fn b11_zero_and_the_empty_text_are_ids_like_any_other() {
    let (client, server) = counting();
    let _zero = watched(&client, of("/zero", POST.id(0))).await;
    let _empty = watched(&client, of("/empty", POST.id(""))).await;
    let _one = watched(&client, of("/one", POST.id(1))).await;
    let _all = watched(&client, of("/all", POST.all())).await;
    let asked = || [server.of("/zero"), server.of("/empty"), server.of("/one"), server.of("/all")];
    client.invalidate(POST.id("0")).await;
    assert_eq!(asked(), [2, 1, 1, 1]);
    client.mutate(changing(POST.id(0))).refetched().await.unwrap();
    assert_eq!(asked(), [3, 1, 1, 1]);
    client.invalidate(POST.id("")).await;
    assert_eq!(asked(), [3, 2, 1, 1]);
    client.invalidate(POST.id("1")).await;
    assert_eq!(asked(), [3, 2, 2, 1]);
    client.invalidate(POST.id(false)).await;
    assert_eq!(asked(), [3, 2, 2, 1]);
}

// B11
#[tokio::test(start_paused = true)]
async fn b11_a_list_and_an_id_of_that_name_are_two_things() {
    let (client, server) = counting();
    let _list = watched(&client, of("/list", POST.list())).await;
    let _named = watched(&client, of("/named", POST.id("LIST"))).await;
    client.invalidate(POST.list()).await;
    assert_eq!([server.of("/list"), server.of("/named")], [2, 1]);
    client.invalidate(POST.id("LIST")).await;
    assert_eq!([server.of("/list"), server.of("/named")], [2, 2]);
}

// B14
#[tokio::test(start_paused = true)]
async fn b14_who_is_asked_again_can_be_said() {
    let table = [
        (RefetchOf::Watched, [2, 1]),
        (RefetchOf::Unwatched, [1, 2]),
        (RefetchOf::All, [2, 2]),
        (RefetchOf::Nothing, [1, 1]),
    ];
    for (refetch, expected) in table {
        let (client, server) = counting();
        let watcher = watched(&client, get_post(1)).await;
        client.fetch(get_post(2)).await.unwrap();
        client.fetch(of("/other", USER.all())).await.unwrap();
        let errors = client.invalidate_and(POST.all(), refetch).await;
        assert!(errors.is_empty());
        assert_eq!([server.of("/posts/1"), server.of("/posts/2")], expected, "{refetch:?}");
        assert_eq!(seen(&watcher).is_stale, expected[0] == 1, "{refetch:?}");
        // Whoever was not asked again is for its next reader.
        client.fetch(get_post(1)).await.unwrap();
        client.fetch(get_post(2)).await.unwrap();
        client.fetch(of("/other", USER.all())).await.unwrap();
        assert_eq!([server.of("/posts/1"), server.of("/posts/2"), server.of("/other")], [2, 2, 1], "{refetch:?}");
    }
}

// B14
#[tokio::test(start_paused = true)]
async fn b14_marking_twice_is_marking_once() {
    let (client, _server) = counting();
    let mut watcher = watched(&client, get_post(1)).await;
    watcher.changed().await;
    client.invalidate_and(POST.id(1), RefetchOf::Nothing).await;
    assert!(watcher.changed().await.is_stale);
    client.invalidate_and(POST.id(1), RefetchOf::Nothing).await;
    assert!(tokio::time::timeout(SECOND, watcher.changed()).await.is_err(), "nothing changed for those who watch");
}

// B14
#[tokio::test(start_paused = true)]
async fn b14_marking_keeps_the_data_and_tells_watchers_once() {
    let (client, server) = counting();
    let mut watcher = watched(&client, get_post(1)).await;
    let data = watcher.changed().await.data.unwrap();
    client.invalidate_and(&get_post(1), RefetchOf::Nothing).await;
    let state = watcher.changed().await;
    assert!(state.is_stale && Arc::ptr_eq(&state.data.unwrap(), &data));
    client.invalidate_and(&get_post(9), RefetchOf::All).await;
    assert_eq!(server.of("/posts/9"), 0, "what is not there is not made");
    assert!(client.peek(&get_post(9)).is_none());
}

// B14
#[tokio::test(start_paused = true)]
async fn b14_an_entry_that_nobody_uses_can_be_removed_instead() {
    let (client, server) = counting_with(|builder| builder.remove_unwatched(true));
    let _watcher = watched(&client, get_post(1)).await;
    client.prefetch(get_post(2), Prefetch::IfMissing);
    yield_often().await;
    client.mutate(changing(POST.all())).refetched().await.unwrap();
    assert!(client.peek(&get_post(1)).is_some() && client.peek(&get_post(2)).is_none());
    assert_eq!([server.of("/posts/1"), server.of("/posts/2")], [2, 1]);
}

// B14
#[tokio::test(start_paused = true)]
async fn b14_a_prefetched_entry_is_marked_and_shown_stale_to_the_next_watcher() {
    let (client, server) = setup();
    client.prefetch(get_post(1), Prefetch::IfMissing);
    server.next().await.ok(json("1"));
    server.settled().await;
    client.invalidate(POST.id(1)).await;
    assert_eq!(server.settled().await, 1);
    let watcher = client.watch(get_post(1));
    let state = seen(&watcher);
    assert!(state.is_stale && state.is_fetching && !state.is_loading && number(&watcher) == 1);
    server.next().await.ok(json("2"));
    server.settled().await;
    assert!(number(&watcher) == 2 && !seen(&watcher).is_stale);
}

// B14
#[tokio::test(start_paused = true)]
async fn b14_a_query_that_failed_at_first_is_asked_again_after_a_login() {
    let (client, server, events) = listening();
    let session = || of("/session", USER.all());
    let mut watcher = client.watch(session());
    server.next().await.with(401, json("{}"));
    assert_eq!(watcher.ready().await.unwrap_err().status().unwrap(), 401);
    let login = client.mutate(Mutation::<Json>::new(Request::post("login", "/login")).invalidates(USER.all()));
    server.next().await.ok(json("{}"));
    login.await.unwrap();
    server.next().await.ok(json("7"));
    server.settled().await;
    let state = seen(&watcher);
    assert!(state.error.is_none() && state.data.is_some() && !state.is_fetching);
    let story: Vec<&str> = lock(&events)
        .iter()
        .map(|event| match event {
            Event::Requested { .. } => "requested",
            Event::Failed { .. } => "failed",
            Event::MutationStarted { .. } => "started",
            Event::MutationSettled { .. } => "settled",
            Event::Received { .. } => "received",
            _ => "",
        })
        .filter(|word| !word.is_empty())
        .collect();
    assert_eq!(story, ["requested", "failed", "started", "settled", "requested", "received"]);
}

// B14
#[tokio::test(start_paused = true)]
async fn b14_a_refetch_that_fails_is_tried_once_for_an_invalidation() {
    let (client, server) = counting();
    let watcher = watched(&client, get_post(1)).await;
    server.fail(true);
    let errors = client.invalidate(POST.id(1)).await;
    assert_eq!(errors.len(), 1);
    after(SECOND * 3600).await;
    assert_eq!(server.of("/posts/1"), 2);
    let state = seen(&watcher);
    assert!(state.is_stale && state.error.is_some() && number(&watcher) == 1);
    server.fail(false);
    assert!(client.invalidate(POST.id(1)).await.is_empty());
    assert!(!seen(&watcher).is_stale && seen(&watcher).error.is_none());
}

// B12
#[tokio::test(start_paused = true)]
async fn b12_tags_of_the_result_replace_those_of_the_one_before() {
    let (client, server) = setup();
    let mut list = client.watch(list_posts());
    server.next().await.ok(json(r#"[{"id": 1}, {"id": 2}]"#));
    list.changed().await;
    assert_eq!(client.would_reach(POST.id(2)).len(), 1);
    client.invalidate(POST.id(2));
    server.next().await.ok(json(r#"[{"id": 1}, {"id": 0}]"#));
    list.data_changed().await;
    assert!(client.would_reach(POST.id(2)).is_empty());
    assert_eq!(client.would_reach(POST.id(0)).len(), 1);
    assert_eq!(client.would_reach(POST.list()).len(), 1);
}

// B12
#[tokio::test(start_paused = true)]
async fn b12_a_failed_refetch_keeps_the_tags_of_the_last_data() {
    let (client, server) = setup();
    let mut list = client.watch(list_posts());
    server.next().await.ok(json(r#"[{"id": 1}]"#));
    list.changed().await;
    client.invalidate(POST.id(1));
    server.next().await.with(500, json("{}"));
    server.settled().await;
    client.invalidate(POST.id(1));
    server.next().await.ok(json("[]"));
    server.settled().await;
    assert!(seen(&list).data.unwrap().is_empty());
}

// B18
#[tokio::test(start_paused = true)]
async fn b18_what_would_be_reached_is_told_and_left_alone() {
    let (client, server) = counting();
    let watcher = watched(&client, get_post(1)).await;
    client.fetch(get_post(2)).await.unwrap();
    client.fetch(get_post(3).never_stale()).await.unwrap();
    let reached = client.would_reach(POST.all());
    let urls: Vec<&str> = reached.iter().map(|call| &*call.url).collect();
    assert_eq!(urls, ["/posts/1", "/posts/2"], "what is never stale is not reached");
    assert_eq!(client.would_reach(Target::everything()).len(), 2);
    yield_often().await;
    assert!(server.all() == 3 && !seen(&watcher).is_stale);
}

// B17
#[tokio::test(start_paused = true)]
async fn b17_a_batch_is_one_invalidation() {
    let (client, server) = counting();
    let _posts = [watched(&client, get_post(1)).await, watched(&client, get_post(2)).await];
    client
        .batch(|batch| {
            batch.invalidate(POST.id(1));
            batch.invalidate(POST.all());
            batch.invalidate(&get_post(1));
            batch.invalidate_and(Target::path("/posts"), RefetchOf::All);
        })
        .await;
    assert_eq!([server.of("/posts/1"), server.of("/posts/2")], [2, 2]);
}

// B17
#[tokio::test(start_paused = true)]
async fn b17_a_reset_and_an_invalidation_in_one_batch_make_one_request() {
    let (client, server) = counting();
    let watcher = watched(&client, get_post(1)).await;
    for _ in 0..2 {
        client
            .batch(|batch| {
                batch.invalidate(POST.id(1));
                batch.reset(&get_post(1));
                batch.invalidate(POST.all());
            })
            .await;
    }
    assert_eq!(server.of("/posts/1"), 3);
    assert!(!seen(&watcher).is_stale);
}

// B17
#[tokio::test(start_paused = true)]
async fn b17_what_a_batch_said_before_a_panic_is_done() {
    let (client, server) = counting();
    let _watcher = watched(&client, get_post(1)).await;
    let work = || {
        drop(client.batch(|batch| {
            batch.invalidate(POST.id(1));
            panic!("in a batch");
        }));
    };
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).unwrap_err();
    yield_often().await;
    assert_eq!(server.of("/posts/1"), 2);
}

// B11
#[tokio::test(start_paused = true)]
async fn b11_what_provides_an_absent_id_does_not_provide_the_type() {
    let (client, server) = counting();
    let absent = of("/absent", [POST.id(None::<i64>), USER.id(3)]).provides(None::<crate::Tag>).provides(Tags::none());
    let _watcher = watched(&client, absent).await;
    client.invalidate(POST.all()).await;
    assert_eq!(server.all(), 1);
    client.invalidate(USER.id(3)).await;
    assert_eq!(server.all(), 2);
}

// B18
#[tokio::test(start_paused = true)]
async fn b18_what_many_tags_reach_is_told_once_the_oldest_first() {
    let (client, _server) = counting();
    let reached = |target: Target| -> Vec<String> {
        client.would_reach(target).iter().map(|call| call.url.to_string()).collect()
    };
    for id in [3, 1, 2] {
        client.fetch(get_post(id)).await.unwrap();
    }
    let _about = watched(&client, of("/about", POST.all()).never_stale()).await;
    let all = ["/posts/3", "/posts/1", "/posts/2"];
    assert_eq!(reached([POST.id(2), POST.all(), POST.id(3), POST.list()].into()), all, "what is never stale is not");
    assert_eq!(reached(Target::operation("getPost")), all);
    assert_eq!(reached(Target::path("/posts/1")), all[1..2]);
}
