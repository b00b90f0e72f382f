//! Finds and reads the files that references name, and the names that they go by.

use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};

use super::node::{Document, Kind, NodeId};
use super::reference::{Broken, percent_decode};
use super::{parse, text};
use crate::diagnostic::Located;

/// More files than this are not read for one document.
const MAX_FILES: usize = 10_000;

/// Reads every file that a reference in `document` names, and those that these name, as long as they are inside of the
/// folder of the root document at `path`, or of one of `folders`.
pub(super) fn follow(document: &mut Document, path: &Path, folders: &[PathBuf]) {
    let shown = path.parent().map_or_else(PathBuf::new, Path::to_owned);
    let folder = if shown.as_os_str().is_empty() { Path::new(".") } else { shown.as_path() };
    let Ok(home) = folder.canonicalize() else { return };
    let place = path.file_name().map_or_else(|| home.clone(), |name| home.join(name));
    let mut read = HashMap::new();
    if let Ok(canonical) = path.canonicalize() {
        read.insert(canonical, Ok(0));
    }
    let folders = folders.iter().filter_map(|folder| folder.canonicalize().ok());
    let folders = std::iter::once(home.clone()).chain(folders).collect();
    let places = vec![place; document.sources.len()];
    let mut finder = Finder { document, shown, home, folders, places, read };
    let mut scanned = 0;
    while scanned < finder.document.len() {
        let wanted = finder.scan(scanned);
        scanned = finder.document.len();
        for (base, uri) in wanted {
            let key = (base, uri);
            if !finder.document.references.files.contains_key(&key) {
                let found = finder.find(key.0, &key.1);
                finder.document.references.files.insert(key, found);
            }
        }
    }
}

struct Finder<'d> {
    document: &'d mut Document,
    /// The root document's folder, as messages show it.
    shown: PathBuf,
    /// The same folder, in full.
    home: PathBuf,
    /// All folders that may be read from.
    folders: Vec<PathBuf>,
    /// Where each file is.
    places: Vec<PathBuf>,
    /// Files that were read, or could not be.
    read: HashMap<PathBuf, Result<u32, Broken>>,
}

