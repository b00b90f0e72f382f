//! `larder document`: the document as it is understood.

use clap::Args;

use super::input::{Input, Source, each};
use super::reporter::{Reporter, Talk};
use super::{Done, print};

/// What `larder document --help` ends with.
const EXAMPLES: &str = "\
Examples:
  larder document openapi.yaml --overlay fixes.yaml     what the overlay makes of it
  larder document swagger.json > openapi.json           Swagger 2.0 as OpenAPI 3.0";

/// Arguments of `document`.
#[derive(Args, Clone, Debug, Default)]
#[command(after_help = EXAMPLES)]
pub struct Document {
    /// The document.
    #[command(flatten)]
    pub source: Source,
    /// How it talks.
    #[command(flatten)]
    pub talk: Talk,
}

impl Document {
    pub(super) fn run(self) -> Done {
        let reporter = Reporter::new(&self.talk);
        let input = Input { source: self.source, ..Input::default() };
        each(&input, None, &reporter, |job, watch| {
            let document = job.api.generator().on_stage(watch.hook()).effective_document();
            watch.pause();
            print(&(serde_json::to_string_pretty(&document?).unwrap_or_default() + "\n"));
            Ok(())
        })
    }
}
