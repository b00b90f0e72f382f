//! One request and its response, within the client's limits.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http::header::CONTENT_TYPE;

use crate::credential::Credential;
use crate::error::{Call, Error};
use crate::error_view::{ErrorView, ViewErrors};
use crate::guard::{Panicked, guarded, guarded_future};
use crate::platform::within;
use crate::redact::Secrets;
use crate::request_id::request_id;
use crate::response::RawResponse;
use crate::transport::{OperationInfo, Own, RequestId, ResponseBody, Transport, TransportError};

/// How requests are sent, and how much of an answer is taken.
pub(crate) struct Exchange {
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) base: String,
    pub(crate) headers: HeaderMap,
    pub(crate) credentials: Vec<Credential>,
    pub(crate) timeout: Duration,
    pub(crate) max_response_bytes: usize,
    /// How the application reads its server's errors, where it does so itself.
    pub(crate) view: Option<Box<dyn ViewErrors>>,
    /// Servers name groups of data that goes stale together.
    pub(crate) cache_groups: bool,
}

/// A request that is ready to be sent, as often as it has to be, and its limits.
#[derive(Clone)]
pub(crate) struct Prepared {
    pub(crate) request: http::Request<Bytes>,
    timeout: Duration,
    max_response_bytes: usize,
}

/// How much of an error's body is kept.
const MAX_ERROR_BYTES: usize = 1 << 20;

impl Exchange {
    /// The request in full, with the client's headers, or why it cannot be sent.
    pub(crate) fn build(&self, request: &crate::Request) -> Result<Prepared, Error> {
        let mut built = request.build(&self.base, &self.credentials)?;
        for (name, value) in &self.headers {
            // What a call says counts more than what the client says. Every call says what it accepts.
            if !built.headers().contains_key(name) {
                built.headers_mut().insert(name, value.clone());
            }
        }
        let call = request.call();
        built.extensions_mut().insert(OperationInfo::new(call.operation, call.template));
        let sending = request.sending();
        if let Some(own) = sending.and_then(|sending| sending.transport.clone()) {
            built.extensions_mut().insert(Own(own));
        }
        Ok(Prepared {
            request: built,
            timeout: sending.and_then(|sending| sending.timeout).unwrap_or(self.timeout),
            max_response_bytes: sending
                .and_then(|sending| sending.max_response_bytes)
                .unwrap_or(self.max_response_bytes),
        })
    }

    /// Sends a request and reads the response to its end.
    pub(crate) async fn run(&self, prepared: Prepared, call: &Call) -> Result<RawResponse, Error> {
        let Prepared { mut request, timeout, max_response_bytes } = prepared;
        let id = RequestId::new();
        request.extensions_mut().insert(id.clone());
        let sent = request.headers().clone();
        let work = guarded_future(async { self.send(request, max_response_bytes, call, &sent).await });
        let result = match within(timeout, work).await {
            Some(Ok(result)) => result,
            Some(Err(Panicked)) => Err(Error::panicked(call.clone(), "the transport")),
            None => Err(Error::timeout(call.clone(), timeout)),
        };
        result.map_err(|error| error.of_request(request_id(&sent).unwrap_or(id.as_str())))
    }

    async fn send(
        &self,
        request: http::Request<Bytes>,
        max_response_bytes: usize,
        call: &Call,
        sent: &HeaderMap,
    ) -> Result<RawResponse, Error> {
        let response = self.transport.send(request).await.map_err(|error| self.lost(call, sent, error))?;
        let (parts, body) = response.into_parts();
        let (status, headers) = (parts.status, shared(parts.headers));
        if !status.is_success() {
            // The status is the news, even when the body is cut off.
            let body = read(body, MAX_ERROR_BYTES).await.map(|(body, _)| body).unwrap_or_default();
            let body = without_mark(&headers, body);
            return Err(self.refused(call, sent, RawResponse { status, headers, body }));
        }
        let (body, complete) = read(body, max_response_bytes).await.map_err(|error| self.lost(call, sent, error))?;
        if !complete {
            let response = RawResponse { status, headers, body: Bytes::new() };
            return Err(Error::too_large(call.clone(), max_response_bytes, response));
        }
        let body = without_mark(&headers, body);
        Ok(RawResponse { status, headers, body })
    }

    /// A refusal, read as the application reads it, else as one of the usual shapes.
    fn refused(&self, call: &Call, sent: &HeaderMap, response: RawResponse) -> Error {
        let secrets = self.secrets(sent);
        let own = self.view.as_ref().and_then(|view| guarded(|| view.view(&response)).ok().flatten());
        let view = match own {
            Some(view) => view.hiding(&secrets),
            None => ErrorView::read_hiding(&response, &secrets),
        };
        Error::refused(call.clone(), response, view)
    }

    fn lost(&self, call: &Call, sent: &HeaderMap, error: TransportError) -> Error {
        Error::connection(call.clone(), error.was_sent(), error.into_source(), &self.secrets(sent))
    }

    /// What no text about a request may hold.
    fn secrets(&self, sent: &HeaderMap) -> Secrets {
        Secrets::of_headers(sent).and_pairs(self.credentials.iter().filter_map(Credential::query))
    }
}

/// JSON without the byte order mark that some servers put in front of it; RFC 8259 lets readers leave it out.
fn without_mark(headers: &HeaderMap, body: Bytes) -> Bytes {
    const MARK: &[u8] = "\u{feff}".as_bytes();
    let is_json = || {
        let media = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        media.split(';').next().unwrap_or_default().trim_end().to_ascii_lowercase().ends_with("json")
    };
    if body.starts_with(MARK) && is_json() { body.slice(MARK.len()..) } else { body }
}

/// Reads a body up to a limit, and says whether that was all of it.
async fn read(mut body: ResponseBody, limit: usize) -> Result<(Bytes, bool), TransportError> {
    let Some(first) = body.next().await.transpose()? else { return Ok((Bytes::new(), true)) };
    let Some(second) = body.next().await.transpose()? else {
        // A slice, even of the whole, would cost memory of its own.
        return Ok(if first.len() <= limit { (first, true) } else { (first.slice(..limit), false) });
    };
    let mut whole = BytesMut::from(first);
    let mut piece = Some(second);
    while let Some(more) = piece {
        whole.extend_from_slice(&more);
        if limit < whole.len() {
            whole.truncate(limit);
            return Ok((whole.freeze(), false));
        }
        piece = body.next().await.transpose()?;
    }
    Ok((whole.freeze(), true))
}

/// Headers to be kept. All that are empty are one.
fn shared(headers: HeaderMap) -> Arc<HeaderMap> {
    static NONE: LazyLock<Arc<HeaderMap>> = LazyLock::new(Arc::default);
    if headers.is_empty() { NONE.clone() } else { Arc::new(headers) }
}
