//! `cargo xtask gen`: for one document as `larder gen`, for all fixtures with `--check` alone.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory};
use larder_codegen::cli;

use crate::fixtures;

/// Arguments of `gen`.
#[derive(Args)]
pub struct Gen {
    /// The OpenAPI document; without it, every fixture is compared
    #[arg(required_unless_present = "check", requires = "out")]
    document: Option<PathBuf>,
    /// The folder for the generated files
    #[arg(long, value_name = "DIR", requires = "document")]
    out: Option<PathBuf>,
    /// Write nothing; fail with a diff when something is out of date
    #[arg(long)]
    check: bool,
    /// Fail, and write nothing, when something would be left out or read more coarsely than it is written
    #[arg(long, requires = "document")]
    strict: bool,
}

impl Gen {
    /// Generates, or compares.
    pub fn run(self) -> ExitCode {
        match (self.document, self.out) {
            (Some(document), Some(out)) => {
                cli::run(cli::Command::Gen(cli::Gen { document, out, check: self.check, strict: self.strict }))
            }
            (None, None) => fixtures::check(),
            _ => crate::Xtask::command()
                .error(clap::error::ErrorKind::MissingRequiredArgument, "--out is missing")
                .exit(),
        }
    }
}
