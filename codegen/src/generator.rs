//! The door: a document in, code and its plan out.

use std::path::{Path, PathBuf};

use crate::diagnostic::Located;
use crate::emit::{self, File};
use crate::error::Error;
use crate::load::{self, Document};
use crate::model;
use crate::normalise::{self, Spec};
use crate::plan::{self, Plan};
use crate::settings::{Dates, Settings};
use crate::type_use::{self, Testable};
use crate::write::{self, Written};

/// Documents nest deeper than a default stack bears; unused stack costs nothing.
const STACK: usize = 512 << 20;

/// Generates code from one OpenAPI document.
#[derive(Clone, Debug)]
pub struct Generator {
    document: PathBuf,
    name: Option<String>,
    settings: Settings,
}

/// What came of a document.
#[derive(Clone, Debug)]
pub struct Generated {
    /// The files, sorted by path.
    pub files: Vec<File>,
    /// The tags of every operation.
    pub plan: Plan,
    /// What was left out or read more coarsely than it is written.
    pub warnings: Vec<Located>,
}

impl Generator {
    /// A generator for the document at `path`, YAML or JSON.
    pub fn new(path: impl Into<PathBuf>) -> Generator {
        Generator { document: path.into(), name: None, settings: Settings::default() }
    }

    /// What [`build`](Self::build) calls the API, and `larder::include_api!` after it.
    /// Without it, the name of the file: `openapi` for `openapi.yaml`.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Generator {
        self.name = Some(name.into());
        self
    }

    /// What dates and times become. Without it, values of `chrono`.
    #[must_use]
    pub fn dates(mut self, dates: Dates) -> Generator {
        self.settings.dates = dates;
        self
    }

    /// Generates without touching the disk, but for reading the document.
    ///
    /// The same document gives the same files on every machine.
    ///
    /// # Errors
    /// When the document cannot be read or is no OpenAPI document. What cannot
    /// be expressed is no error: it is left out and told in
    /// [`warnings`](Generated::warnings).
    pub fn generate(&self) -> Result<Generated, Error> {
        self.on_a_large_stack(self.settings, generate)
    }

    /// Generates types that can be both read and written, and says which schema became which of them.
    ///
    /// # Errors
    /// As [`generate`](Self::generate).
    #[doc(hidden)]
    pub fn generate_for_tests(&self) -> Result<Testable, Error> {
        self.on_a_large_stack(Settings { both_directions: true, ..self.settings }, type_use::generate)
    }

    fn on_a_large_stack<T: Send + 'static>(
        &self,
        settings: Settings,
        generate: fn(&Document, &str, Settings) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut document = load::load(&self.document)?;
        normalise::modernise(&mut document);
        let source = self.document.file_name().unwrap_or(self.document.as_os_str()).to_string_lossy().into_owned();
        let generate = move || generate(&document, &source, settings);
        let worker = std::thread::Builder::new().name("larder".to_owned()).stack_size(STACK).spawn(generate);
        let fault =
            |message: &str| Error::Internal { file: self.document.display().to_string(), message: message.to_owned() };
        let worker = worker.map_err(|error| fault(&format!("no thread could be started: {error}")))?;
        worker.join().unwrap_or_else(|_| Err(fault("the generator panicked")))
    }

    /// Generates from `text` on the caller's stack, as if it stood in a file `name`: for fuzzing, where a file and a
    /// thread for each run would cost more than the run.
    ///
    /// # Errors
    /// As [`generate`](Self::generate).
    #[doc(hidden)]
    pub fn generate_text(name: &str, text: String) -> Result<Generated, Error> {
        let mut document = load::parse(Path::new(name), text)?;
        normalise::modernise(&mut document);
        generate(&document, name, Settings::default())
    }

    /// Generates into `OUT_DIR`, for a build script; `larder::include_api!`
    /// brings it in. Cargo runs the script again when the document changes.
    ///
    /// # Errors
    /// As [`generate`](Self::generate), when `OUT_DIR` is not set, and when it
    /// cannot be written to.
    pub fn build(&self) -> Result<(), Error> {
        println!("cargo::rerun-if-changed={}", self.document.display());
        let out = std::env::var_os("OUT_DIR").ok_or(Error::NoOutDir)?;
        let generated = self.generate()?;
        for warning in &generated.warnings {
            println!("cargo::warning={}", one_line(warning));
        }
        generated.write_to(&Path::new(&out).join(self.api_name()))?;
        Ok(())
    }

    fn api_name(&self) -> String {
        let stem = || self.document.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        self.name.clone().or_else(stem).unwrap_or_else(|| "openapi".to_owned())
    }
}

impl Generated {
    /// Writes the files below `folder`. Files that would not change are left
    /// alone, and generated files that are no longer needed are removed.
    ///
    /// # Errors
    /// When something cannot be written, or when a file that was not generated
    /// is in the way.
    pub fn write_to(&self, folder: &Path) -> Result<Written, Error> {
        write::write(folder, &self.files)
    }

    /// Compares the files with those below `folder`.
    ///
    /// # Errors
    /// [`Error::OutOfDate`] with a diff when they differ.
    pub fn check(&self, folder: &Path) -> Result<(), Error> {
        write::check(folder, &self.files)
    }
}

fn generate(document: &Document, source: &str, settings: Settings) -> Result<Generated, Error> {
    let spec = Spec::new(document).map_err(|problem| normalise::fatal(document, problem))?;
    let api = model::build(&spec, settings);
    let plan = plan::infer(&api);
    let files = emit::emit(&api, &plan, source)?;
    let problems = spec.into_problems().into_iter();
    let mut warnings: Vec<Located> = problems.map(|problem| Located::new(&document.sources, problem)).collect();
    warnings.sort_by(|a, b| (a.line, a.column, &a.message).cmp(&(b.line, b.column, &b.message)));
    // A schema that is read twice is told of once.
    warnings.dedup_by(|a, b| (a.line, a.column, &a.message) == (b.line, b.column, &b.message));
    Ok(Generated { files, plan, warnings })
}

fn one_line(warning: &Located) -> String {
    let at = if warning.line == 0 { String::new() } else { format!(":{}:{}", warning.line, warning.column) };
    let help = if warning.help.is_empty() { String::new() } else { format!(" ({})", warning.help) };
    let text = format!("{}{at}: {}{help}", warning.file, warning.message);
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
