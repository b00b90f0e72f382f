//! Where recordings of real servers are.

use std::env;
use std::path::{Path, PathBuf};

/// A server's document and what was recorded of it.
pub struct Recorded {
    pub name: String,
    pub document: PathBuf,
    pub truth: PathBuf,
}

/// The folder that `LARDER_ORACLE` names; without it the test says that it was left out, and fails in CI.
pub fn folder() -> Option<PathBuf> {
    let folder = env::var_os("LARDER_ORACLE");
    if folder.is_none() {
        assert!(env::var_os("CI").is_none(), "LARDER_ORACLE is not set: recordings must not be left out in CI");
        eprintln!("left out: recordings of real servers (LARDER_ORACLE is not set)");
    }
    // A relative folder is relative to the repository.
    folder.map(|folder| Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder))
}

/// Every recording in `folder`, sorted by name.
pub fn recordings(folder: &Path) -> Vec<Recorded> {
    let entries = folder.read_dir().unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let found = entries.map(|entry| entry.expect("an entry").path()).map(|path| Recorded {
        name: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        document: path.join("openapi.json"),
        truth: path.join("truth.json.gz"),
    });
    let mut found: Vec<Recorded> = found.filter(|recorded| recorded.truth.is_file()).collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    assert!(!found.is_empty(), "no recordings in {}", folder.display());
    found
}
