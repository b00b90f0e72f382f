//! A function as a layer.

use std::sync::Arc;

use bytes::Bytes;

use super::Layer;
use crate::platform::{BoxFuture, MaybeSend, MaybeSync};
use crate::transport::{ResponseBody, Transport, TransportError};

/// A layer that is a function of a request and the transport within. It may change the request, send it, look at the response,
/// or answer by itself.
pub fn layer_fn<F, A>(send: F) -> LayerFn<F>
where
    F: Fn(http::Request<Bytes>, Arc<dyn Transport>) -> A + Clone + MaybeSend + MaybeSync + 'static,
    A: Future<Output = Result<http::Response<ResponseBody>, TransportError>> + MaybeSend + 'static,
{
    LayerFn(send)
}

/// A function as a layer. See [`layer_fn`].
#[derive(Clone, Copy, Debug)]
pub struct LayerFn<F>(F);

struct Wrapped<F> {
    send: F,
    inner: Arc<dyn Transport>,
}

impl<F, A> Layer for LayerFn<F>
where
    F: Fn(http::Request<Bytes>, Arc<dyn Transport>) -> A + Clone + MaybeSend + MaybeSync + 'static,
    A: Future<Output = Result<http::Response<ResponseBody>, TransportError>> + MaybeSend + 'static,
{
    fn layer(&self, inner: Arc<dyn Transport>) -> Arc<dyn Transport> {
        Arc::new(Wrapped { send: self.0.clone(), inner })
    }
}

impl<F, A> Transport for Wrapped<F>
where
    F: Fn(http::Request<Bytes>, Arc<dyn Transport>) -> A + MaybeSend + MaybeSync + 'static,
    A: Future<Output = Result<http::Response<ResponseBody>, TransportError>> + MaybeSend + 'static,
{
    fn streams(&self, request: &http::Request<Bytes>) -> bool {
        self.inner.streams(request)
    }

    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<Result<http::Response<ResponseBody>, TransportError>> {
        Box::pin((self.send)(request, self.inner.clone()))
    }
}
