//! Operations that go on at the server after they were answered: asked for again and again until they end.

mod document;
mod follow;
mod polling;
mod resolve;
#[cfg(all(test, not(target_arch = "wasm32"), not(larder_shuttle)))]
mod tests;

use std::any::{Any, TypeId};
use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use serde::de::DeserializeOwned;
use tokio::sync::{oneshot, watch};

use self::follow::Follow;
pub use self::polling::{Backoff, Polling};
use crate::answered::Answered;
use crate::client::Client;
use crate::decode;
use crate::enhance::Enhance as _;
use crate::error::{Call, Error, ErrorKind};
use crate::guard::guarded;
use crate::mutation::Mutation;
use crate::notifications::Ongoing;
use crate::redact::Secrets;
use crate::response::RawResponse;
use crate::tag::Tag;

impl Client {
    /// Sends a mutation that may go on at the server after it was answered, and follows it to its end: a future of what it
    /// brings, read as JSON. Take `()` where it brings nothing.
    ///
    /// An answer `202`, or one that names `Operation-Location` or `Azure-AsyncOperation`, is followed: its status is asked
    /// for until it says that it ended; see [`Polling`] for how. Any other success is the end at once.
    ///
    /// At its start the mutation invalidates what any mutation does, since what the server shows may change at once; at its end
    /// it invalidates all of that again, also when it failed. What is deleted counts as gone only at the end. Dropping what is
    /// returned stops neither the operation nor the asking: what it made stale would stay unknown.
    ///
    /// # Errors
    /// As those of any mutation; of kind [`Failed`](crate::ErrorKind::Failed) when the server says that the operation failed or
    /// was cancelled, of kind `Timeout` after [`Polling::limit`], and of kind `Aborted` after [`RunControl::cancel`].
    ///
    /// ```
    /// # use larder::{Client, Error, Json, Mutation, Polling};
    /// # async fn run(client: Client, start_export: Mutation<Json>) -> Result<(), Error> {
    /// let exporting = client.run(start_export, Polling::new());
    /// let mut control = exporting.control();
    /// let bar = async {
    ///     while let Some(progress) = control.changed().await {
    ///         println!("{:?} done", progress.fraction);
    ///     }
    /// };
    /// # drop(bar);
    /// let report: Json = exporting.await?;
    /// # drop(report);
    /// # Ok(())
    /// # }
    /// ```
    pub fn run<T: Send + 'static, U: DeserializeOwned + Send + 'static>(
        &self,
        mutation: Mutation<T>,
        polling: Polling,
    ) -> Running<U> {
        let mut mutation = self.shared().enhancements.apply(mutation);
        // It is told of when the operation ends, and not when it was accepted.
        let notify = mutation.request_mut().take_notify();
        let decode = mutation.decode();
        let end_tags = mutation.tags_of_end();
        let request = mutation.request().clone();
        let call = request.call();
        // What is to be deleted is there as long as the server is at it.
        let started = self.mutate(mutation.into_raw().map_tags(Tag::without_gone));
        let (progress, seen) = watch::channel(RunProgress::default());
        let (cancel, cancelled) = watch::channel(false);
        let (ended, end) = oneshot::channel();
        let ongoing = Ongoing::begin(self.shared(), call.operation, notify);
        let shared = self.shared().clone();
        let follow = Follow {
            client: self.clone(),
            request,
            polling,
            progress,
            cancelled,
            end_tags,
            secrets: Secrets::default(),
        };
        self.shared().spawner.spawn(async move {
            let result = match started.await {
                Ok(response) => follow.until_end(response).await,
                Err(error) => {
                    follow.end();
                    Err(error)
                }
            };
            if let Some(ongoing) = ongoing {
                let value = result.as_ref().map(|response| guarded(|| decode(response).ok()).ok().flatten());
                let value = value.as_ref().map(|value| value.as_ref().map_or(&() as &dyn Any, |value| value));
                ongoing.end(&shared, value.map_err(|error| *error));
            }
            // Nobody may wait for it.
            drop(ended.send(result));
        });
        Running { end, control: RunControl { progress: seen, cancel: Arc::new(cancel) }, call, ty: PhantomData }
    }
}

