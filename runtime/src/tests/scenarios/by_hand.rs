//! Data of the application's own, removal, reset.

use super::*;
use crate::{ErrorKind, Target};

// B23
#[tokio::test(start_paused = true)]
async fn b23_what_does_not_exist_is_not_changed_and_the_function_not_called() {
    let (client, server) = counting();
    let other = client.fetch(get_post(2)).await.unwrap();
    let changed = client.update(&get_post(1), |_| panic!("there is nothing to change"));
    assert!(!changed.unwrap());
    assert!(client.peek(&get_post(1)).is_none());
    assert!(Arc::ptr_eq(&client.peek(&get_post(2)).unwrap(), &other));
    assert_eq!(server.all(), 1);
}

// B23
#[tokio::test(start_paused = true)]
async fn b23_tags_follow_what_is_written_and_what_is_put_back() {
    let (client, server) = setup();
    let mut list = client.watch(list_posts());
    server.next().await.ok(json(r#"[{"id": 1}, {"id": 3}]"#));
    let before = list.changed().await.data.unwrap();
    client.update(&list_posts(), |posts| posts.push(serde_json::json!({ "id": 4 }))).unwrap();
    assert_eq!(client.would_reach(POST.id(4)).len(), 1);
    client.set(&list_posts(), before.to_vec()).unwrap();
    assert!(client.would_reach(POST.id(4)).is_empty());
    assert_eq!(client.would_reach(POST.id(3)).len(), 1);
    assert_eq!(client.would_reach(POST.list()).len(), 1, "those of the args stay in any case");
    assert_eq!(server.settled().await, 1);
}

// B23
#[tokio::test(start_paused = true)]
async fn b23_many_entries_written_at_once_are_there_and_found_by_their_tags() {
    let (client, server) = counting();
    let watcher = watched(&client, get_post(2)).await;
    client
        .batch(|batch| {
            for id in 1..=3 {
                batch.set(&get_post(id), (id * 100).into()).unwrap();
            }
        })
        .await;
    assert_eq!(number(&watcher), 200);
    assert_eq!(*client.fetch(get_post(3)).await.unwrap(), 300);
    assert_eq!(server.all(), 1);
    client.invalidate(POST.id(3)).await;
    assert_eq!(*client.fetch(get_post(3)).await.unwrap(), 1);
}

// B23
#[tokio::test(start_paused = true)]
async fn b23_a_write_is_seen_at_once_and_leaves_nothing_loading() {
    let (client, server) = setup();
    let watcher = client.watch(get_post(1));
    let asked = server.next().await;
    client.set(&get_post(1), 5.into()).unwrap();
    let state = seen(&watcher);
    assert!(number(&watcher) == 5 && !state.is_loading && !state.is_fetching && !state.is_stale);
    assert!(state.status.is_none() && state.headers.is_none() && state.fetched_at.is_some());
    server.settled().await;
    assert!(asked.answer.is_closed());
    let failing = client.watch(get_post(2));
    server.next().await.with(500, json("{}"));
    server.settled().await;
    client.set(&get_post(2), 6.into()).unwrap();
    assert!(seen(&failing).error.is_none() && number(&failing) == 6);
}

// B23
#[tokio::test(start_paused = true)]
async fn b23_a_change_by_hand_is_seen_while_a_refetch_is_under_way() {
    let (client, server) = setup();
    let watcher = client.watch(get_post(1));
    server.next().await.ok(json("1"));
    server.settled().await;
    let refetching = tokio::spawn(client.refetch(&get_post(1)));
    let old = server.next().await;
    assert!(client.update(&get_post(1), |data| *data = 50.into()).unwrap());
    assert!(number(&watcher) == 50 && seen(&watcher).is_fetching);
    old.ok(json("2"));
    server.settled().await;
    assert_eq!(number(&watcher), 50, "an answer that is older does not take it away");
    server.next().await.ok(json("3"));
    assert_eq!(*refetching.await.unwrap().unwrap(), 3, "what was asked for is asked for");
    assert_eq!(number(&watcher), 3);
}

// B23
#[tokio::test(start_paused = true)]
async fn b23_a_change_that_panics_changes_nothing() {
    let (client, _server) = counting();
    client.fetch(get_post(1)).await.unwrap();
    let panicking = || drop(client.update(&get_post(1), |_| panic!("changing")));
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(panicking)).unwrap_err();
    let tags = get_post(1).provides_with(|_| -> crate::Tag { panic!("tags") });
    assert_eq!(client.set(&tags, 9.into()).unwrap_err().kind(), ErrorKind::Panicked);
    assert_eq!(*client.peek(&get_post(1)).unwrap(), 1);
    assert_eq!(*client.fetch(get_post(1)).await.unwrap(), 1);
}

// B23, B36
#[tokio::test(start_paused = true)]
async fn b23_a_change_may_call_the_client_and_is_made_of_the_newest_data() {
    let (client, _server) = counting();
    client.fetch(get_post(1)).await.unwrap();
    let once = AtomicBool::new(true);
    client
        .update(&get_post(1), |data| {
            if once.swap(false, Ordering::SeqCst) {
                client.set(&get_post(1), 70.into()).unwrap();
            }
            *data = (data.as_i64().unwrap() + 1).into();
        })
        .unwrap();
    assert_eq!(*client.peek(&get_post(1)).unwrap(), 71);
}

// B18
#[tokio::test(start_paused = true)]
async fn b18_a_reset_forgets_everything_and_asks_for_what_is_watched() {
    let (client, server) = setup();
    let watcher = client.watch(get_post(1));
    server.next().await.ok(json("1"));
    let _other = client.watch(get_post(2));
    let under_way = server.next().await;
    let waiting = tokio::spawn(client.fetch(get_post(3)));
    let waited_for = server.next().await;
    server.settled().await;
    let refetches = client.reset(Target::everything());
    let state = seen(&watcher);
    assert!(state.data.is_none() && state.is_loading && !state.is_stale && state.error.is_none(), "{state:?}");
    assert_eq!(waiting.await.unwrap().unwrap_err().kind(), ErrorKind::Aborted);
    server.settled().await;
    assert!(under_way.answer.is_closed() && waited_for.answer.is_closed());
    for body in ["10", "20"] {
        server.next().await.ok(json(body));
    }
    assert!(refetches.await.is_empty());
    assert_eq!(number(&watcher), 10);
    assert_eq!(server.settled().await, 5);
    assert_eq!(client.would_reach(Target::everything()).len(), 2);
}

// B18
#[tokio::test(start_paused = true)]
async fn b18_a_reset_does_not_let_an_older_mutation_write() {
    let (client, server) = setup();
    let mutating = client.mutate(update_post(1).writes(get_post(1)).without_invalidation());
    let asked = server.next().await;
    client.reset(Target::everything());
    asked.ok(json("5"));
    mutating.await.unwrap();
    assert!(client.peek(&get_post(1)).is_none(), "it may be of who was logged in before");
}

// B18
#[tokio::test(start_paused = true)]
async fn b18_removing_leaves_what_is_watched() {
    let (client, server) = counting();
    let watcher = watched(&client, get_post(1)).await;
    client.fetch(get_post(2)).await.unwrap();
    client.fetch(of("/other", USER.all())).await.unwrap();
    client.remove(POST.all());
    assert!(client.peek(&get_post(2)).is_none() && number(&watcher) == 1);
    assert!(client.peek(&of("/other", USER.all())).is_some());
    client.fetch(get_post(2)).await.unwrap();
    assert_eq!(server.of("/posts/2"), 2);
}

// B18
#[tokio::test(start_paused = true)]
async fn b18_a_watcher_is_alive_after_a_reset_and_a_removal() {
    let (client, server) = counting();
    let watcher = watched(&client, get_post(1)).await;
    client.reset(Target::everything()).await;
    client.remove(Target::everything());
    client.invalidate(POST.id(1)).await;
    assert!(server.all() == 3 && number(&watcher) == 3);
    drop(watcher);
    after(SECOND * 61).await;
    assert!(client.peek(&get_post(1)).is_none(), "and its entry goes in its time");
}

// B23, B26
#[tokio::test(start_paused = true)]
async fn b23_changes_by_hand_put_no_poll_off() {
    let (client, server) = counting();
    let watcher = watched(&client, get_post(1).poll_every(SECOND * 10)).await;
    for _ in 0..24 {
        after(SECOND).await;
        client.update(&get_post(1), |data| *data = (data.as_i64().unwrap() + 100).into()).unwrap();
    }
    assert_eq!(server.all(), 3);
    assert_eq!(number(&watcher), 503, "five changes since the last poll");
}

// B5, B23
#[tokio::test(start_paused = true)]
async fn b23_a_change_by_hand_leaves_the_error_and_the_age() {
    let (client, server) = setup_with(|builder| builder.stale_time_from_server(true));
    let watcher = client.watch(get_post(1));
    let response = Response::builder().header("cache-control", "max-age=10").body(json("1").into()).unwrap();
    server.next().await.send(Ok(response));
    server.settled().await;
    let fetched_at = seen(&watcher).fetched_at;
    let refetching = tokio::spawn(client.refetch(&get_post(1)));
    server.next().await.with(500, json("{}"));
    refetching.await.unwrap().unwrap_err();
    after(SECOND * 4).await;
    client.update(&get_post(1), |data| *data = 2.into()).unwrap();
    let state = seen(&watcher);
    assert!(state.error.is_some() && state.fetched_at == fetched_at && !state.is_stale && number(&watcher) == 2);
    after(SECOND * 5).await;
    client.update(&get_post(1), |data| *data = 3.into()).unwrap();
    assert!(!seen(&watcher).is_stale);
    after(SECOND).await;
    assert!(seen(&watcher).is_stale, "ten seconds after the server said so");
    client.set(&get_post(1), 4.into()).unwrap();
    let state = seen(&watcher);
    assert!(state.error.is_none() && state.fetched_at > fetched_at && !state.is_stale);
}

// B17, B23
#[tokio::test(start_paused = true)]
async fn b17_in_a_batch_the_later_word_counts() {
    let (client, server) = counting();
    let watcher = watched(&client, get_post(1)).await;
    client
        .batch(|batch| {
            batch.invalidate(POST.id(1));
            batch.set(&get_post(1), 70.into()).unwrap();
        })
        .await;
    assert!(server.all() == 1 && number(&watcher) == 70 && !seen(&watcher).is_stale);
    client
        .batch(|batch| {
            batch.set(&get_post(1), 80.into()).unwrap();
            batch.invalidate(POST.id(1));
        })
        .await;
    assert!(server.all() == 2 && number(&watcher) == 2);
    client
        .batch(|batch| {
            batch.reset(&get_post(1));
            batch.set(&get_post(1), 90.into()).unwrap();
        })
        .await;
    assert!(server.all() == 2 && number(&watcher) == 90);
    client
        .batch(|batch| {
            batch.set(&get_post(2), 1.into()).unwrap();
            batch.remove(Target::everything());
            batch.set(&get_post(3), 1.into()).unwrap();
        })
        .await;
    assert!(client.peek(&get_post(2)).is_none() && client.peek(&get_post(3)).is_some() && number(&watcher) == 90);
}

// B17
#[tokio::test(start_paused = true)]
async fn b17_a_batch_of_nothing_is_nothing() {
    let (client, server, events) = listening();
    let _watcher = client.watch(get_post(1));
    server.next().await.ok(json("1"));
    server.settled().await;
    lock(&events).clear();
    assert!(client.batch(|_| ()).await.is_empty());
    assert!(client.batch(|batch| batch.invalidate(crate::Tags::none())).await.is_empty());
    assert!(client.reset(POST.id(9)).await.is_empty());
    client.remove(POST.id(9));
    assert!(lock(&events).is_empty());
    assert_eq!(server.settled().await, 1);
}

// B18
#[tokio::test(start_paused = true)]
async fn b18_removing_gives_up_requests_that_nobody_watches_and_the_next_call_asks_anew() {
    let (client, server) = setup();
    client.prefetch(get_post(1), Prefetch::IfMissing);
    let waiting = tokio::spawn(client.fetch(get_post(2)));
    let (first, second) = (server.next().await, server.next().await);
    client.remove(Target::operation("getPost"));
    assert_eq!(waiting.await.unwrap().unwrap_err().kind(), ErrorKind::Aborted);
    server.settled().await;
    assert!(first.answer.is_closed() && second.answer.is_closed());
    let again = tokio::spawn(client.fetch(get_post(2)));
    server.next().await.ok(json("2"));
    assert_eq!(*again.await.unwrap().unwrap(), 2);
    assert_eq!(client.would_reach(Target::everything()).len(), 1);
}

// B23
#[tokio::test(start_paused = true)]
async fn b23_upsert_makes_what_is_not_there_and_changes_what_is() {
    let (client, server) = counting();
    server.fail(true);
    let watcher = watched(&client, get_post(1)).await;
    let made = |before: Option<&Json>| before.map_or(5, |before| before.as_i64().unwrap() + 1).into();
    client.upsert(&get_post(1), made).unwrap();
    assert!(seen(&watcher).error.is_none() && number(&watcher) == 5 && !seen(&watcher).is_stale);
    client.invalidate_and(POST.id(1), crate::RefetchOf::Nothing).await;
    client.upsert(&get_post(1), made).unwrap();
    assert!(seen(&watcher).is_stale && number(&watcher) == 6, "made of stale data it is stale");
    client.set(&get_post(1), 7.into()).unwrap();
    assert!(!seen(&watcher).is_stale && number(&watcher) == 7);
    assert_eq!(server.all(), 1);
}

// B5, B17
#[tokio::test(start_paused = true)]
async fn b17_many_writes_in_a_batch_are_heard_of_once() {
    let (client, _server) = counting();
    let watcher = watched(&client, get_post(1)).await;
    let heard: Arc<Mutex<Vec<Json>>> = Arc::default();
    let hearing = heard.clone();
    let _guard = watcher.on_change(move |state| lock(&hearing).extend(state.data.as_deref().cloned()));
    client
        .batch(|batch| {
            for number in 10..15 {
                batch.set(&get_post(1), number.into()).unwrap();
            }
        })
        .await;
    assert_eq!(*lock(&heard), [14]);
}
