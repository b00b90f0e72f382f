//! The client: what an application holds.

use std::fmt;
use std::sync::Arc;

use crate::builder::ClientBuilder;
use crate::core::{Event, WaiterId};
use crate::driver;
use crate::error::{Error, ErrorKind};
use crate::events::Events;
use crate::inspection::Inspection;
use crate::listeners::{Call, CallbackGuard};
use crate::mutating::Mutating;
use crate::mutation::Mutation;
use crate::notifications;
use crate::platform::{BoxFuture, MaybeSend, MaybeSync, within};
use crate::prefetch::Prefetch;
use crate::query::{Query, QueryPlan, Value};
use crate::shared::Shared;
use crate::trigger::Trigger;
use crate::waiting::Waiting;
#[cfg(doc)]
use crate::waiting::WhenOffline;
use crate::watcher::Watcher;

/// A client of one API, with its cache. Cheap to clone; all clones share the cache.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

impl Client {
    /// A client with the defaults.
    ///
    /// # Errors
    /// When the URL is not one that requests can be sent to, or when there is no tokio runtime here.
    pub fn new(base_url: impl Into<String>) -> Result<Self, Error> {
        Self::builder(base_url).build()
    }

    /// A client to be set up.
    pub fn builder(base_url: impl Into<String>) -> ClientBuilder {
        ClientBuilder::new(base_url.into())
    }

    // In a browser nothing is shared between threads; natively this is.
    #[cfg_attr(target_arch = "wasm32", expect(clippy::arc_with_non_send_sync))]
    pub(crate) fn from_shared(shared: Shared) -> Self {
        let shared = Arc::new(shared);
        #[cfg(target_arch = "wasm32")]
        shared.mind_host();
        if let Some(outbox) = &shared.outbox {
            shared.apply(Event::Loading(true));
            shared.spawner.spawn(outbox.clone().begin(Arc::downgrade(&shared)));
        }
        Self { shared }
    }

