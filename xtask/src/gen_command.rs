//! `cargo xtask gen`: for one document as `larder gen`, for all fixtures with `--check` alone.

use std::process::ExitCode;

use clap::Args;
use larder_codegen::cli;

use crate::fixtures;

/// Arguments of `gen`.
#[derive(Args)]
#[group(id = "chore-gen")]
pub struct Gen {
    #[command(flatten)]
    arguments: cli::Gen,
}

impl Gen {
    /// Generates, or compares.
    pub fn run(self) -> ExitCode {
        let source = &self.arguments.input.source;
        if self.arguments.check && source.document.is_none() && source.config.is_none() {
            return fixtures::check();
        }
        cli::run(cli::Command::Gen(self.arguments))
    }
}
