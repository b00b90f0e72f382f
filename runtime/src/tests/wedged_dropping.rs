//! What is dropped is dropped where user code may run, whatever it does: data, bodies, what queries carry.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::wedged::assert_well;
use super::*;

/// Data that does something when it is dropped.
struct Dropping(Arc<dyn Fn() + Send + Sync>);

impl Drop for Dropping {
    fn drop(&mut self) {
        (self.0)();
    }
}

thread_local! {
    /// What data that is decoded on this thread does when it is dropped.
    static ON_DROP: std::cell::RefCell<Option<Arc<dyn Fn() + Send + Sync>>> = const { std::cell::RefCell::new(None) };
}

impl<'de> serde::Deserialize<'de> for Dropping {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let _number = u64::deserialize(deserializer)?;
        Ok(Dropping(ON_DROP.with_borrow(|then| then.clone()).unwrap_or_else(|| Arc::new(|| ()))))
    }
}

fn when_data_drops(then: impl Fn() + Send + Sync + 'static) {
    ON_DROP.set(Some(Arc::new(then)));
}

fn get_dropping(id: i64) -> Query<Dropping> {
    Query::new(Request::get("getDropping", "/dropping/{id}").path_param("id", &id)).provides(POST.id(id))
}

// B36
#[tokio::test(start_paused = true)]
async fn b36_data_may_panic_when_it_is_dropped() {
    let (client, server) = setup();
    let dropped = Arc::new(AtomicUsize::new(0));
    let counted = dropped.clone();
    when_data_drops(move || {
        counted.fetch_add(1, Ordering::SeqCst);
        panic!("a drop");
    });
    for id in 0..3 {
        client.prefetch(get_dropping(id), crate::Prefetch::IfMissing);
        server.next().await.ok(json("1"));
    }
    server.settled().await;
    client.prefetch(get_dropping(0), crate::Prefetch::Force);
    server.next().await.ok(json("2"));
    server.settled().await;
    assert_eq!(dropped.load(Ordering::SeqCst), 1, "what was replaced");
    tokio::time::sleep(SECOND * 61).await;
    yield_often().await;
    assert_eq!(dropped.load(Ordering::SeqCst), 4, "what expired");
    client.prefetch(get_dropping(4), crate::Prefetch::IfMissing);
    server.next().await.ok(json("1"));
    assert_well(&client, &server).await;
    drop(client);
    server.settled().await;
    assert_eq!(dropped.load(Ordering::SeqCst), 5, "what the client held");
}

// B36
#[tokio::test(start_paused = true)]
async fn b36_data_may_call_the_client_when_it_is_dropped() {
    let (client, server) = setup();
    let (weak, called) = (Arc::downgrade(client.shared()), Arc::new(AtomicUsize::new(0)));
    let counted = called.clone();
    let call = move || {
        let Some(client) = weak.upgrade().map(Client::from_arc) else { return };
        // This would never return if the cache was locked.
        client.invalidate(POST.list());
        client.peek(&get_post(1));
        counted.fetch_add(1, Ordering::SeqCst);
    };
    when_data_drops(call.clone());
    client.prefetch(get_dropping(1), crate::Prefetch::IfMissing);
    server.next().await.ok(json("1"));
    server.settled().await;
    // What another answer replaces, nobody watching.
    client.prefetch(get_dropping(1), crate::Prefetch::Force);
    server.next().await.ok(json("2"));
    server.settled().await;
    assert_eq!(called.load(Ordering::SeqCst), 1);
    // What the application writes over, and what is removed, reset, and unused.
    client.set(&get_dropping(1), Dropping(Arc::new(call.clone()))).unwrap();
    assert_eq!(called.load(Ordering::SeqCst), 2);
    client.remove(&get_dropping(1));
    assert_eq!(called.load(Ordering::SeqCst), 3);
    let watcher = client.watch(get_dropping(2));
    server.next().await.ok(json("1"));
    server.settled().await;
    drop(client.reset(&get_dropping(2)));
    assert_eq!(called.load(Ordering::SeqCst), 4);
    drop((watcher, server.next().await));
    // What a query carries, when the last call of it is gone.
    let carried = Dropping(Arc::new(call.clone()));
    let query = get_post(3).provides_with(move |_| {
        let _ = &carried;
        POST.id(3)
    });
    client.prefetch(query.clone().keep_unused(Duration::ZERO), crate::Prefetch::IfMissing);
    client.invalidate(&query);
    drop((client.watch(query.clone()), client.fetch(query.clone()), client.would_reach(&query)));
    drop(query);
    let asked = server.next().await;
    asked.ok(json("1"));
    server.settled().await;
    tokio::time::sleep(SECOND * 61).await;
    server.settled().await;
    assert_eq!(called.load(Ordering::SeqCst), 5);
    assert_well(&client, &server).await;
}

/// Bytes that do something when they are dropped.
struct Owner(Vec<u8>, Arc<dyn Fn() + Send + Sync>);

impl AsRef<[u8]> for Owner {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        (self.1)();
    }
}

// B36
#[tokio::test(start_paused = true)]
async fn b36_bodies_are_never_dropped_under_the_lock() {
    let (client, server) = setup();
    let (weak, called) = (Arc::downgrade(client.shared()), Arc::new(AtomicUsize::new(0)));
    let counted = called.clone();
    let call: Arc<dyn Fn() + Send + Sync> = Arc::new(move || {
        let Some(client) = weak.upgrade().map(Client::from_arc) else { return };
        client.invalidate(POST.list());
        counted.fetch_add(1, Ordering::SeqCst);
    });
    // Small bodies are copied where they are kept. These are kept as they came.
    let body = |text: &str| Bytes::from_owner(Owner([text, &" ".repeat(100_000)].concat().into_bytes(), call.clone()));
    client.prefetch(get_post(1), crate::Prefetch::IfMissing);
    server.next().await.ok(body("1"));
    server.settled().await;
    for (at, text) in ["1", "2"].into_iter().enumerate() {
        client.prefetch(get_post(1), crate::Prefetch::Force);
        server.next().await.ok(body(text));
        server.settled().await;
        assert_eq!(called.load(Ordering::SeqCst), at + 1, "the same bytes, and others");
    }
    client.prefetch(get_post(1), crate::Prefetch::Force);
    server.next().await.with(404, body("{}"));
    server.settled().await;
    client.prefetch(get_post(1), crate::Prefetch::Force);
    server.next().await.ok(body("3"));
    server.settled().await;
    assert_eq!(called.load(Ordering::SeqCst), 4, "an error with its body, and the data after it");
    client.set(&get_post(1), Json::Null).unwrap();
    assert_eq!(called.load(Ordering::SeqCst), 5, "what the application wrote over");
    client.prefetch(get_post(1), crate::Prefetch::Force);
    server.next().await.ok(body("4"));
    server.settled().await;
    client.remove(&get_post(1));
    assert_eq!(called.load(Ordering::SeqCst), 6);
    assert_well(&client, &server).await;
}
