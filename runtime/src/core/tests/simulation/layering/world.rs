//! The core with a clock, answered by the steps of a schedule and compared with the model after each.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;

use super::model::{Committed, Data, Key, Layer, Model, Op, ids};
use super::{Ending, Said, Step};
use crate::core::tests::POST;
use crate::core::{
    Change, Core, Decoded, Effect, EntryId, Event, MutationId, Outgoing, Settlement, SubscriberId, WaiterId, Write,
};
use crate::error::Error;
use crate::event::{CallRef, Event as Report, Outcome};
use crate::query::Value;
use crate::response::RawResponse;
use crate::settings::Defaults;
use crate::tags::Tags;
use crate::target::{Kind, RefetchOf};
use crate::{Request, optimistic};

/// A request under way, or a mutation or layer.
struct Flight {
    key: Key,
    outgoing: Outgoing,
    began: u64,
}

struct Running {
    id: MutationId,
    began: u64,
    by_hand: bool,
}

pub(super) struct World {
    core: Core,
    model: Model,
    clock: u64,
    flights: Vec<Flight>,
    running: Vec<Running>,
    watching: BTreeMap<Key, (EntryId, SubscriberId)>,
    waiting: BTreeMap<u64, Key>,
    /// What happens while layers are applied for the next event.
    overtaking: Option<Step>,
    /// What the last event wrote, and what it answered.
    written: Vec<Key>,
    answered: Vec<(Key, Value)>,
    /// What was shown, and under which version.
    versions: BTreeMap<Key, (EntryId, u64, Data)>,
}

impl World {
    pub(super) fn new() -> World {
        World {
            core: Core::new(Defaults { keep_unused: Duration::MAX, ..Defaults::default() }),
            model: Model::default(),
            clock: 0,
            flights: Vec::new(),
            running: Vec::new(),
            watching: BTreeMap::new(),
            waiting: BTreeMap::new(),
            overtaking: None,
            written: Vec::new(),
            answered: Vec::new(),
            versions: BTreeMap::new(),
        }
    }

    pub(super) fn step(&mut self, step: &Step) -> Result<(), String> {
        self.act(step)?;
        self.check().map_err(|why| format!("after {step:?}: {why}"))
    }

    fn act(&mut self, step: &Step) -> Result<(), String> {
        match step {
            Step::Start { ops, by_hand, is_asked_for } => self.start(ops, *by_hand, *is_asked_for),
            Step::End(pick, ending) => self.end_one(*pick, *ending),
            Step::Ask(key) => {
                let waiter = self.tick();
                self.waiting.insert(waiter, *key);
                self.apply(Event::Refetch { plan: key.plan(), waiter: WaiterId(waiter) })
            }
            Step::Answer(pick, said) => self.answer(*pick, *said),
            Step::Fail(pick) => {
                let Some(flight) = self.flight(*pick) else { return Ok(()) };
                let Outgoing { entry, request, plan, .. } = flight.outgoing;
                let error = Error::timeout(plan.request.call(), Duration::ZERO);
                self.apply(Event::Failed { entry, request, error, next_try: None })
            }
            Step::Set(key, said) => {
                let data = key.said(*said);
                self.write(Change::Write(write(*key, &data)))?;
                self.model.committed.insert(*key, Committed { data, began: self.clock, made_by: None });
                Ok(())
            }
            Step::Update(key) => self.update(*key),
            Step::Invalidate(id) => {
                let tags = if *id == 0 { POST.list() } else { POST.id(*id) };
                let change = Change::Invalidate { target: Kind::Tags(tags.into()), refetch: RefetchOf::Watched };
                self.write(change)
            }
            Step::Reset(key) => self.write(Change::Reset(Kind::Query(key.plan()))),
            Step::Remove(key) => self.write(Change::Remove(Kind::Query(key.plan()))),
            Step::Watch(key) => self.watch(*key),
            Step::Unwatch(key) => match self.watching.remove(key) {
                Some((entry, subscriber)) => self.apply(Event::Unsubscribe { entry, subscriber }),
                None => Ok(()),
            },
            Step::Overtake(step) => {
                self.overtaking = Some((**step).clone());
                Ok(())
            }
        }
    }

