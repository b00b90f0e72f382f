//! Nothing that user code, a transport or a runtime does wedges the cache.

use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::sync::Weak;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::*;
use crate::{ByStatus, Error, ErrorKind, RawResponse, Refetch};

/// A panic's payload that panics when it is dropped, and so does what that one panics with.
struct Bomb(u8);

impl Drop for Bomb {
    fn drop(&mut self) {
        if 0 < self.0 {
            panic_any(Bomb(self.0 - 1));
        }
    }
}

/// Fails unless the client still answers.
pub(super) async fn assert_well(client: &Client, server: &Server) {
    let fetching = tokio::spawn(client.refetch(&get_post(99)));
    server.next().await.ok(json("99"));
    assert_eq!(*fetching.await.unwrap().unwrap(), 99);
    let mut watcher = client.watch(get_post(99).refetch_on_watch(Refetch::Never));
    client.invalidate(POST.id(99));
    server.next().await.ok(json("100"));
    assert_eq!(*watcher.data_changed().await.data.unwrap(), 100);
}

// B36
#[tokio::test(start_paused = true)]
async fn b36_a_panic_whose_payload_panics_stays_where_it_was() {
    let (client, server) = setup();
    let query = get_post(1).provides_with(|_| -> crate::Tags { panic_any(Bomb(3)) });
    let fetching = tokio::spawn(client.fetch(query));
    server.next().await.ok(json("1"));
    assert_eq!(fetching.await.unwrap().unwrap_err().kind(), ErrorKind::Panicked);
    let watcher = client.watch(get_post(2));
    let part = watcher.select(|_| -> i64 { panic_any(Bomb(2)) });
    let _guards = (watcher.on_change(|_| panic_any(Bomb(2))), client.on_batch(|| panic_any(Bomb(2))));
    server.next().await.ok(json("2"));
    server.settled().await;
    assert_eq!(part.snapshot().error.unwrap().kind(), ErrorKind::Panicked);
    assert_well(&client, &server).await;
}

// B36
#[tokio::test(start_paused = true)]
async fn b36_a_panic_while_decoding_is_an_error() {
    struct Broken;
    impl ByStatus for Broken {
        fn by_status(_: &RawResponse) -> Option<Result<Self, crate::__private::DecodeFailure>> {
            panic!("a decoder")
        }
    }
    let (client, server) = setup();
    let fetching = tokio::spawn(client.fetch(Query::<Broken>::by_status(Request::get("broken", "/broken"))));
    server.next().await.ok(json("1"));
    assert_eq!(fetching.await.unwrap().err().unwrap().kind(), ErrorKind::Panicked);
    let mutating = client.mutate(Mutation::<Broken>::by_status(Request::post("b", "/b")).invalidates(POST.id(1)));
    server.next().await.ok(json("1"));
    assert_eq!(mutating.await.err().unwrap().kind(), ErrorKind::Panicked);
    assert_well(&client, &server).await;
}

/// A transport that does what it is told.
struct Odd(fn(u8) -> BoxFuture<Answer>, AtomicUsize);

impl Transport for Odd {
    fn send(&self, _: ::http::Request<Bytes>) -> BoxFuture<Answer> {
        (self.0)(self.1.fetch_add(1, Ordering::SeqCst) as u8)
    }
}

/// A future that panics when it is dropped.
struct DropBomb;

impl Drop for DropBomb {
    fn drop(&mut self) {
        panic_any(Bomb(1));
    }
}

