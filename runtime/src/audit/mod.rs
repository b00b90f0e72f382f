//! The auditor: finds, while an application is developed and tested, the queries that a mutation changed without saying so.
//!
//! After each mutation that succeeded, and after the refetches that it caused, the auditor asks the server once more for
//! what the cache holds and compares. An entry that was not invalidated but differs is a [`Miss`]: somebody looks at
//! stale data. An entry that was invalidated but is the same was refetched for nothing, [`Needless`].
//!
//! It sends nothing but requests that the application itself has sent for these entries, one at a time and within a
//! budget. It never writes to the cache, so nobody who watches an entry sees anything of it. It exists only with the
//! feature `audit`, and does nothing unless a client is given an [`Audit`].
//!
//! ```no_run
//! # async fn run(update: larder::Mutation<larder::Json>) -> Result<(), Box<dyn std::error::Error>> {
//! use larder::audit::Audit;
//!
//! let audit = Audit::new().jsonl("AUDIT.jsonl")?;
//! let client = larder::Client::builder("http://localhost:8080").audit(&audit).build()?;
//! client.mutate(update).await?;
//! audit.finished().await;
//! assert!(audit.misses().is_empty(), "{audit}");
//! # Ok(())
//! # }
//! ```
#![expect(clippy::mutable_key_type, reason = "how much of a body was sent is counted beside what a key compares")]

mod auditor;
mod call;
mod compare;
mod known;
mod line;
mod mend;
mod report;
mod run;

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use tokio::sync::watch;

pub(crate) use self::auditor::{Auditor, Settled};
pub use self::call::Call;
pub use self::report::{Miss, Needless, Report, Volatile};
pub(crate) use self::run::work;
use crate::guard::{guarded, lock};
use crate::platform::{MaybeSend, MaybeSync};
use crate::shared::Listen;
use crate::sync::Mutex;

/// Collects what the auditor finds. Cheap to clone; all clones show the same.
///
/// Give it to [`ClientBuilder::audit`](crate::ClientBuilder::audit).
#[derive(Clone)]
pub struct Audit {
    findings: Arc<Mutex<Findings>>,
    /// How many mutations were sent whose audit is not done.
    pending: Arc<watch::Sender<usize>>,
}

struct Findings {
    per_mutation: usize,
    left: usize,
    reports: Vec<Report>,
    /// Operation and place of what changes by itself.
    volatile: BTreeSet<(&'static str, String)>,
    /// How often a change of an operation's data was asked for a second time.
    controls: HashMap<&'static str, u8>,
    listener: Option<Arc<dyn Listen<Report>>>,
    lines: Option<Box<dyn Write + Send>>,
    problem: Option<String>,
}

impl Audit {
    /// An auditor that sends at most 100 requests for a mutation, and 10,000 in all.
    #[must_use]
    pub fn new() -> Audit {
        let findings = Findings {
            per_mutation: 100,
            left: 10_000,
            reports: Vec::new(),
            volatile: BTreeSet::new(),
            controls: HashMap::new(),
            listener: None,
            lines: None,
            problem: None,
        };
        Audit { findings: Arc::new(Mutex::new(findings)), pending: Arc::new(watch::Sender::new(0)) }
    }

    /// How many requests it may send for one mutation. What is left out is told in the report, and has its turn first
    /// after the next mutation.
    #[must_use]
    pub fn requests_per_mutation(self, requests: usize) -> Audit {
        lock(&self.findings).per_mutation = requests;
        self
    }

    /// How many requests it may send in all.
    #[must_use]
    pub fn requests_in_total(self, requests: usize) -> Audit {
        lock(&self.findings).left = requests;
        self
    }

    /// Is called with each report, outside every lock.
    #[must_use]
    pub fn on_report(self, listener: impl Fn(&Report) + MaybeSend + MaybeSync + 'static) -> Audit {
        // In a browser nothing is shared between threads; natively this is.
        #[cfg_attr(target_arch = "wasm32", expect(clippy::arc_with_non_send_sync))]
        let listener: Arc<dyn Listen<Report>> = Arc::new(listener);
        lock(&self.findings).listener = Some(listener);
        self
    }

    /// Adds a line to this file for each mutation: what `larder learn` reads. The file is made if it is not there.
    ///
    /// The lines hold no headers and no credentials, but they do hold args and bodies: keep the file where such data may be.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn jsonl(self, path: impl AsRef<Path>) -> io::Result<Audit> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        Ok(self.lines(file))
    }

