//! What a call has told of itself.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use super::{Notification, NotificationPhase};
use crate::enhance::Enhance as _;
use crate::error::Error;
use crate::guard::guarded;
use crate::mutation::Mutation;
use crate::query::Query;

type TextOf<T> = Arc<dyn Fn(&T) -> String + Send + Sync>;

/// What the user is told of a call, given to [`Mutation::notify`] or [`Query::notify`].
///
/// A failure is told by what the error says to people ([`Error::view`]), unless [`failed`](Self::failed) says otherwise. All goes
/// to the client's sink ([`ClientBuilder::notifications`](crate::ClientBuilder::notifications)) and its streams
/// ([`Client::notifications`](crate::Client::notifications)).
///
/// ```
/// # use larder::{Json, Mutation, Notify};
/// # fn save(update_post: Mutation<Json>) -> Mutation<Json> {
/// update_post.notify(
///     Notify::new()
///         .in_progress("Saving…")
///         .completed(|post: &Json| format!("Saved “{}”.", post["title"]))
///         .failed(|error| format!("Not saved: {}", error.view().message)),
/// )
/// # }
/// ```
pub struct Notify<T> {
    in_progress: Option<String>,
    completed: Option<TextOf<T>>,
    failed: Option<TextOf<Error>>,
}

impl<T> Notify<T> {
    /// Tells of a failure alone.
    #[must_use]
    pub fn new() -> Notify<T> {
        Notify { in_progress: None, completed: None, failed: None }
    }

    /// What is told when the call starts.
    #[must_use]
    pub fn in_progress(mut self, text: impl Into<String>) -> Notify<T> {
        self.in_progress = Some(text.into());
        self
    }

    /// What is told when the call went well. A panic in it leaves the text empty.
    #[must_use]
    pub fn completed(mut self, text: impl Fn(&T) -> String + Send + Sync + 'static) -> Notify<T> {
        self.completed = Some(Arc::new(text));
        self
    }

    /// What is told when the call failed, after all tries. A panic in it leaves what the error says to people.
    #[must_use]
    pub fn failed(mut self, text: impl Fn(&Error) -> String + Send + Sync + 'static) -> Notify<T> {
        self.failed = Some(Arc::new(text));
        self
    }
}

impl<T> Default for Notify<T> {
    fn default() -> Notify<T> {
        Notify::new()
    }
}

impl<T> fmt::Debug for Notify<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notify").field("in_progress", &self.in_progress).finish_non_exhaustive()
    }
}

/// What a call has told of itself, without its type. Runs user code, guarded.
pub(crate) trait NotifyCall: Send + Sync {
    fn in_progress(&self) -> Option<String>;
    /// The text for a result, if anything is told of it. Of a call whose result is read as another type it is empty.
    fn completed(&self, value: &dyn Any) -> Option<String>;
    fn failed(&self, error: &Error) -> String;
}

impl<T: 'static> NotifyCall for Notify<T> {
    fn in_progress(&self) -> Option<String> {
        self.in_progress.clone()
    }

    fn completed(&self, value: &dyn Any) -> Option<String> {
        // Triggers share what comes of their mutations.
        let shared = || value.downcast_ref::<Arc<T>>().map(|value| &**value);
        match (&self.completed, value.downcast_ref().or_else(shared)) {
            (Some(text), Some(value)) => Some(guarded(|| text(value)).unwrap_or_default()),
            // What is shown has to go.
            _ => self.in_progress.as_ref().map(|_| String::new()),
        }
    }

    fn failed(&self, error: &Error) -> String {
        let own = self.failed.as_ref().and_then(|text| guarded(|| text(error)).ok());
        own.unwrap_or_else(|| error.view().message.clone())
    }
}

/// A call that has notifications, and their id.
pub(super) struct Told {
    pub(super) id: u64,
    pub(super) operation: &'static str,
    pub(super) notify: Arc<dyn NotifyCall>,
}

impl Told {
    pub(super) fn with(&self, phase: NotificationPhase, text: String, error: Option<Error>) -> Notification {
        Notification { id: self.id, operation: self.operation, phase, text, error }
    }

    pub(super) fn in_progress(&self) -> Option<Notification> {
        Some(self.with(NotificationPhase::InProgress, self.notify.in_progress()?, None))
    }

    pub(super) fn failed(&self, error: &Error) -> Notification {
        self.with(NotificationPhase::Failed, self.notify.failed(error), Some(error.clone()))
    }

    /// Tells that what is shown has to go, if anything is.
    pub(super) fn given_up(&self) -> Option<Notification> {
        self.notify.in_progress().map(|_| self.with(NotificationPhase::GivenUp, String::new(), None))
    }
}

impl<T: 'static> Mutation<T> {
    /// What the user is told of this call. What the client says of all calls of the operation, by
    /// [`enhance_mutation`](crate::ClientBuilder::enhance_mutation), counts where the call says nothing.
    pub fn notify(mut self, notify: Notify<T>) -> Mutation<T> {
        self.request_mut().sending_mut().notify = Some(Arc::new(notify));
        self
    }
}

impl<T: 'static> Query<T> {
    /// What the user is told of the requests of this query, also of later ones of its entry: what was said last counts. A
    /// request that several share is told of once, and an answer from the cache is not told of.
    pub fn notify(mut self, notify: Notify<T>) -> Query<T> {
        self.request_mut().sending_mut().notify = Some(Arc::new(notify));
        self
    }
}