    fn tick(&mut self) -> u64 {
        self.clock += 1;
        self.clock
    }

    /// Has all worked out that the event needs. Something else may come in between.
    fn prepare(&mut self, event: &Event) -> Result<(), String> {
        let mut done = Vec::new();
        loop {
            let missing = self.core.prepare(event, &mut done);
            if missing.is_empty() {
                return Ok(());
            }
            done.extend(missing.into_iter().map(optimistic::run));
            if let Some(step) = self.overtaking.take() {
                self.step(&step)?;
            }
        }
    }

    fn apply(&mut self, event: Event) -> Result<(), String> {
        self.prepare(&event)?;
        self.take_in(event);
        Ok(())
    }

    fn write(&mut self, change: Change) -> Result<(), String> {
        let token = MutationId(self.tick());
        self.apply(Event::Change { changes: vec![change], token })
    }

    fn take_in(&mut self, event: Event) {
        let began = self.tick();
        (self.written, self.answered) = Default::default();
        for effect in self.core.apply(event, Duration::ZERO) {
            match effect {
                Effect::Publish { cell, snapshot } => drop(cell.store(snapshot)),
                Effect::Send(outgoing) => {
                    let key = Key::of_url(&outgoing.plan.request.path_and_query());
                    self.flights.push(Flight { key, outgoing, began });
                }
                Effect::Abort { request } => self.flights.retain(|flight| flight.outgoing.request != request),
                Effect::Answer { waiter, result } => {
                    let key = self.waiting.remove(&waiter.0).expect("a caller that waits");
                    self.answered.extend(result.ok().map(|value| (key, value)));
                }
                Effect::Report(Report::Removed { entry, .. } | Report::Reset { entry }) => {
                    self.model.committed.remove(&Key::of_url(&entry.url));
                }
                Effect::Report(Report::Written { entry, .. }) => self.written.push(Key::of_url(&entry.url)),
                _ => {}
            }
        }
    }

    fn start(&mut self, ops: &[Op], by_hand: bool, is_asked_for: bool) -> Result<(), String> {
        let id = MutationId(self.tick());
        if !by_hand {
            let call = CallRef::new(id.0, &Request::post("mutate", "/mutate"));
            self.apply(Event::MutationStarted { mutation: id, call, turn: crate::core::Turn::default() })?;
        }
        let began = self.clock;
        self.apply(Event::LayerAdded { layer: id, plan: Op::plan(ops), is_asked_for })?;
        self.running.push(Running { id, began, by_hand });
        self.model.layers.push(Layer { id, ops: ops.to_vec(), is_asked_for, done_at: None });
        Ok(())
    }

