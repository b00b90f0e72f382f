//! What a user is told of single calls: that they are on their way, done, or failed.

mod mutations;
mod notify;
mod queries;

use std::fmt;

use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

pub(crate) use self::mutations::{Ongoing, around};
pub use self::notify::Notify;
pub(crate) use self::notify::NotifyCall;
use self::queries::Queries;
use crate::builder::ClientBuilder;
use crate::client::Client;
use crate::error::Error;
use crate::guard::guarded;
use crate::platform::{MaybeSend, MaybeSync};
use crate::shared::Listen;

/// How many notifications a stream holds for a reader who is slow. After that the oldest are left out.
const HELD: usize = 256;

/// Something to tell the user of a call, such as by a toast. See [`Notify`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Notification {
    /// The same through all phases of one call, and no other call's in this client: a later one replaces what an earlier one
    /// shows.
    pub id: u64,
    /// The operation's id.
    pub operation: &'static str,
    /// How far the call is.
    pub phase: NotificationPhase,
    /// What to show. Empty where nothing was said for this phase, and what is shown is to go.
    pub text: String,
    /// Why it failed.
    pub error: Option<Error>,
}

/// How far a call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NotificationPhase {
    /// It was sent, or waits to be.
    InProgress,
    /// It went well. No other phase follows.
    Completed,
    /// It failed, after all tries. No other phase follows.
    Failed,
    /// Nobody needs it any more. No other phase follows.
    GivenUp,
}

/// Whoever hears of notifications, and what is on its way.
pub(crate) struct Notices {
    sink: Option<Box<dyn Listen<Notification>>>,
    streams: broadcast::Sender<Notification>,
    pub(crate) queries: Queries,
}

impl Notices {
    pub(crate) fn new(sink: Option<Box<dyn Listen<Notification>>>) -> Notices {
        Notices { sink, streams: broadcast::channel(HELD).0, queries: Queries::default() }
    }

    /// Tells everybody. A panic of the sink's or of a waker's stays there.
    pub(crate) fn tell(&self, notification: &Notification) {
        if 0 < self.streams.receiver_count() {
            let _ = guarded(|| drop(self.streams.send(notification.clone())));
        }
        if let Some(sink) = &self.sink {
            let _ = guarded(|| sink.hear(notification));
        }
    }
}

impl ClientBuilder {
    /// Where the notifications of calls go that ask for them: see [`Notify`](crate::Notify). Called as the listener of
    /// [`on_event`](Self::on_event).
    pub fn notifications(mut self, sink: impl Fn(&Notification) + MaybeSend + MaybeSync + 'static) -> Self {
        self.notices = Some(Box::new(sink));
        self
    }
}

impl Client {
    /// The notifications of calls that ask for them ([`Notify`]), from now on.
    pub fn notifications(&self) -> Notifications {
        Notifications(self.shared().audience.notices.streams.subscribe())
    }
}

/// The notifications of a client, from the moment it was asked for on.
///
/// A reader that falls more than 256 behind misses the oldest; nothing waits for it.
pub struct Notifications(broadcast::Receiver<Notification>);

impl Notifications {
    /// The next notification, or `None` when the client is gone. Safe to cancel.
    pub async fn next(&mut self) -> Option<Notification> {
        loop {
            match self.0.recv().await {
                Ok(notification) => return Some(notification),
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return None,
            }
        }
    }
}

impl fmt::Debug for Notifications {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Notifications")
    }
}
