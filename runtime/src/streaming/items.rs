//! A stream of typed items, as an application reads it.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::Stream;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::calls::{Call, Streaming, shape_of};
use super::fold::Shape;
use super::growing::Item;
use super::settling::Settling;
use super::source::Source;
use crate::client::Client;
use crate::error::Error;
use crate::exchange::Exchange;
use crate::guard::guarded;
use crate::platform::race;
use crate::request::Request;
use crate::response::ResponseHead;

/// The items of a stream, as they come: a [`Stream`] of them. Dropping it gives the request up.
///
/// An item that cannot be decoded is an error, after which the stream goes on; any other error is the last thing that comes.
/// The server is read no faster than the items are taken.
pub struct Items<T> {
    told: Receiver<Told<T>>,
    head: Option<ResponseHead>,
    waiting: VecDeque<Result<Item<T>, Error>>,
}

enum Told<T> {
    Head(ResponseHead),
    Items(VecDeque<Result<Item<T>, Error>>),
}

impl Client {
    /// The items of a response, as they come. Nothing is shared or cached; to watch them as a query that grows, watch the
    /// query. The request is sent at once.
    ///
    /// A mutation makes stale what it invalidates when the stream is at its end, when it is lost, and when it is dropped. Tags
    /// that its result tells are not known then: those for a lost answer count in their place.
    ///
    /// ```no_run
    /// # use larder::{Client, Error, Growing, Json, Query, Request};
    /// # async fn run(client: Client) -> Result<(), Error> {
    /// let feed: Query<Growing<Json>> = Query::events(Request::get("feed", "/feed"));
    /// let mut items = client.stream(feed.reconnect(5));
    /// while let Some(item) = items.next().await {
    ///     println!("{}", item?.data);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn stream<T: Send + Sync + 'static>(&self, call: impl Into<Streaming<T>>) -> Items<T> {
        let shared = self.shared();
        let (request, settling) = match call.into().0 {
            Call::Query(query) => (shared.enhancements.apply(query).request().clone(), None),
            Call::Mutation(mutation) => {
                let mutation = shared.enhancements.apply(mutation);
                (mutation.request().clone(), Some(Settling::start(shared, mutation)))
            }
        };
        let (tell, told) = channel(1);
        if let Some(shape) = shape_of::<T>(&request) {
            let exchange = shared.exchange.clone();
            let closed = tell.clone();
            shared.spawner.spawn(async move {
                race(pump(exchange, request, shape, settling, tell), closed.closed()).await;
            });
        }
        Items { told, head: None, waiting: VecDeque::new() }
    }
}

async fn pump<T: Send + Sync + 'static>(
    exchange: Arc<Exchange>,
    request: Request,
    shape: Shape<T>,
    settling: Option<Settling>,
    tell: Sender<Told<T>>,
) {
    let mut source = Source::new(exchange, request, shape.reading.clone());
    let error = match source.open().await {
        Ok(()) => read(&mut source, &shape, &tell).await.err(),
        Err(error) => Some(error),
    };
    match (settling, &error) {
        (Some(settling), Some(error)) => settling.failed(error.clone()),
        (Some(settling), None) => settling.succeeded(source.head()),
        (None, _) => {}
    }
    if let Some(error) = error {
        // Who does not listen needs no error.
        let _ = tell.send(Told::Items(VecDeque::from([Err(error)]))).await;
    }
}

async fn read<T: Send + Sync + 'static>(
    source: &mut Source,
    shape: &Shape<T>,
    tell: &Sender<Told<T>>,
) -> Result<(), Error> {
    loop {
        if let Some(head) = source.take_news() {
            let _ = tell.send(Told::Head(head)).await;
        }
        let frames = source.next().await?;
        if frames.is_empty() {
            return Ok(());
        }
        let item = |frame| match guarded(|| shape.item(frame)) {
            Ok(Ok(item)) => Ok(item),
            Ok(Err((failure, data))) => Err(source.undecoded(failure, data)),
            Err(_) => Err(source.panicked()),
        };
        let items = frames.into_iter().map(item).collect();
        if tell.send(Told::Items(items)).await.is_err() {
            return Err(source.aborted());
        }
    }
}

impl<T> Items<T> {
    /// The next item, or nothing at the end of the stream.
    pub async fn next(&mut self) -> Option<Result<Item<T>, Error>> {
        poll_fn(|context| self.poll_item(context)).await
    }

    /// Waits until the server has answered, and says with what. Nothing where it failed, which the next item tells.
    pub async fn opened(&mut self) -> Option<&ResponseHead> {
        poll_fn(|context| {
            while self.head.is_none() && self.waiting.is_empty() {
                match self.told.poll_recv(context) {
                    Poll::Ready(Some(told)) => self.hear(told),
                    Poll::Ready(None) => break,
                    Poll::Pending => return Poll::Pending,
                }
            }
            Poll::Ready(())
        })
        .await;
        self.head()
    }

    /// Status and headers of the response, once the server has answered; of the last one, if the connection was made anew.
    pub fn head(&self) -> Option<&ResponseHead> {
        self.head.as_ref()
    }

    fn hear(&mut self, told: Told<T>) {
        match told {
            Told::Head(head) => self.head = Some(head),
            Told::Items(items) => self.waiting.extend(items),
        }
    }

    fn poll_item(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Item<T>, Error>>> {
        loop {
            if let Some(item) = self.waiting.pop_front() {
                return Poll::Ready(Some(item));
            }
            match self.told.poll_recv(context) {
                Poll::Ready(Some(told)) => self.hear(told),
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

// Items are moved in and out, never pinned.
impl<T> Unpin for Items<T> {}

impl<T> Stream for Items<T> {
    type Item = Result<Item<T>, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_item(context)
    }
}

impl<T> fmt::Debug for Items<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").field("head", &self.head).finish_non_exhaustive()
    }
}
