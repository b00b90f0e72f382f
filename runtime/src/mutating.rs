//! A mutation on its way.

use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::sync::oneshot;

use crate::answered::Answered;
use crate::error::{Error, ErrorKind};
use crate::response::ResponseHead;
use crate::shared::MutationAnswer;

/// A mutation on its way: a future of its result.
///
/// Dropping it neither stops the mutation nor loses its invalidation.
pub struct Mutating<T> {
    settled: oneshot::Receiver<MutationAnswer>,
    refetched: oneshot::Receiver<Vec<Error>>,
    ty: PhantomData<fn() -> T>,
}

impl<T: 'static> Mutating<T> {
    pub(crate) fn new(settled: oneshot::Receiver<MutationAnswer>, refetched: oneshot::Receiver<Vec<Error>>) -> Self {
        Self { settled, refetched, ty: PhantomData }
    }

    /// Waits for the refetches, too, that the mutation causes.
    pub fn refetched(self) -> Refetching<T> {
        Refetching { mutating: self, answered: None }
    }

    /// The result with the status and the headers of the response that brought it.
    ///
    /// ```no_run
    /// # use larder::{Client, Error, Json, Mutation};
    /// # async fn run(client: Client, create_post: Mutation<Json>) -> Result<(), Error> {
    /// let created = client.mutate(create_post).answered().await?;
    /// println!("{:?}", created.head.and_then(|head| head.header("location").map(str::to_owned)));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As the mutation itself; an error has a status and headers of its own.
    pub async fn answered(mut self) -> Result<Answered<T>, Error> {
        poll_fn(|context| self.poll_answered(context)).await
    }

    fn poll_answered(&mut self, context: &mut Context<'_>) -> Poll<Result<Answered<T>, Error>> {
        let answer = ready!(Pin::new(&mut self.settled).poll(context));
        let aborted = || Error::internal(ErrorKind::Aborted, "the client ended before the mutation did");
        let (value, head) = match answer.map(|answer| (answer.result, answer.head)) {
            Ok((Ok(value), head)) => (value, head),
            Ok((Err(error), _)) => return Poll::Ready(Err(error)),
            Err(_) => return Poll::Ready(Err(aborted())),
        };
        // The result was made by this mutation's own decoder, so it is a `T`.
        let other = |_| Error::internal(ErrorKind::Decode, "the result is of another type");
        Poll::Ready(value.downcast().map(|data| Answered { data: *data, head }).map_err(other))
    }

    fn poll_settled(&mut self, context: &mut Context<'_>) -> Poll<Result<T, Error>> {
        self.poll_answered(context).map_ok(|answered| answered.data)
    }
}

impl<T: 'static> Future for Mutating<T> {
    type Output = Result<T, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.poll_settled(context)
    }
}

/// A mutation's result, after the refetches that it caused.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Refetched<T> {
    /// The mutation's result.
    pub data: T,
    /// Status and headers of the response that brought it.
    pub head: Option<ResponseHead>,
    /// Why refetches failed, if any did.
    pub errors: Vec<Error>,
}

/// A mutation and its refetches on their way: a future of [`Refetched`].
pub struct Refetching<T> {
    mutating: Mutating<T>,
    answered: Option<Answered<T>>,
}

// The data is moved in and out, never pinned.
impl<T> Unpin for Refetching<T> {}

impl<T: 'static> Future for Refetching<T> {
    type Output = Result<Refetched<T>, Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let answered = match this.answered.take() {
            Some(answered) => answered,
            None => match ready!(this.mutating.poll_answered(context)) {
                Ok(answered) => answered,
                Err(error) => return Poll::Ready(Err(error)),
            },
        };
        match Pin::new(&mut this.mutating.refetched).poll(context) {
            Poll::Ready(errors) => {
                let Answered { data, head } = answered;
                Poll::Ready(Ok(Refetched { data, head, errors: errors.unwrap_or_default() }))
            }
            Poll::Pending => {
                this.answered = Some(answered);
                Poll::Pending
            }
        }
    }
}

impl<T> fmt::Debug for Mutating<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mutating")
    }
}

impl<T> fmt::Debug for Refetching<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Refetching")
    }
}
