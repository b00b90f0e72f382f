//! Mutations that failed are sent again, where they ask for it and where it is safe.

use super::*;
use crate::{ErrorKind, Outcome};

const THREE: Retry = Retry::times(3).without_jitter();

fn put() -> Mutation<Json> {
    Mutation::new(Request::put("putPost", "/posts/1")).invalidates(POST.id(1)).retry(THREE)
}

fn post() -> Mutation<Json> {
    Mutation::new(Request::post("addPost", "/posts")).invalidates(POST.id(1)).retry(THREE)
}

/// A client that watches post 1, and what happens in it.
async fn watching() -> (Client, Server, Arc<Mutex<Vec<Event>>>, Watcher<Json>) {
    let (client, server, events) = listening();
    let watcher = client.watch(get_post(1));
    server.next().await.ok(json("1"));
    server.settled().await;
    (client, server, events, watcher)
}

fn outcomes(events: &Mutex<Vec<Event>>) -> Vec<(Outcome, usize)> {
    let settled = |event: &Event| match event {
        Event::MutationSettled { outcome, tags, .. } => Some((*outcome, tags.iter().count())),
        _ => None,
    };
    lock(events).iter().filter_map(settled).collect()
}

fn not_sent() -> Answer {
    Err(TransportError::not_sent("no route"))
}

fn asking_later(status: u16, after: &str) -> Answer {
    Ok(::http::Response::builder().status(status).header("retry-after", after).body(json("{}").into()).unwrap())
}

// B15, B25
#[tokio::test(start_paused = true)]
async fn b25_a_mutation_is_sent_once_unless_it_asks_for_more() {
    let (client, server, events, _watcher) = watching().await;
    let mutating = client.mutate(update_post(1));
    server.next().await.with(503, json("{}"));
    assert!(mutating.await.is_err());
    after(SECOND * 100).await;
    assert_eq!(outcomes(&events), [(Outcome::Unknown, 1)]);
    server.next().await.ok(json("1"));
    assert_eq!(server.settled().await, 3);
}

// B16, B25
#[tokio::test(start_paused = true)]
async fn b25_what_can_be_repeated_is_tried_again_and_invalidates_once() {
    let (client, server, events, watcher) = watching().await;
    let mutating = client.mutate(put());
    server.next().await.with(500, json("{}"));
    after(SECOND).await;
    server.next().await.send(Err(TransportError::lost("reset")));
    after(SECOND * 2).await;
    assert!(!seen(&watcher).is_fetching, "nothing is invalidated before the end");
    server.next().await.ok(json("{}"));
    mutating.await.unwrap();
    server.next().await.ok(json("2"));
    server.settled().await;
    assert_eq!((number(&watcher), outcomes(&events)), (2, vec![(Outcome::Succeeded, 1)]));
    let tries = |event: &Event| match event {
        Event::MutationRetrying { failures, wait, error, .. } => Some((*failures, *wait, error.kind())),
        _ => None,
    };
    let tries: Vec<_> = lock(&events).iter().filter_map(tries).collect();
    assert_eq!(tries, [(1, SECOND, ErrorKind::Status), (2, SECOND * 2, ErrorKind::Connect)]);
    let failing = client.mutate(put());
    for wait in [1, 2, 4] {
        server.next().await.with(500, json("{}"));
        after(SECOND * wait).await;
    }
    server.next().await.with(500, json("{}"));
    assert_eq!(failing.await.unwrap_err().status().unwrap(), 500, "and then it is over");
    server.next().await.ok(json("3"));
    assert_eq!(server.settled().await, 10);
}

// B25
#[tokio::test(start_paused = true)]
async fn b25_what_cannot_be_repeated_is_tried_again_only_if_it_was_not_done() {
    let (client, server, events, _watcher) = watching().await;
    for status in [500, 502, 503, 504, 429, 422] {
        let mutating = client.mutate(post().without_invalidation());
        server.next().await.with(status, json("{}"));
        assert_eq!(mutating.await.unwrap_err().status().unwrap(), status, "nobody says that it was not done");
    }
    let mutating = client.mutate(post().without_invalidation());
    server.next().await.send(Err(TransportError::lost("reset")));
    assert!(mutating.await.is_err());
    lock(&events).clear();
    let mutating = client.mutate(post());
    server.next().await.send(not_sent());
    after(SECOND).await;
    server.next().await.send(asking_later(503, "3"));
    after(SECOND * 3).await;
    server.next().await.send(asking_later(429, "5"));
    after(SECOND * 5).await;
    server.next().await.ok(json("{}"));
    mutating.await.unwrap();
    assert_eq!(outcomes(&events), [(Outcome::Succeeded, 1)]);
    server.next().await.ok(json("2"));
    let by_key = post().retry(THREE.when(|_, _| true));
    let mutating = client.mutate(by_key);
    server.next().await.with(500, json("{}"));
    assert!(mutating.await.is_err(), "a condition of one's own makes nothing safe");
}

