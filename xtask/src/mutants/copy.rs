//! A copy of the runtime, so that bugs are planted nowhere else.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::fixtures::root;

/// Where cargo builds this workspace.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Copies the runtime with the workspace that it is in, of which it is the only member there.
pub fn runtime_to(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let manifest = fs::read_to_string(root().join("Cargo.toml"))?;
    let members = |line: &str| if line.starts_with("members = ") { "members = [\"runtime\"]" } else { line }.to_owned();
    let manifest: Vec<String> = manifest.lines().map(members).collect();
    write(&folder.join("Cargo.toml"), manifest.join("\n").as_bytes())?;
    write(&folder.join("Cargo.lock"), &fs::read(root().join("Cargo.lock"))?)?;
    // What was there before may have files that are gone by now.
    let copy = folder.join("runtime");
    remove_others(&root().join("runtime"), &copy)?;
    copy_folder(&root().join("runtime"), &copy)
}

fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let (entry, path) = entry.map(|entry| (to.join(entry.file_name()), entry.path()))?;
        if path.is_dir() { copy_folder(&path, &entry)? } else { write(&entry, &fs::read(&path)?)? }
    }
    Ok(())
}

fn remove_others(from: &Path, to: &Path) -> io::Result<()> {
    if !to.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(to)? {
        let (path, original) = entry.map(|entry| (entry.path(), from.join(entry.file_name())))?;
        match (path.is_dir(), original.exists()) {
            (true, true) => remove_others(&original, &path)?,
            (true, false) => fs::remove_dir_all(&path)?,
            (false, true) => {}
            (false, false) => fs::remove_file(&path)?,
        }
    }
    Ok(())
}

/// Leaves a file alone that is what it should be, so that nothing is built anew for it.
fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    if fs::read(path).is_ok_and(|known| known == content) {
        return Ok(());
    }
    fs::write(path, content)
}
