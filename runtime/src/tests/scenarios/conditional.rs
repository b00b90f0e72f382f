//! Conditional requests: what is there and still holds is not sent again.

use ::http::{Response, StatusCode};

use super::*;
use crate::ErrorKind;

fn answer(status: u16, headers: &[(&str, &str)], body: &'static str) -> Answer {
    let response =
        headers.iter().fold(Response::builder().status(status), |all, (name, value)| all.header(*name, *value));
    Ok(response.body(json(body).into()).unwrap())
}

fn condition(asked: &Asked) -> Option<String> {
    asked.request.headers().get("if-none-match").map(|value| value.to_str().unwrap().to_owned())
}

/// Fetches a query, whose answer is `1` with an entity tag.
async fn with_etag(client: &Client, server: &Server, query: Query<Json>) -> Arc<Json> {
    let fetching = tokio::spawn(client.fetch(query));
    server.next().await.send(answer(200, &[("etag", "\"a\""), ("x-old", "1")], "1"));
    fetching.await.unwrap().unwrap()
}

// B28
#[tokio::test(start_paused = true)]
async fn b28_a_confirmation_keeps_the_data_and_makes_it_fresh() {
    let (client, server, events) = listening();
    let first = with_etag(&client, &server, get_post(1)).await;
    let mut watcher = client.watch(get_post(1).stale_time(SECOND * 30));
    after(SECOND * 20).await;
    let refetched = tokio::spawn(client.invalidate(POST.id(1)));
    let asked = server.next().await;
    assert_eq!(condition(&asked).as_deref(), Some("\"a\""));
    assert!(seen(&watcher).is_stale);
    asked.send(answer(304, &[("etag", "\"a\""), ("x-new", "2")], ""));
    assert!(refetched.await.unwrap().is_empty());
    let state = seen(&watcher);
    assert!(Arc::ptr_eq(&first, state.data.as_ref().unwrap()), "the very same");
    assert!(!state.is_stale && state.error.is_none());
    assert_eq!(state.status, Some(StatusCode::OK), "it is the response that was there");
    let headers = state.headers.unwrap();
    assert!(["etag", "x-old", "x-new"].into_iter().all(|name| headers.contains_key(name)), "{headers:?}");
    let changed = tokio::time::timeout(SECOND * 5, watcher.data_changed()).await;
    assert!(changed.is_err(), "nobody is told of other data");
    after(SECOND * 20).await;
    assert!(!seen(&watcher).is_stale, "its age counts from the confirmation");
    let told: Vec<(bool, bool)> = lock(&events)
        .iter()
        .filter_map(|event| match event {
            Event::Received { not_modified, changed, .. } => Some((*not_modified, *changed)),
            _ => None,
        })
        .collect();
    assert_eq!(told, [(false, true), (true, false)]);
    let again = tokio::spawn(client.refetch(&get_post(1)));
    let asked = server.next().await;
    assert_eq!(condition(&asked).as_deref(), Some("\"a\""), "and so the next time");
    asked.send(answer(200, &[("etag", "\"b\"")], "2"));
    assert_eq!(*again.await.unwrap().unwrap(), 2);
}

// B28
#[tokio::test(start_paused = true)]
async fn b28_no_condition_where_it_could_keep_what_is_old() {
    let query = |id| -> Query<Json> { get_post(id) };
    let (client, server) =
        setup_with(|builder| builder.enhance_query("of", |query: Query<Json>| query.conditional_requests(false)));
    let refetched = async |query: Query<Json>| {
        let refetching = tokio::spawn(client.refetch(&query));
        let asked = server.next().await;
        let condition = condition(&asked);
        asked.ok(json("3"));
        refetching.await.unwrap().unwrap();
        condition
    };
    with_etag(&client, &server, query(1)).await;
    client.set(&query(1), serde_json::json!(2)).unwrap();
    assert_eq!(refetched(query(1)).await, None, "after data of the application's own");
    with_etag(&client, &server, query(2)).await;
    assert!(client.update(&query(2), |post| *post = 2.into()).unwrap());
    assert_eq!(refetched(query(2)).await, None, "and after a change of it");
    let written = Mutation::<Json>::new(Request::put("putPost", "/posts/3")).writes(query(3));
    let mutating = client.mutate(written);
    server.next().await.send(answer(200, &[("etag", "\"w\"")], "2"));
    mutating.await.unwrap();
    assert_eq!(client.peek(&query(3)).map(|post| (*post).clone()), Some(2.into()));
    assert_eq!(refetched(query(3)).await, None, "what a mutation answered need not be what a query is answered");
    let unshared = query(4).structural_sharing(false);
    with_etag(&client, &server, unshared.clone()).await;
    assert_eq!(refetched(unshared).await, None, "where every response is to be new");
    with_etag(&client, &server, of("/off", POST.id(5))).await;
    assert_eq!(refetched(of("/off", POST.id(5))).await, None, "where it is switched off");
    let search = || Query::<Json>::new(Request::post("search", "/search").json(&serde_json::json!({})));
    with_etag(&client, &server, search()).await;
    assert_eq!(refetched(search()).await, None, "where something else than GET is sent");
    let own = || Query::<Json>::new(Request::get("own", "/own").header_param("If-None-Match", "\"mine\""));
    with_etag(&client, &server, own()).await;
    assert_eq!(refetched(own()).await.as_deref(), Some("\"mine\""), "what a call says itself counts");
}

