//! The one error type: what went wrong, with which operation, and what the server said.

mod making;

use std::error::Error as StdError;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use serde::de::DeserializeOwned;

use crate::by_status::ByStatus;
use crate::error_view::{ErrorCategory, ErrorView};
use crate::request_id::request_id;
use crate::response::RawResponse;

/// Why a query or a mutation has no result. Cheap to clone.
///
/// Its text names the method, the path as the document writes it, the operation, what the server said, and the request's id if
/// it has one; never a header, a query value or a token, also where the server repeats them.
#[derive(Clone)]
pub struct Error(Arc<Inner>);

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The client or the request could not be built, the request's body could not be read, or a download could not be written.
    /// It is this machine's trouble; [`Error::was_sent`] tells whether a part of the request went out before that.
    Request,
    /// The connection could not be made, or was lost; [`Error::was_sent`] tells them apart.
    Connect,
    /// There was no complete answer in time. The server may have acted.
    Timeout,
    /// The server answered with a status that is no success.
    Status,
    /// The response is not what the operation promises.
    Decode,
    /// The response is larger than the client's limit.
    TooLarge,
    /// The request was given up before it was answered.
    Aborted,
    /// A long-running operation did not end well, as the server says, or cannot be followed to its end. See
    /// [`Client::run`](crate::Client::run).
    Failed,
    /// There is no token to send the request with, or to send it again with after the server refused the last one. The server
    /// did nothing.
    Credential,
    /// Code that the client was given panicked: a tag function, a decoder, a transport.
    Panicked,
}

/// The call that an error belongs to.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) operation: &'static str,
    pub(crate) method: Method,
    pub(crate) template: &'static str,
}

struct Inner {
    kind: ErrorKind,
    call: Option<Call>,
    response: Option<RawResponse>,
    json_path: Option<String>,
    sent: bool,
    /// What could not be done on this side, if it is not to build the request.
    undone: Option<&'static str>,
    /// There is no token, and may be one after this time.
    again: Option<Duration>,
    detail: String,
    /// The id that the request was sent with.
    sent_id: Option<Box<str>>,
    view: OnceLock<Box<ErrorView>>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// Why a body could not be decoded.
#[derive(Debug)]
pub struct DecodeFailure {
    pub(crate) detail: String,
    pub(crate) json_path: Option<String>,
}

impl Inner {
    fn new(kind: ErrorKind, call: Option<Call>, sent: bool, detail: impl Into<String>) -> Inner {
        let (detail, view) = (detail.into(), OnceLock::new());
        Inner {
            kind,
            call,
            response: None,
            json_path: None,
            sent,
            undone: None,
            again: None,
            detail,
            sent_id: None,
            view,
            source: None,
        }
    }

    /// What went wrong, without what it belongs to.
    fn write_what(&self, f: &mut impl fmt::Write) -> fmt::Result {
        let Inner { kind, json_path, sent, detail, .. } = self;
        match kind {
            ErrorKind::Request => {
                write!(f, "{}: {detail}", self.undone.unwrap_or("the request could not be built"))
            }
            ErrorKind::Credential => f.write_str(detail),
            ErrorKind::Connect if *sent => {
                write!(f, "the connection was lost before the answer was complete: {detail}")
            }
            ErrorKind::Connect => write!(f, "no connection could be made: {detail}"),
            ErrorKind::Timeout => write!(f, "there was no complete answer within {detail}"),
            ErrorKind::Status => {
                let status = self.response.as_ref().map(|response| response.status);
                write!(f, "the server answered {}", status.unwrap_or_default())?;
                if detail.is_empty() { Ok(()) } else { write!(f, ": {detail}") }
            }
            ErrorKind::Decode => {
                f.write_str("the response is not what was expected")?;
                if let Some(path) = json_path {
                    write!(f, ", at {path}")?;
                }
                write!(f, ": {detail}")
            }
            ErrorKind::TooLarge => write!(f, "the response is larger than {detail}"),
            ErrorKind::Aborted if !*sent => f.write_str("it was given up before it was sent"),
            ErrorKind::Aborted => f.write_str("the request was given up before it was answered"),
            ErrorKind::Failed => write!(f, "the operation did not end well: {detail}"),
            ErrorKind::Panicked => write!(f, "{detail} panicked"),
        }
    }
}

impl Error {
    /// What went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The response's status, if there was a response.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.response.as_ref().map(|response| response.status)
    }

