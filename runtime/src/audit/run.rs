//! Works off the jobs: asks the server again, one request at a time, and judges the answers.

use std::sync::Arc;

use bytes::Bytes;

use super::Audit;
use super::auditor::{Fate, Item, Job, is_gone};
use super::call::Call;
use super::compare::{Place, differences, pattern};
use super::known::Seen;
use super::line::{Compared, Line};
use super::mend::mend;
use super::report::{Miss, Needless, Report, Volatile};
use crate::query::QueryPlan;
use crate::recorded;
use crate::shared::Shared;

/// Works until no job is left.
pub(crate) async fn work(shared: Arc<Shared>) {
    let Some(audit) = shared.auditor.audit().cloned() else { return };
    while let Some(job) = shared.auditor.next_job() {
        let run = Run::new(&shared, &audit, job);
        run.run().await;
    }
}

/// One job under way.
struct Run<'a> {
    shared: &'a Shared,
    audit: &'a Audit,
    job: Job,
    report: Report,
    lines: Vec<Compared>,
}

/// Why there is nothing to compare.
enum Unknown {
    OverBudget,
    Overtaken,
    Unanswered,
}

/// What the server says, beside what was there before.
struct Change {
    places: Vec<Place>,
    gone: bool,
}

impl<'a> Run<'a> {
    fn new(shared: &'a Shared, audit: &'a Audit, job: Job) -> Run<'a> {
        let report = Report {
            mutation: job.call.clone(),
            misses: Vec::new(),
            needless: Vec::new(),
            volatile: Vec::new(),
            compared: 0,
            over_budget: 0,
            overtaken: 0,
            unanswered: 0,
            requests: 0,
        };
        Run { shared, audit, job, report, lines: Vec::new() }
    }

    /// What may be stale on a screen first, of these what was not looked at for longest; then what was invalidated.
    async fn run(mut self) {
        let mut items = std::mem::take(&mut self.job.items);
        let rank = |item: &Item| match item.fate {
            Fate::Untouched | Fate::Written(_) => 0,
            Fate::Refetched(_) => 1,
            Fate::Stale => 2,
            Fate::Dropped => 3,
        };
        items.sort_by_key(|item| (rank(item), item.last_compared));
        for item in items {
            match self.compare(&item).await {
                Ok(change) => self.judge(item, &change),
                Err(Unknown::OverBudget) => self.report.over_budget += 1,
                Err(Unknown::Overtaken) => self.report.overtaken += 1,
                Err(Unknown::Unanswered) => self.report.unanswered += 1,
            }
        }
        let line = Line::write(&self.job, self.lines);
        self.audit.tell(self.report, &line);
    }

    /// How the server's data differs from what was there before.
    async fn compare(&mut self, item: &Item) -> Result<(Change, Seen), Unknown> {
        let seen = match &item.fate {
            Fate::Refetched(Some(seen)) => seen.clone(),
            Fate::Refetched(None) if self.is_quiet() => return Err(Unknown::Unanswered),
            Fate::Refetched(None) => return Err(Unknown::Overtaken),
            _ => self.ask(&item.plan).await?,
        };
        let Seen::Body(now) = &seen else { return Ok((Change { places: Vec::new(), gone: true }, seen)) };
        let mut places = self.lasting(item, differences(&item.before, now));
        let operation = item.plan.request.operation();
        let is_refetched = matches!(item.fate, Fate::Refetched(_));
        let is_trusted = is_refetched && self.audit.is_trusted(operation);
        if !places.is_empty() && !is_trusted {
            // The control: does it change by itself?
            match self.ask(&item.plan).await {
                Ok(Seen::Body(again)) => {
                    self.audit.controlled(operation);
                    self.note_volatile(operation, &differences(now, &again));
                    places = self.lasting(item, places);
                }
                Err(Unknown::Overtaken) => return Err(Unknown::Overtaken),
                Ok(Seen::Gone) | Err(_) => {}
            }
        }
        Ok((Change { places, gone: false }, seen))
    }

    /// Sends the entry's own request once more. Nobody but the auditor sees the answer.
    async fn ask(&mut self, plan: &QueryPlan) -> Result<Seen, Unknown> {
        if plan.request.streaming().is_some() {
            // It may never end.
            return Err(Unknown::Unanswered);
        }
        if !self.is_quiet() {
            return Err(Unknown::Overtaken);
        }
        if !self.audit.take_request(self.report.requests) {
            return Err(Unknown::OverBudget);
        }
        self.report.requests += 1;
        let exchange = &self.shared.exchange;
        let request = exchange.build(&plan.request).map_err(|_| Unknown::Unanswered)?;
        let answer = exchange.run(request, &plan.request.call()).await;
        if !self.is_quiet() {
            return Err(Unknown::Overtaken);
        }
        match answer {
            Ok(response) => Ok(Seen::Body(response.body)),
            Err(error) if error.status().is_some_and(|status| is_gone(status.as_u16())) => Ok(Seen::Gone),
            Err(_) => Err(Unknown::Unanswered),
        }
    }

    fn is_quiet(&self) -> bool {
        self.shared.auditor.is_quiet_since(self.job.number)
    }

    /// The places but for those that are known to change by themselves.
    fn lasting(&self, item: &Item, places: Vec<Place>) -> Vec<Place> {
        let operation = item.plan.request.operation();
        places.into_iter().filter(|place| !self.audit.is_volatile(operation, &pattern(&place.pointer))).collect()
    }

    fn note_volatile(&mut self, operation: &'static str, places: &[Place]) {
        let new = self.audit.add_volatile(operation, places.iter().map(|place| pattern(&place.pointer)));
        if !new.is_empty() {
            self.report.volatile.push(Volatile { operation_id: operation.to_owned(), places: new });
        }
    }

    fn judge(&mut self, item: Item, (change, seen): &(Change, Seen)) {
        self.report.compared += 1;
        let query = Call::new(&item.plan.request);
        let changed = change.gone || !change.places.is_empty();
        let timestamps_only = !change.places.is_empty() && change.places.iter().all(|place| place.is_time);
        let told = |places: &[Place]| places.iter().map(|place| place.pointer.clone()).collect::<Vec<_>>();
        let mut patterns: Vec<String> = change.places.iter().map(|place| pattern(&place.pointer)).collect();
        patterns.dedup();
        let written_wrong = match (&item.fate, seen) {
            (Fate::Written(written), Seen::Body(now)) => self.lasting(&item, differences(written, now)),
            (Fate::Written(_), Seen::Gone) => vec![Place { pointer: String::new(), is_time: false }],
            _ => Vec::new(),
        };
        let is_miss = match item.fate {
            Fate::Untouched => changed,
            Fate::Written(_) => !written_wrong.is_empty(),
            _ => false,
        };
        let is_invalidated = matches!(item.fate, Fate::Refetched(_) | Fate::Stale | Fate::Dropped);
        if is_miss {
            let moved =
                |place: &Place| place.pointer.rsplit('/').next().is_some_and(|last| last.parse::<usize>().is_ok());
            let members_moved = change.places.iter().any(moved);
            let written = matches!(item.fate, Fate::Written(_));
            self.report.misses.push(Miss {
                mutation: self.job.call.clone(),
                mend: mend(&self.job.call, &self.job.response, &query, &item.tags, members_moved),
                query: query.clone(),
                places: told(if written { &written_wrong } else { &change.places }),
                timestamps_only,
                gone: change.gone,
                written,
                also_possible: item.suspects.clone(),
            });
        } else if is_invalidated && !changed {
            self.report.needless.push(Needless { mutation: self.job.call.clone(), query: query.clone() });
        }
        // What the cache holds now stays what it is; what the server says is remembered beside it.
        let newer = match (&item.fate, seen) {
            (Fate::Refetched(_), _) => None,
            (_, Seen::Gone) => Some(Seen::Gone),
            // The same data, without a second copy of it.
            (Fate::Untouched, Seen::Body(_)) if !changed => Some(Seen::Body(item.before.clone())),
            (_, Seen::Body(now)) => Some(Seen::Body(now.clone())),
        };
        self.shared.auditor.compared(item.plan.key(), self.job.number, newer);
        let json = |bytes: &Bytes| recorded::without_secrets(recorded::read(bytes));
        let response_after = match seen {
            Seen::Body(now) => changed.then(|| json(now)),
            Seen::Gone => Some(serde_json::Value::Null),
        };
        self.lines.push(Compared {
            call: query,
            cached: true,
            changed,
            kind: match (change.gone, changed) {
                (true, _) => "gone",
                (false, true) => "changed",
                (false, false) => "unchanged",
            },
            timestamps_only,
            changed_paths: patterns,
            invalidated: is_invalidated,
            also_possible: item.suspects,
            response_before: json(&item.before),
            response_after,
        });
    }
}