// B24, B25
#[tokio::test(start_paused = true)]
async fn b25_an_idempotency_key_makes_it_repeatable() {
    let (client, server, _events, _watcher) = watching().await;
    for name in ["Idempotency-Key", "X-Idempotency-Key"] {
        let request = Request::post("addPost", "/posts").header_param(name, "k1");
        let mutating = client.mutate(Mutation::<Json>::new(request).retry(THREE));
        for wait in [1, 2] {
            let asked = server.next().await;
            assert_eq!(asked.request.headers().get(name).unwrap(), "k1", "the same in each try");
            asked.with(500, json("{}"));
            after(SECOND * wait).await;
        }
        server.next().await.ok(json("{}"));
        mutating.await.unwrap();
    }
}

// B24, B25
#[tokio::test(start_paused = true)]
async fn b25_a_key_that_was_made_makes_it_repeatable_under_any_name() {
    let (client, server) = setup_with(|builder| builder.idempotency_key("Request-Nonce").unwrap());
    let mutating = client.mutate(post());
    let asked = server.next().await;
    let key = asked.request.headers().get("request-nonce").unwrap().clone();
    asked.with(500, json("{}"));
    after(SECOND).await;
    let asked = server.next().await;
    assert_eq!(asked.request.headers().get("request-nonce"), Some(&key));
    asked.ok(json("{}"));
    mutating.await.unwrap();
}

// B24, B25
#[tokio::test(start_paused = true)]
async fn b25_what_waits_in_the_queue_for_a_connection_is_left_to_it() {
    let (client, server, events, _watcher) = watching().await;
    let mutating = client.mutate(put().when_offline(crate::WhenOffline::Wait));
    let asked = server.next().await;
    client.online(false);
    asked.send(not_sent());
    server.settled().await;
    assert_eq!(client.waiting().len(), 1, "it can be seen there, and cancelled");
    after(SECOND * 100).await;
    client.online(true);
    server.next().await.ok(json("{}"));
    mutating.await.unwrap();
    assert_eq!(outcomes(&events), [(Outcome::Succeeded, 1)]);
}

// B15, B25
#[tokio::test(start_paused = true)]
async fn b25_what_an_earlier_try_may_have_done_is_not_forgotten() {
    let endings: [(fn(Asked), ErrorKind); 2] = [
        (|asked| asked.with(404, json("{}")), ErrorKind::Status),
        (|asked| asked.send(not_sent()), ErrorKind::Connect),
    ];
    for (end, kind) in endings {
        let (client, server, events, watcher) = watching().await;
        let delete = Mutation::<()>::empty(Request::delete("deletePost", "/posts/1")).invalidates(POST.id(1));
        let mutating = client.mutate(delete.retry(Retry::times(1).without_jitter()));
        server.next().await.send(Err(TransportError::lost("reset")));
        after(SECOND).await;
        end(server.next().await);
        assert_eq!(mutating.await.unwrap_err().kind(), kind, "the error is that of the last try");
        assert_eq!(outcomes(&events), [(Outcome::Unknown, 1)], "but the first may have done it");
        server.next().await.ok(json("2"));
        server.settled().await;
        assert_eq!(number(&watcher), 2);
    }
    let (client, server, events, _watcher) = watching().await;
    let mutating = client.mutate(put().retry(Retry::times(1).without_jitter()));
    server.next().await.send(not_sent());
    after(SECOND).await;
    server.next().await.send(not_sent());
    assert!(mutating.await.is_err());
    assert_eq!(outcomes(&events), [(Outcome::NotSent, 0)]);
}

// B25
#[tokio::test(start_paused = true)]
async fn b25_a_mutation_waits_for_the_connection_and_goes_on_without_its_caller() {
    let (client, server, events, _watcher) = watching().await;
    drop(client.mutate(put()));
    server.next().await.with(500, json("{}"));
    server.settled().await;
    client.online(false);
    after(SECOND * 1000).await;
    assert_eq!(server.settled().await, 2);
    client.online(true);
    server.next().await.ok(json("{}"));
    server.settled().await;
    assert_eq!(outcomes(&events), [(Outcome::Succeeded, 1)]);
}

// B25
#[tokio::test(start_paused = true)]
async fn b25_operations_say_how_often_and_a_limit_holds_for_all_tries() {
    let limited = Retry::times(9).delay(SECOND).without_jitter().within(SECOND * 10);
    let (client, server) = setup_with(|builder| {
        builder.enhance_mutation("putPost", move |mutation: Mutation<Json>| mutation.retry(limited))
    });
    let plain = || Mutation::<Json>::new(Request::put("putPost", "/posts/1"));
    let begun = tokio::time::Instant::now();
    let mutating = client.mutate(plain());
    server.next().await.with(500, json("{}"));
    after(SECOND).await;
    let hanging = server.next().await;
    assert_eq!(mutating.await.unwrap_err().kind(), ErrorKind::Timeout);
    assert_eq!(begun.elapsed().as_secs(), 10);
    assert!(hanging.answer.is_closed());
    let mutating = client.mutate(plain().retry(Retry::none()));
    server.next().await.with(500, json("{}"));
    assert!(mutating.await.is_err(), "a call counts over its operation");
    assert_eq!(server.settled().await, 3);
}
