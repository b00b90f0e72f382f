//! `cargo xtask corpus`: real documents, generated, compiled, measured, and their examples sent through their types.

mod one;
mod plans;
mod table;

use std::env;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use larder_corpus::{Scratch, find, name};

use crate::fixtures;
use one::{Report, Wanted};

/// A document of more bytes than this is not small.
const SMALL: u64 = 200_000;

/// Arguments of `corpus`.
#[derive(Args)]
pub struct Corpus {
    /// Documents by name, as the table shows them, or by path; without any, all in the folder that LARDER_SPECS names
    names: Vec<String>,
    /// Only documents of less than 200 kB, beside those of --giants
    #[arg(long)]
    small: bool,
    /// Only the N largest documents, beside those of --small
    #[arg(long, value_name = "N")]
    giants: Option<usize>,
    /// Compile the code with `cargo check` and measure it
    #[arg(long)]
    check: bool,
    /// Ask clippy, with its defaults
    #[arg(long)]
    clippy: bool,
    /// Build the docs; a warning is a failure
    #[arg(long)]
    doc: bool,
    /// Send every valid example in the document through its type and back
    #[arg(long)]
    examples: bool,
    /// With --examples: let structs keep properties that the document does not declare
    #[arg(long)]
    keep_unknown: bool,
    /// Check, clippy, docs and examples
    #[arg(long)]
    all: bool,
    /// Also write everything that was found as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Where crates are made and compiled
    #[arg(long, value_name = "DIR")]
    scratch: Option<PathBuf>,
    /// Generate from one document and print what came of it as JSON: what the chore runs for each, to measure it alone
    #[arg(long, hide = true, value_name = "OUT")]
    one: Option<PathBuf>,
}

impl Corpus {
    /// Runs what was asked for and prints it.
    pub fn run(self) -> ExitCode {
        let done = match (&self.one, self.names.as_slice()) {
            (Some(out), [document]) => one::generate(document.as_ref(), out),
            _ => self.report(),
        };
        done.unwrap_or_else(|error| {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        })
    }

    fn report(&self) -> io::Result<ExitCode> {
        let documents = self.documents()?;
        let scratch = self.scratch.clone().unwrap_or_else(|| fixtures::root().join("target/corpus"));
        fs::create_dir_all(&scratch)?;
        let scratch = Scratch::new(fs::canonicalize(scratch)?, fs::canonicalize(fixtures::root())?);
        let wanted = Wanted {
            check: self.check || self.all,
            clippy: self.clippy || self.all,
            doc: self.doc || self.all,
            examples: self.examples || self.all,
            keep_unknown: self.keep_unknown,
        };
        if cfg!(debug_assertions) {
            eprintln!(
                "note: this is a debug build, so generating is slow; measure with `cargo run --release -p xtask -- corpus`"
            );
        }
        table::head(wanted);
        let mut reports = Vec::new();
        for document in documents {
            let report = Report::make(&document, &scratch, wanted);
            table::row(&report, wanted);
            reports.push(report);
        }
        table::end(&reports, wanted);
        if let Some(file) = &self.json {
            let all: Vec<_> = reports.iter().map(Report::json).collect();
            fs::write(file, serde_json::to_string_pretty(&all)?)?;
        }
        let failed = reports.iter().any(|report| !report.failures.is_empty());
        Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }

    fn documents(&self) -> io::Result<Vec<PathBuf>> {
        let (paths, names): (Vec<_>, Vec<_>) = self.names.iter().partition(|name| PathBuf::from(name).is_file());
        let mut documents: Vec<PathBuf> = paths.into_iter().map(PathBuf::from).collect();
        if !documents.is_empty() && names.is_empty() {
            return Ok(documents);
        }
        let Some(folder) = env::var_os("LARDER_SPECS") else {
            return Err(io::Error::other(
                "LARDER_SPECS is not set: set it to a folder of OpenAPI documents, or give paths of documents",
            ));
        };
        let mut all = find(PathBuf::from(folder).as_path())?;
        if let Some(unknown) = names.iter().find(|wanted| !all.iter().any(|path| name(path) == ***wanted)) {
            return Err(io::Error::other(format!(
                "there is no document `{unknown}` in the folder that LARDER_SPECS names"
            )));
        }
        if !names.is_empty() {
            all.retain(|path| names.iter().any(|wanted| name(path) == **wanted));
        }
        if self.small || self.giants.is_some() {
            all = self.by_size(all)?;
        }
        documents.extend(all);
        Ok(documents)
    }

    fn by_size(&self, documents: Vec<PathBuf>) -> io::Result<Vec<PathBuf>> {
        let mut sized = Vec::new();
        for path in documents {
            sized.push((fs::metadata(&path)?.len(), path));
        }
        sized.sort();
        let first_giant = sized.len() - self.giants.unwrap_or(0).min(sized.len());
        let mut at = 0;
        sized.retain(|(size, _)| {
            at += 1;
            at > first_giant || (self.small && *size < SMALL)
        });
        Ok(sized.into_iter().map(|(_, path)| path).collect())
    }
}
