//! One file on disk at a time: written whole or not at all.

use std::fs;
use std::io;
use std::path::Path;
use std::process;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How the names of files end that are still being written.
pub(super) const TEMPORARY: &str = "larder-new";

/// Temporary files of one process have names of their own.
static NEXT: AtomicUsize = AtomicUsize::new(0);

/// Writes beside the file and renames, so that nobody ever reads half of it: not after a crash, and not while two runs
/// write at once.
pub(super) fn replace(path: &Path, text: &str) -> io::Result<()> {
    // Where a link stands, what it leads to is replaced.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = path.parent().unwrap_or(Path::new(""));
    fs::create_dir_all(folder)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let beside = folder.join(format!(".{name}.{}-{number}.{TEMPORARY}", process::id()));
    let done = fs::write(&beside, text).and_then(|()| fs::rename(&beside, &path));
    if done.is_err() {
        let _ = fs::remove_file(&beside);
    }
    done
}

/// Removes a file and the folders above it that become empty, up to `root`. Another run may have been faster.
pub(super) fn remove(root: &Path, path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let above = path.ancestors().skip(1).take_while(|folder| *folder != root && folder.starts_with(root));
    for folder in above {
        // A folder that holds anything else cannot be removed this way.
        if fs::remove_dir(folder).is_err() {
            break;
        }
    }
    Ok(())
}
