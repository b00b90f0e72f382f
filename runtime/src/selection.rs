//! A query of which only a part is wanted.

use std::fmt;
use std::sync::{Arc, Weak};

use crate::answered::Answered;
use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::guard::{guarded, lock};
use crate::platform::MaybeSend;
use crate::query::Query;
use crate::selected::Selected;
use crate::sync::Mutex;

/// A function from a result to a part of it.
type Select<T, U> = Arc<dyn Fn(&T) -> U + Send + Sync>;

/// A query of which only a part is wanted: see [`Query::select`].
pub struct Selection<T, U> {
    query: Query<T>,
    select: Select<T, U>,
    last: Arc<Mutex<Last<T, U>>>,
}

/// What was selected last, and of what.
type Last<T, U> = Option<(Weak<T>, Arc<U>)>;

impl<T: Send + Sync + 'static> Query<T> {
    /// This query, of which only a part is wanted. The entry is that of the query, with its tags: one request serves all who
    /// want a part of it, or the whole.
    ///
    /// The function may be [`path!`](crate::path) or any other, such as one that transforms the result. It runs once for new
    /// data, and the part stays the same `Arc` while it is equal. Keep the selection, or clone it, to have that between calls.
    ///
    /// ```
    /// # async fn run(client: larder::Client, list_posts: larder::Query<Vec<larder::Json>>) -> Result<(), larder::Error> {
    /// let titles = list_posts.select(|posts| posts.iter().map(|post| post["title"].to_string()).collect::<Vec<_>>());
    /// let now = titles.fetch(&client).await?;          // an `Arc<Vec<String>>`
    /// let mut watched = titles.watch(&client);         // hears when a title changes
    /// let cached = titles.peek(&client);               // without a request
    /// # drop((now, watched.changed().await, cached));
    /// # Ok(())
    /// # }
    /// ```
    pub fn select<U: PartialEq + Send + Sync + 'static>(
        self,
        part: impl Fn(&T) -> U + Send + Sync + 'static,
    ) -> Selection<T, U> {
        Selection { query: self, select: Arc::new(part), last: Arc::default() }
    }
}

impl<T: Send + Sync + 'static, U: PartialEq + Send + Sync + 'static> Selection<T, U> {
    /// The whole query.
    pub fn query(&self) -> &Query<T> {
        &self.query
    }

    /// The part of what [`Client::fetch`] gives.
    ///
    /// # Errors
    /// As those of `fetch`; of kind [`Panicked`](ErrorKind::Panicked) when the function panics.
    pub fn fetch(&self, client: &Client) -> impl Future<Output = Result<Arc<U>, Error>> + MaybeSend + use<T, U> {
        let (fetching, selection) = (client.fetch(self.query.clone()), self.clone());
        async move { selection.part_of(&fetching.await?) }
    }

    /// As [`fetch`](Self::fetch), with the status and the headers of the response that brought the whole.
    ///
    /// # Errors
    /// As those of [`fetch`](Self::fetch).
    pub fn fetch_answered(
        &self,
        client: &Client,
    ) -> impl Future<Output = Result<Answered<Arc<U>>, Error>> + MaybeSend + use<T, U> {
        let (fetching, selection) = (client.fetch_answered(self.query.clone()), self.clone());
        async move {
            let Answered { data, head } = fetching.await?;
            Ok(Answered { data: selection.part_of(&data)?, head })
        }
    }

    /// The part of what [`Client::refetch`] gives.
    ///
    /// # Errors
    /// As those of [`fetch`](Self::fetch).
    pub fn refetch(&self, client: &Client) -> impl Future<Output = Result<Arc<U>, Error>> + MaybeSend + use<T, U> {
        let (fetching, selection) = (client.refetch(&self.query), self.clone());
        async move { selection.part_of(&fetching.await?) }
    }

    /// The part of the data that is cached, fresh or stale. `None` also when the function panics.
    pub fn peek(&self, client: &Client) -> Option<Arc<U>> {
        self.part_of(&client.peek(&self.query)?).ok()
    }

    /// Subscribes to the query's entry, and hears when the part changes: as [`Watcher::select`](crate::Watcher::select).
    pub fn watch(&self, client: &Client) -> Selected<U> {
        let select = self.select.clone();
        client.watch(self.query.clone()).select(move |whole| select(whole))
    }

    fn part_of(&self, whole: &Arc<T>) -> Result<Arc<U>, Error> {
        let last = lock(&self.last).clone();
        let (seen, before) = last.map_or((None, None), |(seen, before)| (Some(seen), Some(before)));
        // A weak reference keeps the place in memory, so that nothing else can be there.
        let is_seen = seen.is_some_and(|seen| Weak::as_ptr(&seen) == Arc::as_ptr(whole));
        if let (true, Some(before)) = (is_seen, &before) {
            return Ok(before.clone());
        }
        let selected = guarded(|| {
            let part = (self.select)(whole);
            before.as_ref().filter(|before| ***before == part).cloned().unwrap_or_else(|| Arc::new(part))
        });
        let Ok(part) = selected else {
            return Err(Error::internal(ErrorKind::Panicked, "the function that selects a part panicked"));
        };
        let old = lock(&self.last).replace((Arc::downgrade(whole), part.clone()));
        // It may be the last to hold what user code made.
        let _ = guarded(|| drop((old, before)));
        Ok(part)
    }
}

/// A clone remembers with the original what was selected last.
impl<T, U> Clone for Selection<T, U> {
    fn clone(&self) -> Self {
        Self { query: self.query.clone(), select: self.select.clone(), last: self.last.clone() }
    }
}

impl<T, U> fmt::Debug for Selection<T, U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Selection").field("query", &self.query).finish_non_exhaustive()
    }
}
