//! Tells of the requests of queries, by the events of their entries.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::notify::Told;
use super::{Notification, NotificationPhase, NotifyCall};
use crate::event::Event;
use crate::guard::lock;
use crate::query::Value;
use crate::sync::{AtomicBool, Mutex};

/// The requests on their way that are told of, by the numbers of their entries.
#[derive(Default)]
pub(crate) struct Queries {
    open: Mutex<HashMap<u64, Open>>,
    /// Whether there are any, so that others need not lock them.
    are_open: AtomicBool,
}

struct Open {
    told: Told,
    /// What is told once the answer is stored.
    completed: Option<String>,
}

impl Queries {
    /// Whether any are on their way, so that events have to be told.
    pub(crate) fn are_open(&self) -> bool {
        self.are_open.load(Ordering::Acquire)
    }

    /// A request is sent. Gives back what there is to tell; nothing of a further try.
    pub(crate) fn begin(
        &self,
        entry: u64,
        id: u64,
        operation: &'static str,
        notify: Arc<dyn NotifyCall>,
    ) -> Option<Notification> {
        let mut open = lock(&self.open);
        if open.contains_key(&entry) {
            return None;
        }
        let told = Told { id, operation, notify };
        let notification = told.in_progress();
        open.insert(entry, Open { told, completed: None });
        self.are_open.store(true, Ordering::Release);
        notification
    }

    /// An answer was read, and is about to be stored.
    pub(crate) fn answered(&self, entry: u64, value: &Value) {
        let notify = lock(&self.open).get(&entry).map(|open| open.told.notify.clone());
        let Some(text) = notify.map(|notify| notify.completed(&**value)) else { return };
        if let Some(open) = lock(&self.open).get_mut(&entry) {
            open.completed = text;
        }
    }

    /// What there is to tell after an event. Of what is tried again there is nothing yet.
    pub(crate) fn after(&self, event: &Event) -> Option<Notification> {
        let (Event::Received { entry, .. }
        | Event::Failed { entry, .. }
        | Event::Aborted { entry, .. }
        | Event::Removed { entry, .. }) = event
        else {
            return None;
        };
        let open = {
            let mut all = lock(&self.open);
            let open = all.remove(&entry.id)?;
            self.are_open.store(!all.is_empty(), Ordering::Release);
            open
        };
        match event {
            Event::Received { .. } => {
                open.completed.map(|text| open.told.with(NotificationPhase::Completed, text, None))
            }
            Event::Failed { error, .. } => Some(open.told.failed(error)),
            _ => open.told.given_up(),
        }
    }
}
