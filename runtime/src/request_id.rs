//! Under which id a request is known, so that people can find it in the logs of a server.

use http::{HeaderMap, HeaderName, HeaderValue};

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
