//! What the cache holds at one moment, for the auditor to compare.

use std::sync::Arc;

use bytes::Bytes;
use http::StatusCode;

use super::Core;
use super::event::Seq;
use crate::query::QueryPlan;
use crate::tag::Tag;

/// An entry with its data. What an entry holds is never changed by whoever looks at this.
pub(crate) struct Held {
    pub(crate) plan: Arc<QueryPlan>,
    pub(crate) body: Bytes,
    /// The tags under which it is found.
    pub(crate) tags: Vec<Tag>,
    /// When it was last invalidated or written.
    pub(crate) changed_at: Seq,
    /// No invalidation has reached it since it was fetched.
    pub(crate) is_valid: bool,
    pub(crate) is_fetching: bool,
    /// With which status the last request failed, if it did: `None` within is a failure without one.
    pub(crate) failed: Option<Option<StatusCode>>,
}

impl Core {
    /// All entries with data.
    pub(crate) fn held(&self) -> Vec<Held> {
        let ids = self.entries.ids(|entry| entry.stored.is_some());
        let entries = ids.into_iter().filter_map(|id| self.entries.get(id));
        let held = |entry: &super::Entry| {
            // The pages of a list are not one answer that could be asked for again.
            let stored = entry.stored.as_ref().filter(|_| !entry.origin.is_list_of_pages())?;
            Some(Held {
                plan: entry.origin.plan(),
                body: stored.response.as_ref()?.body.clone(),
                tags: entry.indexed().to_vec(),
                changed_at: entry.changed_at,
                is_valid: entry.is_valid(),
                is_fetching: entry.users.flight().is_some(),
                failed: entry.users.error().map(|error| error.status()),
            })
        };
        entries.filter_map(held).collect()
    }
}
