//! `larder explain`: the plan, for people and for tools.

use std::cell::{Cell, RefCell};
use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::input::{Input, each};
use super::reporter::{Reporter, Talk};
use super::watch::Watch;
use super::{Done, Fault, json, print};
use crate::explain::{self, Diff, Explained};
use crate::plan::{Kind, Plan};
use crate::{Error, write};

/// What `larder explain --help` ends with.
const EXAMPLES: &str = "\
Examples:
  larder explain openapi.yaml                         a table of at most 100 columns
  larder explain openapi.yaml --mutation updatePost   what it reaches, why, how sure
  larder explain openapi.yaml --query 'GET /posts'    what reaches it
  larder explain openapi.yaml --html plan.html        a page with a picture, to search
  larder explain openapi.yaml --format json           for tools
  larder explain --diff plan.json openapi.yaml        what a new version changes

NAME is an operation's id, its function in Rust, or its method and path.

With --diff, code 0 means that both plans are the same, and 1 that they differ.
OLD and NEW are documents, or plans that --format json wrote. Edges that are lost
come first: there a mutation no longer makes a query stale.";

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
    /// All about one mutation: the queries that it reaches, why, and how sure
    #[arg(long, value_name = "NAME", conflicts_with_all = ["query", "html", "diff"])]
    pub mutation: Option<String>,
    /// All about one query: the mutations that reach it, why, and how sure
    #[arg(long, value_name = "NAME", conflicts_with_all = ["html", "diff"])]
    pub query: Option<String>,
    /// Write one self-contained page to this file, with a picture of what reaches what
    #[arg(long, value_name = "FILE", conflicts_with_all = ["diff", "format"])]
    pub html: Option<PathBuf>,
    /// Compare the plans of two versions of a document
    #[arg(long, num_args = 2, value_names = ["OLD", "NEW"], conflicts_with_all = ["document", "config"])]
    pub diff: Vec<PathBuf>,
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
    /// JSON for tools; without anything else the plan itself
    Json,
}

impl Explain {
    pub(super) fn run(self) -> Done {
        let reporter = Reporter::new(&self.talk);
        if let [old, new] = self.diff.as_slice() {
            return self.compare(old, new, &reporter).unwrap_or_else(|fault| reporter.fault(&fault));
        }
        if let Some(name) = &self.mutation {
            return self.one(Kind::Mutation, name, &reporter);
        }
        if let Some(name) = &self.query {
            return self.one(Kind::Query, name, &reporter);
        }
        each(&self.input, self.html.as_deref(), &reporter, |job, watch| {
            let generated = job.generate(&reporter, watch)?;
            match (&self.html, self.format) {
                (Some(file), _) => {
                    write::file(file, &explain::html(&generated.plan))?;
                    reporter.note(&format!("{}: explained in {}", job.name(), file.display()));
                }
                (None, Format::Table) => print(&explain::table(&generated.plan)),
                (None, Format::Json) => print(&json::pretty(&generated.plan)),
            }
            Ok(())
        })
    }

    /// One operation, of whichever document has it.
    fn one(&self, kind: Kind, name: &str, reporter: &Reporter) -> Done {
        let (found, unknown) = (Cell::new(false), RefCell::new(None));
        let done = each(&self.input, None, reporter, |job, watch| {
            let plan = job.generate(reporter, watch)?.plan;
            let place = explain::find(&plan, kind, name);
            match place.map(|place| Explained::at(&plan, place)) {
                Ok(Some(explained)) => {
                    found.set(true);
                    print(&match self.format {
                        Format::Table => explain::one(&plan, &explained),
                        Format::Json => json::pretty(&explained),
                    });
                }
                Ok(None) => {}
                Err(fault) => drop(unknown.borrow_mut().get_or_insert(fault)),
            }
            Ok(())
        });
        match unknown.into_inner() {
            Some(unknown) if !found.get() && done == Done::Well => reporter.fault(&Fault::Usage(unknown.message)),
            _ => done,
        }
    }

    fn compare(&self, old: &Path, new: &Path, reporter: &Reporter) -> Result<Done, Fault> {
        let (old, new) = (self.plan(old, reporter)?, self.plan(new, reporter)?);
        let diff = Diff::of(&old, &new);
        print(&match self.format {
            Format::Table => explain::diff_table(&diff),
            Format::Json => json::pretty(&diff),
        });
        Ok(if diff.is_empty() { Done::Well } else { Done::Failed })
    }

    /// The plan of a document, or one that was written down.
    fn plan(&self, path: &Path, reporter: &Reporter) -> Result<Plan, Fault> {
        let text = fs::read(path).map_err(|source| Error::Read { path: path.to_owned(), source })?;
        if let Some(plan) = written(&text) {
            return plan.map_err(|error| {
                Fault::Refused(format!("{} is a plan, but none that can be read: {error}", path.display()))
            });
        }
        let job = self.input.job(path);
        let watch = Watch::start(path, reporter.shows_progress());
        let generated = job.generate(reporter, &watch);
        reporter.timings(&job.name(), &watch.stop());
        Ok(generated?.plan)
    }
}

/// What `larder explain --format json` wrote, if it is that.
fn written(text: &[u8]) -> Option<Result<Plan, serde_json::Error>> {
    let value: serde_json::Value = serde_json::from_slice(text).ok()?;
    let is_plan = value.get("larder").is_some() && value.get("operations").is_some();
    is_plan.then(|| serde_json::from_value(value))
}
