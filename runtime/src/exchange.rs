//! One request and its response, within the client's limits.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use percent_encoding::percent_decode_str;

use crate::credential::{Credential, Credentials, Failure, Held, Refresher, Tokens};
use crate::error::{Call, Error, ErrorKind};
use crate::error_view::{ErrorView, ViewErrors};
use crate::guard::{Panicked, guarded, guarded_future};
use crate::paging::{Param, Surroundings};
use crate::platform::within;
use crate::redact::Secrets;
use crate::request_id::request_id;
use crate::response::RawResponse;
use crate::transport::{OperationInfo, Own, RequestId, ResponseBody, SecretParams, Transport, TransportError};

/// How requests are sent, and how much of an answer is taken.
pub(crate) struct Exchange {
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) base: String,
    pub(crate) headers: HeaderMap,
    pub(crate) credentials: Credentials,
    pub(crate) refresher: Refresher,
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
    /// The token that goes along, and its scheme.
    token: Option<(Arc<Tokens>, &'static str)>,
    timeout: Duration,
    max_response_bytes: usize,
}

impl Prepared {
    /// Leaves out what may say who the caller is: the request goes to another origin.
    pub(crate) fn forget_secrets(&mut self) {
        self.token = None;
        self.request.headers_mut().clear();
    }
}

/// How much of an error's body is kept.
const MAX_ERROR_BYTES: usize = 1 << 20;

impl Exchange {
    /// The request of a mutation in full, as [`build`](Self::build).
    pub(crate) fn build_mutation(&self, request: &crate::Request) -> Result<Prepared, Error> {
        let mut prepared = self.build(request)?;
        let call = request.call();
        prepared.request.extensions_mut().insert(OperationInfo::new(call.operation, call.template, false));
        Ok(prepared)
    }

    /// The request of a query in full, with the client's headers, or why it cannot be sent.
    pub(crate) fn build(&self, request: &crate::Request) -> Result<Prepared, Error> {
        let credentials = self.credentials.get();
        let mut built = request.build(&self.base, &credentials)?;
        let chosen = || request.chosen(&credentials).into_iter();
        // What a call says itself counts more.
        let token = chosen()
            .find_map(|credential| Some((credential.changing()?.clone(), credential.scheme())))
            .filter(|_| !built.headers().contains_key(AUTHORIZATION));
        let secrets: Vec<Box<str>> =
            chosen().filter_map(|credential| credential.query_name()).map(Into::into).collect();
        if !secrets.is_empty() {
            built.extensions_mut().insert(SecretParams(secrets.into()));
        }
        for (name, value) in &self.headers {
            // What a call says counts more than what the client says. Every call says what it accepts.
            if !built.headers().contains_key(name) {
                built.headers_mut().insert(name, value.clone());
            }
        }
        let call = request.call();
        built.extensions_mut().insert(OperationInfo::new(call.operation, call.template, true));
        let sending = request.sending();
        if let Some(own) = sending.and_then(|sending| sending.transport.clone()) {
            built.extensions_mut().insert(Own(own));
        }
        Ok(Prepared {
            request: built,
            token,
            timeout: sending.and_then(|sending| sending.timeout).unwrap_or(self.timeout),
            max_response_bytes: sending
                .and_then(|sending| sending.max_response_bytes)
                .unwrap_or(self.max_response_bytes),
        })
    }

    /// Where the pages of a request's answer are asked for.
    pub(crate) fn surroundings(&self, request: &crate::Request, start: Param) -> Surroundings {
        let credentials = self.credentials.get();
        let pairs = credentials.iter().filter_map(|credential| credential.query());
        let name =
            |pair: &str| percent_decode_str(pair.split('=').next().unwrap_or_default()).decode_utf8_lossy().into();
        Surroundings { base: request.base(&self.base).into_owned(), secret: pairs.map(name).collect(), start }
    }

    /// Sends a request and reads the response to its end.
    pub(crate) async fn run(&self, prepared: Prepared, call: &Call) -> Result<RawResponse, Error> {
        let Prepared { mut request, token, timeout, max_response_bytes } = prepared;
        let id = RequestId::new();
        request.extensions_mut().insert(id.clone());
        let sent = request.headers().clone();
        let send = |request| self.send(request, max_response_bytes, call);
        let work = guarded_future(async { self.authorized(request, token, call, send).await });
        let result = match within(timeout, work).await {
            Some(Ok(result)) => result,
            Some(Err(Panicked)) => Err(Error::panicked(call.clone(), "the transport")),
            None => Err(Error::timeout(call.clone(), timeout)),
        };
        result.map_err(|error| error.of_request(request_id(&sent).unwrap_or(id.as_str())))
    }

    /// Sends a request with the token that it needs, and once more with a new one when the server refuses that.
    async fn authorized<A: Future<Output = Result<RawResponse, Error>>>(
        &self,
        request: http::Request<Bytes>,
        token: Option<(Arc<Tokens>, &'static str)>,
        call: &Call,
        send: impl Fn(http::Request<Bytes>) -> A,
    ) -> Result<RawResponse, Error> {
        let Some((tokens, scheme)) = token else { return send(request).await };
        let no_token = |failure: Failure| Error::credential(call.clone(), scheme, &failure.0);
        let held = tokens.get(&self.refresher, None).await.map_err(no_token)?;
        let answer = send(with(&held, request.clone())).await;
        if !answer.as_ref().is_err_and(is_unauthorized) {
            return answer;
        }
        let next = tokens.get(&self.refresher, Some(held.number)).await.map_err(no_token)?;
        if next.number == held.number { answer } else { send(with(&next, request)).await }
    }

    async fn send(
        &self,
        request: http::Request<Bytes>,
        max_response_bytes: usize,
        call: &Call,
    ) -> Result<RawResponse, Error> {
        let sent = &request.headers().clone();
        let response = self.transport.send(request).await.map_err(|error| self.lost(call, sent, error))?;
        let (parts, body) = response.into_parts();
        let (status, headers) = (parts.status, shared(parts.headers));
        if !status.is_success() {
            // The status is the news, even when the body is cut off.
            let body = read_up_to(body, MAX_ERROR_BYTES).await.map(|(body, _)| body).unwrap_or_default();
            let body = without_mark(&headers, body);
            return Err(self.refused(call, sent, RawResponse { status, headers, body }));
        }
        let (body, complete) =
            read_up_to(body, max_response_bytes).await.map_err(|error| self.lost(call, sent, error))?;
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
        let credentials = self.credentials.get();
        Secrets::of_headers(sent).and_pairs(credentials.iter().filter_map(Credential::query))
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

/// The request with a token.
fn with(held: &Held, mut request: http::Request<Bytes>) -> http::Request<Bytes> {
    request.headers_mut().insert(AUTHORIZATION, held.header.clone());
    request
}

/// Whether the server does not take the token.
fn is_unauthorized(error: &Error) -> bool {
    error.kind() == ErrorKind::Status && error.status() == Some(StatusCode::UNAUTHORIZED)
}

/// Reads a body up to a limit, and says whether that was all of it.
pub(crate) async fn read_up_to(mut body: ResponseBody, limit: usize) -> Result<(Bytes, bool), TransportError> {
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
