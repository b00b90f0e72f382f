//! The id of each request, for the server's logs.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderName, HeaderValue};

use super::{Layer, layer_fn};
use crate::transport::{RequestId, Transport};

/// Sends the [`RequestId`] of each request in a header, unless the call has set that itself.
#[derive(Clone, Debug)]
pub struct RequestIds {
    header: HeaderName,
}

impl RequestIds {
    /// In the header `x-request-id`.
    pub fn new() -> RequestIds {
        RequestIds::in_header(HeaderName::from_static("x-request-id"))
    }

    /// In another header.
    pub fn in_header(header: HeaderName) -> RequestIds {
        RequestIds { header }
    }
}

impl Default for RequestIds {
    fn default() -> RequestIds {
        RequestIds::new()
    }
}

impl Layer for RequestIds {
    fn layer(&self, inner: Arc<dyn Transport>) -> Arc<dyn Transport> {
        let header = self.header.clone();
        let send = move |mut request: http::Request<Bytes>, inner: Arc<dyn Transport>| {
            let id = request.extensions().get::<RequestId>().and_then(|id| HeaderValue::from_str(id.as_str()).ok());
            if let Some(id) = id {
                request.headers_mut().entry(&header).or_insert(id);
            }
            inner.send(request)
        };
        layer_fn(send).layer(inner)
    }
}
