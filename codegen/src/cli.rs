//! The `larder` command; `cargo xtask` runs the same code.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};

use crate::{Error, Generated, Generator, explain};

/// What the command can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write the Rust code for a document
    Gen(Gen),
    /// Fail with a diff when committed code is not what its document gives
    Check(Check),
    /// Show which tags every operation provides or invalidates, and why
    Explain(Explain),
}

/// Arguments of `gen`.
#[derive(Args, Debug)]
pub struct Gen {
    /// The OpenAPI document, YAML or JSON
    pub document: PathBuf,
    /// The folder for the generated files; it becomes a module
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Write nothing; fail with a diff when the folder is out of date
    #[arg(long)]
    pub check: bool,
    /// Fail, and write nothing, when something would be left out or read more coarsely than it is written
    #[arg(long)]
    pub strict: bool,
}

/// Arguments of `check`.
#[derive(Args, Debug)]
pub struct Check {
    /// The OpenAPI document, YAML or JSON
    pub document: PathBuf,
    /// The folder that holds the generated files
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Fail, too, when something is left out or read more coarsely than it is written
    #[arg(long)]
    pub strict: bool,
}

/// Arguments of `explain`.
#[derive(Args, Debug)]
pub struct Explain {
    /// The OpenAPI document, YAML or JSON
    pub document: PathBuf,
    /// A table for people, or JSON for tools
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
}

/// How a plan is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A table of at most 100 columns.
    Table,
    /// The plan's JSON form.
    Json,
}

/// Runs a command: code 0 when it did its work, with or without warnings, and 1
/// when the document cannot be used or the code is out of date.
pub fn run(command: Command) -> ExitCode {
    match command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            match error {
                // A document's problems are rendered whole, each with a heading of its own.
                Error::Document(_) => eprintln!("{error}"),
                error => eprintln!("error: {error}"),
            }
            ExitCode::FAILURE
        }
    }
}

impl Command {
    fn run(self) -> Result<(), Error> {
        match self {
            Command::Gen(Gen { document, out, check: true, strict })
            | Command::Check(Check { document, out, strict }) => {
                let generated = generate(&document, strict)?;
                generated.check(&out)?;
                eprintln!("{} is up to date with {}", out.display(), document.display());
            }
            Command::Gen(Gen { document, out, check: false, strict }) => {
                let generated = generate(&document, strict)?;
                let written = generated.write_to(&out)?;
                eprintln!(
                    "{}: {} operations; {} files written, {} unchanged, {} removed in {}",
                    document.display(),
                    generated.plan.operations.len(),
                    written.changed.len(),
                    written.unchanged,
                    written.removed.len(),
                    out.display(),
                );
            }
            Command::Explain(Explain { document, format }) => {
                let generated = generate(&document, false)?;
                print(&match format {
                    Format::Table => explain::table(&generated.plan),
                    Format::Json => json(&generated),
                });
            }
        }
        Ok(())
    }
}

fn generate(document: &std::path::Path, strict: bool) -> Result<Generated, Error> {
    let generated = Generator::new(document).generate()?;
    for warning in &generated.warnings {
        eprintln!("{warning}\n");
    }
    match generated.warnings.len() {
        count @ 1.. if strict => Err(Error::Strict { count }),
        _ => Ok(generated),
    }
}

fn json(generated: &Generated) -> String {
    serde_json::to_string_pretty(&generated.plan).unwrap_or_default() + "\n"
}

/// Standard output may be closed early, by `head` for one.
fn print(text: &str) {
    use std::io::Write;
    let _ = std::io::stdout().write_all(text.as_bytes());
}
