//! Generated files on disk: written when they changed, compared, cleaned up.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use similar::TextDiff;

use crate::emit::{File, MARK};
use crate::error::Error;

/// Lines of a diff that are shown before it is cut.
const MAX_DIFF_LINES: usize = 200;

/// What writing did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Files that are new or have new text.
    pub changed: Vec<PathBuf>,
    /// Files that were already right.
    pub unchanged: usize,
    /// Generated files that are no longer needed.
    pub removed: Vec<PathBuf>,
}

pub(crate) fn write(folder: &Path, files: &[File]) -> Result<Written, Error> {
    let fail = |path: &Path| {
        let path = path.to_owned();
        move |source| Error::Write { path, source }
    };
    let mut written = Written::default();
    let stale = stale(folder, files)?;
    for file in files {
        let path = folder.join(&file.path);
        match fs::read_to_string(&path) {
            Ok(text) if text == file.text => {
                written.unchanged += 1;
                continue;
            }
            Ok(text) if !text.starts_with(MARK) => return Err(Error::Foreign { path }),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(fail(&path)(error)),
        }
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(fail(parent))?;
        }
        fs::write(&path, &file.text).map_err(fail(&path))?;
        written.changed.push(path);
    }
    for path in stale {
        fs::remove_file(&path).map_err(fail(&path))?;
        written.removed.push(path);
    }
    Ok(written)
}

pub(crate) fn check(folder: &Path, files: &[File]) -> Result<(), Error> {
    let mut report = String::new();
    for file in files {
        let path = folder.join(&file.path);
        match fs::read_to_string(&path) {
            Ok(text) if text == file.text => {}
            Ok(text) => report.push_str(&diff(&path, &text, &file.text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                report.push_str(&format!("{} is missing\n", path.display()));
            }
            Err(source) => return Err(Error::Read { path, source }),
        }
    }
    for path in stale(folder, files)? {
        report.push_str(&format!("{} is no longer generated\n", path.display()));
    }
    if report.is_empty() { Ok(()) } else { Err(Error::OutOfDate(report)) }
}

fn diff(path: &Path, committed: &str, generated: &str) -> String {
    let name = path.display().to_string();
    let diff = TextDiff::from_lines(committed, generated);
    let text = diff.unified_diff().header(&name, "generated from the document").to_string();
    let lines: Vec<&str> = text.lines().collect();
    let mut shown = lines.iter().take(MAX_DIFF_LINES).fold(String::new(), |text, line| text + line + "\n");
    if lines.len() > MAX_DIFF_LINES {
        shown.push_str(&format!("… and {} more lines\n", lines.len() - MAX_DIFF_LINES));
    }
    shown
}

/// Files of ours in `folder` that are not among `files`.
fn stale(folder: &Path, files: &[File]) -> Result<Vec<PathBuf>, Error> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(Error::Read { path: folder.to_owned(), source }),
    };
    let mut stale = Vec::new();
    for entry in entries {
        let path = entry.map_err(|source| Error::Read { path: folder.to_owned(), source })?.path();
        let rust = path.extension().is_some_and(|extension| extension == "rs");
        let wanted = files.iter().any(|file| folder.join(&file.path) == path);
        if rust && !wanted && fs::read_to_string(&path).is_ok_and(|text| text.starts_with(MARK)) {
            stale.push(path);
        }
    }
    stale.sort();
    Ok(stale)
}
