//! Watchers: their states, streams and callbacks, parts that are selected, and watchers that change what they watch.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use futures_core::Stream;

use super::*;
use crate::{Changes, ErrorKind, State};

/// What callbacks wrote down.
type Heard<T> = Arc<Mutex<Vec<T>>>;

fn heard<T>() -> (Heard<T>, Heard<T>) {
    let heard = Heard::default();
    (heard.clone(), heard)
}

fn taken<T>(heard: &Heard<T>) -> Vec<T> {
    std::mem::take(&mut *lock(heard))
}

fn number(state: &State<Json>) -> Option<i64> {
    state.data.as_ref().and_then(|data| data.as_i64())
}

async fn next<T>(stream: &mut Changes<T>) -> State<T> {
    let mut stream = pin!(stream);
    poll_fn(|context| stream.as_mut().poll_next(context)).await.unwrap()
}

/// Whether a future is not ready yet.
fn waits(future: impl Future) -> bool {
    matches!(pin!(future).poll(&mut Context::from_waker(Waker::noop())), Poll::Pending)
}

// B5
#[tokio::test(start_paused = true)]
async fn b5_a_stream_begins_with_the_state_now() {
    let (client, server) = setup();
    let mut stream = client.watch(get_post(1)).into_stream();
    assert!(next(&mut stream).await.is_loading);
    server.next().await.ok(json("1"));
    assert_eq!(number(&next(&mut stream).await), Some(1));
    client.invalidate(POST.id(1));
    assert!(next(&mut stream).await.is_stale);
    server.next().await.ok(json("2"));
    assert_eq!(number(&next(&mut stream).await), Some(2));
    drop(stream);
    client.invalidate(POST.id(1));
    assert_eq!(server.settled().await, 2, "a stream that is gone is no subscriber");
}

// B5
#[tokio::test(start_paused = true)]
async fn b5_a_change_is_not_lost_with_a_future_that_was_dropped() {
    let (client, server) = setup();
    let mut watcher = client.watch(get_post(1));
    assert!(waits(watcher.changed()));
    server.next().await.ok(json("1"));
    server.settled().await;
    assert_eq!(number(&watcher.data_changed().await), Some(1));
    assert!(waits(watcher.changed()));
}

// B5
#[tokio::test(start_paused = true)]
async fn b5_callbacks_hear_each_change_until_their_guard_goes() {
    let (client, server) = setup();
    let watcher = client.watch(get_post(1));
    let (states, hearing) = heard();
    let guard = watcher.on_change(move |state| lock(&hearing).push((number(&state), state.is_fetching)));
    server.next().await.ok(json("1"));
    server.settled().await;
    client.invalidate(POST.id(1));
    assert_eq!(taken(&states), [(Some(1), false), (Some(1), true)], "the second is told before the call returns");
    drop(guard);
    server.next().await.ok(json("2"));
    server.settled().await;
    assert_eq!(taken(&states), []);
    assert_eq!(number(&watcher.snapshot()), Some(2));
}

// B5
#[tokio::test(start_paused = true)]
async fn b5_one_invalidation_is_one_batch() {
    let (client, server) = setup();
    let watchers: Vec<_> = (0..3).map(|id| client.watch(get_post(id))).collect();
    for id in ["0", "1", "2"] {
        server.next().await.ok(json(id));
    }
    server.settled().await;
    let (told, hearing) = heard();
    let watchers = Arc::new(watchers);
    let guards: Vec<_> = (0..3)
        .map(|at| {
            let (hearing, all) = (hearing.clone(), Arc::downgrade(&watchers));
            watchers[at].on_change(move |_| {
                let all = all.upgrade().unwrap();
                assert!(all.iter().all(|watcher| watcher.snapshot().is_stale), "all are visible before any is told");
                lock(&hearing).push(at);
            })
        })
        .collect();
    let batch = client.on_batch(move || lock(&hearing).push(99));
    client.invalidate(POST.all());
    assert_eq!(taken(&told), [0, 1, 2, 99]);
    drop((guards, batch));
    client.invalidate(POST.all());
    assert!(taken(&told).is_empty());
}

// B5
#[tokio::test(start_paused = true)]
async fn b5_callbacks_may_call_the_client_and_drop_their_own_watcher() {
    let (client, server) = setup();
    let own = Arc::new(Mutex::new(None));
    let watcher = client.watch(get_post(1));
    let (calling, dropping) = (client.clone(), own.clone());
    let guard = watcher.on_change(move |state| {
        if number(&state) == Some(1) {
            drop(lock(&dropping).take());
            calling.invalidate(POST.list());
            assert!(calling.peek(&get_post(1)).is_some());
            drop(calling.watch(get_post(2)));
            calling.prefetch(get_post(3), crate::Prefetch::IfMissing);
        }
    });
    *lock(&own) = Some((watcher, guard));
    server.next().await.ok(json("1"));
    server.settled().await;
    assert!(lock(&own).is_none());
    client.invalidate(POST.id(1));
    assert_eq!(server.settled().await, 3, "nobody watches the first any more");
}

