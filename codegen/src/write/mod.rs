//! Generated files on disk: what would change, written so that no reader sees half a file, cleaned up.

mod compare;
mod ours;
mod replace;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

pub(crate) use compare::check;

use crate::emit::{File, MARK};
use crate::error::Error;

/// Writes one file that somebody named, whole or not at all.
///
/// # Errors
/// When it cannot be written.
#[cfg(feature = "cli")]
pub(crate) fn file(path: &Path, text: &str) -> Result<(), Error> {
    replace::replace(path, text).map_err(|source| Error::Write { path: path.to_owned(), source })
}

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

/// What writing would do; [`Generated::changes`](crate::Generated::changes) finds it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// In the order of the files' paths, removals last.
    pub changes: Vec<Change>,
    /// Files that are already right.
    pub unchanged: usize,
}

/// What writing would do to one file. Sizes are in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// It is new.
    Create {
        /// The file.
        path: PathBuf,
        /// Its size.
        bytes: u64,
    },
    /// It has new text.
    Replace {
        /// The file.
        path: PathBuf,
        /// Its size so far.
        before: u64,
        /// Its new size.
        bytes: u64,
    },
    /// It is no longer generated.
    Remove {
        /// The file.
        path: PathBuf,
        /// Its size so far.
        before: u64,
    },
}

/// Compares `files` with what is below `folder`.
///
/// # Errors
/// When the folder cannot be read, and when a file that was not generated is in the way.
pub(crate) fn changes(folder: &Path, files: &[File]) -> Result<Changes, Error> {
    let mut found = Changes::default();
    for file in files {
        let path = folder.join(&file.path);
        let bytes = file.text.len() as u64;
        match fs::read(&path) {
            Ok(text) if same(&text, &file.text) => found.unchanged += 1,
            Ok(text) if !text.starts_with(MARK.as_bytes()) => return Err(Error::Foreign { path }),
            Ok(text) => found.changes.push(Change::Replace { path, before: text.len() as u64, bytes }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                found.changes.push(Change::Create { path, bytes });
            }
            Err(source) => return Err(Error::Read { path, source }),
        }
    }
    for path in ours::stale(folder, files)? {
        let before = fs::metadata(&path).map_or(0, |metadata| metadata.len());
        found.changes.push(Change::Remove { path, before });
    }
    Ok(found)
}

/// Brings what is below `folder` to `files`. Nothing is touched when a file that was not generated is in the way.
///
/// # Errors
/// When something cannot be written.
pub(crate) fn write(folder: &Path, files: &[File]) -> Result<Written, Error> {
    let changes = changes(folder, files)?;
    let mut written = Written { unchanged: changes.unchanged, ..Written::default() };
    let (mut removed, mut changed) = (Vec::new(), Vec::new());
    for change in changes.changes {
        match change {
            Change::Create { path, .. } | Change::Replace { path, .. } => changed.push(path),
            Change::Remove { path, .. } => removed.push(path),
        }
    }
    // The root last: until then it names the files that were there before.
    let root = folder.join("mod.rs");
    changed.sort_by_key(|path| *path == root);
    for path in changed {
        let text = files.iter().find(|file| folder.join(&file.path) == path).map_or("", |file| &file.text);
        replace::replace(&path, text).map_err(|source| Error::Write { path: path.clone(), source })?;
        written.changed.push(path);
    }
    for path in removed {
        replace::remove(folder, &path).map_err(|source| Error::Write { path: path.clone(), source })?;
        written.removed.push(path);
    }
    written.changed.sort();
    Ok(written)
}

/// Whether a file holds `text`, be it with the line ends that git gives it on Windows.
fn same(file: &[u8], text: &str) -> bool {
    if file == text.as_bytes() {
        return true;
    }
    let file = file.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    file.eq(text.as_bytes().split(|byte| *byte == b'\n'))
}
