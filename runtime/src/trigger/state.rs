//! What a trigger shows at one moment.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use super::Shown;
use crate::error::Error;
use crate::platform::SystemTime;
use crate::query::Value;
use crate::request::Request;
use crate::response::ResponseHead;

/// Where a trigger's mutation stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TriggerStatus {
    /// None was started, or it was reset.
    #[default]
    Idle,
    /// It is under way, or waits to be sent.
    Pending,
    /// There is a result.
    Success,
    /// There is none.
    Error,
}

/// How the last mutation of a [`Trigger`](crate::Trigger) goes, at one moment. Cheap to clone.
pub struct TriggerState<T> {
    shown: Arc<Shown>,
    data: Option<Arc<T>>,
}

impl<T: Send + Sync + 'static> TriggerState<T> {
    pub(super) fn new(shown: Arc<Shown>) -> TriggerState<T> {
        let data = shown.data.clone().and_then(|value| value.downcast().ok());
        TriggerState { shown, data }
    }
}

impl<T> TriggerState<T> {
    /// Where it stands.
    pub fn status(&self) -> TriggerStatus {
        self.shown.status
    }

    /// Whether none was started, or it was reset.
    pub fn is_idle(&self) -> bool {
        self.status() == TriggerStatus::Idle
    }

    /// Whether it is under way, or waits to be sent.
    pub fn is_pending(&self) -> bool {
        self.status() == TriggerStatus::Pending
    }

    /// Whether it is pending and was not sent yet: it waits for a connection, or for those before it in its scope.
    pub fn is_waiting(&self) -> bool {
        self.shown.is_waiting
    }

    /// Whether there is a result.
    pub fn is_success(&self) -> bool {
        self.status() == TriggerStatus::Success
    }

    /// Whether it failed.
    pub fn is_error(&self) -> bool {
        self.status() == TriggerStatus::Error
    }

    /// The result.
    pub fn data(&self) -> Option<&Arc<T>> {
        self.data.as_ref()
    }

    /// Why there is no result.
    pub fn error(&self) -> Option<&Error> {
        self.shown.error.as_ref()
    }

    /// Status and headers of the response that brought the result. An error has its own.
    pub fn head(&self) -> Option<&ResponseHead> {
        self.shown.head.as_ref()
    }

    /// The operation's id. Nothing while idle.
    pub fn operation(&self) -> Option<&'static str> {
        self.request().map(Request::operation)
    }

    /// What was asked, with its args. Nothing while idle.
    pub fn request(&self) -> Option<&Request> {
        self.shown.request.as_deref()
    }

    /// When it was started. Nothing while idle.
    pub fn started_at(&self) -> Option<SystemTime> {
        self.shown.started_at
    }
}

impl<T> Clone for TriggerState<T> {
    fn clone(&self) -> TriggerState<T> {
        TriggerState { shown: self.shown.clone(), data: self.data.clone() }
    }
}

impl<T: fmt::Debug> fmt::Debug for TriggerState<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TriggerState")
            .field("status", &self.status())
            .field("is_waiting", &self.is_waiting())
            .field("data", &self.data)
            .field("error", &self.error())
            .field("request", &self.request())
            .finish_non_exhaustive()
    }
}

/// The result of a mutation that a trigger started, to be shown beside being given to its caller.
pub(super) fn share<T: Send + Sync + 'static>(value: &dyn Any) -> Option<Value> {
    value.downcast_ref::<Arc<T>>().map(|value| value.clone() as Value)
}
