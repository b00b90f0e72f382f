//! How one call is sent, where that differs from how the client sends: its transport and its limits.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::enhance::Enhance;
use crate::mutation::Mutation;
use crate::notifications::NotifyCall;
use crate::progress::Telling;
use crate::query::Query;
use crate::retry::Retry;
use crate::streaming::Grow;
use crate::transport::Transport;

/// A transport that a call brings along. It travels with the call, so it can move between threads in a browser as well.
pub(crate) type OwnTransport = Arc<dyn Transport + Send + Sync>;

/// What a call says of how it is sent. It tells no entry from another.
#[derive(Clone, Default)]
pub(crate) struct Sending {
    pub(crate) transport: Option<OwnTransport>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) max_response_bytes: Option<usize>,
    /// Of mutations. Queries say it as a setting of their entries.
    pub(crate) retry: Option<Retry>,
    /// The header in which the operation takes an idempotency key.
    pub(crate) idempotency_header: Option<&'static str>,
    /// It has an idempotency key, in whatever header.
    pub(crate) has_idempotency_key: bool,
    /// What the user is told of it.
    pub(crate) notify: Option<Arc<dyn NotifyCall>>,
    /// Whoever wants to know how far the body is on its way.
    pub(crate) upload: Option<Telling>,
    /// How the response is read, if it is a stream.
    pub(crate) stream: Option<Arc<dyn Grow>>,
}

impl Sending {
    /// What was said here counts more than what was said in `other`.
    pub(crate) fn or(self, other: &Sending) -> Sending {
        Sending {
            transport: self.transport.or_else(|| other.transport.clone()),
            timeout: self.timeout.or(other.timeout),
            max_response_bytes: self.max_response_bytes.or(other.max_response_bytes),
            retry: self.retry.or(other.retry),
            idempotency_header: self.idempotency_header.or(other.idempotency_header),
            has_idempotency_key: self.has_idempotency_key || other.has_idempotency_key,
            notify: self.notify.or_else(|| other.notify.clone()),
            upload: self.upload.or_else(|| other.upload.clone()),
            // Whoever changed that began with what was said here.
            stream: other.stream.clone().or(self.stream),
        }
    }
}

impl fmt::Debug for Sending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sending")
            .field("transport", &self.transport.is_some())
            .field("timeout", &self.timeout)
            .field("max_response_bytes", &self.max_response_bytes)
            .field("retry", &self.retry)
            .field("stream", &self.stream.is_some())
            .finish()
    }
}

impl<T> Query<T> {
    /// Sends this call's requests by another transport than the client's. Caching, tags and credentials are as ever, and the
    /// client's [layers](crate::Layer) are around it.
    ///
    /// The entry is the same as without it, and keeps it: its refetches go there, too, until another call of the same query
    /// says otherwise. It is `Send` also in a browser.
    ///
    /// ```
    /// # use larder::{Json, Query, Request, ResponseBody, transport_fn};
    /// # fn get_post(id: i64) -> Query<Json> { Query::new(Request::get("getPost", "/posts/{id}").path_param("id", &id)) }
    /// let draft = transport_fn(|_request| async { Ok(larder::http::Response::new(ResponseBody::from("{\"id\": 7}"))) });
    /// let query = get_post(7).transport(draft);
    /// # let _ = query;
    /// ```
    pub fn transport(mut self, transport: impl Transport + Send + Sync) -> Query<T> {
        self.request_mut().sending_mut().transport = Some(Arc::new(transport));
        self
    }

    /// How long a request of this call may take, from sending to the last byte, instead of what the client says. What the
    /// entry keeps of it is as for [`transport`](Self::transport).
    pub fn timeout(mut self, time: Duration) -> Query<T> {
        self.request_mut().sending_mut().timeout = Some(time);
        self
    }

    /// How large the response to this call may be, in bytes, instead of what the client says. What the entry keeps of it is as
    /// for [`transport`](Self::transport).
    pub fn max_response_bytes(mut self, bytes: usize) -> Query<T> {
        self.request_mut().sending_mut().max_response_bytes = Some(bytes);
        self
    }
}

impl<T> Mutation<T> {
    /// Sends this call's request by another transport than the client's. Tags and credentials are as ever, and the client's
    /// [layers](crate::Layer) are around it. It is `Send` also in a browser.
    pub fn transport(mut self, transport: impl Transport + Send + Sync) -> Mutation<T> {
        self.request_mut().sending_mut().transport = Some(Arc::new(transport));
        self
    }

    /// How long the request may take, from sending to the last byte, instead of what the client says.
    pub fn timeout(mut self, time: Duration) -> Mutation<T> {
        self.request_mut().sending_mut().timeout = Some(time);
        self
    }

    /// How large the response may be, in bytes, instead of what the client says.
    pub fn max_response_bytes(mut self, bytes: usize) -> Mutation<T> {
        self.request_mut().sending_mut().max_response_bytes = Some(bytes);
        self
    }
}
