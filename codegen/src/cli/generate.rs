//! `larder gen`: the code of a document, written or only shown.

use std::path::PathBuf;

use clap::Args;

use super::input::{Input, Job, each};
use super::reporter::{Reporter, Talk};
use super::watch::Watch;
use super::{Done, Fault, check, print};
use crate::{Change, Generated};

/// What `larder gen --help` ends with.
const EXAMPLES: &str = "\
Examples:
  larder gen                                           what larder.toml asks for
  larder gen openapi.yaml --out src/api                one document
  larder gen openapi.yaml --out src/api --only tag:posts --only getUser
  larder gen --dry-run                                 what would change

Files that would not change are left alone. Files that larder did not write are
never touched.";

/// Arguments of `gen`.
#[derive(Args, Clone, Debug, Default)]
#[command(after_help = EXAMPLES)]
pub struct Gen {
    /// The document, and what to do with it.
    #[command(flatten)]
    pub input: Input,
    /// The folder for the generated files; it becomes a module
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Write nothing; fail with a diff when the folder is out of date
    #[arg(long)]
    pub check: bool,
    /// Write nothing; show what would be written, changed and removed
    #[arg(long, conflicts_with = "check")]
    pub dry_run: bool,
    /// How it talks.
    #[command(flatten)]
    pub talk: Talk,
}

impl Gen {
    pub(super) fn run(self) -> Done {
        let reporter = Reporter::new(&self.talk);
        each(&self.input, self.out.as_deref(), &reporter, |job, watch| {
            if self.check { check::compare(job, &reporter, watch) } else { self.generate(job, &reporter, watch) }
        })
    }

    fn generate(&self, job: &Job, reporter: &Reporter, watch: &Watch) -> Result<(), Fault> {
        let out = job.out()?;
        let generated = job.generate(reporter, watch)?;
        if self.dry_run {
            print(&dry_run(&generated, job)?);
            return Ok(());
        }
        watch.stage("write");
        let written = generated.write_to(out)?;
        watch.pause();
        reporter.note(&format!(
            "{}: {}; {} written, {} unchanged, {} removed in {}",
            job.name(),
            counted(generated.plan.operations.len(), "operation"),
            counted(written.changed.len(), "file"),
            written.unchanged,
            written.removed.len(),
            out.display(),
        ));
        Ok(())
    }
}

fn dry_run(generated: &Generated, job: &Job) -> Result<String, Fault> {
    let changes = generated.changes(job.out()?)?;
    let mut text = String::new();
    for change in &changes.changes {
        let line = match change {
            Change::Create { path, bytes } => format!("create   {} ({})", path.display(), size(*bytes)),
            Change::Replace { path, before, bytes } => {
                format!("change   {} ({}, was {})", path.display(), size(*bytes), size(*before))
            }
            Change::Remove { path, before } => format!("remove   {} ({})", path.display(), size(*before)),
        };
        text.push_str(&line);
        text.push('\n');
    }
    text.push_str(&format!("{} unchanged\n", counted(changes.unchanged, "file")));
    Ok(text)
}

fn size(bytes: u64) -> String {
    counted(usize::try_from(bytes).unwrap_or(usize::MAX), "byte")
}

/// `1 file`, `2 files`.
pub(super) fn counted(count: usize, thing: &str) -> String {
    if count == 1 { format!("1 {thing}") } else { format!("{count} {thing}s") }
}