impl Finder<'_> {
    /// Notes the names that the nodes from number `from` on give themselves, and collects the files that they name.
    fn scan(&mut self, from: usize) -> Vec<(u32, String)> {
        let mut wanted = Vec::new();
        let document = &mut *self.document;
        for node in (from..document.len()).map(NodeId::at) {
            let Kind::Object(members) = document.kind(node) else { continue };
            let mut names = Vec::new();
            for (key, child) in members {
                let is_mapping = key == "mapping" && members.contains_key("propertyName");
                if !is_mapping && !key.starts_with('$') {
                    continue;
                }
                let text = document.str(*child);
                let file = document.sources.get(document.span(*child).file as usize).map_or(0, |source| source.base);
                match (key.as_str(), text) {
                    ("$ref", Some(text)) => wanted.extend(file_part(text).map(|uri| (file, uri))),
                    ("$anchor" | "$dynamicAnchor" | "$id" | "$self", Some(text)) => {
                        names.push((key.clone(), file, text.to_owned()));
                    }
                    ("mapping", None) => {
                        let targets = document.object(*child).into_iter().flat_map(|members| members.values());
                        let targets = targets.filter_map(|target| document.str(*target));
                        let targets = targets.filter(|target| target.contains(['.', '/']));
                        wanted.extend(targets.filter_map(file_part).map(|uri| (file, uri)));
                    }
                    _ => {}
                }
            }
            for (key, file, name) in names {
                self::name(document, node, &key, file, name);
            }
        }
        wanted
    }

    /// Reads the file that `base` calls `uri`, unless it was read before.
    fn find(&mut self, base: u32, uri: &str) -> Result<u32, Broken> {
        let relative = self.relative(base, uri);
        if has_scheme(relative) {
            return Err(unread(relative));
        }
        let from = self.places.get(base as usize).and_then(|place| place.parent()).unwrap_or(&self.home);
        let path = percent_decode(relative.split('?').next().unwrap_or_default());
        let place = flatten(&from.join(path));
        let escapes = || Broken {
            message: format!("`{uri}` leads out of the document's folder, and is not read"),
            help: "move the file, or allow its folder (`Generator::allow_references_to`)".to_owned(),
        };
        if !self.allows(&place) {
            return Err(escapes());
        }
        let failed = |message: &str| Broken {
            message: format!("`{uri}` cannot be read: {message}"),
            help: "correct the reference or the file; what stands on it is left out".to_owned(),
        };
        let canonical = place.canonicalize().map_err(|error| {
            self.document.missing.push(self.shown(&place));
            failed(&error.to_string())
        })?;
        if !self.allows(&canonical) {
            return Err(escapes());
        }
        if let Some(read) = self.read.get(&canonical) {
            return read.clone();
        }
        let read = if self.document.sources.len() >= MAX_FILES {
            Err(failed(&format!("the document has more than {MAX_FILES} files")))
        } else if canonical.is_file() {
            self.read(place, &canonical).map_err(|message| failed(&message))
        } else {
            Err(failed("it is no file"))
        };
        self.read.insert(canonical, read.clone());
        read
    }

    fn read(&mut self, place: PathBuf, canonical: &Path) -> Result<u32, String> {
        let limit = self.document.bytes_left();
        let text = text::read(canonical, limit).map_err(|error| error.to_string())?;
        let shown = self.shown(&place);
        self.places.push(place);
        parse(self.document, &shown, text).map_err(|problem| {
            let problem = Located::new(&self.document.sources, problem);
            format!("line {}, column {}: {}", problem.line, problem.column, problem.message)
        })
    }

    /// A place as messages show it: from where the root document is named.
    fn shown(&self, place: &Path) -> PathBuf {
        place.strip_prefix(&self.home).map_or_else(|_| place.to_owned(), |path| self.shown.join(path))
    }

    fn allows(&self, path: &Path) -> bool {
        self.folders.iter().any(|folder| path.starts_with(folder))
    }

    /// `uri` without the part that it shares with what the document calls itself in `$self`.
    fn relative<'u>(&self, base: u32, uri: &'u str) -> &'u str {
        let root = self.document.file_root(base);
        let own = root.and_then(|root| self.document.str_at(root, "$self"));
        let folder = own.and_then(|own| own.rsplit_once('/')).map(|(folder, _)| folder);
        let rest = folder.filter(|_| has_scheme(uri)).and_then(|folder| uri.strip_prefix(folder));
        rest.and_then(|rest| rest.strip_prefix('/')).unwrap_or(uri)
    }
}

/// Notes what a node calls itself.
fn name(document: &mut Document, node: NodeId, key: &str, file: u32, name: String) {
    let references = &mut document.references;
    match key {
        "$id" | "$self" => {
            let name = name.trim_end_matches('#').to_owned();
            if key == "$id" && !name.is_empty() {
                references.resources.push(node);
            }
            references.ids.entry(name).or_insert(node);
        }
        _ => {
            references.anchors.entry((file, name)).or_insert(node);
        }
    }
}

/// The part of a reference that names a file, if it names one.
fn file_part(reference: &str) -> Option<String> {
    let uri = reference.split('#').next().unwrap_or_default();
    (!uri.is_empty()).then(|| uri.to_owned())
}

/// Whether a reference starts with a scheme, as in `https:`; one letter is a drive.
fn has_scheme(uri: &str) -> bool {
    let scheme = uri.split_once(':').map(|(scheme, _)| scheme).unwrap_or_default();
    scheme.len() > 1 && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

fn unread(uri: &str) -> Broken {
    if uri.starts_with("http:") || uri.starts_with("https:") {
        return Broken {
            message: format!("`{uri}` is on the network, from which nothing is read"),
            help: "save it beside the document and refer to that file; what stands on it is left out".to_owned(),
        };
    }
    Broken {
        message: format!("`{uri}` names no file that can be read"),
        help: "refer to a file by its path from this one, as in `schemas/Pet.yaml`".to_owned(),
    }
}

/// A path without `.` and `..`, by its text alone.
fn flatten(path: &Path) -> PathBuf {
    let mut flat = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                flat.pop();
            }
            part => flat.push(part),
        }
    }
    flat
}
