//! The data of an entry, with what is known of it.

use std::sync::Arc;
use std::time::Duration;

use super::event::{RequestId, Seq, Shown};
use super::moment::Moment;
use crate::parts::Parts;
use crate::query::Value;
use crate::response::RawResponse;

/// The data of an entry. What a hit looks at comes first.
#[repr(C)]
pub(super) struct Stored {
    pub(super) value: Value,
    /// The data is at least as new as this.
    pub(super) since: Seq,
    pub(super) fetched_at: Moment,
    /// Nothing where the application wrote the data.
    pub(super) response: Option<RawResponse>,
    /// What the next response may bring again, of this value or of the last one that a response brought.
    pub(super) parts: Option<Arc<Parts>>,
    pub(super) brought: Brought,
}

/// What brought data, in the room of one number.
#[derive(Clone, Copy)]
pub(super) struct Brought(u64);

impl Brought {
    /// By this request, or written after this was the last one that was sent.
    pub(super) fn by(request: RequestId) -> Brought {
        Brought(request.0 << 1)
    }

    /// The same as the answer to the entry's own request, so that what the server calls it by is of what is asked for.
    pub(super) fn as_own(self) -> Brought {
        Brought(self.0 | 1)
    }

    pub(super) fn is_own(self) -> bool {
        self.0 & 1 == 1
    }

    pub(super) fn request(self) -> RequestId {
        RequestId(self.0 >> 1)
    }
}

/// Data of a stream that did not come to its end is older than all there is, so it is stale.
pub(super) const PARTIAL: Seq = 0;

impl Stored {
    pub(super) fn fetched_at(&self) -> Duration {
        self.fetched_at.get()
    }

    /// Whether it is all that a response brought: a stream that goes on may bring more.
    pub(super) fn is_whole(&self) -> bool {
        self.since != PARTIAL
    }

    pub(super) fn shown(&self) -> Shown {
        let head = self.response.as_ref().map(|response| (response.status, response.headers.clone()));
        Shown { value: self.value.clone(), head, fetched_at: self.fetched_at() }
    }
}

/// Whether new data is what is there: the same value, or the same bytes under the same status.
pub(super) fn is_same(stored: &Stored, value: &Value, response: Option<&RawResponse>) -> bool {
    let known = stored.response.as_ref().zip(response);
    known.is_some_and(|(known, new)| known.status == new.status && known.body == new.body)
        || Arc::ptr_eq(&stored.value, value)
}
