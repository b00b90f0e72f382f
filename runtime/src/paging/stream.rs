//! The pages of a query, one after the other.

use std::any::TypeId;
use std::collections::HashSet;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::Stream;

use super::reader::{OnePage, PagesOf};
use super::{Page, Paged, Param};
use crate::client::{Client, read, typed};
use crate::error::{Error, ErrorKind};
use crate::platform::BoxFuture;
use crate::query::{Query, QueryPlan};
use crate::shared::Shared;

/// The pages of a query as a stream: see [`Client::pages`]. It ends with the list, or after an error.
///
/// A server that gives a page twice has its list ended there, and no list is longer than 100,000 pages: then the stream ends
/// with an error.
#[must_use = "nothing is sent until it is polled"]
pub struct PageStream<T> {
    walk: Option<Walk<T>>,
    coming: Option<BoxFuture<Result<Arc<Page<T>>, Error>>>,
}

struct Walk<T> {
    client: Client,
    /// The list, whose request and settings are those of its pages.
    plan: Arc<QueryPlan>,
    of: Arc<PagesOf<T>>,
    next: Param,
    seen: HashSet<Param>,
    /// How many items the fullest page has.
    size: usize,
}

const MOST_PAGES: usize = 100_000;

impl<T: Send + Sync + 'static> PageStream<T> {
    pub(super) fn new(client: Client, query: Query<T>) -> PageStream<T> {
        let query = client.shared().enhancements.apply(query);
        let list = query.clone().pages();
        let start = list.start();
        let of = Paged { query, start: start.clone() }.typed();
        let walk = Walk { client, plan: list.into_plan(), of, next: start, seen: HashSet::new(), size: 0 };
        PageStream { walk: Some(walk), coming: None }
    }
}

impl<T: Send + Sync + 'static> Walk<T> {
    /// Asks for the page that is next.
    fn ask(&self) -> BoxFuture<Result<Arc<Page<T>>, Error>> {
        let (shared, plan) = (self.client.shared().clone(), self.page(self.client.shared()));
        Box::pin(async move { typed(read(shared, plan?, false).await?) })
    }

    fn page(&self, shared: &Arc<Shared>) -> Result<Arc<QueryPlan>, Error> {
        let call = || self.plan.request.call();
        if MOST_PAGES <= self.seen.len() {
            return Err(Error::internal(ErrorKind::TooLarge, "the list has more than 100,000 pages"));
        }
        let request = self.next.ask(&self.plan.request).map_err(|why| Error::unbuildable(call(), why))?;
        let at = shared.exchange.surroundings(&request, self.of.start.clone());
        Ok(Arc::new(QueryPlan {
            request,
            ty: TypeId::of::<Page<T>>(),
            tags: self.plan.tags.clone(),
            settings: self.plan.settings.clone(),
            reader: Arc::new(OnePage { of: self.of.clone(), param: self.next.clone(), at, size: self.size }),
        }))
    }

    /// Moves to the page after this one, if there is one that was not there yet.
    fn turn(&mut self, page: &Page<T>) -> bool {
        self.size = self.size.max(page.items);
        let Some(next) = &page.next else { return false };
        self.seen.insert(std::mem::replace(&mut self.next, next.clone()));
        !self.seen.contains(&self.next)
    }
}

impl<T: Send + Sync + 'static> Stream for PageStream<T> {
    type Item = Result<Page<T>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Self { walk: place, coming } = &mut *self;
        let Some(walk) = place else { return Poll::Ready(None) };
        let Poll::Ready(answer) = coming.get_or_insert_with(|| walk.ask()).as_mut().poll(context) else {
            return Poll::Pending;
        };
        *coming = None;
        let goes_on = answer.as_ref().is_ok_and(|page| walk.turn(page));
        if !goes_on {
            *place = None;
        }
        Poll::Ready(Some(answer.map(|page| (*page).clone())))
    }
}

// Nothing in it is pinned.
impl<T> Unpin for PageStream<T> {}

impl<T> fmt::Debug for PageStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PageStream").field("is_over", &self.walk.is_none()).finish_non_exhaustive()
    }
}
