//! `larder learn`: overrides from recorded traffic.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;

use super::input::{Input, Source, each};
use super::reporter::{Reporter, Talk};
use super::{Done, Fault, print};
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
    #[arg(long, value_name = "FILE", conflicts_with = "document")]
    pub config: Option<PathBuf>,
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
        let source = Source { document: self.document.clone(), config: self.config.clone(), ..Source::default() };
        let input = Input { source, ..Input::default() };
        match input.jobs(None) {
            Ok(jobs) if jobs.len() > 1 => {
                let several = "larder.toml names several documents: say whose traffic this is with `--document FILE`";
                return reporter.fault(&Fault::Usage(several.to_owned()));
            }
            _ => {}
        }
        let mut steps = Vec::new();
        for file in &self.files {
            match recording::read(file) {
                Ok(read) => steps.extend(read),
                Err(error) => return reporter.fault(&Fault::Refused(error.to_string())),
            }
        }
        each(&input, None, &reporter, |job, watch| {
            let care = Care { calls: self.calls.get(), ..Care::default() };
            let learned = job.api.generator().on_stage(watch.hook()).learn(steps.clone(), care);
            watch.pause();
            let (plan, learned) = learned?;
            let told = |score: &Score| {
                format!(
                    "recall {:.3} ({} of {}), precision {:.3} ({} of {})",
                    score.recall(),
                    score.hit,
                    score.changed,
                    score.precision(),
                    score.useful,
                    score.sent
                )
            };
            let before = recording::score(&plan, &steps);
            let after = recording::score(&learned.apply(&plan), &steps);
            let mut text = format!("# before: {}\n# with this: {}\n", told(&before), told(&after));
            text.push_str(&learn::render(&learned));
            print(&text);
            Ok(())
        })
    }
}