    fn end_one(&mut self, pick: usize, ending: Ending) -> Result<(), String> {
        if self.running.is_empty() {
            return Ok(());
        }
        let at = pick % self.running.len();
        let Running { id, began, by_hand } = self.running.remove(at);
        let mut written = None;
        let event = if by_hand {
            Event::LayerEnded { layer: id, is_done: matches!(ending, Ending::Succeeded(..)) }
        } else {
            let (outcome, write_of, reaches) = match ending {
                Ending::Succeeded(write_of, reaches) => (Outcome::Succeeded, write_of, reaches),
                Ending::Refused => (Outcome::Refused, None, false),
                Ending::Lost => (Outcome::Unknown, None, true),
            };
            written = write_of.map(|(key, said)| (key, key.said(said)));
            let writes = written.iter().map(|(key, data)| write(*key, data)).collect();
            let tags = if reaches { Tags::from(POST.all()) } else { Tags::none() };
            let settlement = Settlement { outcome, tags, writes, suspects: Vec::new() };
            Event::MutationSettled { mutation: id, settlement }
        };
        self.prepare(&event)?;
        let changed: Vec<Key> = Key::ALL
            .into_iter()
            .filter(|key| self.model.shown(*key).is_some_and(|shown| shown.1.contains(&id)))
            .collect();
        self.take_in(event);
        let at = self.model.layers.iter().position(|layer| layer.id == id).expect("a layer");
        let is_asked_for = self.model.layers[at].is_asked_for;
        match ending {
            Ending::Succeeded(..) => self.model.layers[at].done_at = Some(self.clock),
            _ => drop(self.model.layers.remove(at)),
        }
        if let Some((key, data)) = written.filter(|(key, _)| self.written.contains(key)) {
            self.model.committed.insert(key, Committed { data, began, made_by: Some(id) });
        }
        if ending == Ending::Lost && !by_hand && is_asked_for {
            for key in changed {
                let is_valid = self.core.entries.find(key.plan().key()).and_then(|id| self.core.entries.get(id));
                if is_valid.is_some_and(|entry| entry.is_valid()) {
                    return Err(format!("{key:?} counts as valid, and nobody knows what became of its change"));
                }
            }
        }
        Ok(())
    }

    fn flight(&mut self, pick: usize) -> Option<Flight> {
        let at = pick.checked_rem(self.flights.len())?;
        Some(self.flights.remove(at))
    }

    fn answer(&mut self, pick: usize, said: Said) -> Result<(), String> {
        let Some(at) = pick.checked_rem(self.flights.len()) else { return Ok(()) };
        let Flight { key, outgoing, began } = &self.flights[at];
        let (key, began, request) = (*key, *began, outgoing.request);
        let data = key.said(said);
        let mut response = decoded(key, &data);
        let body = response.response.as_ref().map(|response| response.body.clone());
        // As the driver does it: equal bytes are the data that is there.
        if let Some(known) = &outgoing.known
            && known.response.as_ref().map(|known| &known.1) == body.as_ref()
        {
            response.value = known.value.clone();
        }
        let event = Event::Received { entry: outgoing.entry, request, response, not_modified: false };
        self.prepare(&event)?;
        let is_open = self.flights.iter().any(|flight| flight.outgoing.request == request);
        self.flights.retain(|flight| flight.outgoing.request != request);
        self.take_in(event);
        if is_open {
            self.model.committed.insert(key, Committed { data, began, made_by: None });
        }
        Ok(())
    }

    fn update(&mut self, key: Key) -> Result<(), String> {
        let plan = key.plan();
        let Some(value) = self.core.committed(plan.key()).cloned() else { return Ok(()) };
        let mut data = key.data(&value);
        data.iter_mut().for_each(|post| post.1 = format!("u{}", post.1.trim_start_matches('u')));
        let token = MutationId(self.tick());
        let event = Event::Change { changes: vec![Change::Rework(write(key, &data))], token };
        self.prepare(&event)?;
        // As the client does it: what was made of older data is not written.
        if !self.core.committed(plan.key()).is_some_and(|current| Arc::ptr_eq(current, &value)) {
            return Ok(());
        }
        let entry = self.core.entries.find(plan.key()).and_then(|id| self.core.entries.get(id));
        let is_valid = entry.is_some_and(|entry| entry.is_valid());
        self.take_in(event);
        let clock = self.clock;
        if let Some(committed) = self.model.committed.get_mut(&key) {
            committed.data = data;
            if is_valid {
                (committed.began, committed.made_by) = (clock, None);
            }
        }
        Ok(())
    }

    fn watch(&mut self, key: Key) -> Result<(), String> {
        if self.watching.contains_key(&key) {
            return Ok(());
        }
        let (plan, subscriber) = (key.plan(), SubscriberId(self.tick()));
        self.apply(Event::Subscribe { plan: plan.clone(), subscriber })?;
        let entry = self.core.entries.find(plan.key()).expect("it is watched");
        self.watching.insert(key, (entry, subscriber));
        Ok(())
    }

