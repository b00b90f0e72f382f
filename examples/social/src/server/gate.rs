//! Holding an answer back, so that two things overlap in a known order and no test has to sleep.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

/// The gates that no request has come to yet.
#[derive(Debug, Default)]
pub(super) struct Gates {
    waiting: Mutex<Vec<Arc<Gate>>>,
    /// Raised when the server ends: nothing is held any more.
    open: watch::Sender<bool>,
}

#[derive(Debug)]
struct Gate {
    /// `GET /api/posts/7`; without a query it stands for every query.
    pattern: String,
    reached: watch::Sender<bool>,
    released: watch::Sender<bool>,
}

impl Gates {
    /// Puts a gate up for the next request that matches.
    pub fn hold(self: &Arc<Self>, pattern: &str) -> Hold {
        let gate = Arc::new(Gate {
            pattern: pattern.to_owned(),
            reached: watch::Sender::new(false),
            released: watch::Sender::new(false),
        });
        self.lock().push(Arc::clone(&gate));
        Hold { gates: Arc::clone(self), gate }
    }

    /// The gate this request has to pass, if there is one. Later requests do not meet it any more.
    pub fn meet(&self, method: &str, path_and_query: &str) -> Option<Passage> {
        let mut waiting = self.lock();
        let place = waiting.iter().position(|gate| gate.matches(method, path_and_query))?;
        Some(Passage { gate: waiting.remove(place), open: self.open.subscribe() })
    }

    /// Lets everything pass, now and later.
    pub fn open(&self) {
        self.open.send_replace(true);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Arc<Gate>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Gate {
    fn matches(&self, method: &str, path_and_query: &str) -> bool {
        let Some((wanted_method, wanted_path)) = self.pattern.split_once(' ') else {
            return false;
        };
        let path = path_and_query.split_once('?').map_or(path_and_query, |(path, _)| path);
        wanted_method == method && (wanted_path == path_and_query || wanted_path == path)
    }
}

/// A request on its way through a gate.
#[derive(Debug)]
pub(super) struct Passage {
    gate: Arc<Gate>,
    open: watch::Receiver<bool>,
}

impl Passage {
    /// Says that the answer is ready, and waits until it may be sent.
    pub async fn pass(mut self) {
        self.gate.reached.send_replace(true);
        tokio::select! {
            () = wait_for(&self.gate.released) => {}
            _ = self.open.wait_for(|open| *open) => {}
        }
    }
}

/// Holds one answer back until [`release`](Hold::release), or until it is dropped.
#[derive(Debug)]
#[must_use = "dropping it lets the request pass"]
pub struct Hold {
    gates: Arc<Gates>,
    gate: Arc<Gate>,
}

impl Hold {
    /// Waits until a request is held: the server has read the data for it, and sends nothing.
    pub async fn reached(&self) {
        wait_for(&self.gate.reached).await;
    }

    /// Lets the answer go.
    pub fn release(self) {}
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.gate.released.send_replace(true);
        self.gates.lock().retain(|gate| !Arc::ptr_eq(gate, &self.gate));
    }
}

async fn wait_for(flag: &watch::Sender<bool>) {
    // An error would mean that the sender is gone, and it is borrowed here.
    let _ = flag.subscribe().wait_for(|raised| *raised).await;
}
