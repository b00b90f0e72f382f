//! Builds the page: the module, what binds it to JavaScript, and the HTML that loads both.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;
use wasm_bindgen_cli_support::Bindgen;

const HTML: &str = "<!doctype html><meta charset=\"utf-8\"><title>Larder</title>\
                    <script type=\"module\">import start from \"/page.js\"; start({ module_or_path: \"/page_bg.wasm\" });</script>";

/// A folder with all that the page is made of.
pub fn page() -> Result<TempDir, String> {
    let module = build()?;
    let folder = tempfile::tempdir().map_err(|error| format!("there is no folder for the page: {error}"))?;
    let mut bindgen = Bindgen::new();
    let bound = bindgen.input_path(module).typescript(false).web(true).and_then(|web| web.generate(folder.path()));
    bound.map_err(|error| format!("the page could not be bound to JavaScript: {error:#}"))?;
    let written = std::fs::write(folder.path().join("index.html"), HTML);
    written.map_err(|error| format!("the page could not be written: {error}"))?;
    Ok(folder)
}

/// Compiles the page, and finds the module where cargo says that it is.
fn build() -> Result<PathBuf, String> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let output = Command::new(cargo)
        .args([
            "build",
            "--locked",
            "--lib",
            "--target",
            "wasm32-unknown-unknown",
            "--message-format",
            "json-render-diagnostics",
        ])
        .arg("--manifest-path")
        .arg(manifest)
        .stderr(std::process::Stdio::inherit())
        .output()
        .map_err(|error| format!("cargo could not be started: {error}"))?;
    if !output.status.success() {
        return Err("the page does not compile".to_owned());
    }
    let lines = output.stdout.split(|byte| *byte == b'\n');
    let artifacts = lines.filter_map(|line| serde_json::from_slice::<Value>(line).ok());
    let modules = artifacts.filter(|artifact| artifact["target"]["name"] == "page");
    let mut names = modules.filter_map(|artifact| Some(PathBuf::from(artifact["filenames"][0].as_str()?)));
    names.next_back().ok_or_else(|| "cargo does not say where the page is".to_owned())
}
