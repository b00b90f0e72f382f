//! dioxus-query, in a window that shows nothing. Its tasks that remove entries are made and never run, so they cost it memory
//! and no time.

use std::convert::Infallible;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use dioxus::prelude::*;
use dioxus_query::prelude::{GetQuery, QueriesStorage, QueryCapability, QueryReader};

use crate::host::KEEP;
use crate::post::Post;
use crate::rounds::each;

/// What an invalidation names.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Wanted {
    One(u64),
    All,
}

/// The query of one post.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct GetPost(u64);

impl QueryCapability for GetPost {
    type Ok = Post;
    type Err = Infallible;
    type Keys = Wanted;

    async fn run(&self, _keys: &Wanted) -> Result<Post, Infallible> {
        Ok(Post::new(self.0, 0))
    }

    fn matches(&self, keys: &Wanted) -> bool {
        match keys {
            Wanted::One(id) => self.0 == *id,
            Wanted::All => true,
        }
    }
}

/// A window, whose root holds the cache.
pub struct Dioxus {
    dom: VirtualDom,
}

impl Dioxus {
    pub fn filled(entries: u64) -> Dioxus {
        let mut dom = VirtualDom::new(|| rsx! {});
        dom.rebuild_in_place();
        let dioxus = Dioxus { dom };
        dioxus.inside(|| (0..entries).for_each(|id| drop(get(id))));
        dioxus
    }

    fn inside<T>(&self, call: impl FnOnce() -> T) -> T {
        self.dom.in_scope(ScopeId::ROOT, call)
    }

    /// Gets what is cached.
    pub fn fetch(&self, ids: &[u64]) -> f64 {
        self.inside(|| each(ids, |id| get(*id)))
    }

    /// What a reader of a post is.
    pub fn watch(&self, id: u64) -> QueryReader<GetPost> {
        self.inside(|| get(id))
    }

    /// Reads what a reader has.
    pub fn read(reader: &QueryReader<GetPost>, times: &[u64]) -> f64 {
        each(times, |_| reader.state().ok().copied())
    }

    /// Invalidates posts one by one. Each is fetched again at once, watched or not.
    pub fn invalidate(&self, ids: &[u64]) -> f64 {
        self.inside(|| each(ids, |id| run(QueriesStorage::<GetPost>::invalidate_matching(Wanted::One(*id)))))
    }

    /// Invalidates all posts. All are fetched again at once.
    pub fn invalidate_all(&self) -> f64 {
        self.inside(|| each(&[()], |()| run(QueriesStorage::<GetPost>::invalidate_matching(Wanted::All))))
    }
}

fn get(id: u64) -> QueryReader<GetPost> {
    let query = GetQuery::new(Wanted::One(id), GetPost(id)).stale_time(Duration::MAX).clean_time(KEEP);
    run(QueriesStorage::get(query))
}

/// Nothing here waits for anything but itself.
fn run<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}
