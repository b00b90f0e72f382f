//! `larder explain`: the plan, for people and for tools.

use clap::{Args, ValueEnum};

use super::input::{Input, each};
use super::reporter::{Reporter, Talk};
use super::{Done, json, print};
use crate::explain;

/// What `larder explain --help` ends with.
const EXAMPLES: &str = "\
Examples:
  larder explain openapi.yaml                             a table of at most 100 columns
  larder explain openapi.yaml --only tag:posts | less     some operations
  larder explain openapi.yaml --format json               for tools";

/// Arguments of `explain`.
#[derive(Args, Clone, Debug, Default)]
#[command(after_help = EXAMPLES)]
pub struct Explain {
    /// The document, and what to do with it.
    #[command(flatten)]
    pub input: Input,
    /// A table for people, or JSON for tools
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// How it talks.
    #[command(flatten)]
    pub talk: Talk,
}

/// How a plan is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A table of at most 100 columns
    #[default]
    Table,
    /// The plan's JSON form
    Json,
}

impl Explain {
    pub(super) fn run(self) -> Done {
        let reporter = Reporter::new(&self.talk);
        each(&self.input, None, &reporter, |job, watch| {
            let generated = job.generate(&reporter, watch)?;
            print(&match self.format {
                Format::Table => explain::table(&generated.plan),
                Format::Json => json::pretty(&generated.plan),
            });
            Ok(())
        })
    }
}
