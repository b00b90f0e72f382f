//! `larder.toml`: which documents become which clients.

mod read;

use std::path::{Path, PathBuf};

use crate::diagnostic::{Diagnostic, Located};
use crate::error::Error;
use crate::generator::Generator;
use crate::load::{ApiTable, Source, Span};
use crate::problem_kind::ProblemKind;
use crate::settings::Dates;

/// One `[[api]]` of a file. Paths are relative to the folder of the file, and joined with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Api {
    pub(crate) document: PathBuf,
    pub(crate) out: Option<PathBuf>,
    pub(crate) name: Option<String>,
    pub(crate) only: Vec<String>,
    pub(crate) overlays: Vec<PathBuf>,
    pub(crate) references: Vec<PathBuf>,
    pub(crate) dates: Option<Dates>,
    pub(crate) keep_unknown: bool,
    pub(crate) mock: bool,
    pub(crate) strict: bool,
    /// Where it stands, when it says something of operations or tag types. That is read with the document.
    pub(crate) overrides: Option<ApiTable>,
}

impl Api {
    /// The generator that does what is asked for.
    pub(crate) fn generator(&self) -> Generator {
        let generator = Generator::new(&self.document).only(self.only.iter().cloned());
        let mut generator = generator.keep_unknown(self.keep_unknown).mock(self.mock).strict(self.strict);
        if let Some(name) = &self.name {
            generator = generator.name(name);
        }
        if let Some(dates) = self.dates {
            generator = generator.dates(dates);
        }
        if let Some(table) = &self.overrides {
            generator = generator.overrides(table.clone());
        }
        let generator = self.overlays.iter().fold(generator, Generator::overlay);
        self.references.iter().fold(generator, Generator::allow_references_to)
    }
}

/// Reads the file at `path`.
///
/// # Errors
/// When it cannot be read, and when it says something that means nothing; all such places are told of.
pub(crate) fn load(path: &Path) -> Result<Vec<Api>, Error> {
    let text = std::fs::read_to_string(path).map_err(|source| Error::Read { path: path.to_owned(), source })?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let source = Source::new(path.to_owned(), text);
    let apis = read::apis(&source.text, folder).map_err(|faults| {
        let sources = std::slice::from_ref(&source);
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let located = faults.into_iter().map(|fault| {
            let span = Span { file: 0, start: offset(fault.at.start), end: offset(fault.at.end) };
            let problem = Diagnostic::error(fault.message).kind(ProblemKind::Config).at(span).help(fault.help);
            Located::new(sources, problem)
        });
        Error::Document(located.collect())
    })?;
    let table = |at| ApiTable { path: source.path.clone(), text: source.text.clone(), at };
    let placed = apis.into_iter().enumerate();
    Ok(placed.map(|(at, (api, speaks))| Api { overrides: speaks.then(|| table(at)), ..api }).collect())
}
