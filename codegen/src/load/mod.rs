//! From files to a [`Document`]: YAML or JSON, every node with its place.

mod files;
mod json;
mod merge;
mod node;
mod overlay;
mod reference;
mod scalar;
mod text;
mod toml;
mod yaml;

use std::path::{Path, PathBuf};

pub use node::{Document, Kind, NodeId, Source, Span};
pub(crate) use reference::Named;
pub(crate) use text::MAX_BYTES;
pub(crate) use toml::ApiTable;

use crate::diagnostic::{Diagnostic, Located};
use crate::error::Error;
use crate::problem_kind::ProblemKind;

/// Nesting beyond this is refused: no document that people write comes near it.
pub(crate) const MAX_DEPTH: usize = 256;

/// What is read beside the root document.
#[derive(Clone, Debug, Default)]
pub(crate) struct Beside {
    /// Overlay documents, applied in this order.
    pub(crate) overlays: Vec<PathBuf>,
    /// Folders, beside the root document's own, that references may lead to.
    pub(crate) folders: Vec<PathBuf>,
    /// What a `larder.toml` says of the document's operations.
    pub(crate) config: Option<ApiTable>,
}

/// Reads the document at `path`, changes it as the overlays say, and then reads the files that its references name.
///
/// # Errors
/// When the root document or an overlay cannot be read; the message says where. A file that a reference names costs
/// what stands on the reference, and is told of there.
pub(crate) fn load(path: &Path, beside: &Beside) -> Result<Document, Error> {
    let mut document = Document::default();
    read(&mut document, path)?;
    for overlay in &beside.overlays {
        let file = read(&mut document, overlay)?;
        overlay::apply(&mut document, file).map_err(|problem| fatal(&document, problem))?;
    }
    files::follow(&mut document, path, &beside.folders);
    if let Some(table) = &beside.config {
        toml::attach(&mut document, table);
    }
    Ok(document)
}

/// Reads `text` as the document at `path`, and no other file.
///
/// # Errors
/// As [`load`].
pub(crate) fn load_text(path: &Path, text: String) -> Result<Document, Error> {
    let mut document = Document::default();
    parse(&mut document, path, text).map_err(|problem| fatal(&document, problem))?;
    Ok(document)
}

/// Reads one more file whole, and gives its number.
fn read(document: &mut Document, path: &Path) -> Result<u32, Error> {
    let text = text::read(path, document.bytes_left())?;
    parse(document, path, text).map_err(|problem| fatal(document, problem))
}

fn fatal(document: &Document, problem: Diagnostic) -> Error {
    Error::Document(vec![Located::new(&document.sources, problem)])
}

/// Reads a text as the next file of `document`; `path` is what messages call it.
///
/// # Errors
/// When the text is neither YAML nor JSON; the message says where.
fn parse(document: &mut Document, path: &Path, text: String) -> Result<u32, Diagnostic> {
    let file = u32::try_from(document.sources.len()).unwrap_or(u32::MAX);
    let before = document.len();
    let read = if text.trim_start().starts_with(['{', '[']) {
        json::read(&text, file, document).or_else(|fault| {
            let named = |ending: &str| path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(ending));
            if named("json") || document.is_full() {
                return Err(fault);
            }
            // A flow mapping of YAML also starts with a brace.
            document.truncate(before);
            let is_yaml = named("yaml") || named("yml");
            yaml::read(&text, file, document).map_err(|other| if is_yaml { other } else { fault })
        })
    } else {
        yaml::read(&text, file, document)
    };
    let mut source = Source::new(path.to_owned(), text);
    source.base = file;
    if file == 0 {
        document.set_root(read.as_ref().copied().unwrap_or_default());
    }
    source.root = read.as_ref().ok().copied();
    document.sources.push(source);
    match read {
        Ok(_) => Ok(file),
        Err(fault) => {
            document.truncate(before);
            let span = Span::new(file, fault.start, fault.end);
            Err(Diagnostic::error(fault.message).kind(ProblemKind::Syntax).at(span).help(fault.help))
        }
    }
}

/// Why a text could not be read.
struct Fault {
    start: usize,
    end: usize,
    message: String,
    help: String,
}

impl Fault {
    fn new(start: usize, end: usize, message: impl Into<String>, help: impl Into<String>) -> Fault {
        Fault { start, end, message: message.into(), help: help.into() }
    }

    fn too_deep(at: usize) -> Fault {
        Fault::new(
            at,
            at + 1,
            format!("the document is nested more than {MAX_DEPTH} levels deep"),
            "no OpenAPI document needs that; look for a tool that wrote it in a loop",
        )
    }

    fn too_many(at: usize) -> Fault {
        Fault::new(
            at,
            at + 1,
            format!("the document holds more than {} values", node::MAX_NODES),
            "no OpenAPI document needs that; look for a tool that wrote it in a loop",
        )
    }

    fn duplicate(key: &str, start: usize, end: usize) -> Fault {
        Fault::new(
            start,
            end,
            format!("the key `{key}` is written twice in one object"),
            "one of the two would be lost without a word: remove or rename one",
        )
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Document, node, parse};

    #[test]
    fn more_values_than_anybody_writes_are_refused() {
        let text = format!("[{}0]", "0,".repeat(node::MAX_NODES));
        for name in ["a.json", "a.yaml"] {
            let mut document = Document::default();
            let refused = parse(&mut document, Path::new(name), text.clone());
            assert!(format!("{refused:?}").contains("the document holds more than"), "{name}");
            assert_eq!(document.len(), 0, "nothing of it is kept");
        }
    }
}
