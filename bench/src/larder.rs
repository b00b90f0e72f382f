//! Our own client, filled through its transport as an application fills it.

use std::hint::black_box;

use cpu_time::ThreadTime;
use larder::{Client, Error, Query, Request, TagType, Watcher};

use crate::host::{Host, KEEP};
use crate::post::{Memory, Post};
use crate::rounds::{each, each_ready, per_call};

const POST: TagType = TagType::new("Post");

/// As the generator writes it.
#[inline]
pub fn get_post(id: u64) -> Query<Post> {
    let request = Request::get("getPost", "/posts/{id}").path_param("id", &id);
    Query::<Post>::new(request).provides(POST.id(id))
}

/// A page of the whole list: all pages provide one tag.
#[inline]
pub fn list_page(page: u64) -> Query<Post> {
    let request = Request::get("listPosts", "/pages/{page}").path_param("page", &page);
    Query::<Post>::new(request).provides(POST.list())
}

/// The list of one author: each provides a tag of its own.
#[inline]
pub fn list_of(author: u64) -> Query<Post> {
    let request = Request::get("listPostsOf", "/authors/{author}").path_param("author", &author);
    Query::<Post>::new(request).provides(POST.list().with("author_id", author))
}

/// A client whose server answers from memory.
pub struct Ours<'a> {
    host: &'a Host,
    pub client: Client,
}

impl<'a> Ours<'a> {
    /// # Errors
    /// When the client does not build or a query fails, neither of which can be.
    pub fn filled(
        host: &'a Host,
        headers: bool,
        entries: u64,
        query: fn(u64) -> Query<Post>,
    ) -> Result<Ours<'a>, Error> {
        let client = host.run(async {
            Client::builder("https://api.example.com").transport(Memory::new(headers)).keep_unused(KEEP).build()
        })?;
        let ours = Ours { host, client };
        let ids: Vec<u64> = (0..entries).collect();
        ours.refresh(&ids, query)?;
        Ok(ours)
    }

    /// Asks for what is stale or missing.
    ///
    /// # Errors
    /// When a query fails.
    pub fn refresh(&self, ids: &[u64], query: fn(u64) -> Query<Post>) -> Result<(), Error> {
        self.host.run(async {
            for id in ids {
                self.client.fetch(query(*id)).await?;
            }
            Ok(())
        })
    }

    /// Reads what is cached, by queries made ahead.
    #[inline(never)]
    pub fn peek_ready(&self, ids: &[u64]) -> f64 {
        each_ready(ids, get_post, |query| self.client.peek(query))
    }

    /// Reads what is cached, by queries made for it.
    #[inline(never)]
    pub fn peek_built(&self, ids: &[u64]) -> f64 {
        each(ids, |id| self.client.peek(&get_post(*id)))
    }

    /// Fetches what is cached, by queries made for it.
    #[inline(never)]
    pub fn fetch(&self, ids: &[u64]) -> f64 {
        self.host.run(async {
            let started = ThreadTime::now();
            for id in ids {
                drop(black_box(self.client.fetch(get_post(*black_box(id))).await));
            }
            per_call(started.elapsed(), ids.len())
        })
    }

    /// Watches a post, and waits for its first data.
    ///
    /// # Errors
    /// When the query fails.
    pub fn watch(&self, id: u64) -> Result<Watcher<Post>, Error> {
        self.host.run(async {
            let mut watcher = self.client.watch(get_post(id));
            watcher.ready().await?;
            Ok(watcher)
        })
    }

    /// Reads a watcher's state.
    #[inline(never)]
    pub fn read(watcher: &Watcher<Post>, times: &[u64]) -> f64 {
        each(times, |_| watcher.snapshot())
    }

    /// Invalidates posts one by one.
    #[inline(never)]
    pub fn invalidate(&self, ids: &[u64]) -> f64 {
        each(ids, |id| self.client.invalidate(POST.id(*id)))
    }

    /// As [`invalidate`](Self::invalidate), for posts that are fresh, and fetches them again outside of the time taken. No
    /// number if that fails.
    pub fn invalidate_fresh(&self, ids: &[u64]) -> f64 {
        let taken = self.invalidate(ids);
        if self.refresh(ids, get_post).is_err() { f64::NAN } else { taken }
    }

    /// Invalidates the whole list.
    #[inline(never)]
    pub fn invalidate_list(&self) -> f64 {
        each(&[()], |()| self.client.invalidate(POST.list()))
    }

    /// Invalidates a watched post, and waits until its new data is shown.
    #[inline(never)]
    pub fn invalidate_watched(&self, id: u64, watcher: &mut Watcher<Post>, times: usize) -> f64 {
        self.host.run(async {
            let started = ThreadTime::now();
            for _ in 0..times {
                self.client.invalidate(POST.id(id));
                while watcher.changed().await.is_stale {}
            }
            per_call(started.elapsed(), times)
        })
    }
}
