//! Many threads on one client.

use std::sync::atomic::{AtomicU64, Ordering};

use super::*;

/// A number on a server: `PATCH` counts it up, `GET` tells it. Each answer takes a few turns of the scheduler.
#[derive(Clone, Default)]
struct Counter(Arc<AtomicU64>);

impl Transport for Counter {
    fn send(&self, request: ::http::Request<Bytes>) -> BoxFuture<Answer> {
        let counter = self.0.clone();
        Box::pin(async move {
            tokio::task::yield_now().await;
            let value = match request.method().as_str() {
                "PATCH" => counter.fetch_add(1, Ordering::SeqCst) + 1,
                _ => counter.load(Ordering::SeqCst),
            };
            for _ in 0..value % 4 {
                tokio::task::yield_now().await;
            }
            Ok(Response::new(value.to_string().into()))
        })
    }
}

// B13, B17, B32
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn b17_threads_that_mutate_and_read_end_with_the_last_data() {
    let counter = Counter::default();
    let client = Client::builder("https://a.example").transport(counter.clone()).build().unwrap();
    let mut watcher = client.watch(get_post(1));
    let tasks: Vec<_> = (0..16)
        .map(|task| {
            let client = client.clone();
            tokio::spawn(async move {
                for round in 0..50 {
                    let writes = (task + round) % 2 == 0;
                    let mutation = if writes { update_post(1).writes(get_post(1)) } else { update_post(1) };
                    let own = client.mutate(mutation).await.unwrap().as_u64().unwrap();
                    let seen = client.fetch(get_post(1)).await.unwrap().as_u64().unwrap();
                    assert!(own <= seen, "a caller reads what it wrote: {own} and {seen}");
                    drop(client.watch(get_post(1)));
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let last = counter.0.load(Ordering::SeqCst);
    assert_eq!(last, 16 * 50);
    let shown = async {
        let mut state = watcher.snapshot();
        while state.is_fetching || state.is_stale || *state.data.clone().unwrap() != last {
            state = watcher.changed().await;
        }
    };
    tokio::time::timeout(SECOND * 20, shown).await.expect("the watcher shows the last data");
}
