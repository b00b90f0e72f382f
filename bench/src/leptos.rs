//! leptos-fetch, as on a server: there it has neither effects nor timers to remove entries, both of which would cost more.

use std::hint::black_box;

use cpu_time::ThreadTime;
use leptos::prelude::{GetUntracked as _, Signal};
use leptos_fetch::{QueryClient, QueryOptions};

use crate::host::{Host, KEEP};
use crate::post::Post;
use crate::rounds::{each, per_call};

async fn get_post(id: u64) -> Post {
    Post::new(id, 0)
}

/// Its client. What clients hold is in one place in the process, apart for each.
pub struct Leptos<'a> {
    host: &'a Host,
    client: QueryClient,
}

impl<'a> Leptos<'a> {
    pub fn filled(host: &'a Host, entries: u64) -> Leptos<'a> {
        let client = QueryClient::new().with_options(QueryOptions::new().with_gc_time(KEEP));
        let leptos = Leptos { host, client };
        let ids: Vec<u64> = (0..entries).collect();
        leptos.refresh(&ids);
        host.settle();
        leptos
    }

    /// Asks for what is stale or missing.
    pub fn refresh(&self, ids: &[u64]) {
        self.host.run(async {
            for id in ids {
                black_box(self.client.fetch_query(get_post, *id).await);
            }
        });
    }

    /// Reads what is cached.
    pub fn peek(&self, ids: &[u64]) -> f64 {
        each(ids, |id| self.client.get_cached_query(get_post, *id))
    }

    /// Fetches what is cached.
    pub fn fetch(&self, ids: &[u64]) -> f64 {
        self.host.run(async {
            let started = ThreadTime::now();
            for id in ids {
                black_box(self.client.fetch_query(get_post, *black_box(id)).await);
            }
            per_call(started.elapsed(), ids.len())
        })
    }

    /// Watches a post's data.
    pub fn watch(&self, id: u64) -> Signal<Option<Post>> {
        self.client.subscribe_value(get_post, move || id)
    }

    /// Reads what is watched.
    pub fn read(signal: &Signal<Option<Post>>, times: &[u64]) -> f64 {
        each(times, |_| signal.get_untracked())
    }

    /// Invalidates posts one by one.
    pub fn invalidate(&self, ids: &[u64]) -> f64 {
        each(ids, |id| self.client.invalidate_query(get_post, *id))
    }

    /// Invalidates all posts, by their function: what costs least here. A hierarchy key that many share costs the square of
    /// their number.
    pub fn invalidate_all(&self) -> f64 {
        each(&[()], |()| self.client.invalidate_query_scope(get_post))
    }

    /// Drops all that is cached.
    pub fn clear(&self) {
        self.client.clear();
        self.host.settle();
    }
}
