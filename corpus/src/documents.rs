//! Which documents there are.

use std::io;
use std::path::{Path, PathBuf};

/// The documents in `folder`, sorted by name.
///
/// # Errors
/// When the folder cannot be listed.
pub fn find(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in folder.read_dir()? {
        let path = entry?.path();
        let ending = path.extension().and_then(|ending| ending.to_str());
        if path.is_file() && matches!(ending, Some("yaml" | "yml" | "json")) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// What a document is called in tables: its file's name without the ending.
pub fn name(document: &Path) -> String {
    document.file_stem().unwrap_or(document.as_os_str()).to_string_lossy().into_owned()
}
