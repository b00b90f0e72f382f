//! The door: a document in, code and its plan out.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::config;
use crate::coverage::Coverage;
use crate::diagnostic::Located;
use crate::emit::File;
use crate::error::Error;
#[cfg(feature = "cli")]
use crate::learn::{Care, Learned};
use crate::load::{self, ApiTable, Beside, Document};
use crate::normalise::{self, Spec};
use crate::pipeline::{self, Job, Replan};
use crate::plan::Plan;
#[cfg(feature = "cli")]
use crate::recording::Step;
use crate::settings::{Dates, Settings};
use crate::stage::{Hook, Stage};
use crate::type_use::{self, Testable};
use crate::write::{self, Changes, Written};

/// Documents nest deeper than a default stack bears; unused stack costs nothing.
const STACK: usize = 512 << 20;

/// Generates code from one OpenAPI document.
#[derive(Clone, Debug)]
pub struct Generator {
    document: PathBuf,
    name: Option<String>,
    /// The file that asked for it, which a build depends on.
    config: Option<PathBuf>,
    only: Vec<String>,
    strict: bool,
    settings: Settings,
    beside: Beside,
    hook: Hook,
    replan: Replan,
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
    /// How much of what the document says of its data reached a type.
    pub coverage: Coverage,
    /// Every file that was read or looked for: the document, its overlays, and the files that its references name. When
    /// one of them changes, so may the code.
    pub sources: Vec<PathBuf>,
}

impl Generator {
    /// A generator for the document at `path`, YAML or JSON.
    pub fn new(path: impl Into<PathBuf>) -> Generator {
        Generator {
            document: path.into(),
            name: None,
            config: None,
            only: Vec::new(),
            strict: false,
            settings: Settings::default(),
            beside: Beside::default(),
            hook: Hook::default(),
            replan: Replan::default(),
        }
    }

    /// The generators that a `larder.toml` asks for, one for each `[[api]]`. In a build script:
    ///
    /// ```no_run
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// for api in larder_codegen::Generator::from_config("larder.toml")? {
    ///     api.build()?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// When the file cannot be read, and when it says something that means nothing.
    pub fn from_config(path: impl AsRef<Path>) -> Result<Vec<Generator>, Error> {
        let path = path.as_ref();
        let apis = config::load(path)?;
        Ok(apis.iter().map(|api| Generator { config: Some(path.to_owned()), ..api.generator() }).collect())
    }

