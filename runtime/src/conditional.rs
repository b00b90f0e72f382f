//! Conditional requests: data that is there is sent only if it has become another (RFC 9110, section 13).

use std::sync::Arc;

use bytes::Bytes;
use http::header::{
    AGE, CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, DATE, ETAG, IF_MATCH,
    IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, LAST_MODIFIED, RANGE, TE, TRAILER,
    TRANSFER_ENCODING, UPGRADE,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};

use crate::core::Known;
use crate::error::{Call, Error};
use crate::exchange::{Exchange, Prepared};
use crate::http_date;
use crate::response::RawResponse;

/// Sends a request; where data is there that the server named a validator of, only for what is newer. Gives back the whole
/// response in any case, and whether it is the one that was there, which the server confirmed.
pub(crate) async fn ask(
    exchange: &Exchange,
    prepared: Prepared,
    call: &Call,
    known: Option<&Known>,
) -> Result<(RawResponse, bool), Error> {
    let is_free = is_free(&prepared.request);
    let stored = known.and_then(Stored::of).filter(|_| is_free);
    let Some(stored) = stored else {
        let response = Box::pin(exchange.run(prepared, call)).await.map_err(|error| match unasked(&error) {
            Some(_) if is_free => error.saying("it was asked for the whole, not for what is newer than what is there"),
            _ => error,
        });
        return Ok((response?, false));
    };
    let whole = prepared.clone();
    match Box::pin(exchange.run(stored.condition(prepared), call)).await {
        Ok(response) => Ok((response, false)),
        Err(error) => match unasked(&error) {
            None => Err(error),
            Some(answer) => match stored.confirmed(&answer.headers) {
                Some(response) => Ok((response, true)),
                // It speaks of something that is not there.
                None => Ok((Box::pin(exchange.run(whole, call)).await?, false)),
            },
        },
    }
}

/// The response of an error that says "not modified".
fn unasked(error: &Error) -> Option<&RawResponse> {
    error.response().filter(|response| response.status == StatusCode::NOT_MODIFIED)
}

/// Whether a request may be given a condition: it reads, and says none itself.
fn is_free(request: &Request<Bytes>) -> bool {
    const CONDITIONS: [HeaderName; 6] =
        [IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, RANGE];
    matches!(*request.method(), Method::GET | Method::HEAD)
        && CONDITIONS.iter().all(|name| !request.headers().contains_key(name))
}

/// The data that is there, with what the server told it by.
struct Stored<'k> {
    status: StatusCode,
    body: &'k Bytes,
    headers: &'k HeaderMap,
    etag: Option<&'k HeaderValue>,
    last_modified: Option<&'k HeaderValue>,
}

impl Stored<'_> {
    /// Nothing where the server named no validator that can be relied on.
    fn of(known: &Known) -> Option<Stored<'_>> {
        let (status, body) = known.response.as_ref()?;
        let headers = known.revalidated.as_deref()?;
        let etag = only(headers, &ETAG).filter(|etag| is_etag(etag.as_bytes()));
        let last_modified = only(headers, &LAST_MODIFIED).filter(|_| is_settled(headers));
        let stored = Stored { status: *status, body, headers, etag, last_modified };
        (etag.is_some() || last_modified.is_some()).then_some(stored)
    }

    fn condition(&self, mut prepared: Prepared) -> Prepared {
        let headers = prepared.request.headers_mut();
        headers.extend(self.etag.map(|etag| (IF_NONE_MATCH, etag.clone())));
        headers.extend(self.last_modified.map(|at| (IF_MODIFIED_SINCE, at.clone())));
        prepared
    }

    /// What is there as the response that it is, if "not modified" is said of it.
    fn confirmed(&self, said: &HeaderMap) -> Option<RawResponse> {
        let is_it = match (only(said, &ETAG), self.etag) {
            (Some(said), Some(etag)) => opaque(said.as_bytes()) == opaque(etag.as_bytes()),
            _ => true,
        };
        let headers = Arc::new(updated(self.headers, said));
        is_it.then(|| RawResponse { status: self.status, headers, body: self.body.clone() })
    }
}

/// The header of a name that may be there once.
fn only<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h HeaderValue> {
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none())
}

/// Whether it is written as an entity tag. An asterisk, above all, would mean something else.
fn is_etag(text: &[u8]) -> bool {
    let quoted = opaque(text);
    2 <= quoted.len()
        && quoted.starts_with(b"\"")
        && quoted.ends_with(b"\"")
        && !quoted[1..quoted.len() - 1].contains(&b'"')
}

/// An entity tag without what says that it is a weak one.
fn opaque(etag: &[u8]) -> &[u8] {
    etag.strip_prefix(b"W/").unwrap_or(etag)
}

/// Whether the data cannot have changed once more within the second of its `Last-Modified`, after it was sent (RFC 9110,
/// section 8.8.2.2). Right after a mutation it can, and "not modified" would then be said of what is old.
fn is_settled(headers: &HeaderMap) -> bool {
    let time = |name: &HeaderName| http_date::parse(only(headers, name)?.to_str().ok()?);
    time(&LAST_MODIFIED).zip(time(&DATE)).is_some_and(|(modified, sent)| modified < sent)
}

/// The headers of the data that is there, with what "not modified" says newly (RFC 9111, section 3.2).
fn updated(stored: &HeaderMap, said: &HeaderMap) -> HeaderMap {
    // Of the body that is kept, and of the connection.
    const KEPT: [HeaderName; 9] = [
        CONNECTION,
        CONTENT_ENCODING,
        CONTENT_LENGTH,
        CONTENT_RANGE,
        CONTENT_TYPE,
        TE,
        TRAILER,
        TRANSFER_ENCODING,
        UPGRADE,
    ];
    let mut headers = stored.clone();
    // How old the former response was says nothing of this one.
    headers.remove(AGE);
    for name in said.keys().filter(|name| !KEPT.contains(name)) {
        headers.remove(name);
        for value in said.get_all(name) {
            headers.append(name, value.clone());
        }
    }
    headers
}

#[cfg(test)]
#[path = "conditional_tests.rs"]
mod tests;