    /// The query's data: from the cache while it is fresh, else from a request, shared with all who ask. Nothing is sent before
    /// the future is polled.
    ///
    /// When the future is dropped and nobody else needs the request, it is given up. Of a query that grows
    /// ([`Growing`](crate::Growing)) it waits for the end of the stream, no longer than the client's timeout: who watches it sees
    /// it grow, and a stream that never ends is an error here.
    ///
    /// # Errors
    /// When the request fails, also if there is stale data: [`peek`](Self::peek) and watchers still have that. The next call
    /// asks again. Of kind [`Aborted`](crate::ErrorKind::Aborted) when the entry is removed or reset meanwhile.
    pub fn fetch<T: Send + Sync + 'static>(
        &self,
        query: Query<T>,
    ) -> impl Future<Output = Result<Arc<T>, Error>> + MaybeSend + use<T> {
        let (shared, query) = (self.shared.clone(), self.shared.enhancements.apply(query));
        async move {
            if let Some(value) = shared.hit(&query) {
                return typed(value);
            }
            // Boxed, so that the future of a hit is small: it is moved before it is awaited.
            let waiting: BoxFuture<_> = Box::pin(read(shared, query.into_plan(), false));
            typed(waiting.await?)
        }
    }

    /// Data that is requested now, or by a request in flight if nothing that reaches the entry was invalidated since it began.
    /// Whether the data is fresh, or never stale, does not matter. Data that is written meanwhile is an answer, too.
    ///
    /// # Errors
    /// As [`fetch`](Self::fetch). What was there stays, as fresh or stale as it was.
    pub fn refetch<T: Send + Sync + 'static>(
        &self,
        query: &Query<T>,
    ) -> impl Future<Output = Result<Arc<T>, Error>> + MaybeSend + use<T> {
        let (shared, plan) = (self.shared.clone(), self.plan(query.clone()));
        async move { typed(read(shared, plan, true).await?) }
    }

    /// Subscribes to the query's entry. What is cached is there at once, stale or not; a request is sent if it is missing or
    /// stale, unless [`Query::refetch_on_watch`] says otherwise. An error is part of what is seen: see [`State`](crate::State).
    pub fn watch<T: Send + Sync + 'static>(&self, query: Query<T>) -> Watcher<T> {
        Watcher::new(self.shared.clone(), query)
    }

    /// A watcher that watches nothing until it is given a query by [`Watcher::set_query`].
    pub fn lazy<T: Send + Sync + 'static>(&self) -> Watcher<T> {
        Watcher::lazy(self.shared.clone())
    }

    /// Calls a function after each change of what is watched, once for all that changed together, until the guard is dropped.
    /// It is for hosts that draw once for many changes.
    ///
    /// The callbacks of watchers come before it, and what holds for them holds for it: see [`Watcher::on_change`].
    pub fn on_batch(&self, call: impl Fn() + MaybeSend + MaybeSync + 'static) -> CallbackGuard {
        self.shared.on_batch(Arc::new(Call(call)))
    }

    /// The data that is cached, fresh or stale. Never sends anything, and does not keep the entry any longer.
    pub fn peek<T: Send + Sync + 'static>(&self, query: &Query<T>) -> Option<Arc<T>> {
        self.shared.peek(query.key())?.downcast().ok()
    }

    /// Fills the cache ahead of use. Does not subscribe, so the entry leaves after its keep-unused time. An error is told by
    /// events alone; the next reader asks again.
    pub fn prefetch<T: Send + Sync + 'static>(&self, query: Query<T>, when: Prefetch) {
        self.shared.apply(Event::Prefetch { plan: self.plan(query), when });
    }

    /// Sends a mutation, at once, unless it has to wait: for others of its [scope](Mutation::scope), or for a connection
    /// ([`Mutation::when_offline`]). What it made stale is refetched, even if nobody awaits the result.
    pub fn mutate<T: Send + 'static>(&self, mutation: Mutation<T>) -> Mutating<T> {
        let (enhancements, defaults) = (&self.shared.enhancements, &self.shared.mutation_defaults);
        let plan = enhancements.apply(mutation).into_plan(enhancements, defaults);
        let (operation, notify) = (plan.request.operation(), plan.request.notify());
        let (settled, refetched) = driver::mutate(&self.shared, plan, None);
        Mutating::new(notifications::around(&self.shared, operation, notify, settled), refetched)
    }

    /// A handle that starts mutations and shows how the last one goes.
    pub fn trigger<T: Send + Sync + 'static>(&self) -> Trigger<T> {
        Trigger::new(self.shared.clone())
    }

    /// As [`trigger`](Self::trigger), for several places that show the same: all triggers of this client with this key, for
    /// results of this type, are one. Its state is gone with the last of them, once what it started has settled.
    pub fn trigger_as<T: Send + Sync + 'static>(&self, key: impl Into<String>) -> Trigger<T> {
        Trigger::keyed(self.shared.clone(), key.into())
    }

    /// The mutations that wait to be sent, in the order in which they were started.
    pub fn waiting(&self) -> Vec<Waiting> {
        let runs = self.shared.waiting_mutations().into_iter();
        runs.map(|run| Waiting::new(self.shared.clone(), run)).collect()
    }

    /// Ends when the [outbox](ClientBuilder::outbox) holds what waits now, and nothing that has settled; at once where there is
    /// none. To be awaited before the program ends.
    pub fn outbox_written(&self) -> impl Future<Output = ()> + MaybeSend + use<> {
        let done = self.shared.outbox.as_ref().map(|outbox| outbox.done());
        async move {
            if let Some(done) = done {
                done.await;
            }
        }
    }

    /// The query without its type, as the client was told to change it.
    pub(crate) fn plan<T: Send + Sync + 'static>(&self, query: Query<T>) -> Arc<QueryPlan> {
        self.shared.enhancements.apply(query).into_plan()
    }

    /// Tells that the host's window got the focus, or lost it. At focus, what is watched and stale, or has no data because it
    /// failed, is requested again, unless its last request ended a short while ago ([`ClientBuilder::focus_throttle`]). Without
    /// focus, polling pauses for watchers that ask for that ([`Query::poll_only_focused`]). It counts as focused until it is
    /// told. In a browser the page's own window is minded without this.
    pub fn focused(&self, focused: bool) {
        self.shared.apply(Event::Focus(focused));
    }

    /// Tells that the host is online, or offline. Once it is online again, what is watched and stale or failed is requested
    /// again. While it is offline polling and further tries of what failed wait, and so do mutations that
    /// [wait](WhenOffline::Wait); all other requests are sent, and fail if there is no connection.
    /// It counts as online until it is told. In a browser this is minded without it.
    pub fn online(&self, online: bool) {
        self.shared.set_online(online);
    }

    /// What happens from now on: every request, every invalidation, and why. Enough to rebuild what the cache did.
    pub fn events(&self) -> Events {
        self.shared.audience.stream()
    }

    /// What the cache holds now: entries, tags, watchers, timers. Print it for a table.
    pub fn inspect(&self) -> Inspection {
        self.shared.inspect()
    }

    #[cfg(all(test, not(target_arch = "wasm32"), not(larder_shuttle)))]
    pub(crate) fn from_arc(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Headers hold secrets, so they are not shown.
        f.debug_struct("Client").field("base_url", &self.shared.exchange.base).finish_non_exhaustive()
    }
}

/// Waits for data from the cache or a request, or for data requested anew.
pub(crate) async fn read(shared: Arc<Shared>, plan: Arc<QueryPlan>, anew: bool) -> Result<Value, Error> {
    let waiter = WaiterId(shared.next_id());
    let waiting = plan.clone();
    let event = if anew { Event::Refetch { plan: waiting, waiter } } else { Event::Fetch { plan: waiting, waiter } };
    let answered = shared.wait(waiter, event);
    let mut cancel = CancelOnDrop { shared, plan, waiter, armed: true };
    let answer = if cancel.plan.request.streaming().is_some() {
        // A stream may never end.
        let limit = cancel.shared.exchange.timeout;
        let Some(answer) = within(limit, answered).await else {
            return Err(Error::timeout(cancel.plan.request.call(), limit));
        };
        answer
    } else {
        answered.await
    };
    cancel.armed = false;
    answer.unwrap_or_else(|_| Err(Error::aborted(cancel.plan.request.call())))
}

/// Tells the core when the caller goes away before its answer.
struct CancelOnDrop {
    shared: Arc<Shared>,
    plan: Arc<QueryPlan>,
    waiter: WaiterId,
    armed: bool,
}

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        if self.armed {
            let event = Event::Cancel { plan: self.plan.clone(), waiter: self.waiter };
            self.shared.forget(self.waiter, event);
        }
    }
}

pub(crate) fn typed<T: Send + Sync + 'static>(value: Value) -> Result<Arc<T>, Error> {
    // An entry's key holds its type, so the value is always a `T`.
    value.downcast().map_err(|_| Error::internal(ErrorKind::Decode, "the cached value is of another type"))
}
