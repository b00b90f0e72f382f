//! Which documents a command is about: its arguments, and `larder.toml`.

use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::reporter::Reporter;
use super::watch::Watch;
use super::{Done, Fault};
use crate::config::{self, Api};
use crate::settings::Dates;
use crate::{Error, Generated};

/// What is read when no document is named.
pub(super) const FILE: &str = "larder.toml";

/// What is said of selectors where there is little room.
const ONLY: &str =
    "Generate these operations alone, and the types that they use: `getPost`, `tag:posts`, 'GET /posts/*'";

/// What is said of selectors where `--only` is.
const SELECTORS: &str = "\
Generate these operations alone, and the types that they use; may be given several times

SELECTOR is one of
  getPost           an operation by its id; `id:getPost` says the same
  tag:posts         all operations with that tag in the document
  'GET /posts/*'    a method and a path
  'path:/posts/**'  all methods of such paths
`*` stands for any characters, in a path for those of one segment; a segment `**` is any number of segments.";

/// The document.
#[derive(Args, Clone, Debug, Default)]
pub struct Source {
    /// The OpenAPI document, YAML or JSON; without it, those that larder.toml names
    pub document: Option<PathBuf>,
    /// Read this file instead of larder.toml in the current folder
    #[arg(long, value_name = "FILE", conflicts_with = "document")]
    pub config: Option<PathBuf>,
    /// Change the document as this OpenAPI Overlay says; several are applied in their order
    #[arg(long, value_name = "FILE")]
    pub overlay: Vec<PathBuf>,
    /// Let references lead to files in this folder, too; without it, to the document's own folder alone
    #[arg(long, value_name = "DIR")]
    pub allow_references: Vec<PathBuf>,
}

/// The document, and what to do with it.
#[derive(Args, Clone, Debug, Default)]
pub struct Input {
    /// The document.
    #[command(flatten)]
    pub source: Source,
    /// Selectors of operations.
    #[arg(long, value_name = "SELECTOR", help = ONLY, long_help = SELECTORS)]
    pub only: Vec<String>,
    /// What dates and times become
    #[arg(long, value_parser = PossibleValuesParser::new(Dates::NAMES))]
    pub dates: Option<String>,
    /// Keep properties that the document does not declare, in a map beside the fields; without it they are ignored
    #[arg(long)]
    pub keep_unknown: bool,
    /// Add a module with a transport that answers with the document's examples
    #[arg(long)]
    pub mock: bool,
    /// Fail, and write nothing, when something is left out or read more coarsely than it is written
    #[arg(long)]
    pub strict: bool,
}

/// One document, and what to do with it.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) api: Api,
}

impl Input {
    /// The documents, with what the command line says of them.
    pub(super) fn jobs(&self, out: Option<&Path>) -> Result<Vec<Job>, Fault> {
        let mut apis = match &self.source.document {
            Some(document) => vec![Api { document: document.clone(), ..Api::default() }],
            None => self.configured()?,
        };
        if apis.len() > 1 && out.is_some() {
            return Err(Fault::Usage(
                "one place to write to was given, and larder.toml names several documents: name one of them".to_owned(),
            ));
        }
        for api in &mut apis {
            if let Some(out) = out {
                api.out = Some(out.to_owned());
            }
            self.complete(api);
        }
        Ok(apis.into_iter().map(|api| Job { api }).collect())
    }

    /// One document, with what the command line says of it.
    pub(super) fn job(&self, document: &Path) -> Job {
        let mut api = Api { document: document.to_owned(), ..Api::default() };
        self.complete(&mut api);
        Job { api }
    }

    /// What the command line says of each document.
    fn complete(&self, api: &mut Api) {
        if !self.only.is_empty() {
            api.only.clone_from(&self.only);
        }
        if let Some(dates) = self.dates.as_deref().and_then(Dates::named) {
            api.dates = Some(dates);
        }
        api.overlays.extend(self.source.overlay.iter().cloned());
        api.references.extend(self.source.allow_references.iter().cloned());
        api.strict |= self.strict;
        api.keep_unknown |= self.keep_unknown;
        api.mock |= self.mock;
    }

    fn configured(&self) -> Result<Vec<Api>, Fault> {
        let default = Path::new(FILE);
        match &self.source.config {
            None if !default.exists() => Err(Fault::Usage(format!(
                "no document was named, and there is no {} here; `larder init openapi.yaml` writes one",
                FILE
            ))),
            path => Ok(config::load(path.as_deref().unwrap_or(default))?),
        }
    }
}

impl Job {
    /// What messages call it.
    pub(super) fn name(&self) -> String {
        self.api.document.display().to_string()
    }

    /// The folder to write to.
    pub(super) fn out(&self) -> Result<&Path, Fault> {
        self.api.out.as_deref().ok_or_else(|| {
            Fault::Usage(format!("{}: no folder to write to: give `--out DIR`, or `out` in {}", self.name(), FILE))
        })
    }

    /// Generates, and tells every warning.
    pub(super) fn generate(&self, reporter: &Reporter, watch: &Watch) -> Result<Generated, Fault> {
        let generated = self.api.generator().on_stage(watch.hook()).generate();
        watch.pause();
        let generated = generated?;
        reporter.problems(&generated.warnings);
        match generated.warnings.len() {
            count @ 1.. if self.api.strict => Err(Error::Strict { count }.into()),
            _ => Ok(generated),
        }
    }
}

/// Does `work` for each document, so that all that is wrong comes in one run; tells what failed.
pub(super) fn each(
    input: &Input,
    out: Option<&Path>,
    reporter: &Reporter,
    work: impl Fn(&Job, &Watch) -> Result<(), Fault>,
) -> Done {
    let jobs = match input.jobs(out) {
        Ok(jobs) => jobs,
        Err(fault) => return reporter.fault(&fault),
    };
    let mut done = Done::Well;
    for job in jobs {
        let watch = Watch::start(&job.api.document, reporter.shows_progress());
        let worked = work(&job, &watch);
        let timings = watch.stop();
        if let Err(fault) = worked {
            done = reporter.fault(&fault);
        }
        reporter.timings(&job.name(), &timings);
    }
    done
}
