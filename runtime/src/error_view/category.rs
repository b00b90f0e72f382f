//! What sort of error it is, as far as an application does something else about it.

use http::StatusCode;

use crate::error::ErrorKind;

/// What sort of error it is, as far as an application does something else about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorCategory {
    /// No connection, or no answer in time (also a 408): trying again may help.
    Network,
    /// What was sent is wrong (400, 422): the user can put it right.
    Validation,
    /// Nobody knows who asks (401): log in.
    Authentication,
    /// Whoever asks may not (402, 403, 407, 451).
    Authorization,
    /// There is no such thing (404), or no more (410).
    NotFound,
    /// Somebody else was quicker (409), or it is not as it was (412, 423, 428).
    Conflict,
    /// Too much was asked (429): wait, see [`Error::retry_after`](crate::Error::retry_after).
    RateLimit,
    /// The server has a problem of its own (5xx).
    Server,
    /// Any other refusal, and a long-running operation that did not end well.
    Refused,
    /// The request was given up.
    Cancelled,
    /// The application, the document and the server do not fit: a request that cannot be built, a response that cannot be
    /// read, a panic.
    Internal,
}

impl ErrorCategory {
    pub(crate) fn of(kind: ErrorKind, status: Option<StatusCode>) -> ErrorCategory {
        match (kind, status.map(|status| status.as_u16())) {
            (ErrorKind::Connect | ErrorKind::Timeout, _) | (ErrorKind::Status, Some(408)) => ErrorCategory::Network,
            (ErrorKind::Status, Some(400 | 422)) => ErrorCategory::Validation,
            (ErrorKind::Credential, _) | (ErrorKind::Status, Some(401)) => ErrorCategory::Authentication,
            (ErrorKind::Status, Some(402 | 403 | 407 | 451)) => ErrorCategory::Authorization,
            (ErrorKind::Status, Some(404 | 410)) => ErrorCategory::NotFound,
            (ErrorKind::Status, Some(409 | 412 | 423 | 428)) => ErrorCategory::Conflict,
            (ErrorKind::Status, Some(429)) => ErrorCategory::RateLimit,
            (ErrorKind::Status, Some(500..)) => ErrorCategory::Server,
            (ErrorKind::Status | ErrorKind::Failed, _) => ErrorCategory::Refused,
            (ErrorKind::Aborted, _) => ErrorCategory::Cancelled,
            _ => ErrorCategory::Internal,
        }
    }
}
