//! Which files on disk are ours: those that an earlier run wrote, and no others.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::replace::TEMPORARY;
use crate::emit::{File, MARK};
use crate::error::Error;

/// A temporary file of this age belongs to no run that is still under way.
const ABANDONED: Duration = Duration::from_secs(600);

/// Files of ours in `folder` that are not among `files`, sorted.
///
/// Folders below it are ours when its `mod.rs` is and names them, or when something is to be written there now. Another
/// client in a folder of its own, `api/v2` beside `api`, is so left alone.
pub(super) fn stale(folder: &Path, files: &[File]) -> Result<Vec<PathBuf>, Error> {
    let wanted: BTreeSet<PathBuf> = files.iter().map(|file| folder.join(&file.path)).collect();
    let mut stale = Vec::new();
    search(folder, &wanted, false, &mut stale)?;
    let new = files.iter().filter_map(|file| Some(file.path.parent()?.iter().next()?.to_owned()));
    let old = named(folder).into_iter().map(Into::into);
    for name in new.chain(old).collect::<BTreeSet<_>>() {
        let path = folder.join(name);
        // A link may lead anywhere.
        if fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_dir()) {
            search(&path, &wanted, true, &mut stale)?;
        }
    }
    stale.sort();
    Ok(stale)
}

/// The modules that the generated `mod.rs` of an earlier run declares.
fn named(folder: &Path) -> Vec<String> {
    let text = fs::read_to_string(folder.join("mod.rs")).unwrap_or_default();
    if !text.starts_with(MARK) {
        return Vec::new();
    }
    let name = |line: &str| Some(line.strip_prefix("pub mod ")?.strip_suffix(';')?.trim_start_matches("r#").to_owned());
    text.lines().filter_map(name).collect()
}

fn search(folder: &Path, wanted: &BTreeSet<PathBuf>, deep: bool, stale: &mut Vec<PathBuf>) -> Result<(), Error> {
    let fail = |source| Error::Read { path: folder.to_owned(), source };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(fail(source)),
    };
    for entry in entries {
        let entry = entry.map_err(fail)?;
        let (path, kind) = (entry.path(), entry.file_type().map_err(fail)?);
        if kind.is_dir() && deep {
            search(&path, wanted, deep, stale)?;
        } else if kind.is_file() && !wanted.contains(&path) && is_ours(&path) {
            stale.push(path);
        }
    }
    Ok(())
}

fn is_ours(path: &Path) -> bool {
    let marked = || fs::read(path).is_ok_and(|text| text.starts_with(MARK.as_bytes()));
    if path.extension().is_some_and(|extension| extension == TEMPORARY) {
        let age = fs::metadata(path).and_then(|metadata| metadata.modified()).ok().and_then(|time| time.elapsed().ok());
        return age.is_some_and(|age| age > ABANDONED) && marked();
    }
    path.extension().is_some_and(|extension| extension == "rs") && marked()
}
