//! What sends requests. It can be replaced whole, or wrapped.

mod function;
mod info;
#[cfg(all(feature = "reqwest", not(target_arch = "wasm32")))]
mod redirect;
#[cfg(feature = "reqwest")]
mod reqwest;
mod routed;

use std::error::Error as StdError;
use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;

pub use self::function::{TransportFn, transport_fn};
pub(crate) use self::info::{KeepOrigin, NotFollowed, SecretParams};
pub use self::info::{OperationInfo, RequestId};
#[cfg(feature = "reqwest")]
pub use self::reqwest::ReqwestTransport;
#[cfg(all(feature = "reqwest", not(target_arch = "wasm32")))]
pub use self::reqwest::ReqwestTransportBuilder;
#[cfg(all(feature = "reqwest", target_arch = "wasm32"))]
pub use self::reqwest::SendCookies;
pub(crate) use self::routed::{Own, Routed};
use crate::platform::{BoxFuture, BoxStream, MaybeSend, MaybeSync};

/// Sends requests. The client adds its limits, its cache and its tags.
///
/// ```
/// use larder::http::{Request, Response};
/// use larder::{BoxFuture, Bytes, ResponseBody, Transport, TransportError};
///
/// /// Answers everything with an empty list.
/// struct Empty;
///
/// impl Transport for Empty {
///     fn send(&self, _request: Request<Bytes>) -> BoxFuture<Result<Response<ResponseBody>, TransportError>> {
///         Box::pin(async { Ok(Response::new("[]".into())) })
///     }
/// }
/// ```
pub trait Transport: MaybeSend + MaybeSync + 'static {
    /// Sends a request and gives back the response as soon as its headers are there.
    ///
    /// The future is dropped when nobody needs the response any more, or when it takes too long.
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<Result<http::Response<ResponseBody>, TransportError>>;

    /// Whether it sends the body of this request piece by piece, where there is such a one: a
    /// [`RequestBody`](crate::RequestBody) among the request's extensions, to be sent in place of its body. Otherwise it is
    /// given the whole. What wraps a transport and does not look at bodies can leave it to that one.
    fn streams(&self, request: &http::Request<Bytes>) -> bool {
        let _ = request;
        false
    }
}

impl<T: Transport + ?Sized> Transport for Arc<T> {
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<Result<http::Response<ResponseBody>, TransportError>> {
        (**self).send(request)
    }

    fn streams(&self, request: &http::Request<Bytes>) -> bool {
        (**self).streams(request)
    }
}

/// The body of a response, whole or as a stream.
pub struct ResponseBody(Body);

enum Body {
    Whole(Option<Bytes>),
    Stream(BoxStream<Result<Bytes, TransportError>>),
}

impl ResponseBody {
    /// A body that comes piece by piece.
    pub fn stream(stream: impl Stream<Item = Result<Bytes, TransportError>> + MaybeSend + 'static) -> Self {
        Self(Body::Stream(boxed(stream)))
    }

    /// The next piece, when it is there.
    pub(crate) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, TransportError>>> {
        match &mut self.0 {
            Body::Whole(body) => Poll::Ready(body.take().map(Ok)),
            Body::Stream(stream) => stream.as_mut().poll_next(context),
        }
    }

    /// The next piece.
    pub(crate) async fn next(&mut self) -> Option<Result<Bytes, TransportError>> {
        poll_fn(|context| self.poll_next(context)).await
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn boxed<T>(stream: impl Stream<Item = T> + Send + 'static) -> BoxStream<T> {
    Box::pin(stream)
}

#[cfg(target_arch = "wasm32")]
fn boxed<T>(stream: impl Stream<Item = T> + 'static) -> BoxStream<T> {
    Box::pin(stream)
}

impl<B: Into<Bytes>> From<B> for ResponseBody {
    fn from(body: B) -> Self {
        Self(Body::Whole(Some(body.into())))
    }
}

impl fmt::Debug for ResponseBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResponseBody")
    }
}

/// Why no complete response came.
#[derive(Debug)]
pub struct TransportError {
    sent: bool,
    at_fault: AtFault,
    source: Box<dyn StdError + Send + Sync>,
}

/// What could not be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AtFault {
    Connection,
    /// The body of the request cannot be read to its end.
    RequestBody,
    /// The server answered, and the answer cannot be unpacked.
    #[cfg_attr(not(feature = "reqwest"), expect(dead_code, reason = "only what unpacks bodies tells of it"))]
    Answer,
}

impl TransportError {
    /// The server cannot have seen the request: a mutation changed nothing.
    pub fn not_sent(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { sent: false, at_fault: AtFault::Connection, source: source.into() }
    }

    /// The server may have seen the request: a mutation may have happened.
    pub fn lost(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { sent: true, at_fault: AtFault::Connection, source: source.into() }
    }

    /// The same, where the connection is not to blame.
    pub(crate) fn of(self, at_fault: AtFault) -> Self {
        Self { at_fault, ..self }
    }

    pub(crate) fn at_fault(&self) -> AtFault {
        self.at_fault
    }

    /// Whether the server may have seen the request.
    pub fn was_sent(&self) -> bool {
        self.sent
    }

    pub(crate) fn into_source(self) -> Box<dyn StdError + Send + Sync> {
        self.source
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(f)
    }
}

impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.source()
    }
}
