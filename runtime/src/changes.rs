//! Changes of the cache by hand: invalidation, data of the application's own, removal, reset.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::sync::oneshot;

use crate::client::Client;
use crate::core::{Change, Decoded, Write};
use crate::error::Error;
use crate::event::CallRef;
use crate::guard::guarded;
use crate::query::{Query, Value};
use crate::target::{RefetchOf, Target};

impl Client {
    /// Makes entries stale. Those that are watched are requested again at once, the others when they are next read. What a
    /// watcher sees of it is there when this returns.
    ///
    /// Await what is returned to hear when the requests are through, and which failed; there is no need to. A request that
    /// began before this call does not count: one more follows it. It is over at once if nothing is to be requested.
    pub fn invalidate(&self, target: impl Into<Target>) -> Refetches {
        self.invalidate_and(target, RefetchOf::Watched)
    }

    /// As [`invalidate`](Self::invalidate), with a say in which entries are requested again at once.
    pub fn invalidate_and(&self, target: impl Into<Target>, refetch: RefetchOf) -> Refetches {
        self.change(vec![Change::Invalidate { target: target.into().0, refetch }])
    }

    /// The entries that [`invalidate`](Self::invalidate) would reach, each once and the oldest first, without those that are
    /// never stale. Does nothing to them.
    pub fn would_reach(&self, target: impl Into<Target>) -> Vec<CallRef> {
        self.shared().would_reach(&target.into().0)
    }

    /// Takes entries out of the cache, with their requests. What is watched stays: see [`reset`](Self::reset).
    ///
    /// A caller that waits for a request which is given up gets an error of kind [`Aborted`](crate::ErrorKind::Aborted).
    pub fn remove(&self, target: impl Into<Target>) {
        drop(self.change(vec![Change::Remove(target.into().0)]));
    }

    /// Forgets the data of entries, such as everything when a user logs out. What is watched is requested anew and shows
    /// nothing meanwhile; the rest leaves the cache. Requests under way are given up; mutations are not, because the server
    /// may have done them, but what they bring is not written over what is newer.
    pub fn reset(&self, target: impl Into<Target>) -> Refetches {
        self.change(vec![Change::Reset(target.into().0)])
    }

