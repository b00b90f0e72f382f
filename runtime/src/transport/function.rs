//! A function as a transport.

use bytes::Bytes;

use super::{ResponseBody, Transport, TransportError};
use crate::platform::{BoxFuture, MaybeSend, MaybeSync};

/// A transport that answers each request by a function: a test double, data made up on the spot, another protocol.
///
/// ```
/// # fn build() -> Result<larder::Client, larder::Error> {
/// use larder::http::Response;
/// use larder::{Client, ResponseBody, transport_fn};
///
/// let empty = transport_fn(|_request| async { Ok(Response::new(ResponseBody::from("[]"))) });
/// Client::builder("https://api.example.com").transport(empty).build()
/// # }
/// ```
pub fn transport_fn<F, A>(answer: F) -> TransportFn<F>
where
    F: Fn(http::Request<Bytes>) -> A + MaybeSend + MaybeSync + 'static,
    A: Future<Output = Result<http::Response<ResponseBody>, TransportError>> + MaybeSend + 'static,
{
    TransportFn(answer)
}

/// A function as a transport. See [`transport_fn`].
#[derive(Clone, Copy, Debug)]
pub struct TransportFn<F>(F);

impl<F, A> Transport for TransportFn<F>
where
    F: Fn(http::Request<Bytes>) -> A + MaybeSend + MaybeSync + 'static,
    A: Future<Output = Result<http::Response<ResponseBody>, TransportError>> + MaybeSend + 'static,
{
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<Result<http::Response<ResponseBody>, TransportError>> {
        Box::pin((self.0)(request))
    }
}
