//! The rules of the house that a machine can check; `docs/architecture.md` gives the reasons.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Rust files below a folder of the repository, but for generated ones, with their text.
fn files(folder: &str) -> Vec<(String, String)> {
    let mut open = vec![root().join(folder)];
    let mut found = Vec::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(&path).expect("a folder").map(|entry| entry.expect("an entry").path()));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = fs::read_to_string(&path).expect("a file");
            let name = path.strip_prefix(root()).expect("below the root").display().to_string();
            found.push((name, text));
        }
    }
    assert!(!found.is_empty(), "{folder} has files");
    found
}

fn sources() -> Vec<(String, String)> {
    [
        "codegen/src",
        "runtime/src",
        "corpus/src",
        "xtask/src",
        "tests/tests",
        "examples/social/src",
        "examples/quickstart/src",
        "bench/src",
        "soak/src",
        "browser/src",
    ]
    .into_iter()
    .flat_map(files)
    .collect()
}

#[test]
fn every_file_says_what_it_is_for_and_stays_small() {
    for (name, text) in sources() {
        assert!(text.starts_with("//! "), "{name} does not say in its first line what it is for");
        assert!(text.lines().count() <= 400, "{name} has {} lines", text.lines().count());
    }
}

#[test]
fn each_stage_of_the_generator_keeps_to_its_own() {
    let only_in = |word: &str, rooms: &[&str]| {
        for (name, text) in files("codegen/src") {
            let inside = rooms.iter().any(|room| name.contains(room));
            assert!(inside || !text.contains(word), "{name} uses {word}");
        }
    };
    only_in("openapiv3::", &["/normalise/"]);
    only_in("use quote::", &["/emit/"]);
    only_in("granit_parser", &["/load/yaml.rs"]);
    for (name, text) in files("codegen/src/plan") {
        assert!(!text.contains("crate::normalise") && !text.contains("crate::load"), "{name} looks past the model");
    }
}

#[test]
fn the_core_does_no_io_and_has_no_clock() {
    for (name, text) in files("runtime/src/core").into_iter().filter(|(name, _)| !name.contains("tests")) {
        for word in ["Instant", "tokio::", "async ", "std::fs", "std::net", "println!"] {
            assert!(!text.contains(word), "{name} uses {word}");
        }
    }
}

#[test]
fn no_code_that_input_can_reach_panics() {
    for folder in ["codegen/src", "runtime/src"] {
        for (name, text) in files(folder) {
            let is_test = name.contains("tests");
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
            for line in lines.filter(|_| !is_test) {
                for word in [".unwrap()", ".expect(", "panic!(", "todo!(", "unimplemented!(", "unreachable!("] {
                    assert!(!line.contains(word), "{name}: {line}");
                }
            }
        }
    }
}

#[test]
fn every_direct_dependency_has_its_line() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo writes JSON");
    let told = fs::read_to_string(root().join("docs/dependencies.md")).expect("the page is there");
    for package in metadata["packages"].as_array().expect("packages") {
        for dependency in package["dependencies"].as_array().expect("dependencies") {
            let name = dependency["name"].as_str().unwrap_or_default();
            let ours = dependency["path"].is_string();
            assert!(ours || told.contains(&format!("`{name}`")), "docs/dependencies.md says nothing of {name}");
        }
    }
}
