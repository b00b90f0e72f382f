//! The `larder` command; `cargo xtask` runs the same code.

mod check;
mod document;
mod explain;
mod generate;
mod init;
mod input;
mod json;
mod learn;
mod memory;
mod report;
mod reporter;
mod watch;

use std::process::ExitCode;

use clap::Subcommand;

pub use check::Check;
pub use document::Document;
pub use explain::Explain;
pub use generate::Gen;
pub use init::Init;
pub use input::{Input, Source};
pub use learn::Learn;
pub use report::Report;
pub use reporter::Talk;

use crate::Error;

/// What `larder --help` ends with.
pub const AFTER_HELP: &str = "\
Examples:
  larder init openapi.yaml               begin with a document
  larder gen                             generate what larder.toml asks for
  larder gen openapi.yaml --out src/api  the same without larder.toml
  larder check                           in CI: is committed code up to date?

Exit codes:
  0  it is done, with or without warnings
  1  a document cannot be used, code is out of date, or --strict found a warning
  2  the command line is wrong

Results go to standard output, messages to standard error. Terminals get
colours, unless NO_COLOR is set.";

/// What the command can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Begin: write larder.toml, generate, and say what to add to your crate
    Init(Init),
    /// Write the Rust code for a document
    Gen(Gen),
    /// Fail with a diff when committed code is not what its document gives
    Check(Check),
    /// Show which tags every operation provides or invalidates, and why
    Explain(Explain),
    /// Turn an audit or a recording into overrides: what to invalidate besides, and what for nothing
    Learn(Learn),
    /// Show what stayed untyped, what was left out, and why
    Report(Report),
    /// Print the document as it is understood: overlays applied, older versions rewritten
    Document(Document),
}

/// Runs a command: code 0 when it did its work, with or without warnings, and 1
/// when a document cannot be used or code is out of date.
pub fn run(command: Command) -> ExitCode {
    let done = match command {
        Command::Init(init) => init.run(),
        Command::Gen(generate) => generate.run(),
        Command::Check(check) => check.run(),
        Command::Explain(explain) => explain.run(),
        Command::Learn(learn) => learn.run(),
        Command::Report(report) => report.run(),
        Command::Document(document) => document.run(),
    };
    match done {
        Done::Well => ExitCode::SUCCESS,
        Done::Failed => ExitCode::FAILURE,
        Done::Misused => ExitCode::from(2),
    }
}

/// How a command ended; why it failed was told already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Done {
    Well,
    Failed,
    /// The command line was wrong.
    Misused,
}

/// Why a command stopped.
#[derive(Debug)]
enum Fault {
    /// The command line is wrong, in a way that only shows with the files at hand.
    Usage(String),
    /// It would touch what is not its own.
    Refused(String),
    /// What it was asked to do cannot be done.
    Error(Error),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Fault {
        Fault::Error(error)
    }
}

/// Standard output may be closed early, by `head` for one.
fn print(text: &str) {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
