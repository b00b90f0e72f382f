//! One request and one value for all who ask; several clients share nothing.

use super::*;
use crate::Target;

// B2
#[tokio::test(start_paused = true)]
async fn b2_a_thousand_watchers_are_one_request() {
    let (client, server, events) = listening();
    let watchers: Vec<_> = (0..1000).map(|_| client.watch(get_post(1))).collect();
    server.next().await.ok(json("1"));
    assert_eq!(server.settled().await, 1);
    let data = seen(&watchers[0]).data.unwrap();
    assert!(watchers.iter().all(|watcher| Arc::ptr_eq(&seen(watcher).data.unwrap(), &data)));
    let most = lock(&events).clone().into_iter().filter_map(|event| match event {
        Event::Subscribed { subscribers, .. } => Some(subscribers),
        _ => None,
    });
    assert_eq!(most.max(), Some(1000));
    client.invalidate(POST.id(1));
    server.next().await.ok(json("2"));
    assert_eq!(server.settled().await, 2);
    drop(watchers);
    let left = lock(&events).iter().rev().find_map(|event| match event {
        Event::Unsubscribed { subscribers, .. } => Some(*subscribers),
        _ => None,
    });
    assert_eq!(left, Some(0));
}

// B2
#[tokio::test(start_paused = true)]
async fn b2_two_fetches_under_way_are_one_request_and_one_success() {
    let (client, server, events) = listening();
    let (one, other) = (tokio::spawn(client.fetch(get_post(1))), tokio::spawn(client.fetch(get_post(1))));
    server.next().await.ok(json("1"));
    one.await.unwrap().unwrap();
    other.await.unwrap().unwrap();
    server.settled().await;
    let count = |wanted: fn(&Event) -> bool| lock(&events).iter().filter(|event| wanted(event)).count();
    assert_eq!(count(|event| matches!(event, Event::Requested { .. })), 1);
    assert_eq!(count(|event| matches!(event, Event::Received { .. })), 1);
    assert_eq!(count(|event| matches!(event, Event::Joined { .. })), 1);
}

// B2
#[tokio::test(start_paused = true)]
async fn b2_watchers_callers_prefetches_and_polls_share_a_request() {
    let (client, server) = setup();
    client.prefetch(get_post(1), Prefetch::IfMissing);
    let watcher = client.watch(get_post(1).poll_every(SECOND));
    let fetching = tokio::spawn(client.fetch(get_post(1)));
    let refetching = tokio::spawn(client.refetch(&get_post(1)));
    assert_eq!(server.settled().await, 1);
    server.next().await.ok(json("1"));
    let (one, other) = (fetching.await.unwrap().unwrap(), refetching.await.unwrap().unwrap());
    assert!(Arc::ptr_eq(&one, &other) && Arc::ptr_eq(&one, &seen(&watcher).data.unwrap()));
}

// B2
#[tokio::test(start_paused = true)]
async fn b2_a_failure_is_shared_as_well() {
    let (client, server) = setup();
    let callers: Vec<_> = (0..3).map(|_| tokio::spawn(client.fetch(get_post(1)))).collect();
    assert_eq!(server.settled().await, 1);
    server.next().await.with(404, json("{}"));
    for caller in callers {
        assert_eq!(caller.await.unwrap().unwrap_err().status().unwrap(), 404);
    }
    assert_eq!(server.settled().await, 1);
}

// B32
#[tokio::test(start_paused = true)]
async fn b32_two_clients_share_neither_requests_nor_subscribers_nor_invalidations() {
    let (one, first_server) = setup();
    let (other, second_server) = setup();
    let watchers = [one.watch(get_post(1)), other.watch(get_post(1))];
    assert_eq!([first_server.settled().await, second_server.settled().await], [1, 1]);
    first_server.next().await.ok(json("1"));
    second_server.next().await.ok(json("2"));
    first_server.settled().await;
    assert_eq!([number(&watchers[0]), number(&watchers[1])], [1, 2]);
    one.invalidate(POST.all());
    one.focused(false);
    one.reset(Target::everything());
    first_server.settled().await;
    assert!(seen(&watchers[1]).data.is_some() && !seen(&watchers[1]).is_stale);
    assert_eq!(second_server.settled().await, 1);
    drop(one);
    assert_eq!(number(&watchers[1]), 2);
}

// B32
#[tokio::test(start_paused = true)]
async fn b32_a_watcher_outlives_the_handles_of_its_client() {
    let (client, server) = setup();
    let clone = client.clone();
    let mut watcher = client.watch(get_post(1));
    drop((client, clone));
    server.next().await.ok(json("1"));
    assert_eq!(*watcher.ready().await.unwrap(), 1);
}

// B4
#[tokio::test(start_paused = true)]
async fn b4_equal_data_keeps_its_identity_and_other_data_does_not() {
    let (client, server) = setup();
    let watcher = client.watch(get_post(1));
    let mut data = Vec::new();
    for body in [r#"{"a": 1}"#, r#"{"a": 1}"#, r#"{"a": 2}"#, r#"{"a": 1}"#] {
        client.invalidate(POST.id(1));
        server.next().await.ok(json(body));
        server.settled().await;
        answer_all(&server, body).await;
        data.push(seen(&watcher).data.unwrap());
    }
    assert!(Arc::ptr_eq(&data[0], &data[1]) && !Arc::ptr_eq(&data[1], &data[2]) && data[0] == data[3]);
}