    /// Compares what the core shows with what the model says.
    fn check(&mut self) -> Result<(), String> {
        for (key, value) in std::mem::take(&mut self.answered) {
            let shown = self.model.shown(key).map(|shown| shown.0);
            same("what a caller was answered", key, &shown, &Some(key.data(&value)))?;
        }
        for key in Key::ALL {
            let plan = key.plan();
            let committed = self.model.committed.get(&key).map(|committed| committed.data.clone());
            let found = self.core.committed(plan.key()).map(|value| key.data(value));
            same("the committed data", key, &committed, &found)?;
            let shown = self.model.shown(key);
            let found = self.core.data(plan.key()).map(|value| key.data(value));
            same("what is shown", key, &shown.as_ref().map(|shown| shown.0.clone()), &found)?;
            let Some((shown, changing)) = shown else { continue };
            let id = self.core.entries.find(plan.key()).expect("it has data");
            let entry = self.core.entries.get(id).expect("it was found");
            if let Some(cell) = self.core.watched_cell(plan.key()) {
                let told = cell.1.current().shown.as_ref().map(|shown| key.data(&shown.value));
                same("what watchers are shown", key, &Some(shown.clone()), &told)?;
            }
            for tag in ids(&shown).chain(committed.iter().flat_map(ids)) {
                let reached = self.core.reached(&Kind::Tags(tag.clone().into())).contains(&id);
                same("whether an invalidation finds what it shows or hides", key, &true, &reached)?;
            }
            let is_guess =
                |layer: &Layer| changing.contains(&layer.id) && layer.done_at.is_some() && layer.is_asked_for;
            if entry.is_valid() && self.model.layers.iter().any(is_guess) {
                return Err(format!("{key:?} counts as valid, and shows a change that is done as it was guessed"));
            }
            let before = self.versions.insert(key, (id, entry.version, shown.clone()));
            let is_untold =
                before.is_some_and(|(at, version, data)| at == id && data != shown && entry.version <= version);
            same("whether watchers are not told of other data", key, &false, &is_untold)?;
        }
        Ok(())
    }

    /// All comes to its end: then nothing but what the server says is shown, and nothing is left of the layers.
    pub(super) fn end(&mut self) -> Result<(), String> {
        self.overtaking = None;
        while !self.running.is_empty() {
            self.step(&Step::End(0, Ending::Succeeded(None, true)))?;
        }
        for _ in 0..2 {
            for key in Key::ALL {
                self.step(&Step::Ask(key))?;
            }
            while !self.flights.is_empty() {
                self.step(&Step::Answer(0, Said { text: 0, many: 3 }))?;
            }
        }
        for key in Key::ALL {
            let committed = self.model.committed.get(&key).map(|committed| committed.data.clone());
            same("what is shown in the end", key, &committed, &self.model.shown(key).map(|shown| shown.0))?;
        }
        same("whether no layer is left", Key::ALL[0], &true, &self.core.layers.is_empty())
    }
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, key: Key, expected: &T, found: &T) -> Result<(), String> {
    if expected == found { Ok(()) } else { Err(format!("{what}, {key:?}: expected {expected:?}, found {found:?}")) }
}

fn decoded(key: Key, data: &Data) -> Decoded {
    let (value, body) = (key.value(data), Bytes::from(format!("{data:?}")));
    let tags = key.plan().reader.tags_of_value(&value).0;
    let response = RawResponse { status: StatusCode::OK, headers: Arc::default(), body };
    Decoded { value, response: Some(response), parts: None, tags }
}

fn write(key: Key, data: &Data) -> Write {
    let response = Decoded { response: None, ..decoded(key, data) };
    Write { plan: key.plan(), response, tags_are_all: true }
}
