//! Mutations that wait, through the shell.

use super::*;
use crate::{ErrorKind, WaitsFor, WhenOffline};

fn scoped(id: i64, scope: &str) -> Mutation<Json> {
    update_post(id).scope(scope)
}

// B24
#[tokio::test(start_paused = true)]
async fn b24_a_scope_is_a_queue_in_the_order_of_the_calls() {
    let (client, server) = setup();
    let [first, second] = [1, 2].map(|id| client.mutate(scoped(id, "cart")));
    let _other = client.mutate(scoped(3, "likes"));
    let waiting = client.waiting();
    assert_eq!((waiting.len(), waiting[0].scope(), waiting[0].waits_for()), (1, Some("cart"), WaitsFor::Turn));
    let asked = server.next().await;
    assert!(asked.url().ends_with("/posts/1"));
    assert!(server.next().await.url().ends_with("/posts/3"));
    asked.with(422, json("{}"));
    first.await.unwrap_err();
    let asked = server.next().await;
    assert!(asked.url().ends_with("/posts/2"), "a failure stops none of those after it");
    asked.ok(json("2"));
    assert_eq!(second.await.unwrap(), 2);
    assert_eq!(server.settled().await, 3);
}

// B24
#[tokio::test(start_paused = true)]
async fn b24_offline_mutations_wait_if_they_are_told_to() {
    let server = Server::default();
    let client = builder(&server).when_offline(WhenOffline::Wait).build().unwrap();
    client.online(false);
    let [one, two] = [1, 2].map(|id| client.mutate(update_post(id)));
    let sent = client.mutate(update_post(3).when_offline(WhenOffline::Send));
    server.next().await.send(Err(TransportError::not_sent("no route")));
    assert_eq!(sent.await.unwrap_err().kind(), ErrorKind::Connect);
    assert_eq!(server.settled().await, 1);
    let calls: Vec<String> = client.waiting().iter().map(|waiting| waiting.call().to_string()).collect();
    assert_eq!(calls, ["PATCH /posts/1 (updatePost)", "PATCH /posts/2 (updatePost)"]);
    client.online(true);
    let asked = server.next().await;
    assert_eq!(server.settled().await, 2, "one after the other");
    asked.ok(json("1"));
    server.next().await.ok(json("2"));
    assert_eq!((one.await.unwrap(), two.await.unwrap()), (1.into(), 2.into()));
}

// B15, B24
#[tokio::test(start_paused = true)]
async fn b24_one_that_did_not_reach_the_server_is_put_back_and_invalidates_once_it_is_done() {
    let (client, server, events) = listening();
    let mut watcher = client.watch(get_post(1));
    server.next().await.ok(json("1"));
    watcher.changed().await;
    let mutating = client.mutate(update_post(1).when_offline(WhenOffline::Wait));
    let asked = server.next().await;
    client.online(false);
    asked.send(Err(TransportError::not_sent("no route")));
    assert_eq!(server.settled().await, 2);
    assert_eq!(client.waiting().len(), 1);
    client.online(true);
    server.next().await.ok(json("{}"));
    mutating.await.unwrap();
    server.next().await.ok(json("2"));
    assert_eq!(*watcher.data_changed().await.data.unwrap(), 2);
    let told = |event: &Event| match event {
        Event::MutationStarted { .. } => Some("started"),
        Event::MutationWaiting { .. } => Some("waits"),
        Event::MutationResumed { .. } => Some("resumed"),
        Event::MutationSettled { .. } => Some("settled"),
        _ => None,
    };
    let told: Vec<&str> = lock(&events).iter().filter_map(told).collect();
    assert_eq!(told, ["started", "waits", "resumed", "settled"]);
}

// B24
#[tokio::test(start_paused = true)]
async fn b24_what_waits_can_be_given_up_and_what_is_on_its_way_cannot() {
    let (client, server) = setup();
    let [first, second, third] = [1, 2, 3].map(|id| client.mutate(scoped(id, "cart")));
    let [waiting, _] = <[_; 2]>::try_from(client.waiting()).unwrap();
    let asked = server.next().await;
    assert!(waiting.cancel());
    let error = second.await.unwrap_err();
    assert_eq!((error.kind(), error.was_sent()), (ErrorKind::Aborted, false));
    assert!(error.to_string().contains("given up before it was sent"), "{error}");
    let [last] = <[_; 1]>::try_from(client.waiting()).unwrap();
    asked.ok(json("{}"));
    first.await.unwrap();
    let asked = server.next().await;
    assert!(!last.cancel(), "it is on its way by now");
    asked.ok(json("{}"));
    third.await.unwrap();
    assert!(client.waiting().is_empty());
}

