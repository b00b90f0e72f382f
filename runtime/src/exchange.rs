//! One request and its response, within the client's limits.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{AUTHORIZATION, CONTENT_RANGE, RANGE};
use http::{HeaderMap, StatusCode};
use percent_encoding::percent_decode_str;

use crate::coding::media_type;
use crate::credential::{Credential, Credentials, Failure, Held, Refresher, Tokens};
use crate::error::{Call, DecodeFailure, Error, ErrorKind, deepest};
use crate::error_view::{ErrorView, ViewErrors};
use crate::guard::{Panicked, guarded, guarded_future};
use crate::paging::{Param, Surroundings};
use crate::platform::within;
use crate::redact::Secrets;
use crate::request_id::{LastId, request_id};
use crate::response::{RawResponse, ResponseHead};
use crate::transport::{
    AtFault, NotFollowed, OperationInfo, Own, RequestId, ResponseBody, SecretParams, Transport, TransportError,
};
use crate::upload::RequestBody;

/// How requests are sent, and how much of an answer is taken.
pub(crate) struct Exchange {
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) base: String,
    pub(crate) headers: HeaderMap,
    pub(crate) credentials: Credentials,
    pub(crate) refresher: Refresher,
    pub(crate) timeout: Duration,
    pub(crate) max_response_bytes: usize,
    /// How long a body that is read as it comes may be silent.
    pub(crate) stream_idle: Duration,
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
    /// For errors that are found in the answer after it came.
    pub(crate) last_id: LastId,
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

