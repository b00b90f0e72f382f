//! What users are told of calls.

use super::*;
use crate::{Notification, NotificationPhase, Notify, Polling, Retry};

type Heard = Arc<Mutex<Vec<Notification>>>;

fn notified() -> (Client, Server, Heard) {
    let (server, heard) = (Server::default(), Heard::default());
    let sink = heard.clone();
    let client = builder(&server).notifications(move |one| lock(&sink).push(one.clone())).build().unwrap();
    (client, server, heard)
}

/// The phases and texts, and whether all of them have one id.
fn told(heard: &Heard) -> Vec<String> {
    let heard = lock(heard);
    assert!(heard.iter().all(|one| one.id == heard[0].id), "{heard:?}");
    heard.iter().map(|one| format!("{:?} {}", one.phase, one.text)).collect()
}

fn saving() -> Notify<Json> {
    Notify::new().in_progress("Saving…").completed(|post: &Json| format!("Saved {}", post["id"]))
}

fn loading() -> Notify<Json> {
    Notify::new().in_progress("Loading…").completed(|post: &Json| format!("Loaded {}", post["id"]))
}

// B29
#[tokio::test(start_paused = true)]
async fn b29_a_mutation_is_told_of_from_its_start_to_its_end() {
    let (client, server, heard) = notified();
    let mut stream = client.notifications();
    let saved = client.mutate(update_post(7).notify(saving()));
    let asked = server.next().await;
    assert_eq!(told(&heard), ["InProgress Saving…"]);
    asked.ok(json(r#"{"id":7}"#));
    saved.await.unwrap();
    assert_eq!(told(&heard), ["InProgress Saving…", "Completed Saved 7"]);
    assert_eq!(stream.next().await.unwrap().phase, NotificationPhase::InProgress);
    assert_eq!(stream.next().await.unwrap().text, "Saved 7");
    // Nobody who asks for nothing is told of.
    let plain = client.mutate(update_post(7));
    server.next().await.ok(json("{}"));
    plain.await.unwrap();
    assert_eq!(lock(&heard).len(), 2);
    drop(client);
    assert!(stream.next().await.is_none());
}

// B29
#[tokio::test(start_paused = true)]
async fn b29_a_failure_is_told_by_what_the_server_said_or_as_the_call_says() {
    let (client, server, heard) = notified();
    let fail = async |notify: Notify<Json>| {
        let saved = client.mutate(update_post(7).notify(notify));
        server.next().await.with(422, json(r#"{"detail":"too long"}"#));
        saved.await.unwrap_err();
        let one = std::mem::take(&mut *lock(&heard)).pop().unwrap();
        assert_eq!(one.error.unwrap().status().unwrap().as_u16(), 422);
        one.text
    };
    assert_eq!(fail(Notify::new()).await, "too long");
    assert_eq!(
        fail(saving().failed(|error| format!("Not saved: {}", error.view().message))).await,
        "Not saved: too long"
    );
    assert_eq!(fail(saving().failed(|_| panic!("a panic in the application's code"))).await, "too long");
    // A handle that is dropped changes nothing.
    drop(client.mutate(update_post(7).notify(saving().completed(|_| panic!("a panic in the application's code")))));
    server.next().await.ok(json("{}"));
    yield_often().await;
    assert_eq!(told(&heard), ["InProgress Saving…", "Completed "]);
}

// B29 B2
#[tokio::test(start_paused = true)]
async fn b29_a_request_that_several_share_is_told_of_once() {
    let (client, server, heard) = notified();
    let query = || get_post(7).notify(loading());
    let watchers = [client.watch(query()), client.watch(query())];
    let fetching = tokio::spawn(client.fetch(query()));
    server.next().await.ok(json(r#"{"id":7}"#));
    fetching.await.unwrap().unwrap();
    assert_eq!(told(&heard), ["InProgress Loading…", "Completed Loaded 7"]);
    // From the cache there is nothing to tell.
    client.fetch(query()).await.unwrap();
    assert_eq!(lock(&heard).len(), 2);
    // The next request is another call.
    lock(&heard).clear();
    client.invalidate(POST.id(7));
    server.next().await.with(500, "");
    yield_often().await;
    assert_eq!(told(&heard), ["InProgress Loading…", "Failed Internal Server Error"]);
    drop(watchers);
}

// B29 B25
#[tokio::test(start_paused = true)]
async fn b29_tries_are_told_of_as_one_and_what_is_given_up_goes() {
    let (server, heard) = (Server::default(), Heard::default());
    let sink = heard.clone();
    let retry = Retry::times(2).without_jitter();
    let client = builder(&server).retry(retry).notifications(move |one| lock(&sink).push(one.clone())).build().unwrap();
    let fetching = tokio::spawn(client.fetch(get_post(7).notify(loading())));
    server.next().await.with(503, "");
    yield_often().await;
    tokio::time::sleep(SECOND * 5).await;
    server.next().await.ok(json(r#"{"id":7}"#));
    fetching.await.unwrap().unwrap();
    assert_eq!(told(&heard), ["InProgress Loading…", "Completed Loaded 7"]);
    lock(&heard).clear();
    let fetching = tokio::spawn(client.fetch(get_post(8).notify(loading())));
    let _asked = server.next().await;
    fetching.abort();
    yield_often().await;
    assert_eq!(told(&heard), ["InProgress Loading…", "GivenUp "]);
}

// B29
#[tokio::test(start_paused = true)]
async fn b29_what_the_client_says_of_all_calls_counts_where_the_call_says_nothing() {
    let (server, heard) = (Server::default(), Heard::default());
    let sink = heard.clone();
    let client = builder(&server)
        .enhance_mutation("updatePost", |mutation: Mutation<Json>| mutation.notify(saving()))
        .notifications(move |one| {
            lock(&sink).push(one.clone());
            panic!("a panic in the application's code");
        })
        .build()
        .unwrap();
    for mutation in [update_post(7), update_post(7).notify(Notify::new().completed(|_| "own".to_owned()))] {
        let saved = client.mutate(mutation);
        server.next().await.ok(json(r#"{"id":7}"#));
        saved.await.unwrap();
    }
    let texts: Vec<String> = lock(&heard).iter().map(|one| one.text.clone()).collect();
    assert_eq!(texts, ["Saving…", "Saved 7", "own"]);
}

// B29
#[tokio::test(start_paused = true)]
async fn b29_a_long_running_operation_is_told_of_to_its_end() {
    let (client, server, heard) = notified();
    let running =
        client.run::<_, Json>(update_post(7).notify(saving().completed(|_| "Exported".to_owned())), Polling::new());
    let mut accepted = Response::new(Bytes::new().into());
    *accepted.status_mut() = ::http::StatusCode::ACCEPTED;
    accepted.headers_mut().insert("location", "/status".parse().unwrap());
    server.next().await.send(Ok(accepted));
    yield_often().await;
    assert_eq!(told(&heard), ["InProgress Saving…"]);
    let ended = tokio::spawn(running);
    tokio::time::sleep(SECOND * 2).await;
    server.next().await.ok(json(r#"{"id":7}"#));
    ended.await.unwrap().unwrap();
    assert_eq!(told(&heard), ["InProgress Saving…", "Completed Exported"]);
}

// B29 B20
#[tokio::test(start_paused = true)]
async fn b29_a_triggered_mutation_is_told_of_like_any_other() {
    let (client, server, heard) = notified();
    let save = client.trigger::<Json>();
    drop(save.run(update_post(7).notify(saving())));
    server.next().await.ok(json(r#"{"id":7}"#));
    yield_often().await;
    assert_eq!(told(&heard), ["InProgress Saving…", "Completed Saved 7"]);
}
