//! What a watcher sees.

use super::*;

// B5
#[tokio::test(start_paused = true)]
async fn b5_data_survives_an_error_and_a_success_clears_the_error() {
    let (client, server) = setup();
    let watcher = client.watch(get_post(1));
    server.next().await.with(500, json("{}"));
    server.settled().await;
    let state = seen(&watcher);
    assert!(state.error.is_some() && state.data.is_none() && !state.is_loading && !state.is_stale);
    let again = tokio::spawn(client.refetch(&get_post(1)));
    server.settled().await;
    assert!(seen(&watcher).is_loading && seen(&watcher).error.is_some(), "the first data is on its way once more");
    server.next().await.ok(json("1"));
    again.await.unwrap().unwrap();
    let state = seen(&watcher);
    assert!(state.error.is_none() && state.data.is_some() && !state.is_fetching);
    let again = tokio::spawn(client.refetch(&get_post(1)));
    server.settled().await;
    let state = seen(&watcher);
    assert!(state.is_fetching && !state.is_loading && state.data.is_some(), "refetching is not loading");
    server.next().await.with(500, json("{}"));
    again.await.unwrap().unwrap_err();
    let state = seen(&watcher);
    assert!(state.error.is_some() && number(&watcher) == 1 && !state.is_stale);
}

// B5
#[tokio::test(start_paused = true)]
async fn b5_the_head_of_the_response_and_its_time_are_seen() {
    let (client, server) = setup();
    let mut watcher = client.watch(get_post(1));
    let answer =
        |etag: &str| Response::builder().status(203).header("etag", etag).body(ResponseBody::from(json("1"))).unwrap();
    server.next().await.send(Ok(answer("a")));
    let first = watcher.changed().await;
    assert_eq!((first.status.unwrap().as_u16(), &first.headers.unwrap()["etag"]), (203, &"a".parse().unwrap()));
    after(SECOND * 60).await;
    client.invalidate(POST.id(1));
    server.next().await.send(Ok(answer("b")));
    server.settled().await;
    let second = seen(&watcher);
    assert_eq!(second.headers.unwrap()["etag"], "b", "of the last response, even where the data is equal");
    let passed = second.fetched_at.unwrap().duration_since(first.fetched_at.unwrap()).unwrap();
    assert!(passed >= SECOND * 60);
}

// B5
#[tokio::test(start_paused = true)]
async fn b5_a_watcher_that_comes_to_a_request_under_way_sees_it_at_once() {
    let (client, server) = setup();
    drop(tokio::spawn(client.fetch(get_post(1))));
    let asked = server.next().await;
    let watcher = client.watch(get_post(1));
    assert!(seen(&watcher).is_loading);
    asked.ok(json("1"));
    server.settled().await;
    assert!(!seen(&watcher).is_loading && number(&watcher) == 1);
    let late = client.watch(get_post(1));
    assert!(number(&late) == 1 && !seen(&late).is_fetching);
    assert_eq!(server.settled().await, 1);
}

// B5
#[tokio::test(start_paused = true)]
async fn b5_states_are_given_once_and_none_is_lost() {
    let (client, server) = setup();
    let mut watcher = client.watch(get_post(1));
    server.next().await.ok(json("1"));
    assert!(watcher.changed().await.data.is_some());
    assert!(tokio::time::timeout(SECOND, watcher.changed()).await.is_err());
    client.set(&get_post(1), 2.into()).unwrap();
    client.set(&get_post(1), 3.into()).unwrap();
    assert_eq!(*watcher.changed().await.data.unwrap(), 3, "what came in between is left out");
    assert!(tokio::time::timeout(SECOND, watcher.changed()).await.is_err());
}

// B5
#[tokio::test(start_paused = true)]
async fn b5_fetching_does_not_flicker_between_an_answer_and_the_request_that_follows_it() {
    let (client, server) = setup();
    let watcher = client.watch(get_post(1));
    let flags: Arc<Mutex<Vec<(i64, bool, bool)>>> = Arc::default();
    let heard = flags.clone();
    let _guard = watcher.on_change(move |state| {
        let number = state.data.and_then(|data| data.as_i64()).unwrap_or(-1);
        lock(&heard).push((number, state.is_fetching, state.is_stale));
    });
    let asked = server.next().await;
    client.invalidate(POST.id(1));
    asked.ok(json("1"));
    server.next().await.ok(json("2"));
    server.settled().await;
    assert_eq!(*lock(&flags), [(1, true, true), (2, false, false)]);
}

// B5, B36
#[tokio::test(start_paused = true)]
async fn b5_a_refetch_that_does_not_decode_leaves_the_data_and_tells_the_error() {
    let (client, server) = setup();
    let watcher = client.watch(list_posts());
    server.next().await.ok(json(r#"[{"id": 1}]"#));
    server.settled().await;
    client.invalidate(POST.list());
    server.next().await.ok(json(r#"{"id": 1}"#));
    server.settled().await;
    let state = seen(&watcher);
    assert_eq!(state.error.unwrap().kind(), crate::ErrorKind::Decode);
    assert!(state.data.unwrap().len() == 1 && state.is_stale);
    assert_eq!(client.would_reach(POST.id(1)).len(), 1, "its tags stay, too");
    client.invalidate(POST.id(1));
    server.next().await.ok(json("[]"));
    server.settled().await;
    assert!(seen(&watcher).error.is_none() && seen(&watcher).data.unwrap().is_empty());
}

// B6
#[tokio::test(start_paused = true)]
async fn b6_parts_of_one_watcher_are_told_each_of_its_own() {
    let (client, server) = setup();
    let watcher = client.watch(get_post(1));
    let [mut title, mut likes] = ["title", "likes"].map(|name| watcher.select(move |post| post[name].clone()));
    server.next().await.ok(json(r#"{"title": "a", "likes": 1}"#));
    assert_eq!((*title.changed().await.data.unwrap()).clone(), "a");
    assert_eq!((*likes.changed().await.data.unwrap()).clone(), 1);
    client.invalidate(POST.id(1));
    server.next().await.ok(json(r#"{"title": "a", "likes": 2}"#));
    assert_eq!((*likes.changed().await.data.unwrap()).clone(), 2);
    assert!(tokio::time::timeout(SECOND, title.changed()).await.is_err());
    watcher.set_query(get_post(2));
    assert!(title.changed().await.data.is_none() && title.snapshot().is_loading);
    server.next().await.ok(json(r#"{"title": "a", "likes": 9}"#));
    assert_eq!((*title.changed().await.data.unwrap()).clone(), "a", "it was gone in between");
    watcher.set_query(get_post(1).keep_previous(true));
    assert!(tokio::time::timeout(SECOND, title.changed()).await.is_err());
    assert_eq!((*likes.changed().await.data.unwrap()).clone(), 2);
}
