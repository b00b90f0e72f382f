//! Results together with the status and the headers that they came with.

use std::sync::Arc;

use crate::client::Client;
use crate::error::Error;
use crate::platform::MaybeSend;
use crate::query::Query;
use crate::response::ResponseHead;
use crate::shared::Shared;

/// A result, with the head of the response that brought it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Answered<T> {
    /// The result.
    pub data: T,
    /// Status and headers. Nothing where the application wrote the data itself, and where an entry whose keep-unused time is
    /// zero left at once.
    pub head: Option<ResponseHead>,
}

impl Client {
    /// As [`fetch`](Self::fetch), with the status and the headers of the response that brought the data: `answered.head`.
    ///
    /// ```no_run
    /// # use larder::{Client, Error, Json, Query, Request};
    /// # async fn run(client: Client) -> Result<(), Error> {
    /// let posts: Query<Json> = Query::new(Request::get("listPosts", "/posts"));
    /// let posts = client.fetch_answered(posts).await?;
    /// println!("{:?} posts in all", posts.head.and_then(|head| head.header("x-total-count").map(str::to_owned)));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`fetch`](Self::fetch).
    pub fn fetch_answered<T: Send + Sync + 'static>(
        &self,
        query: Query<T>,
    ) -> impl Future<Output = Result<Answered<Arc<T>>, Error>> + MaybeSend + use<T> {
        let shared = self.shared().clone();
        let fetched = self.fetch(query.clone());
        let query = shared.enhancements.apply(query);
        async move { Ok(with_head(&shared, &query, fetched.await?)) }
    }

    /// As [`refetch`](Self::refetch), with the status and the headers of the response that brought the data.
    ///
    /// # Errors
    /// As [`refetch`](Self::refetch).
    pub fn refetch_answered<T: Send + Sync + 'static>(
        &self,
        query: &Query<T>,
    ) -> impl Future<Output = Result<Answered<Arc<T>>, Error>> + MaybeSend + use<T> {
        let shared = self.shared().clone();
        let fetched = self.refetch(query);
        let query = shared.enhancements.apply(query.clone());
        async move { Ok(with_head(&shared, &query, fetched.await?)) }
    }

    /// As [`peek`](Self::peek), with the status and the headers of the response that brought the data, such as that of a
    /// [`prefetch`](Self::prefetch).
    pub fn peek_answered<T: Send + Sync + 'static>(&self, query: &Query<T>) -> Option<Answered<Arc<T>>> {
        shown(self.shared(), &self.shared().enhancements.apply(query.clone()))
    }
}

/// What is shown of a query's entry.
fn shown<T: Send + Sync + 'static>(shared: &Shared, query: &Query<T>) -> Option<Answered<Arc<T>>> {
    let shown = shared.shown(query.key())?;
    let operation = query.request().operation();
    let head = shown.head.map(|(status, headers)| ResponseHead::new(status, headers).of(operation));
    Some(Answered { data: shown.value.downcast().ok()?, head })
}

/// What came meanwhile is newer, and goes with its own head.
fn with_head<T: Send + Sync + 'static>(shared: &Shared, query: &Query<T>, data: Arc<T>) -> Answered<Arc<T>> {
    shown(shared, query).unwrap_or(Answered { data, head: None })
}
