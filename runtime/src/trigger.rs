//! A handle that starts mutations and shows how the last of them goes.

mod cell;
mod state;

use std::any::TypeId;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::Stream;

pub(crate) use self::cell::{Keyed, Shown, TriggerCell};
pub use self::state::{TriggerState, TriggerStatus};
use crate::driver;
use crate::listeners::{CallbackGuard, Listeners};
use crate::mutating::Mutating;
use crate::mutation::Mutation;
use crate::notifications;
use crate::observed::{self, Cursor, Following, Heard, News, Observed, Stamp};
use crate::platform::{MaybeSend, MaybeSync};
use crate::shared::{Shared, Shows};

/// Starts mutations, and shows how the one goes that was started last.
///
/// A trigger's clones show the same, and so do all triggers of one key ([`Client::trigger_as`](crate::Client::trigger_as)). The
/// last mutation that one of them started counts: when an earlier one ends later, nobody is shown that. Dropping a trigger
/// stops no mutation.
///
/// ```
/// # use larder::{Client, Error, Json, Mutation, Trigger};
/// # async fn run(client: Client, update_post: Mutation<Json>) -> Result<(), Error> {
/// let save: Trigger<Json> = client.trigger();
/// drop(save.run(update_post.clone())); // It goes on, and the trigger shows how.
/// assert!(save.state().is_pending());
/// let post = save.run(update_post).await?; // Whoever wants the result waits for it.
/// assert_eq!(save.state().data(), Some(&post));
/// save.reset();
/// assert!(save.state().is_idle());
/// # Ok(())
/// # }
/// ```
pub struct Trigger<T> {
    source: Arc<Source>,
    cursor: Cursor,
    ty: std::marker::PhantomData<fn() -> T>,
}

/// What a trigger's handles and listeners hold.
struct Source {
    shared: Arc<Shared>,
    cell: Arc<TriggerCell>,
}

impl<T: Send + Sync + 'static> Trigger<T> {
    pub(crate) fn new(shared: Arc<Shared>) -> Trigger<T> {
        Trigger::showing(shared, Arc::default())
    }

    /// The trigger of a key.
    pub(crate) fn keyed(shared: Arc<Shared>, key: String) -> Trigger<T> {
        let cell = shared.triggers.find(TypeId::of::<T>(), key);
        Trigger::showing(shared, cell)
    }

    fn showing(shared: Arc<Shared>, cell: Arc<TriggerCell>) -> Trigger<T> {
        let cursor = Cursor::new(cell.current().stamp());
        Trigger { source: Arc::new(Source { shared, cell }), cursor, ty: std::marker::PhantomData }
    }

    /// Starts a mutation, as [`Client::mutate`](crate::Client::mutate) does. The future of its result may be dropped.
    pub fn run(&self, mutation: Mutation<T>) -> Mutating<Arc<T>> {
        let Source { shared, cell } = &*self.source;
        let plan =
            shared.enhancements.apply(mutation).into_shared_plan(&shared.enhancements, &shared.mutation_defaults);
        let shows = Shows { cell: cell.clone(), share: state::share::<T> };
        let (operation, notify) = (plan.request.operation(), plan.request.notify());
        let (settled, refetched) = driver::mutate(shared, plan, Some(shows));
        Mutating::new(notifications::around(shared, operation, notify, settled), refetched)
    }

    /// How the last mutation goes. Takes no lock on the cache and copies no data.
    pub fn state(&self) -> TriggerState<T> {
        TriggerState::new(self.source.cell.current())
    }

    /// Forgets the last mutation: the state is idle. One that is under way goes on, and is not shown any more.
    pub fn reset(&self) {
        self.source.shared.reset_trigger(&self.source.cell);
    }

    /// The next state that this handle has not been given yet by this. Changes in between are left out.
    ///
    /// Safe to cancel: a change that was not returned is not lost.
    pub async fn changed(&mut self) -> TriggerState<T> {
        self.cursor.next(&*self.source, News::State).await
    }

    /// The states as a stream: the state now, and then each that follows. Changes in between are left out, and it has no end.
    pub fn into_stream(self) -> TriggerChanges<T> {
        TriggerChanges(Following::new(self.source, News::State))
    }

    /// Calls a function with each state that follows, until the guard is dropped. What holds for
    /// [`Watcher::on_change`](crate::Watcher::on_change) holds here, too.
    pub fn on_change(&self, call: impl Fn(TriggerState<T>) + MaybeSend + MaybeSync + 'static) -> CallbackGuard {
        observed::on_change(self.source.clone(), News::State, call)
    }
}

impl<T> Clone for Trigger<T> {
    fn clone(&self) -> Trigger<T> {
        Trigger {
            source: self.source.clone(),
            cursor: Cursor::new(self.source.cell.current().stamp()),
            ty: std::marker::PhantomData,
        }
    }
}

impl<T> fmt::Debug for Trigger<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trigger").field("status", &self.source.cell.current().status).finish_non_exhaustive()
    }
}

impl<T: Send + Sync + 'static> Observed<TriggerState<T>> for Source {
    fn read(&self) -> (Stamp, TriggerState<T>) {
        let shown = self.cell.current();
        (shown.stamp(), TriggerState::new(shown))
    }
}

impl Heard for Source {
    fn listeners(&self) -> &Listeners {
        &self.cell.listeners
    }

    fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }
}

/// The states of a trigger as a stream: see [`Trigger::into_stream`].
pub struct TriggerChanges<T>(Following<TriggerState<T>>);

impl<T> Stream for TriggerChanges<T> {
    type Item = TriggerState<T>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<TriggerState<T>>> {
        self.get_mut().0.poll_next(context)
    }
}

impl<T> fmt::Debug for TriggerChanges<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TriggerChanges")
    }
}