// B6
#[tokio::test(start_paused = true)]
async fn b6_a_part_changes_only_when_it_is_another() {
    let (client, server) = setup();
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = runs.clone();
    let mut count = client.watch(list_posts()).select(move |posts| {
        counted.fetch_add(1, Ordering::SeqCst);
        posts.len()
    });
    assert!(count.snapshot().is_loading && count.snapshot().data.is_none());
    server.next().await.ok(json(r#"[{"id": 1}]"#));
    let first = count.changed().await.data.unwrap();
    assert_eq!(*first, 1);
    client.invalidate(POST.list());
    assert!(count.snapshot().is_fetching, "flags are those of the whole");
    server.next().await.ok(json(r#"[{"id": 2}]"#));
    server.settled().await;
    assert!(waits(count.changed()));
    assert!(Arc::ptr_eq(&first, &count.snapshot().data.unwrap()), "what is equal stays the same");
    assert_eq!(runs.load(Ordering::SeqCst), 2, "once for each data, not for each state");
    client.invalidate(POST.list());
    server.next().await.ok(json("[]"));
    assert_eq!(*count.changed().await.data.unwrap(), 0);
}

// B6
#[tokio::test(start_paused = true)]
async fn b6_a_part_tells_of_flags_on_request_in_all_ways() {
    let (client, server) = setup();
    let watcher = client.watch(get_post(1));
    let (parts, part_hearing) = heard();
    let (states, state_hearing) = heard();
    let part = watcher.select(|post| post.as_i64());
    let _parts = part.on_change(move |state| lock(&part_hearing).push(*state.data.unwrap()));
    let mut stream = part.into_stream();
    let mut with_flags = watcher.select(|post| post.as_i64()).with_flags();
    let _states = with_flags.on_change(move |state| lock(&state_hearing).push(state.is_fetching));
    drop(watcher);
    assert!(next(&mut stream).await.is_loading);
    server.next().await.ok(json("1"));
    assert_eq!(next(&mut stream).await.data.as_deref(), Some(&Some(1)));
    assert_eq!(with_flags.changed().await.data.as_deref(), Some(&Some(1)));
    client.invalidate(POST.id(1));
    assert!(with_flags.changed().await.is_fetching);
    server.next().await.ok(json("1"));
    assert!(!with_flags.changed().await.is_fetching);
    assert_eq!((taken(&parts), taken(&states)), (vec![Some(1)], vec![false, true, false]));
}

// B6, B36
#[tokio::test(start_paused = true)]
async fn b6_a_panic_in_the_function_is_an_error_of_the_part() {
    let (client, server) = setup();
    let mut watcher = client.watch(get_post(1));
    let mut part = watcher.select(|post| if *post == 2 { panic!("a part") } else { post.as_i64() });
    server.next().await.ok(json("1"));
    assert_eq!(part.changed().await.data.as_deref(), Some(&Some(1)));
    client.invalidate(POST.id(1));
    server.next().await.ok(json("2"));
    let state = part.changed().await;
    assert_eq!(state.error.as_ref().map(crate::Error::kind), Some(ErrorKind::Panicked));
    assert_eq!(state.data.as_deref(), Some(&Some(1)), "the last good part stays");
    assert!(watcher.data_changed().await.error.is_none(), "the watcher is well");
    client.invalidate(POST.id(1));
    server.next().await.ok(json("3"));
    let state = part.changed().await;
    assert!(state.error.is_none() && *state.data.unwrap() == Some(3));
}

// B7
#[tokio::test(start_paused = true)]
async fn b7_a_watcher_moves_to_other_args_and_may_show_the_previous_data() {
    let (client, server) = setup();
    let mut watcher = client.watch(get_post(1));
    let part = watcher.select(|post| post.as_i64());
    server.next().await.ok(json("1"));
    watcher.data_changed().await;
    watcher.set_query(get_post(2).keep_previous(true));
    let state = watcher.snapshot();
    assert!(state.is_previous && state.is_fetching && !state.is_loading);
    assert_eq!(number(&state), Some(1));
    assert!(waits(watcher.data_changed()), "the data is the same as before");
    assert!(waits(watcher.ready()), "it is not the data of this query");
    client.invalidate(POST.id(1));
    server.next().await.ok(json("2"));
    let state = watcher.data_changed().await;
    assert!(!state.is_previous && number(&state) == Some(2));
    assert_eq!(part.snapshot().data.as_deref(), Some(&Some(2)), "what was selected goes along");
    watcher.set_query(get_post(3));
    let state = watcher.changed().await;
    assert!(!state.is_previous && state.is_loading && state.data.is_none());
    assert_eq!(server.settled().await, 3, "the one it left is not fetched any more");
    watcher.set_query(get_post(1));
    assert_eq!(number(&watcher.snapshot()), Some(1), "what is cached is there at once");
}

// B7, B9
#[tokio::test(start_paused = true)]
async fn b7_an_equal_query_changes_nothing() {
    let (client, server) = setup();
    let query = || get_post(1).keep_unused(Duration::ZERO);
    let mut watcher = client.watch(query());
    server.next().await.ok(json("1"));
    watcher.ready().await.unwrap();
    watcher.set_query(query());
    assert_eq!(number(&watcher.snapshot()), Some(1));
    assert!(waits(watcher.changed()));
    assert_eq!(server.settled().await, 1);
    watcher.set_query(get_post(2));
    assert!(client.peek(&query()).is_none(), "it was left");
}

// B7, B14
#[tokio::test(start_paused = true)]
async fn b7_a_watcher_that_is_off_sends_nothing_and_keeps_its_data() {
    let (client, server) = setup();
    let mut watcher = client.watch(get_post(1).when(false));
    let state = watcher.snapshot();
    assert!(!state.is_loading && !state.is_fetching && state.data.is_none());
    assert_eq!(server.settled().await, 0);
    watcher.set_query(get_post(1).when(true));
    assert!(watcher.changed().await.is_loading);
    server.next().await.ok(json("1"));
    watcher.ready().await.unwrap();
    watcher.set_query(get_post(1).when(false));
    client.invalidate(POST.id(1));
    assert_eq!(server.settled().await, 1, "an entry that is not watched is not fetched again");
    let state = watcher.snapshot();
    assert!(number(&state) == Some(1) && !state.is_previous && !state.is_fetching);
    watcher.set_query(get_post(0).when(false));
    assert!(number(&watcher.snapshot()) == Some(1) && watcher.snapshot().is_previous);
    tokio::time::sleep(SECOND * 61).await;
    yield_often().await;
    assert!(client.peek(&get_post(1)).is_none());
    watcher.set_query(get_post(1));
    let state = watcher.snapshot();
    assert!(state.is_fetching && !state.is_previous && number(&state) == Some(1), "its own data stays");
    server.next().await.ok(json("2"));
    watcher.changed().await;
    assert_eq!(number(&watcher.changed().await), Some(2));
}

// B7
#[tokio::test(start_paused = true)]
async fn b7_a_lazy_watcher_waits_for_its_query() {
    let (client, server) = setup();
    let mut watcher = client.lazy();
    assert!(waits(watcher.changed()) && waits(watcher.ready()));
    assert_eq!(server.settled().await, 0);
    watcher.set_query(get_post(1));
    assert!(watcher.changed().await.is_loading);
    server.next().await.ok(json("1"));
    assert_eq!(*watcher.ready().await.unwrap(), 1);
}

// B7
#[tokio::test(start_paused = true)]
async fn b7_an_enhancement_may_keep_previous_data_for_all_calls() {
    let server = Server::default();
    let client =
        builder(&server).enhance_query("getPost", |query: Query<Json>| query.keep_previous(true)).build().unwrap();
    let mut watcher = client.watch(get_post(1));
    server.next().await.ok(json("1"));
    watcher.ready().await.unwrap();
    watcher.set_query(get_post(2));
    assert!(watcher.snapshot().is_previous);
    drop(client.watch(get_post(3).when(false)));
    assert_eq!(server.settled().await, 2);
}

// B5, B32
#[tokio::test(start_paused = true)]
async fn b5_what_is_made_of_a_watcher_keeps_its_subscription() {
    let (client, server) = setup();
    let part = client.watch(get_post(1)).select(|post| post.as_i64());
    let guard = client.watch(get_post(2)).on_change(|_| ());
    for id in ["1", "2"] {
        server.next().await.ok(json(id));
    }
    server.settled().await;
    client.invalidate(POST.all());
    assert_eq!(server.settled().await, 4);
    drop((part, guard));
    client.invalidate(POST.all());
    assert_eq!(server.settled().await, 4);
}
