//! Listens to what a client reports: tells it, counts it, and knows when nothing is under way.

use std::sync::Arc;

use larder::{CallRef, Cause, Event, Outcome, Tags};
use tokio::sync::watch;

use crate::line::{Line, Sign};
use crate::stage::SharedTranscript;
use crate::tally::Tally;

/// Hears the events of one client.
#[derive(Clone)]
pub(crate) struct Listener(Arc<Inner>);

struct Inner {
    transcript: SharedTranscript,
    tally: watch::Sender<Tally>,
    under_way: watch::Sender<usize>,
}

impl Listener {
    pub fn new(transcript: SharedTranscript) -> Self {
        let (tally, under_way) = (watch::Sender::default(), watch::Sender::default());
        Self(Arc::new(Inner { transcript, tally, under_way }))
    }

    /// Takes note of an event.
    pub fn hear(&self, event: &Event) {
        let lines = lines_of(event);
        self.0.transcript.tell(|told| lines.into_iter().for_each(|line| told.happened(line)));
        // Counted last: when it is quiet, everything has been told.
        self.count(event);
    }

    /// What was counted so far.
    pub fn tally(&self) -> Tally {
        *self.0.tally.borrow()
    }

    /// Waits until every request that was sent has come to its end.
    pub async fn quiet(&self) {
        // An error would mean that the sender is gone, and it is borrowed here.
        let _ = self.0.under_way.subscribe().wait_for(|count| *count == 0).await;
    }

    /// Waits until this many callers have joined a request under way.
    pub async fn joined(&self, callers: usize) {
        // As above.
        let _ = self.0.tally.subscribe().wait_for(|tally| tally.joined >= callers).await;
    }

    fn count(&self, event: &Event) {
        let under_way = &self.0.under_way;
        match event {
            Event::Requested { .. } | Event::MutationStarted { .. } => under_way.send_modify(|count| *count += 1),
            Event::Received { .. } | Event::Failed { .. } | Event::Aborted { .. } | Event::MutationSettled { .. } => {
                under_way.send_modify(|count| *count = count.saturating_sub(1))
            }
            _ => {}
        }
        self.0.tally.send_modify(|tally| match event {
            Event::Requested { cause: Cause::Invalidated, .. } => tally.refetches += 1,
            Event::MutationStarted { .. } => tally.mutations += 1,
            Event::AnsweredFromCache { .. } => tally.cached += 1,
            Event::Joined { .. } => tally.joined += 1,
            _ => {}
        });
    }
}

fn lines_of(event: &Event) -> Vec<Line> {
    match event {
        Event::Requested { entry, cause, .. } => {
            vec![line(Sign::Request, entry, call(entry), format!("{}{}", entry.operation, because(*cause)))]
        }
        Event::AnsweredFromCache { entry } => {
            vec![line(Sign::Cached, entry, format!("{} from the cache", entry.operation), String::new())]
        }
        Event::Joined { entry } => {
            let note = "waits for the request under way".to_owned();
            vec![line(Sign::Joined, entry, entry.operation.to_owned(), note)]
        }
        Event::Received { entry, changed: false, .. } => {
            let note = "the same as before, so nobody is woken".to_owned();
            vec![line(Sign::Same, entry, call(entry), note)]
        }
        Event::Failed { entry, error, .. } => {
            vec![line(Sign::Failure, entry, call(entry), error.to_string())]
        }
        Event::MutationStarted { call: sent } => {
            vec![line(Sign::Mutation, sent, call(sent), sent.operation.to_owned())]
        }
        Event::MutationSettled { call, outcome, tags } => {
            vec![line(Sign::Mutation, call, call.operation.to_owned(), settled(*outcome, tags))]
        }
        Event::Invalidated { refetching, marked_stale, dropped, .. } => {
            let refetching = refetching.iter().map(|entry| reached(Sign::Refetch, entry, "is refetched"));
            let stale = marked_stale.iter().map(|entry| reached(Sign::Stale, entry, "is stale until it is read"));
            let dropped = dropped.iter().map(|entry| reached(Sign::Stale, entry, "is gone"));
            refetching.chain(stale).chain(dropped).collect()
        }
        Event::Written { entry, .. } => {
            let note = "written from the mutation's answer".to_owned();
            vec![line(Sign::Same, entry, entry.operation.to_owned(), note)]
        }
        Event::TagsIncomplete { call } => {
            let note = "could not say all that it makes stale".to_owned();
            vec![line(Sign::Failure, call, call.operation.to_owned(), note)]
        }
        _ => Vec::new(),
    }
}

fn line(sign: Sign, about: &CallRef, what: String, note: String) -> Line {
    Line { sign, operation: about.operation.to_owned(), what, note }
}

fn reached(sign: Sign, entry: &CallRef, fate: &str) -> Line {
    line(sign, entry, format!("{} {fate}", entry.operation), entry.url.to_string())
}

fn call(call: &CallRef) -> String {
    format!("{} {}", call.method, call.url)
}

fn because(cause: Cause) -> &'static str {
    match cause {
        Cause::Invalidated => ", invalidated",
        Cause::Refetch => ", asked for again",
        Cause::Prefetch => ", ahead of its use",
        Cause::Poll => ", polled",
        _ => "",
    }
}

fn settled(outcome: Outcome, tags: &Tags) -> String {
    let tags: Vec<_> = tags.iter().map(ToString::to_string).collect();
    let invalidates = match tags.as_slice() {
        [] => "invalidates nothing".to_owned(),
        tags => format!("invalidates {}", tags.join(", ")),
    };
    match outcome {
        Outcome::Succeeded => invalidates,
        Outcome::Refused => format!("was refused, {invalidates}"),
        Outcome::Unknown => format!("may have been done, {invalidates}"),
        _ => format!("was not sent, {invalidates}"),
    }
}
