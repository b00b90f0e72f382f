//! Where a redirect leads, and what goes along.

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, LOCATION};
use http::{HeaderMap, Method, Request, StatusCode, Uri};
use reqwest::Url;

use super::KeepOrigin;
use crate::upload::RequestBody;

/// The request that follows a redirect, if the response is one that should be followed.
pub(super) fn next(request: &Request<Bytes>, status: StatusCode, headers: &HeaderMap) -> Option<Request<Bytes>> {
    if !matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let from = Url::parse(&request.uri().to_string()).ok()?;
    let mut to = from.join(headers.get(LOCATION)?.to_str().ok()?).ok()?;
    // From a safe connection to one that anybody can read: no.
    if !matches!((from.scheme(), to.scheme()), (_, "https") | ("http", "http")) {
        return None;
    }
    let mut next = request.clone();
    to.set_fragment(None);
    *next.uri_mut() = to.as_str().parse::<Uri>().ok()?;
    if from.origin() != to.origin() {
        if request.extensions().get::<KeepOrigin>().is_some() {
            return None;
        }
        next.headers_mut().clear();
        for name in [ACCEPT, CONTENT_TYPE] {
            next.headers_mut().extend(request.headers().get(&name).map(|value| (name.clone(), value.clone())));
        }
    }
    let becomes_get = match *request.method() {
        Method::GET | Method::HEAD => false,
        Method::POST => matches!(status.as_u16(), 301..=303),
        _ => status == StatusCode::SEE_OTHER,
    };
    if becomes_get {
        *next.method_mut() = Method::GET;
        *next.body_mut() = Bytes::new();
        next.extensions_mut().remove::<RequestBody>();
        next.headers_mut().remove(CONTENT_TYPE);
    }
    Some(next)
}
