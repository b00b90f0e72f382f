//! Fetching, watching, peeking.

use std::panic::AssertUnwindSafe;

use super::*;
use crate::Prefetch;

// B2
#[tokio::test(start_paused = true)]
async fn b2_a_thousand_callers_share_one_request_and_one_value() {
    let (client, server) = setup();
    let callers: Vec<_> = (0..1000).map(|_| tokio::spawn(client.fetch(get_post(1)))).collect();
    assert_eq!(server.settled().await, 1);
    server.next().await.ok(json(r#"{"id": 1}"#));
    let mut values = Vec::new();
    for caller in callers {
        values.push(caller.await.unwrap().unwrap());
    }
    assert!(values.iter().all(|value| Arc::ptr_eq(value, &values[0])));
    assert_eq!(server.settled().await, 1);
}

// B3
#[tokio::test(start_paused = true)]
async fn b3_watch_peek_and_prefetch() {
    let (client, server) = setup();
    assert!(client.peek(&get_post(1)).is_none());
    client.prefetch(get_post(1), Prefetch::IfMissing);
    server.next().await.ok(json("1"));
    server.settled().await;
    assert_eq!(*client.peek(&get_post(1)).unwrap(), 1);
    let watcher = client.watch(get_post(1));
    assert_eq!(*watcher.snapshot().data.unwrap(), 1);
    assert_eq!(server.settled().await, 1);
}

// B5
#[tokio::test(start_paused = true)]
async fn b5_a_watcher_sees_loading_data_refetching_and_error() {
    let (client, server) = setup();
    let mut watcher = client.watch(get_post(1));
    let state = watcher.snapshot();
    assert!(state.is_loading && state.is_fetching && state.data.is_none());
    server.next().await.ok(json("1"));
    let state = watcher.changed().await;
    assert!(!state.is_loading && !state.is_fetching && state.fetched_at.is_some());
    assert_eq!((*state.data.unwrap()).as_i64(), Some(1));
    client.invalidate(POST.id(1));
    assert!(watcher.snapshot().is_stale && watcher.snapshot().is_fetching, "seen at once");
    server.next().await.with(500, json("{}"));
    watcher.changed().await;
    let state = watcher.changed().await;
    assert!(state.error.is_some() && state.data.is_some() && state.is_stale);
}

// B4
#[tokio::test(start_paused = true)]
async fn b4_equal_bytes_wake_nobody_who_waits_for_data() {
    let (client, server) = setup();
    let mut watcher = client.watch(get_post(1));
    server.next().await.ok(json("1"));
    let first = watcher.data_changed().await.data.unwrap();
    client.invalidate(POST.id(1));
    server.next().await.ok(json("1"));
    server.settled().await;
    assert!(tokio::time::timeout(SECOND, watcher.data_changed()).await.is_err());
    assert!(Arc::ptr_eq(&first, &watcher.snapshot().data.unwrap()));
    client.invalidate(POST.id(1));
    server.next().await.ok(json("2"));
    assert_eq!(*watcher.data_changed().await.data.unwrap(), 2);
}

#[tokio::test(start_paused = true)]
async fn ready_waits_for_data_or_for_the_error() {
    let (client, server) = setup();
    let mut good = client.watch(get_post(1));
    let mut bad = client.watch(get_post(2));
    server.next().await.ok(json("1"));
    server.next().await.with(404, json(r#"{"detail": "no such post"}"#));
    assert_eq!(*good.ready().await.unwrap(), 1);
    assert_eq!(bad.ready().await.unwrap_err().status().unwrap(), 404);
}

// B9
#[tokio::test(start_paused = true)]
async fn b9_an_unused_entry_leaves_after_a_minute() {
    let (client, server) = setup();
    let watcher = client.watch(get_post(1));
    server.next().await.ok(json("1"));
    server.settled().await;
    drop(watcher);
    tokio::time::sleep(SECOND * 59).await;
    assert!(client.peek(&get_post(1)).is_some());
    tokio::time::sleep(SECOND * 2).await;
    yield_often().await;
    assert!(client.peek(&get_post(1)).is_none());
}

// B25
#[tokio::test(start_paused = true)]
async fn b25_dropped_futures_abort_a_request_that_nobody_shares() {
    let (client, server) = setup();
    let (one, other) = (tokio::spawn(client.fetch(get_post(1))), tokio::spawn(client.fetch(get_post(1))));
    let asked = server.next().await;
    one.abort();
    server.settled().await;
    assert!(!asked.answer.is_closed());
    other.abort();
    server.settled().await;
    assert!(asked.answer.is_closed());
}

#[tokio::test(start_paused = true)]
async fn a_fetch_that_is_never_polled_sends_nothing() {
    let (client, server) = setup();
    drop(client.fetch(get_post(1)));
    assert_eq!(server.settled().await, 0);
}

// B32
#[tokio::test(start_paused = true)]
async fn b32_clients_share_nothing_and_clones_share_all() {
    let (one, server) = setup();
    let (other, second_server) = setup();
    let clone = one.clone();
    let fetching = tokio::spawn(one.fetch(get_post(1)));
    server.next().await.ok(json("1"));
    fetching.await.unwrap().unwrap();
    assert!(clone.peek(&get_post(1)).is_some());
    assert!(other.peek(&get_post(1)).is_none());
    assert_eq!(second_server.settled().await, 0);
}

// B36
#[tokio::test(start_paused = true)]
async fn b36_a_panic_in_user_code_ends_as_an_error_and_the_cache_goes_on() {
    let (client, server) = setup();
    let query = || get_post(1).provides_from(|post: &Json| if post == 1 { panic!("tags") } else { POST.all().into() });
    let fetching = tokio::spawn(client.fetch(query()));
    server.next().await.ok(json("1"));
    assert_eq!(fetching.await.unwrap().unwrap_err().kind(), crate::ErrorKind::Panicked);
    let fetching = tokio::spawn(client.fetch(query()));
    server.next().await.ok(json("2"));
    assert_eq!(*fetching.await.unwrap().unwrap(), 2);
}

// B35
#[tokio::test(start_paused = true)]
async fn b35_a_listener_may_call_the_client_and_may_panic() {
    let (server, own) = (Server::default(), Arc::new(Mutex::new(None::<Client>)));
    let inner = own.clone();
    let client = builder(&server)
        .on_event(move |event| {
            if let (Event::Received { .. }, Some(client)) = (event, lock(&inner).as_ref()) {
                client.invalidate(POST.list());
                panic!("a listener");
            }
        })
        .build()
        .unwrap();
    *lock(&own) = Some(client.clone());
    let mut list = client.watch(list_posts());
    server.next().await.ok(json("[]"));
    list.changed().await;
    server.next().await.ok(json("[1]"));
    lock(&own).take();
    assert_eq!(list.data_changed().await.data.unwrap().len(), 1);
}

#[test]
fn a_client_outside_a_runtime_is_an_error_that_says_so() {
    let error = Client::builder("https://a.example").transport(Server::default()).build().unwrap_err();
    assert!(error.to_string().contains("tokio runtime"), "{error}");
}

#[test]
fn a_runtime_that_ends_leaves_no_caller_waiting() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (client, _server) = runtime.block_on(async { setup() });
    let mut fetching = Box::pin(client.fetch(get_post(1)));
    let mut mutating = client.mutate(update_post(1));
    runtime.block_on(async {
        let context = &mut std::task::Context::from_waker(std::task::Waker::noop());
        assert!(fetching.as_mut().poll(context).is_pending());
        yield_often().await;
    });
    drop(runtime);
    let other = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let ended = std::panic::catch_unwind(AssertUnwindSafe(|| {
        other.block_on(async { (fetching.await, (&mut mutating).await) })
    }));
    let (fetched, mutated) = ended.unwrap();
    assert_eq!(fetched.unwrap_err().kind(), crate::ErrorKind::Aborted);
    assert_eq!(mutated.unwrap_err().kind(), crate::ErrorKind::Aborted);
}

#[test]
fn what_must_cross_threads_does() {
    fn crosses<T: Send + 'static>(_: &T) {}
    fn is_shared<T: Send + Sync + 'static>() {}
    is_shared::<Client>();
    is_shared::<crate::Watcher<Json>>();
    is_shared::<crate::Error>();
    is_shared::<Query<Json>>();
    is_shared::<Mutation<Json>>();
    let _ = |client: Client| crosses(&client.fetch(get_post(1)));
}
