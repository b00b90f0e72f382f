//! Where events go: to the listener, to streams, and to `tracing`.

use std::fmt;
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use futures_core::Stream;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::event::Event;
use crate::guard::{guarded, lock};
use crate::notifications::Notices;
use crate::shared::Listen;
use crate::sync::{AtomicBool, Mutex};
use crate::trace;

/// How many events a stream holds for a reader who is slow.
const HELD: usize = 1024;

/// Whoever hears of events.
pub(crate) struct Audience {
    listener: Option<Box<dyn Listen<Event>>>,
    pub(crate) notices: Notices,
    streams: Mutex<Vec<Listening>>,
    /// Whether there are streams, so that hits need not lock them.
    is_streamed: AtomicBool,
}

/// A stream's sending end.
struct Listening {
    events: Sender<Event>,
    /// How many did not fit since the last that did.
    missed: u64,
}

impl Audience {
    pub(crate) fn new(listener: Option<Box<dyn Listen<Event>>>, notices: Notices) -> Audience {
        Audience { listener, notices, streams: Mutex::default(), is_streamed: AtomicBool::new(false) }
    }

    /// Whether there is anybody, so that what happens has to be told.
    pub(crate) fn is_there(&self) -> bool {
        self.listener.is_some()
            || self.is_streamed.load(Ordering::Acquire)
            || self.notices.queries.are_open()
            || trace::is_on()
    }

    pub(crate) fn stream(&self) -> Events {
        let (events, receiver) = channel(HELD);
        let mut streams = lock(&self.streams);
        streams.push(Listening { events, missed: 0 });
        self.is_streamed.store(true, Ordering::Release);
        drop(streams);
        Events(receiver)
    }

    /// Tells everybody, one event at a time. A panic of the listener's, of a waker's, or of whoever traces stays there.
    pub(crate) fn hear(&self, event: &Event) {
        let _ = guarded(|| trace::event(event));
        // Readers are woken outside the lock.
        let mut streams = std::mem::take(&mut *lock(&self.streams));
        streams.retain_mut(|stream| guarded(|| stream.send(event)).unwrap_or(true));
        let mut all = lock(&self.streams);
        streams.append(&mut all);
        self.is_streamed.store(!streams.is_empty(), Ordering::Release);
        *all = streams;
        drop(all);
        if let Some(listener) = &self.listener {
            let _ = guarded(|| listener.hear(event));
        }
        match event {
            Event::Notified { notification } => self.notices.tell(notification),
            _ => {
                if let Some(notification) = self.notices.queries.after(event) {
                    self.hear(&Event::Notified { notification });
                }
            }
        }
    }
}

impl Listening {
    /// Says whether anybody still reads.
    fn send(&mut self, event: &Event) -> bool {
        if 0 < self.missed {
            // Room for what was missed and for the event, so that the two stay together.
            if self.events.capacity() < 2 {
                self.missed += 1;
                return !self.events.is_closed();
            }
            if self.events.try_send(Event::Missed { events: self.missed }).is_err() {
                return !self.events.is_closed();
            }
            self.missed = 0;
        }
        match self.events.try_send(event.clone()) {
            Ok(()) => true,
            Err(TrySendError::Full(_)) => {
                self.missed += 1;
                true
            }
            Err(TrySendError::Closed(_)) => false,
        }
    }
}

/// What happens in a client, from now on: a stream of [`Event`]s, which ends with the client.
///
/// A reader that falls more than a thousand events behind is told how many it missed ([`Event::Missed`]); nothing waits for
/// it.
pub struct Events(Receiver<Event>);

impl Events {
    /// The next event, or `None` when the client is gone. Safe to cancel.
    pub async fn next(&mut self) -> Option<Event> {
        self.0.recv().await
    }
}

impl Stream for Events {
    type Item = Event;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Event>> {
        self.0.poll_recv(context)
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Events")
    }
}
