//! How errors are made.

use std::error::Error as StdError;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::{Call, DecodeFailure, Error, ErrorKind, Inner, deepest};
use crate::coding;
use crate::error_view::{ErrorView, shorten};
use crate::redact::Secrets;
use crate::response::RawResponse;

impl Error {
    /// An error of the client itself, before any call.
    pub(crate) fn setup(detail: impl Into<String>) -> Error {
        Error(Arc::new(Inner::new(ErrorKind::Request, None, false, detail)))
    }

    /// An error that no call is known for.
    pub(crate) fn internal(kind: ErrorKind, detail: &str) -> Error {
        Error(Arc::new(Inner::new(kind, None, true, detail)))
    }

    pub(crate) fn unbuildable(call: Call, detail: impl Into<String>) -> Error {
        Error(Arc::new(Inner::new(ErrorKind::Request, Some(call), false, detail)))
    }

    /// A text of the source that is secret is hidden.
    pub(crate) fn connection(
        call: Call,
        sent: bool,
        source: Box<dyn StdError + Send + Sync>,
        secrets: &Secrets,
    ) -> Error {
        let said = deepest(&*source);
        let shown = secrets.hide(&said);
        // The source tells the same to whoever asks it, so it must not hold what is hidden here.
        let has_secret = *shown != said;
        let mut inner = Inner::new(ErrorKind::Connect, Some(call), sent, shown);
        inner.source = Some(source).filter(|_| !has_secret);
        Error(Arc::new(inner))
    }

    /// `again` is after what time there may be a token, if it may go better then.
    pub(crate) fn credential(call: Call, scheme: &str, why: &str, again: Option<Duration>) -> Error {
        let detail = format!("there is no token for {scheme}: {why}");
        let inner = Inner::new(ErrorKind::Credential, Some(call), false, detail);
        Error(Arc::new(Inner { again, ..inner }))
    }

    pub(crate) fn timeout(call: Call, limit: Duration) -> Error {
        Error(Arc::new(Inner::new(ErrorKind::Timeout, Some(call), true, format!("{limit:?}"))))
    }

    /// The view is what the response says, if it says anything.
    pub(crate) fn refused(call: Call, response: RawResponse, view: ErrorView) -> Error {
        let mut inner = Inner::new(ErrorKind::Status, Some(call), true, shorten(&view.message, 200));
        inner.view = OnceLock::from(Box::new(view.of_status(response.status)));
        inner.response = Some(response);
        Error(Arc::new(inner))
    }

    /// The error of a request that was sent with this id. Only for an error that was just made.
    pub(crate) fn of_request(mut self, id: &str) -> Error {
        if let Some(inner) = Arc::get_mut(&mut self.0) {
            inner.sent_id = Some(id.into());
        }
        self
    }

    /// What went wrong in other words than the server's. Only for an error that was just made.
    pub(crate) fn saying(mut self, detail: &str) -> Error {
        if let Some(inner) = Arc::get_mut(&mut self.0) {
            inner.detail = detail.into();
        }
        self
    }

    /// What the application sends cannot be read to its end.
    pub(crate) fn unreadable_body(call: Call, sent: bool, detail: String) -> Error {
        let inner = Inner::new(ErrorKind::Request, Some(call), sent, detail);
        Error(Arc::new(Inner { undone: Some("the request's body could not be read"), ..inner }))
    }

    /// What the server sent cannot be kept where the application wants it.
    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) fn unwritten(call: Call, detail: String) -> Error {
        let inner = Inner::new(ErrorKind::Request, Some(call), true, detail);
        Error(Arc::new(Inner { undone: Some("the answer could not be written"), ..inner }))
    }

    pub(crate) fn decode(call: Call, failure: DecodeFailure, response: RawResponse) -> Error {
        let coded = coding::unreadable(&response.headers).map(|why| format!("{why}: {}", failure.detail));
        let mut inner = Inner::new(ErrorKind::Decode, Some(call), true, coded.unwrap_or(failure.detail));
        inner.json_path = failure.json_path;
        inner.response = Some(response);
        Error(Arc::new(inner))
    }

    pub(crate) fn too_large(call: Call, limit: usize, response: RawResponse) -> Error {
        let mut inner = Inner::new(ErrorKind::TooLarge, Some(call), true, format!("{limit} bytes"));
        inner.response = Some(response);
        Error(Arc::new(inner))
    }

    /// The answer is the last that told of the operation.
    pub(crate) fn failed(call: Call, answer: RawResponse, detail: &str) -> Error {
        let mut inner = Inner::new(ErrorKind::Failed, Some(call), true, detail);
        inner.response = Some(answer);
        Error(Arc::new(inner))
    }

    /// The same error with what its response says to people. Only for an error that was just made.
    pub(crate) fn seen_as(mut self, view: ErrorView) -> Error {
        if let Some(inner) = Arc::get_mut(&mut self.0).filter(|_| !view.message.is_empty()) {
            inner.view = OnceLock::from(Box::new(view));
        }
        self
    }

    pub(crate) fn aborted(call: Call) -> Error {
        Error(Arc::new(Inner::new(ErrorKind::Aborted, Some(call), true, "")))
    }

    /// A mutation that waited was given up.
    pub(crate) fn cancelled(call: Call) -> Error {
        Error(Arc::new(Inner::new(ErrorKind::Aborted, Some(call), false, "")))
    }

    pub(crate) fn panicked(call: Call, place: &str) -> Error {
        Error(Arc::new(Inner::new(ErrorKind::Panicked, Some(call), true, place)))
    }
}
