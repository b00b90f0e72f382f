//! Under which id a request is known, so that people can find it in the logs of a server.

use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::error::Error;
use crate::guard::lock;
use crate::sync::Mutex;

/// Where a request or its response has its id. The first counts. None of them is a secret.
const HEADERS: [&str; 10] = [
    "x-request-id",
    "request-id",
    "x-correlation-id",
    "x-amzn-requestid",
    "x-ms-request-id",
    "x-github-request-id",
    "x-goog-request-id",
    "x-trace-id",
    "cf-ray",
    "traceparent",
];

/// Longer ones are not shown.
const LONGEST: usize = 128;

/// Whether a header of this name holds an id.
pub(crate) fn is_request_id(name: &HeaderName) -> bool {
    HEADERS.contains(&name.as_str())
}

/// The id that these headers give, if it is one that can be shown.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<&str> {
    let shown = |value: &HeaderValue| -> bool {
        let bytes = value.as_bytes();
        !bytes.is_empty() && bytes.len() <= LONGEST && bytes.iter().all(u8::is_ascii_graphic)
    };
    HEADERS.iter().find_map(|name| headers.get(*name).filter(|value| shown(value))?.to_str().ok())
}

/// The id under which a call was sent last.
#[derive(Clone, Default)]
pub(crate) struct LastId(Arc<Mutex<Option<Box<str>>>>);

impl LastId {
    pub(crate) fn set(&self, id: &str) {
        *lock(&self.0) = Some(id.into());
    }

    /// The error as one of the request that was sent last. Only for an error that was just made.
    pub(crate) fn of(&self, error: Error) -> Error {
        match &*lock(&self.0) {
            Some(id) => error.of_request(id),
            None => error,
        }
    }
}
