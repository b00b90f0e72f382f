//! Where a redirect leads, and what goes along.

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, LOCATION};
use http::{HeaderMap, Method, Request, StatusCode, Uri};
use reqwest::Url;

use super::{KeepOrigin, NotFollowed};
use crate::upload::RequestBody;

/// The request that follows a redirect; nothing if the response is none.
///
/// # Errors
/// When it is one that is not followed.
pub(super) fn next(
    request: &Request<Bytes>,
    status: StatusCode,
    headers: &HeaderMap,
) -> Result<Option<Request<Bytes>>, NotFollowed> {
    if !matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let nowhere = || NotFollowed("it leads nowhere: its Location is no URL");
    let location = headers.get(LOCATION).ok_or(NotFollowed("it does not say where it leads: it has no Location"))?;
    let from = Url::parse(&request.uri().to_string()).map_err(|_| nowhere())?;
    let mut to = location.to_str().ok().and_then(|to| from.join(to).ok()).ok_or_else(nowhere)?;
    match (from.scheme(), to.scheme()) {
        (_, "https") | ("http", "http") => {}
        ("https", "http") => return Err(NotFollowed("it leads from https to http, where anybody could read along")),
        _ => return Err(NotFollowed("it leads to another protocol than HTTP")),
    }
    let mut next = request.clone();
    to.set_fragment(None);
    *next.uri_mut() = to.as_str().parse::<Uri>().map_err(|_| nowhere())?;
    if from.origin() != to.origin() {
        if request.extensions().get::<KeepOrigin>().is_some() {
            return Err(NotFollowed("it leads to another origin, where this may not be asked"));
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
    Ok(Some(next))
}