// B28
#[tokio::test(start_paused = true)]
async fn b28_switched_off_for_the_client() {
    let (client, server) = setup_with(|builder| builder.conditional_requests(false));
    with_etag(&client, &server, get_post(1)).await;
    let refetching = tokio::spawn(client.refetch(&get_post(1)));
    let asked = server.next().await;
    assert_eq!(condition(&asked), None);
    asked.ok(json("1"));
    refetching.await.unwrap().unwrap();
    with_etag(&client, &server, get_post(2).conditional_requests(true)).await;
    let refetching = tokio::spawn(client.refetch(&get_post(2)));
    let asked = server.next().await;
    assert!(condition(&asked).is_some(), "but not for the operation or call that wants it");
    asked.ok(json("1"));
    refetching.await.unwrap().unwrap();
}

// B28
#[tokio::test(start_paused = true)]
async fn b28_a_confirmation_of_nothing_is_an_error_and_the_next_request_asks_for_the_whole() {
    let (client, server) = setup();
    let fetching = tokio::spawn(client.fetch(get_post(1)));
    server.next().await.send(answer(304, &[("etag", "\"a\"")], ""));
    let error = fetching.await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.status().unwrap()), (ErrorKind::Status, StatusCode::NOT_MODIFIED));
    assert!(error.to_string().contains("304 Not Modified: it was asked for the whole"), "{error}");
    let fetching = tokio::spawn(client.fetch(get_post(1)));
    let asked = server.next().await;
    assert_eq!(condition(&asked), None);
    asked.ok(json("1"));
    assert_eq!(*fetching.await.unwrap().unwrap(), 1);
}

// B28
#[tokio::test(start_paused = true)]
async fn b28_a_confirmation_of_something_else_has_the_whole_asked_for() {
    let (client, server) = setup();
    with_etag(&client, &server, get_post(1)).await;
    let refetching = tokio::spawn(client.refetch(&get_post(1)));
    server.next().await.send(answer(304, &[("etag", "\"other\"")], ""));
    let asked = server.next().await;
    assert_eq!(condition(&asked), None);
    asked.ok(json("2"));
    assert_eq!(*refetching.await.unwrap().unwrap(), 2);
}

// B13, B28
#[tokio::test(start_paused = true)]
async fn b28_a_confirmation_that_is_older_than_an_invalidation_is_followed_by_one_more_request() {
    let (client, server) = setup();
    with_etag(&client, &server, get_post(1)).await;
    let watcher = client.watch(get_post(1));
    let first = tokio::spawn(client.invalidate(POST.id(1)));
    let asked = server.next().await;
    let second = tokio::spawn(client.invalidate(POST.id(1)));
    server.settled().await;
    asked.send(answer(304, &[], ""));
    let asked = server.next().await;
    assert!(seen(&watcher).is_stale && first.await.unwrap().is_empty() && !second.is_finished());
    asked.send(answer(200, &[], "2"));
    assert!(second.await.unwrap().is_empty());
    assert_eq!((number(&watcher), seen(&watcher).is_stale), (2, false));
}

// B12, B28
#[tokio::test(start_paused = true)]
async fn b28_tags_are_read_of_the_kept_body_by_whoever_reads_more_of_them() {
    let (client, server) = setup();
    let list = || Query::<Vec<Json>>::new(Request::get("listPosts", "/posts")).provides(POST.list());
    let fetching = tokio::spawn(client.fetch(list()));
    server.next().await.send(answer(200, &[("etag", "\"a\"")], r#"[{"id": 7}]"#));
    fetching.await.unwrap().unwrap();
    let watcher = client.watch(list_posts());
    assert!(client.would_reach(POST.id(7)).is_empty());
    let refetching = tokio::spawn(client.refetch(&list()));
    server.next().await.send(answer(304, &[], ""));
    refetching.await.unwrap().unwrap();
    assert_eq!(client.would_reach(POST.id(7)).len(), 1);
    drop(watcher);
}

// B8, B28
#[tokio::test(start_paused = true)]
async fn b28_a_confirmation_says_anew_how_long_the_data_is_fresh() {
    let (client, server) = setup_with(|builder| builder.stale_time_from_server(true));
    let fetching = tokio::spawn(client.fetch(get_post(1)));
    server.next().await.send(answer(200, &[("etag", "\"a\""), ("cache-control", "max-age=10"), ("age", "8")], "1"));
    fetching.await.unwrap().unwrap();
    after(SECOND * 3).await;
    let fetching = tokio::spawn(client.fetch(get_post(1)));
    server.next().await.send(answer(304, &[("cache-control", "max-age=60")], ""));
    fetching.await.unwrap().unwrap();
    after(SECOND * 50).await;
    client.fetch(get_post(1)).await.unwrap();
    assert_eq!(server.settled().await, 2);
}

// B25, B28
#[tokio::test(start_paused = true)]
async fn b28_each_try_has_the_condition() {
    let (client, server) = setup_with(|builder| builder.retry(Retry::times(1).without_jitter()));
    let first = with_etag(&client, &server, get_post(1)).await;
    let refetching = tokio::spawn(client.refetch(&get_post(1)));
    server.next().await.with(503, json("{}"));
    after(SECOND).await;
    let asked = server.next().await;
    assert_eq!(condition(&asked).as_deref(), Some("\"a\""));
    asked.send(answer(304, &[], ""));
    assert!(Arc::ptr_eq(&first, &refetching.await.unwrap().unwrap()));
}