/// How much of a stream a transport is given at once that sends none.
const MAX_COLLECTED_BYTES: usize = 64 << 20;

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
            last_id: LastId::default(),
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
        let Prepared { mut request, token, timeout, max_response_bytes, last_id } = prepared;
        let (id, upload) = (&identify(&mut request), upload_of(&request));
        last_id.set(id);
        let send = move |request| async move {
            let opened = self.answer(request, call, id).await?;
            opened.whole(max_response_bytes, call).await
        };
        self.bounded(request, token, call, (timeout, upload, id), send).await
    }

    /// Sends a request and gives back a success whose body is still to come. The server has to answer in time; the body may
    /// take any time.
    pub(crate) async fn open(&self, prepared: Prepared, call: &Call) -> Result<Opened, Error> {
        let Prepared { mut request, token, timeout, .. } = prepared;
        let (id, upload) = (&identify(&mut request), upload_of(&request));
        let send = move |request| async move { self.answer(request, call, id).await };
        self.bounded(request, token, call, (timeout, upload, id), send).await
    }

    /// Sends a request with the token that it needs, within the time that there is for all of it.
    async fn bounded<R, A: Future<Output = Result<R, Error>>>(
        &self,
        request: http::Request<Bytes>,
        token: Option<(Arc<Tokens>, &'static str)>,
        call: &Call,
        (timeout, upload, id): (Duration, Option<RequestBody>, &str),
        send: impl Fn(http::Request<Bytes>) -> A,
    ) -> Result<R, Error> {
        let (waits, scheme) = (AtomicBool::new(false), token.as_ref().map(|(_, scheme)| *scheme));
        let work = guarded_future(async { self.authorized(request, token, &waits, call, send).await });
        let result = match in_time(timeout, upload, work).await {
            Some(Ok(result)) => result,
            Some(Err(Panicked)) => Err(Error::panicked(call.clone(), "the transport")),
            None => Err(match scheme.filter(|_| waits.into_inner()) {
                Some(scheme) => no_token(call, scheme, Failure::late(timeout)),
                None => Error::timeout(call.clone(), timeout),
            }),
        };
        result.map_err(|error| error.of_request(id))
    }

    /// Sends a request with the token that it needs, and once more with a new one when the server refuses that. `waits` is
    /// whether it waits for one.
    async fn authorized<R, A: Future<Output = Result<R, Error>>>(
        &self,
        request: http::Request<Bytes>,
        token: Option<(Arc<Tokens>, &'static str)>,
        waits: &AtomicBool,
        call: &Call,
        send: impl Fn(http::Request<Bytes>) -> A,
    ) -> Result<R, Error> {
        let Some((tokens, scheme)) = token else { return send(request).await };
        let get = async |refused| {
            waits.store(true, Ordering::Relaxed);
            let got = tokens.get(&self.refresher, refused).await;
            waits.store(false, Ordering::Relaxed);
            got.map_err(|failure| no_token(call, scheme, failure))
        };
        let held = get(None).await?;
        let answer = send(with(&held, request.clone())).await;
        // What was sent as it came is gone.
        let is_gone = upload_of(&request).is_some_and(|upload| !upload.is_replayable());
        if is_gone || !answer.as_ref().is_err_and(is_unauthorized) {
            return answer;
        }
        let next = get(Some(held.number)).await?;
        if next.number == held.number { answer } else { send(with(&next, request)).await }
    }

    /// The answer, if it is a success.
    async fn answer(&self, mut request: http::Request<Bytes>, call: &Call, id: &str) -> Result<Opened, Error> {
        let trail = Trail { secrets: self.secrets(request.headers()), id: id.to_owned() };
        if let Some(upload) = upload_of(&request).filter(|_| !self.transport.streams(&request)) {
            request.extensions_mut().remove::<RequestBody>();
            let whole = upload.collect(MAX_COLLECTED_BYTES).await;
            let unread = |error| trail.lost(call, TransportError::not_sent(error).of(AtFault::RequestBody), None);
            *request.body_mut() = whole.map_err(unread)?;
        }
        let asks_for_a_part = request.headers().contains_key(RANGE);
        let response = self.transport.send(request).await.map_err(|error| trail.lost(call, error, None))?;
        let (parts, body) = response.into_parts();
        let (status, headers) = (parts.status, shared(parts.headers));
        if !status.is_success() {
            // The status is the news, even when the body is cut off.
            let body = read_up_to(body, MAX_ERROR_BYTES).await.map(|(body, _)| body).unwrap_or_default();
            let body = without_mark(&headers, body);
            let error = self.refused(call, &trail, RawResponse { status, headers, body });
            return Err(match parts.extensions.get() {
                Some(NotFollowed(why)) => error.saying(why),
                None => error,
            });
        }
        if status == StatusCode::PARTIAL_CONTENT && !asks_for_a_part && is_cut_out(&headers) {
            let detail = "the server sent a part (206), and was asked for the whole".to_owned();
            let answer = RawResponse { status, headers, body: Bytes::new() };
            return Err(Error::decode(call.clone(), DecodeFailure { detail, json_path: None }, answer));
        }
        Ok(Opened { head: ResponseHead::new(status, headers).of(call.operation), body, trail })
    }

    /// A refusal, read as the application reads it, else as one of the usual shapes.
    fn refused(&self, call: &Call, trail: &Trail, response: RawResponse) -> Error {
        let own = self.view.as_ref().and_then(|view| guarded(|| view.view(&response)).ok().flatten());
        let view = match own {
            Some(view) => view.hiding(&trail.secrets),
            None => ErrorView::read_hiding(&response, &trail.secrets),
        };
        Error::refused(call.clone(), response, view)
    }

    /// What no text about a request may hold.
    fn secrets(&self, sent: &HeaderMap) -> Secrets {
        let credentials = self.credentials.get();
        Secrets::of_headers(sent).and_pairs(credentials.iter().filter_map(Credential::query))
    }
}

/// A success whose body is still to come.
pub(crate) struct Opened {
    pub(crate) head: ResponseHead,
    pub(crate) body: ResponseBody,
    pub(crate) trail: Trail,
}

impl Opened {
    async fn whole(self, limit: usize, call: &Call) -> Result<RawResponse, Error> {
        let Opened { head, body, trail } = self;
        let read = read_up_to(body, limit).await;
        let (body, complete) = read.map_err(|error| trail.lost(call, error, Some(&head)))?;
        if !complete {
            return Err(Error::too_large(call.clone(), limit, head.with_body(Bytes::new())));
        }
        let body = without_mark(head.headers(), body);
        Ok(head.with_body(body))
    }
}

/// What errors need to know of the request that they are about.
pub(crate) struct Trail {
    /// What no text about it may hold.
    secrets: Secrets,
    id: String,
}

impl Trail {
    /// There is no answer, or not all of one. `head` is what there is of it.
    pub(crate) fn lost(&self, call: &Call, error: TransportError, head: Option<&ResponseHead>) -> Error {
        let (sent, at_fault, call) = (error.was_sent(), error.at_fault(), call.clone());
        let source = error.into_source();
        let said = || self.secrets.hide(&deepest(&*source)).into_owned();
        self.of(match (at_fault, head) {
            (AtFault::RequestBody, _) => Error::unreadable_body(call, sent, said()),
            (AtFault::Answer, Some(head)) => {
                let detail = format!("its body cannot be decompressed: {}", said());
                let answer = head.clone().with_body(Bytes::new());
                Error::decode(call, DecodeFailure { detail, json_path: None }, answer)
            }
            (AtFault::Connection | AtFault::Answer, _) => Error::connection(call, sent, source, &self.secrets),
        })
    }

    /// The error as one of this request.
    pub(crate) fn of(&self, error: Error) -> Error {
        error.of_request(&self.id)
    }
}

/// Gives a request an id of its own, unless it has one, and says which.
fn identify(request: &mut http::Request<Bytes>) -> String {
    let id = RequestId::new();
    request.extensions_mut().insert(id.clone());
    request_id(request.headers()).unwrap_or(id.as_str()).to_owned()
}

fn no_token(call: &Call, scheme: &str, failure: Failure) -> Error {
    Error::credential(call.clone(), scheme, &failure.why, failure.again)
}

/// The body that is sent piece by piece, if there is one.
fn upload_of(request: &http::Request<Bytes>) -> Option<RequestBody> {
    request.extensions().get().cloned()
}

/// Awaits an answer. While a body is sent piece by piece, the time for it begins anew as long as pieces are taken.
async fn in_time<F: Future>(limit: Duration, upload: Option<RequestBody>, work: F) -> Option<F::Output> {
    let (mut work, mut sent) = (pin!(work), 0);
    loop {
        if let Some(output) = within(limit, work.as_mut()).await {
            return Some(output);
        }
        match upload.as_ref().map(RequestBody::sent) {
            Some(now) if now != sent => sent = now,
            _ => return None,
        }
    }
}

/// Whether the body is a range of bytes. Some servers answer with 206 where a list has more pages, which is none.
fn is_cut_out(headers: &HeaderMap) -> bool {
    let unit = headers.get(CONTENT_RANGE).and_then(|range| range.as_bytes().get(..5));
    unit.is_some_and(|unit| unit.eq_ignore_ascii_case(b"bytes"))
}

/// JSON without the byte order mark that some servers put in front of it; RFC 8259 lets readers leave it out.
fn without_mark(headers: &HeaderMap, body: Bytes) -> Bytes {
    const MARK: &[u8] = "\u{feff}".as_bytes();
    let is_json = || media_type(headers).is_some_and(|media| media.to_ascii_lowercase().ends_with("json"));
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
