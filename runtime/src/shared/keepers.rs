//! Watchers that show what was kept of an entry which they left, so that a reset can find them.

use std::collections::BTreeSet;
use std::sync::{Arc, Weak};

use super::Shared;
use super::queue::Locked;
use crate::core::{Change, Event};
use crate::guard::lock;
use crate::listeners::Listener;
use crate::subscription::{Kept, Subscription};
use crate::target::Kind;

/// What a reset took from watchers that kept it.
#[derive(Default)]
pub(super) struct Forgotten {
    /// Who has to be told.
    pub(super) told: Vec<Weak<dyn Listener>>,
    /// To be dropped outside the lock.
    pub(super) spent: Vec<(Option<Kept>, Arc<Subscription>)>,
}

impl Shared {
    /// This one keeps something, or did once. Called once for each.
    pub(crate) fn add_keeper(&self, keeper: Weak<Subscription>) {
        let mut keepers = lock(&self.keepers);
        if keepers.len() == keepers.capacity() {
            keepers.retain(|keeper| keeper.strong_count() > 0);
        }
        keepers.push(keeper);
    }

    /// Takes what resets mean from all who keep it.
    pub(super) fn forget_kept(&self, event: &Event, locked: &Locked) -> Forgotten {
        let mut forgotten = Forgotten::default();
        let Event::Change { changes, .. } = event else { return forgotten };
        let resets = changes.iter().filter_map(|change| match change {
            Change::Reset(target) => Some(target),
            _ => None,
        });
        let targets: Vec<&Kind> = resets.collect();
        if targets.is_empty() {
            return forgotten;
        }
        let reached: BTreeSet<_> = targets.iter().flat_map(|target| locked.core.reached(target)).collect();
        let keepers: Vec<Arc<Subscription>> = lock(&self.keepers).iter().filter_map(Weak::upgrade).collect();
        for keeper in keepers {
            let kept = keeper.forget_kept(|entry, plan| {
                reached.contains(&entry) || targets.iter().any(|target| target.means_by_args(plan))
            });
            if kept.is_some() {
                forgotten.told.push(Arc::downgrade(&keeper) as _);
            }
            forgotten.spent.push((kept, keeper));
        }
        forgotten
    }
}