    /// The response's headers, if there was a response.
    pub fn headers(&self) -> Option<&HeaderMap> {
        self.0.response.as_ref().map(|response| &*response.headers)
    }

    /// The operation's id, if the error belongs to a call.
    pub fn operation(&self) -> Option<&'static str> {
        self.0.call.as_ref().map(|call| call.operation)
    }

    /// The response's body as an error that the document describes, or `None` when it is no `E`.
    pub fn body<E: DeserializeOwned>(&self) -> Option<E> {
        serde_json::from_slice(self.body_bytes()?).ok()
    }

    /// The response as the enum that the operation's docs name: a variant for each documented status. `None` when the
    /// server did not refuse, when its status is not documented, or when the body is not what the document says.
    pub fn by_status<E: ByStatus>(&self) -> Option<E> {
        let response = self.0.response.as_ref().filter(|_| self.0.kind == ErrorKind::Status)?;
        E::by_status(response)?.ok()
    }

    /// The response's body as it came, up to a limit.
    pub fn body_bytes(&self) -> Option<&Bytes> {
        self.0.response.as_ref().map(|response| &response.body)
    }

    /// What the error says to people, read alike from whatever shape the server gives its errors. Of an error without a
    /// response it has what went wrong as the message. It holds nothing that was sent in secret.
    ///
    /// ```
    /// # fn show(error: larder::Error) {
    /// let view = error.view();
    /// println!("{}", view.message);
    /// for field in &view.fields {
    ///     println!("{}: {}", field.field, field.messages.join(", "));
    /// }
    /// # }
    /// ```
    pub fn view(&self) -> &ErrorView {
        self.0.view.get_or_init(|| {
            let mut message = String::new();
            // Writing to a text does not fail.
            let _ = match &self.0.call {
                Some(_) => self.0.write_what(&mut message),
                None => fmt::Write::write_str(&mut message, &self.0.detail),
            };
            Box::new(ErrorView { status: self.status(), ..ErrorView::new(message) })
        })
    }

    /// What sort of error it is, as far as an application does something else about it.
    pub fn category(&self) -> ErrorCategory {
        match self.0.again {
            // Nobody has to log in.
            Some(_) => ErrorCategory::Network,
            None => ErrorCategory::of(self.0.kind, self.status()),
        }
    }

    /// After what time the server asks to try again, by `Retry-After`. A date counts from the response's own.
    /// Where there is no token for now, it is what is said of that.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.again.or_else(|| crate::retry::retry_after(self.headers()?))
    }

    /// Under which id the request is known: what the response says (`x-request-id`, `request-id`, `traceparent` and their
    /// like), else what was sent in such a header, else the [`RequestId`](crate::RequestId) that the request had on this side.
    pub fn request_id(&self) -> Option<&str> {
        self.headers().and_then(request_id).or(self.0.sent_id.as_deref())
    }

    /// Where in the response's JSON decoding stopped, such as `items[3].id`.
    pub fn json_path(&self) -> Option<&str> {
        self.0.json_path.as_deref()
    }

    /// Whether the server may have seen the request. When it did not, a mutation surely changed nothing.
    pub fn was_sent(&self) -> bool {
        self.0.sent
    }

    /// The response, if there was one.
    pub(crate) fn response(&self) -> Option<&RawResponse> {
        self.0.response.as_ref()
    }

    /// Whether both are the same error and not merely alike.
    pub(crate) fn is_same(&self, other: &Error) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// After what time there may be a token, where there was none for now.
    pub(crate) fn again(&self) -> Option<Duration> {
        self.0.again
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(call) = &self.0.call else { return f.write_str(&self.0.detail) };
        write!(f, "{} {} ({}", call.method, call.template, call.operation)?;
        match self.request_id() {
            Some(id) => write!(f, ", request {id}): ")?,
            None => f.write_str("): ")?,
        }
        self.0.write_what(f)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error").field("kind", &self.0.kind).field("text", &self.to_string()).finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

/// The text of an error and of what is behind it. HTTP clients tell what happened only at the bottom.
pub(crate) fn deepest(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(error) = next {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        next = error.source();
    }
    text
}

#[cfg(test)]
#[path = "error_tests.rs"]
mod tests;
