//! The world around the core: a clock, a server, callers, and what is on its way between them.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use super::asked::{Asked, Call};
use super::model::{Arriving, Model, Outcome};
use super::payload;
use super::schedule::Schedule;
use super::server::{Answer, Facts, Mutation, Server};
use crate::core::tests::decoded;
use crate::core::{Core, Decoded, Effect, EntryId, Event, MutationId, RequestId, SubscriberId, WaiterId};
use crate::error::ErrorKind;
use crate::event::{Cause, Event as Report};
use crate::query::{EntryKey, QueryPlan};
use crate::state::{Snapshot, StateCell};

/// The key and the path of each query.
static KEYS: LazyLock<Vec<(Asked, Arc<QueryPlan>, String)>> = LazyLock::new(|| {
    let key = |asked: &Asked| {
        let plan = Call::plain(*asked).plan();
        let path = plan.request.path_and_query().to_string();
        (*asked, plan, path)
    };
    Asked::ALL.iter().map(key).collect()
});

pub(super) fn keys() -> impl Iterator<Item = (Asked, EntryKey<'static>)> {
    KEYS.iter().map(|(asked, plan, _)| (*asked, plan.key()))
}

pub(super) fn key_of(asked: Asked) -> EntryKey<'static> {
    KEYS.iter().find(|(other, ..)| *other == asked).map(|(_, plan, _)| plan.key()).expect("every query has a key")
}

fn asked_of_key(key: EntryKey<'_>) -> Asked {
    KEYS.iter().find(|(_, plan, _)| plan.key() == key).expect("a query of the simulation").0
}

pub(super) fn asked_of_url(url: &str) -> Asked {
    KEYS.iter().find(|(.., other)| other == url).expect("a query of the simulation").0
}

/// A request that the core sent.
pub(super) struct Request {
    pub(super) entry: EntryId,
    pub(super) request: RequestId,
    pub(super) asked: Asked,
    /// What the server answers, once it does it.
    pub(super) answer: Option<Arriving>,
    /// Neither answered nor given up.
    pub(super) is_open: bool,
}

pub(super) struct Watching {
    pub(super) asked: Asked,
    pub(super) entry: EntryId,
    pub(super) id: u64,
    /// As a watcher does, it holds on to what it shows.
    _cell: Arc<StateCell>,
}

pub(super) struct Calling {
    pub(super) plan: Arc<QueryPlan>,
    pub(super) asked: Asked,
    pub(super) id: u64,
    /// What had settled when it asked.
    settled: Server,
}

pub(super) struct Running {
    pub(super) id: u64,
    pub(super) mutation: Mutation,
    /// What the server answered, and the versions it made, once it did it.
    pub(super) done: Option<(Option<Answer>, Facts)>,
}

/// What was told to the core, and could be told again.
pub(super) enum Past {
    Request(usize),
    Mutation(u64),
    Watching(EntryId, u64),
    Calling(Arc<QueryPlan>, u64),
}

/// What a watcher is shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct View {
    pub(super) serial: Option<u64>,
    pub(super) version: u64,
    pub(super) error: Option<String>,
    pub(super) is_fetching: bool,
    /// How many tries failed, and why the last one did.
    pub(super) failures: (usize, Option<String>),
    pub(super) is_stale: bool,
    pub(super) fetched_at: Option<Duration>,
}

impl View {
    pub(super) fn of(snapshot: &Snapshot) -> View {
        View {
            serial: snapshot.shown.as_ref().map(|shown| payload::serial(&shown.value)),
            version: snapshot.versions.data,
            error: snapshot.error.as_ref().map(ToString::to_string),
            is_fetching: snapshot.is_fetching,
            failures: (snapshot.failures as usize, snapshot.last_failure.as_ref().map(ToString::to_string)),
            is_stale: snapshot.is_stale,
            fetched_at: snapshot.shown.as_ref().map(|shown| shown.fetched_at),
        }
    }
}

/// What came out of the core.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) outcome: Outcome,
    pub(super) published: Vec<Asked>,
    /// The data that goes with a request, for an equal answer to keep, and whether the server may be asked about it.
    pub(super) known: Vec<(Asked, Option<u64>, bool)>,
    /// Why a request is sent, as it is reported.
    pub(super) causes: Vec<(u64, Cause)>,
    /// All effects, in order, in words.
    pub(super) words: Vec<String>,
}

