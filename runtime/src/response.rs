//! A response as it came.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

/// Bodies of up to this many bytes are copied where they are kept, and then are nobody else's.
pub(crate) const SMALL_BODY: usize = 64 << 10;

/// A complete response as it came: what an operation answers beyond what its document says. Cheap to clone.
#[derive(Clone)]
pub struct RawResponse {
    pub(crate) status: StatusCode,
    pub(crate) headers: Arc<HeaderMap>,
    pub(crate) body: Bytes,
}

impl RawResponse {
    /// The status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    pub(crate) fn head(&self, operation: &'static str) -> ResponseHead {
        ResponseHead::new(self.status, self.headers.clone()).of(operation)
    }

    /// The body as JSON of this type, or `None` when it is none.
    pub fn json<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.body).ok()
    }
}

/// Shows the status and the size: bodies and headers may hold secrets.
impl fmt::Debug for RawResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawResponse")
            .field("status", &self.status)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// Status and headers of a response. Cheap to clone.
#[derive(Clone, Default)]
pub struct ResponseHead {
    status: StatusCode,
    headers: Arc<HeaderMap>,
    operation: Option<&'static str>,
}

impl ResponseHead {
    pub(crate) fn new(status: StatusCode, headers: Arc<HeaderMap>) -> ResponseHead {
        ResponseHead { status, headers, operation: None }
    }

    /// The same of an answer to this operation.
    pub(crate) fn of(self, operation: &'static str) -> ResponseHead {
        ResponseHead { operation: Some(operation), ..self }
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The id of the operation that was answered, where that is known.
    pub fn operation(&self) -> Option<&'static str> {
        self.operation
    }

    /// A header by its name, if it is text: `head.header("x-total-count")`. Of several of that name it is the first. With its type:
    /// see [`ResponseHeader`](crate::ResponseHeader).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(crate) fn with_body(self, body: Bytes) -> RawResponse {
        RawResponse { status: self.status, headers: self.headers, body }
    }
}

/// Shows the status: headers may hold secrets.
impl fmt::Debug for ResponseHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseHead").field("status", &self.status).finish_non_exhaustive()
    }
}