// B36
#[tokio::test(start_paused = true)]
async fn b36_what_transports_can_do_wrong() {
    type Sending = fn(u8) -> BoxFuture<Answer>;
    let table: [(Sending, ErrorKind); 5] = [
        (|_| panic_any(Bomb(1)), ErrorKind::Panicked),
        (|_| Box::pin(async { panic_any(Bomb(1)) }), ErrorKind::Panicked),
        (|_| Box::pin(std::future::pending()), ErrorKind::Timeout),
        (
            |_| {
                Box::pin(async {
                    let _bomb = DropBomb;
                    std::future::pending().await
                })
            },
            ErrorKind::Timeout,
        ),
        (|_| Box::pin(async { Err(TransportError::lost("gone")) }), ErrorKind::Connect),
    ];
    for (at, (odd, kind)) in table.into_iter().enumerate() {
        let client = Client::builder("https://a.example").transport(Odd(odd, AtomicUsize::new(0))).build().unwrap();
        assert_eq!(client.fetch(get_post(1)).await.unwrap_err().kind(), kind, "{at}");
        assert_eq!(client.mutate(update_post(1)).await.unwrap_err().kind(), kind, "{at}");
        let mut watcher = client.watch(get_post(1));
        assert_eq!(watcher.ready().await.unwrap_err().kind(), kind, "{at}");
        let given_up = tokio::spawn(client.fetch(get_post(2)));
        yield_often().await;
        given_up.abort();
        yield_often().await;
        assert_eq!(client.refetch(&get_post(2)).await.unwrap_err().kind(), kind, "{at}");
    }
}

// B36
#[test]
fn b36_calls_after_the_end_of_the_runtime_end_with_an_error() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (client, server) = runtime.block_on(async { setup() });
    let mut watcher = client.watch(get_post(1));
    runtime.block_on(yield_often());
    drop(runtime);
    let other = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    other.block_on(async {
        let limit = SECOND * 5;
        let kind = |error: Error| error.kind();
        let ready = tokio::time::timeout(limit, watcher.ready()).await.unwrap();
        assert_eq!(ready.map_err(kind), Err(ErrorKind::Aborted));
        let fetched = tokio::time::timeout(limit, client.fetch(get_post(2))).await.unwrap();
        assert_eq!(fetched.map_err(kind), Err(ErrorKind::Aborted));
        let mutated = tokio::time::timeout(limit, client.mutate(update_post(1))).await.unwrap();
        assert_eq!(mutated.map_err(kind), Err(ErrorKind::Aborted));
        let refetches = tokio::time::timeout(limit, client.invalidate(POST.all())).await.unwrap();
        assert!(!refetches.is_empty());
        client.prefetch(get_post(3), crate::Prefetch::Force);
        drop(client.watch(get_post(4)));
    });
    assert_eq!(*lock(&server.count), 1);
}

// B25, B36
#[tokio::test(start_paused = true)]
async fn b36_the_last_client_gives_up_its_queries_and_lets_mutations_settle() {
    let settled = Arc::new(AtomicBool::new(false));
    let (server, seen) = (Server::default(), settled.clone());
    let client = builder(&server)
        .on_event(move |event| {
            if matches!(event, Event::MutationSettled { .. }) {
                seen.store(true, Ordering::SeqCst);
            }
        })
        .build()
        .unwrap();
    client.prefetch(get_post(1), crate::Prefetch::IfMissing);
    let query = server.next().await;
    drop(client.mutate(update_post(1)));
    let mutation = server.next().await;
    let shared = Arc::downgrade(client.shared());
    drop(client);
    server.settled().await;
    assert!(!mutation.answer.is_closed() && shared.upgrade().is_some(), "the mutation alone keeps it");
    mutation.ok(json("1"));
    server.settled().await;
    assert!(settled.load(Ordering::SeqCst));
    assert_eq!(shared.strong_count(), 0);
    assert!(query.answer.is_closed(), "nobody waits for the query");
}

// B36
#[tokio::test(start_paused = true)]
async fn b36_a_client_that_is_gone_gives_up_its_query_at_once() {
    let (client, server) = setup();
    client.prefetch(get_post(1), crate::Prefetch::IfMissing);
    let query = server.next().await;
    drop(client);
    server.settled().await;
    assert!(query.answer.is_closed());
}