// B24, B36
#[tokio::test(start_paused = true)]
async fn b24_what_waits_offline_ends_with_the_last_client_and_what_is_on_its_way_does_not() {
    let (client, server) = setup();
    let sent = client.mutate(scoped(1, "cart"));
    let behind = client.mutate(scoped(2, "cart"));
    let asked = server.next().await;
    drop(client);
    asked.ok(json("1"));
    assert_eq!(sent.await.unwrap(), 1);
    server.next().await.ok(json("2"));
    assert_eq!(behind.await.unwrap(), 2, "those before it kept the client");
    let (client, server) = setup();
    client.online(false);
    let waits = client.mutate(update_post(1).when_offline(WhenOffline::Wait));
    drop(client);
    assert_eq!(waits.await.unwrap_err().kind(), ErrorKind::Aborted, "nobody could tell of a connection any more");
    assert_eq!(server.settled().await, 0);
}

// B18, B24
#[tokio::test(start_paused = true)]
async fn b24_what_a_call_says_of_its_sending_counts_over_what_the_client_says() {
    let server = Server::default();
    let client = builder(&server)
        .enhance_mutation("updatePost", |update: Mutation<Json>| update.scope("all").when_offline(WhenOffline::Wait))
        .build()
        .unwrap();
    let _mutating = [client.mutate(update_post(1)), client.mutate(update_post(2)), client.mutate(scoped(3, "own"))];
    assert_eq!(server.settled().await, 2);
    client.online(false);
    drop(client.mutate(scoped(4, "other")));
    drop(client.mutate(scoped(5, "third").when_offline(WhenOffline::Send)));
    assert_eq!(server.settled().await, 3);
}

// B22, B24
#[tokio::test(start_paused = true)]
async fn b24_what_waits_is_shown_as_if_it_were_done_and_undone_when_it_is_given_up() {
    let (client, server) = setup();
    let watcher = client.watch(get_post(1));
    server.next().await.ok(json("1"));
    server.settled().await;
    let shown = || crate::Optimistic::new().replace(&get_post(1), |post: &mut Json| *post = 9.into());
    let data = || (*watcher.snapshot().data.unwrap()).clone();
    client.online(false);
    let _waits = [(); 2].map(|()| client.mutate(update_post(1).when_offline(WhenOffline::Wait).optimistic(shown())));
    assert_eq!(data(), 9);
    let [sent, given_up] = <[_; 2]>::try_from(client.waiting()).unwrap();
    assert!(given_up.cancel());
    assert_eq!(data(), 9, "the other one still shows it");
    assert!(sent.cancel());
    assert_eq!(data(), 1);
    let mutating = client.mutate(update_post(1).when_offline(WhenOffline::Wait).optimistic(shown()));
    client.online(true);
    let asked = server.next().await;
    client.online(false);
    asked.send(Err(TransportError::not_sent("no route")));
    server.settled().await;
    assert_eq!(data(), 9, "it waits again");
    client.online(true);
    server.next().await.with(422, json("{}"));
    mutating.await.unwrap_err();
    assert_eq!(data(), 1);
}

// B24
#[tokio::test(start_paused = true)]
async fn b24_an_idempotency_key_stays_the_same_however_often_it_is_sent() {
    let server = Server::default();
    let client = builder(&server).idempotency_key("Idempotency-Key").unwrap().build().unwrap();
    let key =
        |asked: &Asked| asked.request.headers().get("idempotency-key").map(|key| key.to_str().unwrap().to_owned());
    let one = update_post(1).when_offline(WhenOffline::Wait);
    let mutating = [client.mutate(one.clone()), client.mutate(one.clone())];
    let [first, second] = [server.next().await, server.next().await];
    let keys = [key(&first).unwrap(), key(&second).unwrap()];
    assert_ne!(keys[0], keys[1], "two calls are two, though they say the same");
    client.online(false);
    for asked in [first, second] {
        asked.send(Err(TransportError::not_sent("no route")));
    }
    server.settled().await;
    client.online(true);
    for key_before in keys {
        let asked = server.next().await;
        assert_eq!(key(&asked), Some(key_before));
        asked.ok(json("1"));
    }
    for mutating in mutating {
        mutating.await.unwrap();
    }
    drop(client.mutate(one.idempotency_key("mine")));
    assert_eq!(key(&server.next().await).as_deref(), Some("mine"));
    client.prefetch(get_post(1), crate::Prefetch::IfMissing);
    assert_eq!(key(&server.next().await), None);
    assert!(builder(&server).idempotency_key("no header").is_err());
}
