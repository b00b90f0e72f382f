//! `larder check`: whether committed code is what its document gives.

use std::path::PathBuf;

use clap::Args;

use super::input::{Input, Job, each};
use super::reporter::{Reporter, Talk};
use super::watch::Watch;
use super::{Done, Fault};

/// What `larder check --help` ends with.
const EXAMPLES: &str = "\
Examples:
  larder check                                  what larder.toml asks for
  larder check openapi.yaml --out src/api       one document

Code 1 means that something differs, is missing, or should no longer be there.
Nothing is written.";

/// Arguments of `check`.
#[derive(Args, Clone, Debug, Default)]
#[command(after_help = EXAMPLES)]
pub struct Check {
    /// The document, and what to do with it.
    #[command(flatten)]
    pub input: Input,
    /// The folder that holds the generated files
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// How it talks.
    #[command(flatten)]
    pub talk: Talk,
}

impl Check {
    pub(super) fn run(self) -> Done {
        let reporter = Reporter::new(&self.talk);
        each(&self.input, self.out.as_deref(), &reporter, |job, watch| compare(job, &reporter, watch))
    }
}

/// Compares what is on disk with what the document gives.
pub(super) fn compare(job: &Job, reporter: &Reporter, watch: &Watch) -> Result<(), Fault> {
    let out = job.out()?;
    let generated = job.generate(reporter, watch)?;
    watch.stage("compare");
    let compared = generated.check(out);
    watch.pause();
    compared?;
    reporter.note(&format!("{} is up to date with {}", out.display(), job.name()));
    Ok(())
}