pub(super) struct World {
    pub(super) core: Core,
    pub(super) model: Model,
    pub(super) now: Duration,
    /// When the timer will ring.
    pub(super) wake_at: Option<Duration>,
    pub(super) last_tick: Option<Duration>,
    pub(super) server: Server,
    /// The server as far as the mutations did it that settled: who asks now gets nothing older.
    pub(super) settled: Server,
    pub(super) requests: Vec<Request>,
    pub(super) watching: Vec<Watching>,
    pub(super) calling: Vec<Calling>,
    pub(super) mutations: Vec<Running>,
    pub(super) past: Vec<Past>,
    /// What is shown of what is watched.
    pub(super) shown: BTreeMap<Asked, (View, u64)>,
    /// What the data tells that is known under a number.
    pub(super) facts: BTreeMap<u64, Facts>,
    pub(super) last_id: u64,
    pub(super) steps: usize,
    pub(super) is_told: bool,
    /// The story so far, if somebody wants to read it.
    pub(super) story: Vec<String>,
}

impl World {
    pub(super) fn new(schedule: &Schedule, is_told: bool) -> World {
        World {
            core: Core::new(schedule.defaults),
            model: Model::new(schedule.defaults),
            now: Duration::ZERO,
            wake_at: None,
            last_tick: None,
            server: Server::default(),
            settled: Server::default(),
            requests: Vec::new(),
            watching: Vec::new(),
            calling: Vec::new(),
            mutations: Vec::new(),
            past: Vec::new(),
            shown: BTreeMap::new(),
            facts: BTreeMap::new(),
            last_id: 0,
            steps: 0,
            is_told,
            story: Vec::new(),
        }
    }

    /// A number that was not given before: of a caller, a mutation, a value.
    pub(super) fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// Data of the server's, on its way. `is_known` says whether the cache is told all of its tags.
    pub(super) fn arriving(&mut self, answer: Answer, is_known: bool) -> Arriving {
        let serial = self.next_id();
        let Answer { body, tags, facts } = answer;
        self.facts.insert(serial, if is_known { facts } else { Vec::new() });
        Arriving { serial, body: Some(body), tags, max_age: None }
    }

    /// A caller that waits.
    pub(super) fn caller(&mut self, call: &Call, plan: &Arc<QueryPlan>) -> WaiterId {
        let id = self.next_id();
        let settled = self.settled.clone();
        self.calling.push(Calling { plan: plan.clone(), asked: call.asked, id, settled });
        WaiterId(id)
    }

    /// The watcher is there, and finds the entry as the client does.
    pub(super) fn watcher(&mut self, asked: Asked, id: SubscriberId) -> Result<(), String> {
        let Some((entry, cell)) = self.core.watched_cell(key_of(asked)) else {
            return Err(format!("{asked} was watched and has no state to show"));
        };
        self.watching.push(Watching { asked, entry, id: id.0, _cell: cell });
        Ok(())
    }

    /// Gives the core an event, and takes in what comes out.
    pub(super) fn tell(&mut self, event: Event) -> Result<Seen, String> {
        let now = self.now;
        let (effects, dropped) = payload::watched(|| self.core.apply(event, now));
        if let Some(serial) = dropped {
            return Err(format!("the core itself dropped data #{serial}, whose drop is the application's code"));
        }
        let mut seen = Seen::default();
        for effect in effects {
            self.see(effect, &mut seen)?;
        }
        Ok(seen)
    }

