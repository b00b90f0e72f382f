//! Tells of a mutation between its end and its caller.

use std::any::Any;
use std::sync::Arc;

use tokio::sync::oneshot;

use super::notify::Told;
use super::{Notification, NotificationPhase, NotifyCall};
use crate::error::Error;
use crate::event::Event as Report;
use crate::shared::{MutationAnswer, Shared};

/// Tells that a mutation is on its way, and how it ended before its caller hears of it.
pub(crate) fn around(
    shared: &Arc<Shared>,
    operation: &'static str,
    notify: Option<Arc<dyn NotifyCall>>,
    settled: oneshot::Receiver<MutationAnswer>,
) -> oneshot::Receiver<MutationAnswer> {
    let Some(ongoing) = Ongoing::begin(shared, operation, notify) else { return settled };
    let (ended, end) = oneshot::channel();
    let weak = Arc::downgrade(shared);
    shared.spawner.spawn(async move {
        let Ok(answer) = settled.await else { return };
        if let Some(shared) = weak.upgrade() {
            ongoing.end(&shared, answer.result.as_ref().map(|value| &**value as &dyn Any));
        }
        // The caller may have gone.
        drop(ended.send(answer));
    });
    end
}

/// A mutation on its way that is told of.
pub(crate) struct Ongoing(Told);

impl Ongoing {
    /// Tells that it is on its way, if it is told of at all.
    pub(crate) fn begin(
        shared: &Arc<Shared>,
        operation: &'static str,
        notify: Option<Arc<dyn NotifyCall>>,
    ) -> Option<Ongoing> {
        let told = Told { id: shared.next_id(), operation, notify: notify? };
        tell(shared, told.in_progress());
        Some(Ongoing(told))
    }

    /// Tells how it ended.
    pub(crate) fn end(&self, shared: &Arc<Shared>, result: Result<&dyn Any, &Error>) {
        let told = &self.0;
        let notification = match result {
            Ok(value) => {
                let text = told.notify.completed(value);
                text.map(|text| told.with(NotificationPhase::Completed, text, None))
            }
            Err(error) => Some(told.failed(error)),
        };
        tell(shared, notification);
    }
}

fn tell(shared: &Arc<Shared>, notification: Option<Notification>) {
    if let Some(notification) = notification {
        shared.tell(Report::Notified { notification });
    }
}
