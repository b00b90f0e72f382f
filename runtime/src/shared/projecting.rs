//! What an event needs before the core can take it in: layers over its data, worked out outside of the lock.

use std::sync::Arc;
use std::time::Duration;

use super::Shared;
use super::queue::Locked;
use crate::core::Event;
use crate::optimistic;

impl Shared {
    /// Works on what is locked with an event, once everything is there that the event needs. When something else changes
    /// meanwhile, that is worked out again: then somebody else has got on. `work` runs no user code.
    pub(super) fn enter_with<R>(
        self: &Arc<Self>,
        event: Event,
        work: impl FnOnce(&mut Locked, Event, Duration) -> R,
    ) -> R {
        let mut open = Some((event, work));
        let mut done = Vec::new();
        loop {
            let entered = self.enter(|locked, now| {
                let missing = open.as_ref().map(|(event, _)| locked.core.prepare(event, &mut done)).unwrap_or_default();
                if missing.is_empty()
                    && let Some((event, work)) = open.take()
                {
                    return Ok(work(locked, event, now));
                }
                Err(missing)
            });
            match entered {
                Ok(result) => return result,
                Err(missing) => done.extend(missing.into_iter().map(optimistic::run)),
            }
        }
    }
}
