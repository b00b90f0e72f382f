//! A response's body as a stream of bytes: for what is too large to be held in memory.

#[cfg(not(target_arch = "wasm32"))]
mod file;

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};

use crate::client::Client;
use crate::error::{Call, Error};
use crate::exchange::{Exchange, Opened, Trail};
use crate::guard::guarded;
use crate::mutation::Mutation;
use crate::platform::{BoxFuture, MaybeSend, MaybeSync, sleep};
use crate::progress::{Progress, Watching};
use crate::query::Query;
use crate::request::Request;
use crate::response::ResponseHead;
use crate::shared::Shared;
use crate::streaming::Settling;
use crate::transport::{ResponseBody, TransportError};

/// More than this is an error, unless a download says otherwise.
const MAX_BYTES: u64 = 4 << 30;

/// What [`Client::download`] takes: a query or a mutation, whatever its response is read as elsewhere.
#[must_use = "nothing is sent until a client is given the call"]
pub struct Downloading(Box<dyn Begin>);

/// Tells what is to be sent, and the mutation that it is.
trait Begin: MaybeSend {
    fn begin(self: Box<Self>, shared: &Arc<Shared>) -> (Request, Option<Settling>);
}

impl<F: FnOnce(&Arc<Shared>) -> (Request, Option<Settling>) + MaybeSend> Begin for F {
    fn begin(self: Box<Self>, shared: &Arc<Shared>) -> (Request, Option<Settling>) {
        self(shared)
    }
}

impl<T: Send + Sync + 'static> From<Query<T>> for Downloading {
    fn from(query: Query<T>) -> Downloading {
        Downloading(Box::new(|shared: &Arc<Shared>| (shared.enhancements.apply(query).request().clone(), None)))
    }
}

impl<T: Send + 'static> From<Mutation<T>> for Downloading {
    fn from(mutation: Mutation<T>) -> Downloading {
        Downloading(Box::new(|shared: &Arc<Shared>| {
            let mutation = shared.enhancements.apply(mutation);
            (mutation.request().clone(), Some(Settling::start(shared, mutation)))
        }))
    }
}

/// A response whose body is still to come: a [`Stream`] of its bytes. Dropping it gives the request up.
pub struct Download {
    call: Call,
    head: ResponseHead,
    body: Option<ResponseBody>,
    trail: Trail,
    progress: Progress,
    max_bytes: u64,
    idle: Duration,
    watching: Option<Watching>,
    /// Until when the server may be silent, while somebody waits.
    patience: Option<BoxFuture<()>>,
    settling: Option<Settling>,
}

impl Client {
    /// Asks for a response and reads its body as it comes. Nothing is shared or cached. The server has to answer within the
    /// client's timeout; the body may take any time, as long as it goes on.
    ///
    /// A mutation makes stale what it invalidates when the body is at its end, when it is lost, and when it is dropped.
    ///
    /// ```no_run
    /// # use larder::{Bytes, Client, Error, Query, Request};
    /// # async fn run(client: Client) -> Result<(), Error> {
    /// let picture = Query::bytes(Request::get("getPicture", "/picture"));
    /// let mut download = client.download(picture).await?.on_progress(|progress| println!("{progress:?}"));
    /// println!("{:?} of {:?} bytes", download.head().header("content-type"), download.progress().total);
    /// while let Some(piece) = download.next().await {
    ///     println!("{} bytes more", piece?.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// When the request fails or is refused. What goes wrong with the body is told by the download.
    pub fn download<C: Into<Downloading>>(
        &self,
        call: C,
    ) -> impl Future<Output = Result<Download, Error>> + MaybeSend + use<C> {
        let (shared, call) = (self.shared().clone(), call.into());
        async move {
            let (request, settling) = call.0.begin(&shared);
            let opened = open(&shared.exchange, &request).await;
            match (opened, settling) {
                (Ok(opened), settling) => Ok(Download::new(&shared.exchange, request.call(), opened, settling)),
                (Err(error), Some(settling)) => {
                    settling.failed(error.clone());
                    Err(error)
                }
                (Err(error), None) => Err(error),
            }
        }
    }
}

async fn open(exchange: &Exchange, request: &Request) -> Result<Opened, Error> {
    let prepared = exchange.build(request)?;
    exchange.open(prepared, &request.call()).await
}