/// How far a long-running operation is.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct RunProgress {
    /// What part of it is done, from 0 to 1, where the server says so.
    pub fraction: Option<f64>,
    /// The server's word for its status, such as `running`.
    pub status: Option<String>,
    /// What the server says of it to people.
    pub message: Option<String>,
    /// How often its status was asked for.
    pub polls: u32,
    /// Whether it ended, well or not.
    pub is_over: bool,
}

/// What watches and cancels a long-running operation. Cheap to clone; it may be dropped.
#[derive(Clone)]
pub struct RunControl {
    progress: watch::Receiver<RunProgress>,
    cancel: Arc<watch::Sender<bool>>,
}

impl RunControl {
    /// How far it is now.
    pub fn progress(&self) -> RunProgress {
        self.progress.borrow().clone()
    }

    /// The next progress that this control has not been given yet, or `None` after the end. What is in between is left out.
    ///
    /// Safe to cancel: what was not returned is not lost.
    pub async fn changed(&mut self) -> Option<RunProgress> {
        self.progress.changed().await.ok()?;
        Some(self.progress.borrow_and_update().clone())
    }

    /// Stops asking, and asks the server to stop if [`Polling::cancel_by`] says how. Nobody knows then how far the server came,
    /// so what the operation touches is invalidated. After the end it does nothing.
    ///
    /// While the first request is on its way it waits for the answer: what the server has started is cancelled then.
    pub fn cancel(&self) {
        self.cancel.send_replace(true);
    }
}

impl fmt::Debug for RunControl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunControl").field("progress", &self.progress()).finish_non_exhaustive()
    }
}

/// A long-running operation on its way: a future of what it brings. See [`Client::run`].
pub struct Running<U> {
    end: oneshot::Receiver<Result<RawResponse, Error>>,
    control: RunControl,
    call: Call,
    ty: PhantomData<fn() -> U>,
}

impl<U> Running<U> {
    /// What watches and cancels it, also while it is awaited.
    pub fn control(&self) -> RunControl {
        self.control.clone()
    }

    /// How far it is now.
    pub fn progress(&self) -> RunProgress {
        self.control.progress()
    }

    /// As [`RunControl::cancel`].
    pub fn cancel(&self) {
        self.control.cancel();
    }
}

impl<U: DeserializeOwned + 'static> Running<U> {
    /// What it brings, with the status and the headers of the response that brought that.
    ///
    /// # Errors
    /// As the operation itself.
    pub async fn answered(mut self) -> Result<Answered<U>, Error> {
        poll_fn(|context| self.poll_answered(context)).await
    }

    fn poll_answered(&mut self, context: &mut Context<'_>) -> Poll<Result<Answered<U>, Error>> {
        let result = ready!(Pin::new(&mut self.end).poll(context));
        let aborted = |_| Err(Error::internal(ErrorKind::Aborted, "the client ended before the operation did"));
        let answered = result.unwrap_or_else(aborted).and_then(|response| {
            let head = Some(response.head(self.call.operation));
            Ok(Answered { data: read(&self.call, response)?, head })
        });
        Poll::Ready(answered)
    }
}

impl<U: DeserializeOwned + 'static> Future for Running<U> {
    type Output = Result<U, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.poll_answered(context).map_ok(|answered| answered.data)
    }
}

/// What the last response brings.
fn read<U: DeserializeOwned + 'static>(call: &Call, response: RawResponse) -> Result<U, Error> {
    let is_nothing = TypeId::of::<U>() == TypeId::of::<()>();
    let taken =
        if is_nothing { RawResponse { body: bytes::Bytes::new(), ..response.clone() } } else { response.clone() };
    match guarded(|| decode::json(&taken)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(failure)) => Err(Error::decode(call.clone(), failure, response)),
        Err(_) => Err(Error::panicked(call.clone(), "decoding the response")),
    }
}

impl<U> fmt::Debug for Running<U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running").field("progress", &self.progress()).finish_non_exhaustive()
    }
}
