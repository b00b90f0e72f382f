//! swr-core, on tokio.

use std::convert::Infallible;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use cpu_time::ThreadTime;
use swr_core::{FetchError, QueryHandle, QueryOptions, ReadPolicy, Runtime, RuntimeFuture, SwrClient};
use tokio::runtime::Handle;

use crate::host::{Host, KEEP};
use crate::post::Post;
use crate::rounds::{each, per_call};

/// A handle on a post.
pub type PostHandle = QueryHandle<Post, Infallible>;

struct OnTokio(Handle);

impl Runtime for OnTokio {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn spawn(&self, future: RuntimeFuture) {
        self.0.spawn(future);
    }

    fn sleep_until(&self, at: Instant) -> RuntimeFuture {
        Box::pin(tokio::time::sleep_until(at.into()))
    }
}

async fn get_post((_, id): (&'static str, u64)) -> Result<Post, Infallible> {
    Ok(Post::new(id, 0))
}

fn options() -> QueryOptions {
    QueryOptions { gc_time: KEEP, ..QueryOptions::immutable() }
}

/// Its client.
pub struct Swr<'a> {
    host: &'a Host,
    client: SwrClient,
}

impl<'a> Swr<'a> {
    pub fn filled(host: &'a Host, entries: u64) -> Swr<'a> {
        let runtime = Arc::new(OnTokio(host.handle()));
        let client = SwrClient::builder().default_options(options()).build(runtime);
        let swr = Swr { host, client };
        let ids: Vec<u64> = (0..entries).collect();
        swr.refresh(&ids);
        host.settle();
        swr
    }

    async fn get(&self, id: u64) -> Result<Arc<Post>, FetchError<Infallible>> {
        self.client.fetch(("post", id), get_post, ReadPolicy::EnsureFresh).await
    }

    /// Asks for what is stale or missing.
    pub fn refresh(&self, ids: &[u64]) {
        self.host.run(async {
            for id in ids {
                drop(black_box(self.get(*id).await));
            }
        });
    }

    /// Fetches what is cached.
    pub fn fetch(&self, ids: &[u64]) -> f64 {
        self.host.run(async {
            let started = ThreadTime::now();
            for id in ids {
                drop(black_box(self.get(*black_box(id)).await));
            }
            per_call(started.elapsed(), ids.len())
        })
    }

    /// Watches a post.
    pub fn watch(&self, id: u64) -> PostHandle {
        self.host.run(async { self.client.subscribe(("post", id), get_post, options()) })
    }

    /// Reads a handle's state.
    pub fn read(handle: &PostHandle, times: &[u64]) -> f64 {
        each(times, |_| handle.snapshot())
    }

    /// Invalidates posts one by one.
    pub fn invalidate(&self, ids: &[u64]) -> f64 {
        each(ids, |id| self.client.invalidate(("post", *id)))
    }

    /// Invalidates all posts, by the prefix that they share.
    pub fn invalidate_all(&self) -> f64 {
        each(&[()], |()| self.client.invalidate("post"))
    }

    /// Invalidates a watched post, and waits until its new data is there.
    pub fn invalidate_watched(&self, id: u64, handle: &mut PostHandle, times: usize) -> f64 {
        self.host.run(async {
            let started = ThreadTime::now();
            for _ in 0..times {
                self.client.invalidate(("post", id));
                while handle.changed().await.is_ok() && handle.snapshot().is_validating {}
            }
            per_call(started.elapsed(), times)
        })
    }
}
