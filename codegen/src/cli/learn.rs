//! `larder learn`: overrides from recorded traffic.

use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::Args;

use super::input::{FILE, Job};
use super::reporter::{Reporter, Talk};
use super::watch::Watch;
use super::{Done, Fault, print};
use crate::config::{self, Api};
use crate::learn::{self, Care};
use crate::recording::{self, Score};

/// What `larder learn --help` ends with.
const EXAMPLES: &str = "\
Examples:
  larder learn AUDIT.jsonl                            print what to add to larder.toml
  larder learn AUDIT.jsonl --write                    put it there
  larder learn truth.json.gz --document openapi.yaml  a recording of another tool

What is printed names operations and fields, never an id of the recording.
Recall is the share of changed entries that the plan reaches: below 1, somebody
looks at stale data. Precision is the share of reached entries that did change.";

/// Arguments of `learn`.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Learn {
    /// Audits (AUDIT.jsonl) or recordings (JSON, also with gzip) of one API
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The OpenAPI document; without it, the one that larder.toml names
    #[arg(long, value_name = "FILE")]
    pub document: Option<PathBuf>,
    /// Read this file instead of larder.toml in the current folder
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Put what was learned into larder.toml, beside what is there
    #[arg(long)]
    pub write: bool,
    /// In how many calls of a mutation something must have been for nothing before it is taken away
    #[arg(long, value_name = "N", default_value = "1")]
    pub calls: NonZeroUsize,
    /// How it talks.
    #[command(flatten)]
    pub talk: Talk,
}

impl Learn {
    pub(super) fn run(self) -> Done {
        let reporter = Reporter::new(&self.talk);
        let job = match self.job() {
            Ok(job) => job,
            Err(fault) => return reporter.fault(&fault),
        };
        let watch = Watch::start(&job.api.document, reporter.shows_progress());
        let worked = self.learn(&job, &reporter, &watch);
        let timings = watch.stop();
        let done = match worked {
            Ok(()) => Done::Well,
            Err(fault) => reporter.fault(&fault),
        };
        reporter.timings(&job.name(), &timings);
        done
    }

    fn learn(&self, job: &Job, reporter: &Reporter, watch: &Watch) -> Result<(), Fault> {
        let mut steps = Vec::new();
        for file in &self.files {
            steps.extend(recording::read(file).map_err(|error| Fault::Refused(error.to_string()))?);
        }
        let care = Care { calls: self.calls.get(), ..Care::default() };
        let (plan, learned) = job.api.generator().on_stage(watch.hook()).learn(steps.clone(), care)?;
        watch.pause();
        if !learned.unknown.is_empty() {
            let unknown = learned.unknown.join(", ");
            reporter.note(&format!("the document does not have these operations of the recording: {unknown}"));
        }
        let (before, after) = (recording::score(&plan, &steps), recording::score(&learned.apply(&plan), &steps));
        let scores = format!("before     {}\nwith this  {}", told(&before), told(&after));
        if learned.is_empty() {
            reporter.note(&format!("nothing to learn: {}", told(&before)));
            return Ok(());
        }
        if !self.write {
            let comments: String = scores.lines().map(|line| format!("# {line}\n")).collect();
            print(&format!("{comments}\n{}", learn::render(&learned)));
            return Ok(());
        }
        let file = self.file();
        let refused = |why: String| Fault::Refused(format!("{}: {why}; nothing was written", file.display()));
        let at = self.configured(file)?.iter().position(|api| api.document == job.api.document);
        let at = at.ok_or_else(|| refused(format!("no `[[api]]` has the document {}", job.name())))?;
        let text = fs::read_to_string(file).map_err(|error| refused(error.to_string()))?;
        let merged = learn::merge(&text, at, &learned).map_err(refused)?;
        fs::write(file, merged).map_err(|error| refused(error.to_string()))?;
        reporter.note(&format!(
            "{} now says what was learned of {} operations\n{scores}",
            file.display(),
            learned.operations.len()
        ));
        Ok(())
    }

    fn file(&self) -> &Path {
        self.config.as_deref().unwrap_or(Path::new(FILE))
    }

    fn configured(&self, file: &Path) -> Result<Vec<Api>, Fault> {
        Ok(config::load(file)?)
    }

    /// The document that the traffic is of, with what larder.toml says of it.
    fn job(&self) -> Result<Job, Fault> {
        let file = self.file();
        if !file.exists() {
            return match &self.document {
                Some(document) if !self.write => Ok(Job { api: Api { document: document.clone(), ..Api::default() } }),
                _ => Err(Fault::Usage(format!(
                    "there is no {}: name the document with `--document`, or write one with `larder init`",
                    file.display()
                ))),
            };
        }
        let mut apis = self.configured(file)?;
        if let Some(document) = &self.document {
            let same = |api: &Api| match (api.document.canonicalize(), document.canonicalize()) {
                (Ok(one), Ok(other)) => one == other,
                _ => api.document == *document,
            };
            apis.retain(same);
            if apis.is_empty() {
                apis.push(Api { document: document.clone(), ..Api::default() });
            }
        }
        match apis.len() {
            1 => Ok(Job { api: apis.swap_remove(0) }),
            _ => Err(Fault::Usage(format!(
                "{} has not one document: say whose traffic this is with `--document FILE`",
                file.display()
            ))),
        }
    }
}

fn told(score: &Score) -> String {
    format!(
        "recall {:.3} ({} of {}), precision {:.3} ({} of {})",
        score.recall(),
        score.hit,
        score.changed,
        score.precision(),
        score.useful,
        score.sent
    )
}