    /// Puts data into a query's entry, made if there is none, as if it had just been fetched: it is fresh, an error is gone, and
    /// an entry that nobody uses stays for its keep-unused time. A request under way is given up; who waits for it gets this
    /// data. It is new data for watchers also if it equals what was there.
    ///
    /// Tags are taken from the data as from a result. Those that only a response's JSON tells stay as they were. Optimistic
    /// changes stay over it, as they do over a response.
    ///
    /// # Errors
    /// When a function that names tags panics. Nothing is written then.
    pub fn set<T: Send + Sync + 'static>(&self, query: &Query<T>, data: T) -> Result<(), Error> {
        let write = self.write(query, Arc::new(data))?;
        drop(self.change(vec![Change::Write(write)]));
        Ok(())
    }

    /// Changes a query's data in the cache, and says whether there was any. Without data nothing happens.
    ///
    /// It is as stale, and as old, as what it was made of, and an error beside it stays. A request under way is sent anew, so
    /// that what is shown next is newer.
    /// When the data changes meanwhile, `change` is called again with the newer data. It is given what the server said,
    /// without [`Optimistic`](crate::Optimistic) changes, which stay over what it makes.
    ///
    /// # Errors
    /// As [`set`](Self::set).
    pub fn update<T>(&self, query: &Query<T>, change: impl Fn(&mut T)) -> Result<bool, Error>
    where
        T: Clone + Send + Sync + 'static,
    {
        self.write_over(query, |data| {
            let mut data = data?.clone();
            change(&mut data);
            Some(data)
        })
    }

    /// Makes a query's data from what is there, if anything is: as [`update`](Self::update) then, and as [`set`](Self::set)
    /// where nothing is. When the data changes meanwhile, `make` is called again.
    ///
    /// # Errors
    /// As [`set`](Self::set).
    pub fn upsert<T>(&self, query: &Query<T>, make: impl Fn(Option<&T>) -> T) -> Result<(), Error>
    where
        T: Send + Sync + 'static,
    {
        self.write_over(query, |data| Some(make(data))).map(drop)
    }

    /// Makes several changes as one: an entry that many of them reach is requested once, and whoever watches sees all of
    /// them at once. They are made when `work` is through, in its order; also when it panics, as far as it came.
    ///
    /// ```
    /// # use larder::{Client, TagType};
    /// # const POST: TagType = TagType::new("Post");
    /// # fn run(client: &Client) {
    /// client.batch(|batch| {
    ///     for id in [3, 4, 5] {
    ///         batch.invalidate(POST.id(id));
    ///     }
    ///     batch.invalidate(POST.list());
    /// });
    /// # }
    /// ```
    pub fn batch(&self, work: impl FnOnce(&mut Batch<'_>)) -> Refetches {
        let mut batch = Batch { client: self, changes: Vec::new() };
        work(&mut batch);
        self.change(std::mem::take(&mut batch.changes))
    }

    fn change(&self, changes: Vec<Change>) -> Refetches {
        Refetches(self.shared().change(changes))
    }

    fn write<T: Send + Sync + 'static>(&self, query: &Query<T>, data: Arc<T>) -> Result<Write, Error> {
        let (plan, value) = (self.plan(query.clone()), data as Value);
        let panicked = |_| Error::panicked(plan.request.call(), "reading tags from the data");
        let (tags, tags_are_all) = guarded(|| plan.reader.tags_of_value(&value)).map_err(panicked)?;
        Ok(Write { plan, response: Decoded { value, response: None, parts: None, tags }, tags_are_all })
    }

    fn write_over<T>(&self, query: &Query<T>, make: impl Fn(Option<&T>) -> Option<T>) -> Result<bool, Error>
    where
        T: Send + Sync + 'static,
    {
        loop {
            let current = self.shared().committed(query.key());
            let Some(data) = make(current.as_ref().and_then(|value| value.downcast_ref())) else { return Ok(false) };
            if self.shared().write_over(current.as_ref(), self.write(query, Arc::new(data))?) {
                return Ok(true);
            }
        }
    }
}

/// Several changes of the cache that are made as one. See [`Client::batch`].
pub struct Batch<'a> {
    client: &'a Client,
    changes: Vec<Change>,
}

impl Batch<'_> {
    /// As [`Client::invalidate`].
    pub fn invalidate(&mut self, target: impl Into<Target>) {
        self.invalidate_and(target, RefetchOf::Watched);
    }

    /// As [`Client::invalidate_and`].
    pub fn invalidate_and(&mut self, target: impl Into<Target>, refetch: RefetchOf) {
        self.changes.push(Change::Invalidate { target: target.into().0, refetch });
    }

    /// As [`Client::remove`].
    pub fn remove(&mut self, target: impl Into<Target>) {
        self.changes.push(Change::Remove(target.into().0));
    }

    /// As [`Client::reset`].
    pub fn reset(&mut self, target: impl Into<Target>) {
        self.changes.push(Change::Reset(target.into().0));
    }

    /// As [`Client::set`].
    ///
    /// # Errors
    /// When a function that names tags panics. Nothing is written then.
    pub fn set<T: Send + Sync + 'static>(&mut self, query: &Query<T>, data: T) -> Result<(), Error> {
        let write = self.client.write(query, Arc::new(data))?;
        self.changes.push(Change::Write(write));
        Ok(())
    }
}

/// What was said before a panic is done all the same: an invalidation is never lost.
impl Drop for Batch<'_> {
    fn drop(&mut self) {
        if !self.changes.is_empty() {
            drop(self.client.change(std::mem::take(&mut self.changes)));
        }
    }
}

impl fmt::Debug for Batch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch").field("changes", &self.changes.len()).finish_non_exhaustive()
    }
}

/// Requests that a change of the cache caused: a future of why some of them failed, if any did. There is no need to await it.
pub struct Refetches(oneshot::Receiver<Vec<Error>>);

impl Future for Refetches {
    type Output = Vec<Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Vec<Error>> {
        // Without a client there is nothing more to come.
        Pin::new(&mut self.0).poll(context).map(Result::unwrap_or_default)
    }
}

impl fmt::Debug for Refetches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Refetches")
    }
}