    /// As [`jsonl`](Self::jsonl), into anything that can be written to.
    #[must_use]
    pub fn lines(self, lines: impl Write + Send + 'static) -> Audit {
        lock(&self.findings).lines = Some(Box::new(lines));
        self
    }

    /// Waits until every mutation that was sent so far has settled and been compared.
    pub async fn finished(&self) {
        let mut pending = self.pending.subscribe();
        // The sender is ours, so it is there.
        let _ = pending.wait_for(|count| *count == 0).await;
    }

    /// What was found out about each mutation, in their order.
    pub fn reports(&self) -> Vec<Report> {
        lock(&self.findings).reports.clone()
    }

    /// The entries that mutations left stale.
    pub fn misses(&self) -> Vec<Miss> {
        lock(&self.findings).reports.iter().flat_map(|report| report.misses.clone()).collect()
    }

    /// The entries that mutations invalidated for nothing.
    pub fn needless(&self) -> Vec<Needless> {
        lock(&self.findings).reports.iter().flat_map(|report| report.needless.clone()).collect()
    }

    /// Operations whose data changes by itself.
    pub fn volatile(&self) -> Vec<Volatile> {
        lock(&self.findings).reports.iter().flat_map(|report| report.volatile.clone()).collect()
    }

    /// Why lines could not be written, if that happened.
    pub fn problem(&self) -> Option<String> {
        lock(&self.findings).problem.clone()
    }

    /// Something is to be audited, until what is given back is dropped.
    fn begin(&self) -> Pending {
        self.pending.send_modify(|count| *count += 1);
        Pending(self.pending.clone())
    }

    /// Takes a request out of what is left, if one is.
    fn take_request(&self, sent_for_mutation: usize) -> bool {
        let mut findings = lock(&self.findings);
        let may = findings.left > 0 && sent_for_mutation < findings.per_mutation;
        findings.left -= usize::from(may);
        may
    }

    fn is_volatile(&self, operation: &'static str, pattern: &str) -> bool {
        lock(&self.findings).volatile.contains(&(operation, pattern.to_owned()))
    }

    /// Remembers places that change by themselves, and gives back those that were not known.
    fn add_volatile(&self, operation: &'static str, patterns: impl Iterator<Item = String>) -> Vec<String> {
        let mut findings = lock(&self.findings);
        patterns.filter(|pattern| findings.volatile.insert((operation, pattern.clone()))).collect()
    }

    /// Whether changes of this operation's data were asked for twice often enough to trust them.
    fn is_trusted(&self, operation: &'static str) -> bool {
        lock(&self.findings).controls.get(operation).is_some_and(|count| *count >= 3)
    }

    fn controlled(&self, operation: &'static str) {
        let mut findings = lock(&self.findings);
        let count = findings.controls.entry(operation).or_default();
        *count = count.saturating_add(1);
    }

    fn tell(&self, report: Report, line: &str) {
        let mut findings = lock(&self.findings);
        findings.reports.push(report.clone());
        let listener = findings.listener.clone();
        let writer = findings.lines.take();
        drop(findings);
        // Both are the user's code.
        if let Some(mut writer) = writer {
            let written = guarded(|| writer.write_all(line.as_bytes()).and_then(|()| writer.flush()));
            let mut findings = lock(&self.findings);
            match written {
                Ok(Ok(())) => findings.lines = Some(writer),
                Ok(Err(error)) => findings.problem = Some(format!("lines are no longer written: {error}")),
                Err(_) => findings.problem = Some("lines are no longer written: the writer panicked".to_owned()),
            }
        }
        if let Some(listener) = listener {
            let _ = guarded(|| listener.hear(&report));
        }
    }
}

impl Default for Audit {
    fn default() -> Audit {
        Audit::new()
    }
}

/// All reports.
impl fmt::Display for Audit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(problem) = self.problem() {
            writeln!(f, "{problem}")?;
        }
        self.reports().iter().try_for_each(|report| write!(f, "{report}"))
    }
}

impl fmt::Debug for Audit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Audit").field("reports", &lock(&self.findings).reports.len()).finish_non_exhaustive()
    }
}

/// Something that is to be audited.
struct Pending(Arc<watch::Sender<usize>>);

impl Drop for Pending {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count = count.saturating_sub(1));
    }
}
