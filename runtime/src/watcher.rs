//! A subscriber of an entry.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::client;
use crate::error::Error;
use crate::listeners::CallbackGuard;
use crate::observed::{self, Changes, Cursor, Heard as _, News, Observed, Stamp};
use crate::platform::{MaybeSend, MaybeSync};
use crate::query::Query;
use crate::selected::Selected;
use crate::shared::Shared;
use crate::state::State;
use crate::subscription::Subscription;

/// A subscriber of an entry: its state now, and each change.
///
/// It begins with the state at the call of [`watch`](crate::Client::watch), which [`snapshot`](Self::snapshot) gives;
/// [`changed`](Self::changed) waits for another. It needs no handle of the client to go on.
///
/// Dropping it unsubscribes, unless something that was made of it is still there: what was selected, a stream, the guard of a
/// callback.
#[must_use = "dropping a watcher unsubscribes it"]
pub struct Watcher<T> {
    subscription: Arc<Subscription>,
    cursor: Cursor,
    ty: PhantomData<fn() -> T>,
}

impl<T: Send + Sync + 'static> Watcher<T> {
    /// A watcher of nothing.
    pub(crate) fn lazy(shared: Arc<Shared>) -> Self {
        Self { subscription: Subscription::new(shared), cursor: Cursor::new(Stamp::default()), ty: PhantomData }
    }

    pub(crate) fn new(shared: Arc<Shared>, query: Query<T>) -> Self {
        let mut watcher = Self::lazy(shared);
        watcher.set_query(query);
        watcher.cursor = Cursor::new(Observed::<State<T>>::read(&*watcher.subscription).0);
        watcher
    }

    pub(crate) fn subscription(&self) -> &Arc<Subscription> {
        &self.subscription
    }

    /// The state now. Takes no lock on the cache and copies no data.
    pub fn snapshot(&self) -> State<T> {
        self.subscription.state()
    }

    /// The next state that this watcher has not been given yet, by this or by [`data_changed`](Self::data_changed). Changes in
    /// between are left out; a snapshot takes none away.
    ///
    /// Safe to cancel: a change that was not returned is not lost.
    pub async fn changed(&mut self) -> State<T> {
        self.cursor.next(&*self.subscription, News::State).await
    }

    /// The next state with other data, or with none any more after a reset or a move to another query. A refetch that brings
    /// equal data, or fails, is no reason to wake, so whoever may meet an error before there is data takes
    /// [`ready`](Self::ready) or [`changed`](Self::changed).
    ///
    /// Safe to cancel: a change that was not returned is not lost.
    pub async fn data_changed(&mut self) -> State<T> {
        self.cursor.next(&*self.subscription, News::Data).await
    }

    /// The data as soon as there is some of the query that is watched now, stale or not, or why there is none. Of a watcher
    /// that is off it waits until it is on.
    ///
    /// # Errors
    /// When the request failed and there is no earlier data.
    pub async fn ready(&mut self) -> Result<Arc<T>, Error> {
        let mut state = self.snapshot();
        loop {
            match state {
                State { data: Some(data), is_previous: false, .. } => return Ok(data),
                State { error: Some(error), is_fetching: false, .. } => return Err(error),
                _ => state = self.changed().await,
            }
        }
    }

    /// Requests the data that is watched now anew, as [`Client::refetch`](crate::Client::refetch) does. All who watch the query
    /// see what comes.
    ///
    /// # Errors
    /// As [`Client::refetch`](crate::Client::refetch); and of kind [`Request`](crate::ErrorKind::Request) when the watcher is off
    /// or was given no query yet.
    pub fn refetch(&self) -> impl Future<Output = Result<Arc<T>, Error>> + MaybeSend + use<T> {
        let (shared, source) = (self.subscription.shared().clone(), self.subscription.source());
        async move {
            let source = source
                .ok_or_else(|| Error::setup("there is nothing to refetch: the watcher is off, or has no query"))?;
            client::typed(client::read(shared, source.plan, true).await?)
        }
    }

    /// The states as a stream: the state now, and then each that follows. Changes in between are left out, and it has no end.
    pub fn into_stream(self) -> Changes<T> {
        Changes::new(self.subscription, News::State)
    }

    /// Calls a function with each state that follows, until the guard is dropped.
    ///
    /// It is called in order and outside every lock, and a panic of its stays there: it may call the client, and drop this
    /// watcher or the guard. It must not wait for the client, which goes on only when it returns.
    pub fn on_change(&self, call: impl Fn(State<T>) + MaybeSend + MaybeSync + 'static) -> CallbackGuard {
        observed::on_change(self.subscription.clone(), News::State, call)
    }

    /// A part of the data, which changes only when the part does: when it is not equal to what it was.
    ///
    /// The function runs once for each new data, as callbacks do. A panic in it ends as an error of the part.
    ///
    /// ```
    /// # async fn run(client: larder::Client, list_posts: larder::Query<Vec<larder::Json>>) {
    /// let mut count = client.watch(list_posts).select(|posts| posts.len());
    /// while let Some(count) = count.changed().await.data {
    ///     println!("{count} posts"); // Not told when only a title changes.
    /// }
    /// # }
    /// ```
    pub fn select<U: PartialEq + Send + Sync + 'static>(
        &self,
        part: impl Fn(&T) -> U + MaybeSend + MaybeSync + 'static,
    ) -> Selected<U> {
        Selected::new(self.subscription.clone(), part)
    }

    /// Watches another query from now on, or the same one with other args. What was made of this watcher goes along.
    ///
    /// [`Query::when`] turns the watcher off and on, and [`Query::keep_previous`] shows the data of before until there is some
    /// of the new query. To move, or to be turned on, is to come to the query: [`Query::refetch_on_watch`] counts. A query equal
    /// to the one that is watched changes nothing, and other settings of it count from now on, without a request.
    pub fn set_query(&self, query: Query<T>) {
        let query = self.subscription.shared().enhancements.apply(query);
        let is_on = query.is_on();
        self.subscription.follow(query.into_plan(), is_on);
    }
}

impl<T> fmt::Debug for Watcher<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watcher")
            .field("entry", &self.subscription.source().map(|source| source.entry))
            .finish_non_exhaustive()
    }
}