    /// What [`build`](Self::build) calls the API, and `larder::include_api!` after it.
    /// Without it, the name of the file: `openapi` for `openapi.yaml`.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Generator {
        self.name = Some(name.into());
        self
    }

    /// Generates these operations alone, and the types that they use. A selector is
    ///
    /// - an operation's id, `getPost`, or `id:` before it;
    /// - `tag:posts`, all operations with that tag in the document;
    /// - a method and a path, `GET /posts/*`;
    /// - `path:/posts/**`, all methods of such paths.
    ///
    /// `*` stands for any characters, in a path for those of one segment; a segment `**` is any number of segments.
    /// Tags are inferred from the whole document all the same, so clients with different selections agree on them.
    #[must_use]
    pub fn only(mut self, selectors: impl IntoIterator<Item = impl Into<String>>) -> Generator {
        self.only.extend(selectors.into_iter().map(Into::into));
        self
    }

    /// Lets structs keep the properties that the document does not declare, in a map `additional`: for clients that send
    /// back what they read, to servers that say more than their document. Without it such properties are ignored.
    #[must_use]
    pub fn keep_unknown(mut self, keep: bool) -> Generator {
        self.settings.keep_unknown = keep;
        self
    }

    /// Adds a module `mock`, whose `transport()` answers every operation: with the document's example where the generated types
    /// can read it, else with a value made up of what its schema says. Without it there is none.
    #[must_use]
    pub fn mock(mut self, mock: bool) -> Generator {
        self.settings.mock = mock;
        self
    }

    /// Makes [`build`](Self::build) fail when there are warnings. [`generate`](Self::generate) returns them either way.
    #[must_use]
    pub fn strict(mut self, strict: bool) -> Generator {
        self.strict = strict;
        self
    }

    /// Calls `hook` when a stage begins, on the thread that does the work.
    #[must_use]
    pub fn on_stage(mut self, hook: impl Fn(Stage) + Send + Sync + 'static) -> Generator {
        self.hook = Hook::new(hook);
        self
    }

    /// Has the plan changed before code is written from it.
    #[doc(hidden)]
    #[must_use]
    pub fn replan(mut self, change: impl Fn(&mut Plan) + Send + Sync + 'static) -> Generator {
        self.replan = Replan(Some(Arc::new(change)));
        self
    }

    /// What dates and times become. Without it, values of `chrono`.
    #[must_use]
    pub fn dates(mut self, dates: Dates) -> Generator {
        self.settings.dates = dates;
        self
    }

    /// Changes the document as the overlay at `path` says, before anything else looks at it. Several are applied in
    /// the order in which they are given. The [Overlay Specification](https://spec.openapis.org/overlay/latest.html),
    /// 1.0 and 1.1, says what such a file holds.
    #[must_use]
    pub fn overlay(mut self, path: impl Into<PathBuf>) -> Generator {
        self.beside.overlays.push(path.into());
        self
    }

    /// Lets references lead to files in `folder`. Without it, only files in the document's own folder are read.
    #[must_use]
    pub fn allow_references_to(mut self, folder: impl Into<PathBuf>) -> Generator {
        self.beside.folders.push(folder.into());
        self
    }

    /// What a `larder.toml` says of the document's operations.
    pub(crate) fn overrides(mut self, table: ApiTable) -> Generator {
        self.beside.config = Some(table);
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
        let job = self.job();
        self.read(move |document| pipeline::run(document, &job))
    }

    /// The plan, and the overrides that recorded traffic teaches. They name only what the document has.
    ///
    /// # Errors
    /// As [`generate`](Self::generate).
    #[cfg(feature = "cli")]
    pub fn learn(&self, steps: Vec<Step>, care: Care) -> Result<(Plan, Learned), Error> {
        let job = self.job();
        self.read(move |document| pipeline::learn(document, &job, &steps, care))
    }

    fn job(&self) -> Job {
        let source = self.document.file_name().unwrap_or(self.document.as_os_str()).to_string_lossy().into_owned();
        Job {
            source,
            only: self.only.clone(),
            settings: self.settings,
            hook: self.hook.clone(),
            replan: self.replan.clone(),
        }
    }

    /// Generates types that can be both read and written, and says which schema became which of them.
    ///
    /// # Errors
    /// As [`generate`](Self::generate).
    #[doc(hidden)]
    pub fn generate_for_tests(&self) -> Result<Testable, Error> {
        let mut job = self.job();
        job.settings.both_directions = true;
        self.read(move |document| type_use::generate(document, &job))
    }

    /// Generates from `text` alone, on the caller's stack, as if it stood in the document: for fuzzing, where a file and
    /// a thread for each run would cost more than the run.
    ///
    /// # Errors
    /// As [`generate`](Self::generate).
    #[doc(hidden)]
    pub fn generate_text(&self, text: String) -> Result<Generated, Error> {
        let mut document = load::load_text(&self.document, text)?;
        normalise::modernise(&mut document);
        pipeline::run(&document, &self.job())
    }

    /// The document as it is read, after overlays, in the form of the latest version: one value, with every other file
    /// that it refers to in its `components`.
    ///
    /// # Errors
    /// As [`generate`](Self::generate), and when aliases would make it too large to be written out.
    pub fn effective_document(&self) -> Result<serde_json::Value, Error> {
        self.read(|document| {
            let spec = Spec::new(document).map_err(|problem| normalise::fatal(document, problem))?;
            spec.bundle().map_err(|problem| normalise::fatal(document, problem))
        })
    }

    /// Reads the document, and has it looked at on a thread whose stack bears it.
    fn read<T: Send + 'static>(
        &self,
        then: impl FnOnce(&Document) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (path, beside, hook) = (self.document.clone(), self.beside.clone(), self.hook.clone());
        let work = move || {
            hook.begin(Stage::Load);
            let mut document = load::load(&path, &beside)?;
            normalise::modernise(&mut document);
            then(&document)
        };
        let worker = std::thread::Builder::new().name("larder".to_owned()).stack_size(STACK).spawn(work);
        let fault =
            |message: &str| Error::Internal { file: self.document.display().to_string(), message: message.to_owned() };
        let worker = worker.map_err(|error| fault(&format!("no thread could be started: {error}")))?;
        worker.join().unwrap_or_else(|_| Err(fault("the generator panicked")))
    }

    /// Generates into `OUT_DIR`, for a build script; `larder::include_api!`
    /// brings it in. Cargo runs the script again when a file changes that was read.
    ///
    /// # Errors
    /// As [`generate`](Self::generate), when `OUT_DIR` is not set, and when it
    /// cannot be written to.
    pub fn build(&self) -> Result<(), Error> {
        for path in std::iter::once(&self.document).chain(&self.beside.overlays).chain(&self.config) {
            println!("cargo::rerun-if-changed={}", path.display());
        }
        let out = std::env::var_os("OUT_DIR").ok_or(Error::NoOutDir)?;
        let generated = self.generate()?;
        for path in &generated.sources {
            println!("cargo::rerun-if-changed={}", path.display());
        }
        for warning in &generated.warnings {
            println!("cargo::warning={}", one_line(warning));
        }
        if self.strict && !generated.warnings.is_empty() {
            return Err(Error::Strict { count: generated.warnings.len() });
        }
        generated.write_to(&Path::new(&out).join(self.api_name()))?;
        Ok(())
    }

    pub(crate) fn api_name(&self) -> String {
        let stem = || self.document.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        self.name.clone().or_else(stem).unwrap_or_else(|| "openapi".to_owned())
    }
}

impl Generated {
    /// What [`write_to`](Self::write_to) would do below `folder`; nothing is done.
    ///
    /// # Errors
    /// When the folder cannot be read, or when a file that was not generated is in the way.
    pub fn changes(&self, folder: &Path) -> Result<Changes, Error> {
        write::changes(folder, &self.files)
    }

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

fn one_line(warning: &Located) -> String {
    let at = if warning.line == 0 { String::new() } else { format!(":{}:{}", warning.line, warning.column) };
    let help = if warning.help.is_empty() { String::new() } else { format!(" ({})", warning.help) };
    let text = format!("{}{at}: {}{help}", warning.file, warning.message);
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