// B36
#[tokio::test(start_paused = true)]
async fn b36_functions_of_the_application_may_call_the_client() {
    let server = Server::default();
    let own: Arc<Mutex<Option<Client>>> = Arc::default();
    let calls = Arc::new(AtomicUsize::new(0));
    let (inner, counted) = (Arc::downgrade(&own), calls.clone());
    let call = move || {
        let client = inner.upgrade().and_then(|own| lock(&own).clone());
        let Some(client) = client else { return };
        drop(client.watch(get_post(7).refetch_on_watch(Refetch::Never)));
        client.invalidate(POST.list());
        client.peek(&get_post(1));
        client.would_reach(POST.all());
        counted.fetch_add(1, Ordering::SeqCst);
    };
    let heard = call.clone();
    let client = builder(&server)
        .on_event(move |event| {
            if matches!(event, Event::Received { .. }) {
                heard();
            }
        })
        .build()
        .unwrap();
    *lock(&own) = Some(client.clone());
    client.set(&get_post(7), Json::Null).unwrap();
    let (tags, changed, selected, batch) = (call.clone(), call.clone(), call.clone(), call);
    let query = get_post(1).provides_with(move |_| {
        tags();
        POST.id(1)
    });
    let watcher = client.watch(query);
    let part = watcher.select(move |post| {
        selected();
        post.as_i64()
    });
    let is_first = AtomicBool::new(true);
    let batches = client.on_batch(move || {
        if is_first.swap(false, Ordering::SeqCst) {
            batch();
        }
    });
    let _guards = (watcher.on_change(move |_| changed()), batches);
    server.next().await.ok(json("1"));
    server.settled().await;
    assert_eq!(part.snapshot().data.as_deref(), Some(&Some(1)));
    assert!(5 <= calls.load(Ordering::SeqCst), "{calls:?}");
    lock(&own).take();
    assert_well(&client, &server).await;
}

// B36
#[tokio::test(start_paused = true)]
async fn b36_a_watcher_may_be_dropped_inside_of_its_own_select() {
    let (client, server) = setup();
    let own = Arc::new(Mutex::new(None));
    let inner = own.clone();
    let watcher = client.watch(get_post(1));
    let part = watcher.select(move |post| {
        let all = lock(&inner).take();
        drop(all);
        post.as_i64()
    });
    *lock(&own) = Some((watcher, part));
    server.next().await.ok(json("1"));
    server.settled().await;
    assert!(lock(&own).is_none());
    assert_eq!(client.inspect().entries.iter().map(|entry| entry.subscribers).sum::<usize>(), 0);
    assert_well(&client, &server).await;
}

// B36
#[tokio::test(start_paused = true)]
async fn b36_the_last_client_may_go_inside_of_its_own_callback() {
    let (client, server) = setup();
    let weak: Weak<_> = Arc::downgrade(client.shared());
    let own = Arc::new(Mutex::new(None));
    let inner = own.clone();
    let watcher = client.watch(get_post(1));
    let guard = watcher.on_change(move |_| drop(lock(&inner).take()));
    *lock(&own) = Some((client, watcher, guard));
    server.next().await.ok(json("1"));
    server.settled().await;
    assert_eq!(weak.strong_count(), 0);
}

#[test]
fn b36_a_payload_that_panics_is_contained() {
    let caught = catch_unwind(AssertUnwindSafe(|| crate::guard::guarded(|| panic_any(Bomb(5)))));
    assert!(caught.is_ok_and(|guarded| guarded.is_err()));
}

// B35, B36
#[tokio::test(start_paused = true)]
async fn b36_a_reader_of_events_may_call_the_client_when_it_is_woken() {
    struct Waking(Client, AtomicUsize);
    impl std::task::Wake for Waking {
        fn wake(self: Arc<Self>) {
            // This would never return if the streams were locked.
            drop(self.0.events());
            self.1.fetch_add(1, Ordering::SeqCst);
            panic!("a waker");
        }
    }
    let (client, server) = setup();
    let waking = Arc::new(Waking(client.clone(), AtomicUsize::new(0)));
    let (mut events, mut others) = (client.events(), client.events());
    let mut next = Box::pin(events.next());
    assert!(next.as_mut().poll(&mut std::task::Context::from_waker(&waking.clone().into())).is_pending());
    client.focused(false);
    assert_eq!(waking.1.load(Ordering::SeqCst), 1);
    assert!(matches!(next.await, Some(crate::Event::Focus(false))));
    assert!(matches!(others.next().await, Some(crate::Event::Focus(false))), "nor does another miss it");
    assert_well(&client, &server).await;
}
