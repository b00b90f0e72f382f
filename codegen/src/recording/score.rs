//! How well a plan foretells what a recording shows.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::{RecordedMutation, RecordedQuery, Step};
use crate::plan::evaluate::{filled, tags};
use crate::plan::{Operation, Plan};

/// A mutation and a query.
pub type Pair = (String, String);

/// What a plan reached, of what it should have reached.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Score {
    /// Queries that changed.
    pub changed: usize,
    /// Those of them that the plan invalidates or writes.
    pub hit: usize,
    /// Queries that the plan invalidates.
    pub sent: usize,
    /// Those of them that changed.
    pub useful: usize,
    /// Queries that were written rightly, and so need no request.
    pub saved: usize,
    /// Queries that were written with what the server did not say afterwards.
    pub wrong: usize,
    /// Changed queries that nothing invalidated, as they were sent.
    pub misses: BTreeMap<Pair, Vec<String>>,
    /// How many queries were invalidated and had not changed.
    pub extras: BTreeMap<Pair, usize>,
    /// Operations of the recording that the plan does not have.
    pub unknown: BTreeSet<String>,
}

/// Scores `plan` on a recording.
pub fn score(plan: &Plan, recording: &[Step]) -> Score {
    let operations: BTreeMap<&str, &Operation> =
        plan.operations.iter().map(|operation| (operation.id.as_str(), operation)).collect();
    let mut score = Score::default();
    for step in recording.iter().filter(|step| step.mutation.succeeded()) {
        let mutation = &step.mutation;
        let Some(planned) = operations.get(mutation.call.operation_id.as_str()) else {
            score.unknown.insert(mutation.call.operation_id.clone());
            continue;
        };
        let invalidated = tags(&planned.invalidates, &mutation.call, &mutation.response_body);
        for query in step.queries.iter().filter(|query| query.cached) {
            let Some(reader) = operations.get(query.call.operation_id.as_str()) else {
                score.unknown.insert(query.call.operation_id.clone());
                continue;
            };
            let provided = tags(&reader.provides, &query.call, &query.response_before);
            let fetched = invalidated.iter().any(|tag| provided.iter().any(|other| tag.reaches(other)));
            score.count(mutation, query, fetched, written(planned, mutation, query));
        }
    }
    score
}

/// Whether what the mutation writes into this query's entry is what the server says then; `None` when it writes nothing.
fn written(planned: &Operation, mutation: &RecordedMutation, query: &RecordedQuery) -> Option<bool> {
    let mut writes = planned.writes.iter().map(|write| filled(write, &mutation.call, &mutation.response_body));
    let filled = writes.find(|filled| filled.is_entry_of(&query.call))?;
    Some(filled.value == Some(query.after()))
}

/// In one line, as the tool that comes with recordings says it.
impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Score { hit, changed, useful, sent, saved, wrong, .. } = self;
        let (recall, precision) = (self.recall(), self.precision());
        write!(f, "recall {recall:.4} ({hit}/{changed})  precision {precision:.4} ({useful}/{sent})  ")?;
        write!(f, "entries written without a refetch {saved}, wrongly {wrong}")
    }
}

impl Score {
    /// Changed queries that were invalidated or written, of all changed ones. A miss is stale data on a screen.
    pub fn recall(&self) -> f64 {
        ratio(self.hit, self.changed)
    }

    /// Invalidated queries that did change, of all invalidated ones. The rest are requests for nothing.
    pub fn precision(&self) -> f64 {
        ratio(self.useful, self.sent)
    }

    fn count(&mut self, mutation: &RecordedMutation, query: &RecordedQuery, fetched: bool, written: Option<bool>) {
        let pair = (mutation.call.operation_id.clone(), query.call.operation_id.clone());
        let rightly = written == Some(true);
        self.wrong += usize::from(written == Some(false));
        self.saved += usize::from(rightly && !fetched);
        self.sent += usize::from(fetched);
        self.changed += usize::from(query.changed);
        self.useful += usize::from(fetched && query.changed);
        self.hit += usize::from(query.changed && (fetched || rightly));
        if query.changed && !fetched && !rightly {
            let url = query.url.clone().unwrap_or_else(|| query.call.operation_id.clone());
            self.misses.entry(pair.clone()).or_default().push(url);
        }
        if fetched && !query.changed {
            *self.extras.entry(pair).or_default() += 1;
        }
    }
}

fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}
