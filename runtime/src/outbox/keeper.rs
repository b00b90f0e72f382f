//! Keeps what waits in the outbox and takes out what has settled: one thing after the other, in order.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::sync::{Arc, Weak};
use std::time::Duration;

use serde_json::Value as Json;
use tokio::sync::oneshot;

use super::{Outbox, Record};
use crate::core::{Event, MutationId};
use crate::driver;
use crate::event::{CallRef, Event as Report};
use crate::guard::{guarded_future, lock};
use crate::platform::{BoxFuture, SystemTime, random, within};
use crate::shared::Shared;
use crate::sync::Mutex;

/// How long the store may take for one thing.
const LIMIT: Duration = Duration::from_secs(30);

/// The outbox of a client.
pub(crate) struct Keeper {
    store: Box<dyn Outbox>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    to_do: VecDeque<Task>,
    is_working: bool,
    /// All places of this run come after it.
    base: u64,
    /// The records of mutations that have not settled.
    kept: HashMap<MutationId, Arc<str>>,
    /// Who waits until there is nothing more to do.
    waiting: Vec<oneshot::Sender<()>>,
}

enum Task {
    Put { id: Arc<str>, mutation: MutationId, call: CallRef, record: Json },
    Remove { id: Arc<str> },
}

impl Keeper {
    /// It is at work from the start: it looks up what an earlier run left.
    pub(crate) fn new(store: impl Outbox) -> Keeper {
        Keeper { store: Box::new(store), state: Mutex::new(State { is_working: true, ..State::default() }) }
    }

    pub(crate) fn keeps(&self, mutation: MutationId) -> bool {
        lock(&self.state).kept.contains_key(&mutation)
    }

    /// Keeps a mutation that waits, until it is released.
    pub(crate) fn keep(self: &Arc<Self>, shared: &Arc<Shared>, mutation: MutationId, call: CallRef, record: Json) {
        let id: Arc<str> = format!("{:032x}", random()).into();
        lock(&self.state).kept.insert(mutation, id.clone());
        self.add(shared, Task::Put { id, mutation, call, record });
    }

    /// The mutation has settled.
    pub(crate) fn release(self: &Arc<Self>, shared: &Arc<Shared>, mutation: MutationId) {
        let id = lock(&self.state).kept.remove(&mutation);
        if let Some(id) = id {
            self.add(shared, Task::Remove { id });
        }
    }

    fn add(self: &Arc<Self>, shared: &Arc<Shared>, task: Task) {
        let mut state = lock(&self.state);
        state.to_do.push_back(task);
        if std::mem::replace(&mut state.is_working, true) {
            return;
        }
        drop(state);
        shared.spawner.spawn(self.clone().work(Arc::downgrade(shared)));
    }

    /// Ends when everything that is to be kept is, and what is not to be is not any more.
    pub(crate) fn done(&self) -> impl Future<Output = ()> + use<> {
        let mut state = lock(&self.state);
        let waiting = state.is_working.then(|| {
            let (done, is_done) = oneshot::channel();
            state.waiting.push(done);
            is_done
        });
        drop(state);
        async move {
            if let Some(waiting) = waiting {
                // Without a runtime there is nobody who would get on with it.
                let _ = waiting.await;
            }
        }
    }

    /// Looks up what an earlier run left, starts it, and goes on with what came meanwhile.
    pub(crate) async fn begin(self: Arc<Self>, shared: Weak<Shared>) {
        let mut records = Vec::new();
        match self.ask(|store| store.load()).await {
            Ok(loaded) => {
                for (id, written) in loaded {
                    match Record::read(&written) {
                        Ok(record) => records.push((record, id)),
                        Err(why) => self.set_aside(&shared, &id, &why).await,
                    }
                }
            }
            Err(error) => tell(&shared, None, format!("what was kept cannot be loaded: {error}")),
        }
        records.sort_by(|(one, id), (other, other_id)| (one.place, id).cmp(&(other.place, other_id)));
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let now = u64::try_from(now.as_micros()).unwrap_or_default();
        // Also where the clock went back.
        lock(&self.state).base = records.iter().map(|(record, _)| record.place).fold(now, u64::max);
        if let Some(shared) = shared.upgrade() {
            for (record, id) in records {
                let mutation = MutationId(shared.next_id());
                lock(&self.state).kept.insert(mutation, id.into());
                driver::resume(&shared, mutation, record);
            }
            shared.apply(Event::Loading(false));
        }
        self.work(shared).await;
    }

    async fn work(self: Arc<Self>, shared: Weak<Shared>) {
        while let Some(task) = self.next() {
            match task {
                Task::Put { id, mutation, call, record } => {
                    let place = lock(&self.state).base.saturating_add(mutation.0);
                    let put = match Record::written(record, place) {
                        Ok(written) => {
                            self.ask(|store| store.put(&id, written)).await.map_err(|error| error.to_string())
                        }
                        Err(why) => Err(why),
                    };
                    if let Err(why) = put {
                        tell(&shared, Some(call), format!("it waits in this run alone: {why}"));
                    }
                }
                Task::Remove { id } => {
                    if let Err(error) = self.ask(|store| store.remove(&id)).await {
                        tell(&shared, None, format!("the record {id} cannot be removed: {error}"));
                    }
                }
            }
        }
    }

    /// What is to be done next. If there is nothing, whoever waits for that is told.
    fn next(&self) -> Option<Task> {
        let mut state = lock(&self.state);
        let next = state.to_do.pop_front();
        if next.is_none() {
            state.is_working = false;
            let waiting = std::mem::take(&mut state.waiting);
            drop(state);
            for waiting in waiting {
                // Whoever waited may have gone.
                let _ = waiting.send(());
            }
        }
        next
    }

    async fn set_aside(&self, shared: &Weak<Shared>, id: &str, why: &str) {
        let moved = match self.ask(|store| store.set_aside(id)).await {
            Ok(()) => String::new(),
            Err(error) => format!(", nor put aside: {error}"),
        };
        tell(shared, None, format!("the record {id} cannot be read: {why}{moved}"));
    }

    /// Has the store do something: a panic in it, and too long a time, are errors.
    async fn ask<R>(&self, ask: impl FnOnce(&dyn Outbox) -> BoxFuture<io::Result<R>>) -> io::Result<R> {
        let asked = guarded_future(async { ask(&*self.store).await });
        match within(LIMIT, asked).await {
            Some(Ok(result)) => result,
            Some(Err(_)) => Err(io::Error::other("the outbox panicked")),
            None => Err(io::Error::new(io::ErrorKind::TimedOut, format!("the outbox took longer than {LIMIT:?}"))),
        }
    }
}

fn tell(shared: &Weak<Shared>, call: Option<CallRef>, detail: String) {
    if let Some(shared) = shared.upgrade() {
        shared.tell(Report::OutboxFailed { call, detail });
    }
}