    fn see(&mut self, effect: Effect, seen: &mut Seen) -> Result<(), String> {
        if self.is_told {
            seen.words.extend(super::words::of_effect(&effect));
        }
        let outcome = &mut seen.outcome;
        let is_first = outcome == &Outcome::default();
        match effect {
            Effect::Publish { cell, snapshot } => {
                if !is_first {
                    return Err("a state was published after other effects".to_owned());
                }
                let found = keys()
                    .find(|(_, key)| self.core.watched_cell(*key).is_some_and(|(_, other)| Arc::ptr_eq(&cell, &other)));
                seen.published.extend(found.map(|(asked, _)| asked));
                drop(cell.store(snapshot));
            }
            Effect::Send(outgoing) => {
                if !outcome.told.is_empty() {
                    return Err("a mutation's caller had its result before the refetches were sent".to_owned());
                }
                let asked = asked_of_key(outgoing.plan.key());
                if self.requests.iter().any(|other| other.is_open && other.asked == asked) {
                    return Err(format!("two requests of {asked} are in flight"));
                }
                let cause = seen.causes.iter().find(|(request, _)| *request == outgoing.request.0);
                let Some((_, cause)) = cause else { return Err(format!("a request of {asked} has no cause")) };
                outcome.sent.push((asked, *cause));
                let known = outgoing.known.as_ref();
                let is_revalidated = known.is_some_and(|known| known.revalidated.is_some());
                seen.known.push((asked, known.map(|known| payload::serial(&known.value)), is_revalidated));
                let (entry, request) = (outgoing.entry, outgoing.request);
                self.requests.push(Request { entry, request, asked, answer: None, is_open: true });
            }
            Effect::Abort { request } => {
                let open = self.requests.iter_mut().find(|other| other.is_open && other.request == request);
                let Some(open) = open else { return Err("a request was given up that is not in flight".to_owned()) };
                open.is_open = false;
                outcome.aborted.push(open.asked);
                let at = self.requests.iter().position(|other| other.request == request);
                self.past.extend(at.map(Past::Request));
            }
            Effect::Answer { waiter, result } => {
                let answer = result.map(|value| payload::serial(&value)).map_err(|error| match error.kind() {
                    ErrorKind::Aborted => "given up".to_owned(),
                    _ => error.to_string(),
                });
                self.answered(waiter.0, &answer)?;
                outcome.answered.push((waiter.0, answer));
            }
            Effect::AnswerMutation { mutation } => outcome.told.push(mutation.0),
            Effect::Refetched { mutation: MutationId(id), errors } => outcome.refetched.push((id, errors.len())),
            Effect::WakeAt(at) => self.wake_at = Some(at),
            Effect::Report(Report::Requested { request, cause, .. }) => seen.causes.push((request, cause)),
            Effect::Report(Report::Removed { entry, why }) => outcome.removed.push((asked_of_url(&entry.url), why)),
            Effect::Report(_)
            | Effect::HoldMutation { .. }
            | Effect::SendMutation { .. }
            | Effect::Empty(_)
            | Effect::Discard(_) => {}
        }
        Ok(())
    }

    /// Nobody gets what is older than what had settled when they asked.
    pub(super) fn answered(&mut self, id: u64, answer: &Result<u64, String>) -> Result<(), String> {
        let Some(at) = self.calling.iter().position(|caller| caller.id == id) else {
            return Err(format!("caller {id} is answered, who does not wait"));
        };
        let caller = self.calling.swap_remove(at);
        self.past.push(Past::Calling(caller.plan.clone(), id));
        let facts = answer.as_ref().ok().and_then(|serial| self.facts.get(serial));
        for (thing, version) in facts.into_iter().flatten() {
            let settled = caller.settled.version(*thing);
            if *version < settled {
                let asked = caller.asked;
                return Err(format!(
                    "caller {id} of {asked} got {thing:?} in version {version}; version {settled} had settled when it asked"
                ));
            }
        }
        Ok(())
    }

    /// A response, or data of the application's own.
    pub(super) fn decoded(arriving: &Arriving) -> Decoded {
        let mut decoded = decoded(arriving.body.as_deref().unwrap_or_default(), super::asked::as_tags(&arriving.tags));
        decoded.value = payload::value(arriving.serial);
        if arriving.body.is_none() {
            decoded.response = None;
        }
        if let (Some(age), Some(response)) = (arriving.max_age, &mut decoded.response) {
            let header = (http::header::CACHE_CONTROL, format!("max-age={}", age.as_secs()));
            response.headers =
                Arc::new([header].into_iter().map(|(name, value)| (name, value.parse().unwrap())).collect());
        }
        decoded
    }
}
