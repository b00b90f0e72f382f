//! The `larder` command as a test runs it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use serde_json::Value;

/// The command, built by cargo when it is not there yet.
pub fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let mut command = Command::new(env!("CARGO"));
        command.args(["build", "--package", "larder-codegen", "--features", "cli", "--bin", "larder"]);
        let built = command.args(["--message-format", "json", "--quiet"]).output().expect("cargo runs");
        let messages = text(&built.stdout);
        let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let executable =
            messages.filter_map(|message| Some(PathBuf::from(message["executable"].as_str()?))).next_back();
        executable.unwrap_or_else(|| panic!("it is built: {}", text(&built.stderr)))
    })
}

/// Runs the command in `folder`.
pub fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(program()).args(arguments).current_dir(folder).output().expect("it runs")
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
