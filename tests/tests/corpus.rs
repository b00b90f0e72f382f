//! Real documents: they generate, and what they give compiles.
//!
//! They are found through `LARDER_SPECS`; without it the tests say that they
//! were left out, and under `CI=true` that is a failure.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use larder_codegen::Generator;

/// Documents whose code has to compile; `*` stands for any ending.
const COMPILED: [&str; 6] = ["petstore3.yaml", "realworld.yaml", "oai-*", "memos.yaml", "oxide-*", "museum31.yaml"];

fn specs() -> Option<PathBuf> {
    let folder = env::var_os("LARDER_SPECS");
    if folder.is_none() {
        assert!(env::var_os("CI").is_none(), "LARDER_SPECS is not set: real documents must not be left out in CI");
        eprintln!("left out: real documents (LARDER_SPECS is not set)");
    }
    // A relative folder is relative to the repository.
    folder.map(|folder| Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder))
}

fn documents(folder: &Path, wanted: &[&str]) -> Vec<PathBuf> {
    let fits = |name: &str| {
        wanted.iter().any(|pattern| match pattern.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => name == *pattern,
        })
    };
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut found: Vec<PathBuf> = entries
        .map(|entry| entry.expect("a document can be found").path())
        .filter(|path| matches!(path.extension().and_then(|ending| ending.to_str()), Some("yaml" | "json")))
        .filter(|path| fits(&path.file_name().unwrap_or_default().to_string_lossy()))
        .collect();
    found.sort();
    assert!(!found.is_empty(), "no documents in {}", folder.display());
    found
}

#[test]
fn every_real_document_generates() {
    let Some(folder) = specs() else { return };
    for document in documents(&folder, &["*"]) {
        let generated = Generator::new(&document).generate().unwrap_or_else(|error| panic!("{error}"));
        assert!(!generated.files.is_empty(), "{}", document.display());
    }
}

#[test]
fn the_code_of_real_documents_compiles() {
    let Some(folder) = specs() else { return };
    let crate_folder = tempfile::tempdir().expect("a folder");
    let mut modules = String::from("#![allow(deprecated)]\n");
    for document in documents(&folder, &COMPILED) {
        let generated = Generator::new(&document).generate().expect("it generates");
        let name = document.file_stem().unwrap_or_default().to_string_lossy().replace(['-', '.'], "_");
        generated.write_to(&crate_folder.path().join("src").join(&name)).expect("it can be written");
        modules.push_str(&format!("pub mod {name};\n"));
    }
    let runtime = Path::new(env!("CARGO_MANIFEST_DIR")).join("../runtime");
    let manifest = format!(
        "[package]\nname = \"corpus\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
         [dependencies]\nlarder = {{ path = {runtime:?}, default-features = false, features = [\"chrono\", \"uuid\"] }}\n"
    );
    fs::write(crate_folder.path().join("Cargo.toml"), manifest).unwrap();
    fs::write(crate_folder.path().join("src/lib.rs"), modules).unwrap();
    // The versions that the workspace uses are on the machine already.
    fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.lock"), crate_folder.path().join("Cargo.lock"))
        .unwrap();
    let checked = Command::new(env!("CARGO"))
        .args(["check", "--quiet", "--message-format", "short"])
        .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("corpus"))
        .env("RUSTFLAGS", "-D warnings")
        .current_dir(crate_folder.path())
        .output()
        .expect("cargo runs");
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
}
