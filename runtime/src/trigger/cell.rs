//! Where it is published how a trigger's mutation goes, and the triggers that are shared by a key.

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::{Arc, Weak};

use super::TriggerStatus;
use crate::core::MutationId;
use crate::error::Error;
use crate::guard::lock;
use crate::listeners::{Listener, Listeners};
use crate::observed::Stamp;
use crate::platform::SystemTime;
use crate::query::Value;
use crate::request::Request;
use crate::response::ResponseHead;
use crate::sync::Mutex;

/// How the last mutation of a trigger goes, without its type.
#[derive(Clone, Default)]
pub(crate) struct Shown {
    /// Counts the changes.
    version: u64,
    /// None before the first one, and after a reset.
    run: Option<MutationId>,
    pub(crate) status: TriggerStatus,
    pub(crate) is_waiting: bool,
    pub(crate) request: Option<Arc<Request>>,
    pub(crate) started_at: Option<SystemTime>,
    pub(crate) data: Option<Value>,
    pub(crate) error: Option<Error>,
    pub(crate) head: Option<ResponseHead>,
}

impl Shown {
    pub(crate) fn stamp(&self) -> Stamp {
        let data = self.run.filter(|_| self.data.is_some());
        Stamp { state: (0, self.version), data: data.map(|run| (None, run.0)) }
    }
}

/// Where it is published. Readers take no lock on the cache.
#[derive(Default)]
pub(crate) struct TriggerCell {
    current: Mutex<Arc<Shown>>,
    pub(crate) listeners: Listeners,
}

impl TriggerCell {
    pub(crate) fn current(&self) -> Arc<Shown> {
        lock(&self.current).clone()
    }

    /// A mutation was started, which is shown from now on. Gives back what was shown, to be dropped where user code may run.
    pub(crate) fn begin(&self, mutation: MutationId, request: Arc<Request>, started_at: SystemTime) -> Arc<Shown> {
        self.replace(|version| Shown {
            version,
            run: Some(mutation),
            status: TriggerStatus::Pending,
            request: Some(request),
            started_at: Some(started_at),
            ..Shown::default()
        })
    }

    /// Something is new of a mutation. Gives back what was shown if that mutation is.
    pub(crate) fn update(&self, mutation: MutationId, update: impl FnOnce(&mut Shown)) -> Option<Arc<Shown>> {
        let mut current = lock(&self.current);
        if current.run != Some(mutation) {
            return None;
        }
        let mut shown = Shown::clone(&current);
        shown.version += 1;
        update(&mut shown);
        Some(std::mem::replace(&mut *current, Arc::new(shown)))
    }

    /// Nothing is shown any more. Gives back what was.
    pub(crate) fn reset(&self) -> Arc<Shown> {
        self.replace(|version| Shown { version, ..Shown::default() })
    }

    fn replace(&self, shown: impl FnOnce(u64) -> Shown) -> Arc<Shown> {
        let mut current = lock(&self.current);
        let shown = Arc::new(shown(current.version + 1));
        std::mem::replace(&mut *current, shown)
    }
}

impl Listener for TriggerCell {
    fn notify(&self) {
        self.listeners.notify();
    }
}

/// The triggers that have a key, by the type of their results and by that. They are held weakly: with the last of a key, and
/// the last mutation that it started, its state is gone.
#[derive(Default)]
pub(crate) struct Keyed(Mutex<HashMap<(TypeId, String), Weak<TriggerCell>>>);

impl Keyed {
    pub(crate) fn find(&self, ty: TypeId, key: String) -> Arc<TriggerCell> {
        let mut all = lock(&self.0);
        if all.len() == all.capacity() {
            all.retain(|_, cell| cell.strong_count() > 0);
        }
        let place = all.entry((ty, key)).or_default();
        place.upgrade().unwrap_or_else(|| {
            let cell = Arc::default();
            *place = Arc::downgrade(&cell);
            cell
        })
    }
}