impl Download {
    fn new(exchange: &Exchange, call: Call, opened: Opened, settling: Option<Settling>) -> Self {
        let Opened { head, body, trail } = opened;
        // Of what was packed on its way, the length is that of the package.
        let is_packed = head.headers().contains_key(CONTENT_ENCODING);
        let length = head.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.trim().parse().ok());
        let total = length.filter(|_| !is_packed && call.method != http::Method::HEAD);
        Self {
            call,
            head,
            body: Some(body),
            trail,
            progress: Progress { bytes: 0, total },
            max_bytes: MAX_BYTES,
            idle: exchange.stream_idle,
            watching: None,
            patience: None,
            settling,
        }
    }

    /// Status and headers.
    pub fn head(&self) -> &ResponseHead {
        &self.head
    }

    /// How far it is.
    pub fn progress(&self) -> Progress {
        self.progress
    }

    /// Calls a function after each piece that comes. A panic in it is contained.
    #[must_use]
    pub fn on_progress(mut self, call: impl Fn(Progress) + MaybeSend + MaybeSync + 'static) -> Download {
        self.watching = Some(Watching::new(call));
        self
    }

    /// How many bytes it may be: 4 GiB unless said otherwise. A larger body ends with an error of kind
    /// [`TooLarge`](crate::ErrorKind::TooLarge), at its beginning if the server says how large it is.
    #[must_use]
    pub fn max_bytes(mut self, bytes: u64) -> Download {
        self.max_bytes = bytes;
        self
    }

    /// How long the server may be silent, instead of what the client says. Only the time in which somebody waits counts.
    #[must_use]
    pub fn idle_timeout(mut self, time: Duration) -> Download {
        self.idle = time;
        self
    }

    /// The next piece, or nothing at the end. After an error nothing more comes.
    pub async fn next(&mut self) -> Option<Result<Bytes, Error>> {
        poll_fn(|context| self.poll_piece(context)).await
    }

    fn poll_piece(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Error>>> {
        if self.body.is_none() {
            return Poll::Ready(None);
        }
        let piece = ready!(self.poll_body(context));
        self.patience = None;
        match piece {
            Some(Ok(piece)) => Poll::Ready(Some(Ok(piece))),
            None => {
                self.body = None;
                self.settling.take().into_iter().for_each(|settling| settling.succeeded(Some(&self.head)));
                Poll::Ready(None)
            }
            Some(Err(error)) => {
                let error = self.trail.of(error);
                self.body = None;
                self.settling.take().into_iter().for_each(|settling| settling.failed(error.clone()));
                Poll::Ready(Some(Err(error)))
            }
        }
    }

    fn poll_body(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Error>>> {
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        if self.progress.total.is_some_and(|total| self.max_bytes < total) {
            return Poll::Ready(Some(Err(self.too_large())));
        }
        let Ok(polled) = guarded(|| body.poll_next(context)) else {
            return Poll::Ready(Some(Err(Error::panicked(self.call.clone(), "the transport"))));
        };
        match polled {
            Poll::Ready(Some(Ok(piece))) => {
                self.progress.bytes += piece.len() as u64;
                if self.max_bytes < self.progress.bytes {
                    return Poll::Ready(Some(Err(self.too_large())));
                }
                if let Some(watching) = &self.watching {
                    watching.tell(self.progress);
                }
                Poll::Ready(Some(Ok(piece)))
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(self.lost(error)))),
            Poll::Ready(None) => match self.progress {
                Progress { bytes, total: Some(total) } if bytes != total => {
                    let cut_off = format!("the body ended after {bytes} of {total} bytes");
                    Poll::Ready(Some(Err(self.lost(TransportError::lost(cut_off)))))
                }
                _ => Poll::Ready(None),
            },
            Poll::Pending => {
                let idle = self.idle;
                let patience = self.patience.get_or_insert_with(|| Box::pin(sleep(idle)));
                ready!(patience.as_mut().poll(context));
                Poll::Ready(Some(Err(Error::timeout(self.call.clone(), idle))))
            }
        }
    }

    fn lost(&self, error: TransportError) -> Error {
        self.trail.lost(&self.call, error, Some(&self.head))
    }

    fn too_large(&self) -> Error {
        let limit = usize::try_from(self.max_bytes).unwrap_or(usize::MAX);
        Error::too_large(self.call.clone(), limit, self.head.clone().with_body(Bytes::new()))
    }
}

// What is polled is boxed.
impl Unpin for Download {}

impl Stream for Download {
    type Item = Result<Bytes, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_piece(context)
    }
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download").field("head", &self.head).field("progress", &self.progress).finish_non_exhaustive()
    }
}
