//! The `larder` command: what it prints and how it exits.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn social() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/social")
}

/// Runs the command with cargo, which builds it when it is not there yet.
fn larder(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO"));
    command.args(["run", "--quiet", "--package", "larder-codegen", "--features", "cli", "--bin", "larder", "--"]);
    command.args(arguments).output().expect("cargo runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn it_exits_as_it_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let (out, document) = (folder.path().join("api"), social().join("openapi.yaml"));
    let (out, document) = (out.to_str().unwrap(), document.to_str().unwrap());

    let generated = larder(&["gen", document, "--out", out]);
    assert_eq!(generated.status.code(), Some(0), "{}", text(&generated.stderr));
    assert_eq!(larder(&["check", document, "--out", out]).status.code(), Some(0));

    let file = Path::new(out).join("posts.rs");
    let changed = std::fs::read_to_string(&file).unwrap().replace("list_posts", "list_all_posts");
    std::fs::write(&file, changed).unwrap();
    let stale = larder(&["gen", document, "--out", out, "--check"]);
    assert_eq!(stale.status.code(), Some(1));
    let told = text(&stale.stderr);
    assert!(told.contains("-pub fn list_all_posts") && told.contains("+pub fn list_posts"), "{told}");

    let broken = folder.path().join("broken.yaml");
    std::fs::write(&broken, "openapi: [").unwrap();
    assert_eq!(larder(&["gen", broken.to_str().unwrap(), "--out", out]).status.code(), Some(1));
    assert_eq!(larder(&["gen", "missing.yaml", "--out", out]).status.code(), Some(1));
    let partial = social().join("../requests/openapi.yaml");
    let (partial, strict) = (partial.to_str().unwrap(), folder.path().join("strict"));
    assert_eq!(larder(&["gen", partial, "--out", out]).status.code(), Some(0), "a warning is no failure");
    let refused = larder(&["gen", partial, "--out", strict.to_str().unwrap(), "--strict"]);
    assert_eq!((refused.status.code(), strict.exists()), (Some(1), false), "{}", text(&refused.stderr));
    assert_eq!(larder(&["gen"]).status.code(), Some(2), "wrong usage");
    assert_eq!(larder(&["bake"]).status.code(), Some(2), "wrong usage");
}

#[test]
fn explain_fits_a_terminal_and_speaks_json() {
    let document = social().join("openapi.yaml");
    let table = text(&larder(&["explain", document.to_str().unwrap()]).stdout);
    assert!(table.lines().all(|line| line.chars().count() <= 100), "{table}");
    let json = text(&larder(&["explain", document.to_str().unwrap(), "--format", "json"]).stdout);
    let plan: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
    assert_eq!(plan["larder"], 1);
    assert_eq!(plan["operations"].as_array().map(Vec::len), Some(13));
}
