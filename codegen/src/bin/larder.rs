//! The `larder` command.

use std::process::ExitCode;

use clap::Parser;
use larder_codegen::cli::{self, Command};

/// From an OpenAPI document to a Rust client whose data stays fresh
#[derive(Parser)]
#[command(version, after_help = cli::AFTER_HELP)]
struct Larder {
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    cli::run(Larder::parse().command)
}
