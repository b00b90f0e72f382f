//! A header that is made anew for each request.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderName, HeaderValue};

use super::{Layer, layer_fn};
use crate::platform::{MaybeSend, MaybeSync};
use crate::transport::{OperationInfo, Transport};

/// Sets a header to what a function makes for each request, such as the language that a user has chosen. For a value that never
/// changes there is [`ClientBuilder::header`](crate::ClientBuilder::header).
///
/// A header of that name that is there already stays: the call's own, or the client's.
#[derive(Clone)]
pub struct ComputedHeader {
    name: HeaderName,
    value: Arc<dyn Compute>,
}

trait Compute: MaybeSend + MaybeSync {
    fn compute(&self, operation: &OperationInfo) -> Option<HeaderValue>;
}

impl<F: Fn(&OperationInfo) -> Option<HeaderValue> + MaybeSend + MaybeSync> Compute for F {
    fn compute(&self, operation: &OperationInfo) -> Option<HeaderValue> {
        self(operation)
    }
}

impl ComputedHeader {
    /// The header `name` with what `value` returns; none where that is `None`.
    ///
    /// ```
    /// use larder::http::{HeaderName, HeaderValue};
    /// use larder::layers::ComputedHeader;
    ///
    /// let language = ComputedHeader::new(HeaderName::from_static("accept-language"), |_operation| {
    ///     Some(HeaderValue::from_static("eo"))
    /// });
    /// # let _ = language;
    /// ```
    pub fn new(
        name: HeaderName,
        value: impl Fn(&OperationInfo) -> Option<HeaderValue> + MaybeSend + MaybeSync + 'static,
    ) -> ComputedHeader {
        ComputedHeader { name, value: Arc::new(value) }
    }
}

impl Layer for ComputedHeader {
    fn layer(&self, inner: Arc<dyn Transport>) -> Arc<dyn Transport> {
        let ComputedHeader { name, value } = self.clone();
        let send = move |mut request: http::Request<Bytes>, inner: Arc<dyn Transport>| {
            if let Some(operation) = request.extensions().get::<OperationInfo>().copied()
                && !request.headers().contains_key(&name)
                && let Some(value) = value.compute(&operation)
            {
                request.headers_mut().insert(name.clone(), value);
            }
            inner.send(request)
        };
        layer_fn(send).layer(inner)
    }
}

impl fmt::Debug for ComputedHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ComputedHeader").field("name", &self.name).finish_non_exhaustive()
    }
}
