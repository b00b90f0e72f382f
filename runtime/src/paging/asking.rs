//! What an application does with the pages of a query.

use std::fmt;
use std::marker::PhantomData;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::sync::oneshot;

use super::{Direction, PageStream, Pages};
use crate::client::{Client, typed};
use crate::core::{Event, WaiterId};
use crate::error::{Error, ErrorKind};
use crate::observed::Heard as _;
use crate::platform::MaybeSend;
use crate::query::{Query, Value};
use crate::state::State;
use crate::watcher::Watcher;

impl Client {
    /// Watches the pages of a query as one list: [`watch`](Self::watch) of [`Query::pages`].
    pub fn watch_pages<T: Send + Sync + 'static>(&self, query: Query<T>) -> Watcher<Pages<T>> {
        self.watch(query.pages())
    }

    /// The first `count` pages of a query, or all of them if there are fewer: what is fresh from the cache, the rest from
    /// requests. The list is the one that watchers of it see, and goes on to hold what it holds. A bound by
    /// [`Paging::max_pages`](crate::Paging::max_pages) counts.
    ///
    /// # Errors
    /// As [`fetch`](Self::fetch), at whichever page. The pages before it stay.
    pub fn fetch_pages<T: Send + Sync + 'static>(
        &self,
        query: Query<T>,
        count: usize,
    ) -> impl Future<Output = Result<Arc<Pages<T>>, Error>> + MaybeSend + use<T> {
        let client = self.clone();
        // What holds for all calls of the operation may bound the list, too.
        let enhanced = self.shared().enhancements.apply(query.clone());
        let most = enhanced.paging().map_or(1, |paging| paging.max_pages);
        async move {
            let query = query.pages();
            // As long as it is wanted, nothing takes the list away.
            let list = client.watch(query.clone());
            let mut pages = client.fetch(query).await?;
            while pages.len() < count.min(most) && pages.has_next() {
                pages = list.fetch_next().await?;
            }
            Ok(pages)
        }
    }

    /// The pages of a query one after the other, for those who go through a long list and do not keep it. Each is an entry of
    /// its own: fresh ones come from the cache, and each leaves in its own time ([`Query::keep_unused`]). The next one is
    /// asked for when it is wanted.
    pub fn pages<T: Send + Sync + 'static>(&self, query: Query<T>) -> PageStream<T> {
        PageStream::new(self.clone(), query)
    }
}

impl<T: Send + Sync + 'static> Watcher<Pages<T>> {
    /// Asks for the page after the last one, at once. There is no need to await it: what comes is part of what is watched.
    ///
    /// Who asks while that page is on its way shares the request. While the list is refetched it waits, and is then asked
    /// for where the new list ends; so it is never lost. An invalidated list is refetched first. At the end of the list
    /// nothing is sent, and the list is the answer. Where there is no list and none is on its way,
    /// such as after an error, this asks for the first page.
    pub fn fetch_next(&self) -> FurtherPage<T> {
        self.further(Direction::Next)
    }

    /// As [`fetch_next`](Self::fetch_next), for the page before the first one.
    pub fn fetch_previous(&self) -> FurtherPage<T> {
        self.further(Direction::Previous)
    }

    fn further(&self, direction: Direction) -> FurtherPage<T> {
        let (shared, source) = (self.subscription().shared(), self.subscription().source());
        let answered = source.map(|source| {
            let waiter = WaiterId(shared.next_id());
            shared.wait(waiter, Event::More { plan: source.plan.clone(), direction, waiter })
        });
        FurtherPage { answered, ty: PhantomData }
    }
}

impl<T> State<Pages<T>> {
    /// Whether the page after the last one was asked for and is not there yet.
    pub fn is_fetching_next(&self) -> bool {
        self.coming.next
    }

    /// Whether the page before the first one was asked for and is not there yet.
    pub fn is_fetching_previous(&self) -> bool {
        self.coming.previous
    }

    /// Whether a page follows the last one.
    pub fn has_next(&self) -> bool {
        self.data.as_ref().is_some_and(|pages| pages.has_next())
    }

    /// Whether there is a page before the first one.
    pub fn has_previous(&self) -> bool {
        self.data.as_ref().is_some_and(|pages| pages.has_previous())
    }
}

/// One more page that was asked for: a future of the list with it.
///
/// Its error is that of the request, which is part of what is watched, too; or of kind [`Aborted`](crate::ErrorKind::Aborted)
/// when the list was removed or reset, or when nothing is watched. Dropping it gives nothing up.
pub struct FurtherPage<T> {
    answered: Option<oneshot::Receiver<Result<Value, Error>>>,
    ty: PhantomData<fn() -> T>,
}

impl<T: Send + Sync + 'static> Future for FurtherPage<T> {
    type Output = Result<Arc<Pages<T>>, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let gone = || Error::internal(ErrorKind::Aborted, "the list of pages is not watched");
        let Some(answered) = &mut self.answered else { return Poll::Ready(Err(gone())) };
        pin!(answered).poll(context).map(|answer| answer.unwrap_or_else(|_| Err(gone())).and_then(typed))
    }
}

impl<T> fmt::Debug for FurtherPage<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FurtherPage").finish_non_exhaustive()
    }
}
