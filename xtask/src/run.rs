//! Chores that are other commands.

use std::env;
use std::process::{Command, ExitCode};

use crate::fixtures;

/// What tests need that not every machine has: the variable that names it, and what is left out without it.
const OPTIONAL: [(&str, &str); 2] = [
    ("LARDER_SPECS", "the real OpenAPI documents: set LARDER_SPECS to their folder"),
    ("LARDER_ORACLE", "the recordings of real servers: set LARDER_ORACLE to their folder"),
];

/// Builds and runs the example application.
pub fn demo() -> ExitCode {
    cargo(&["run", "--package", "social"])
}

/// Runs every test, and says plainly what had to be left out.
pub fn test() -> ExitCode {
    let code = cargo(&["test", "--workspace", "--all-features"]);
    for (variable, what) in OPTIONAL {
        if env::var_os(variable).is_none() {
            println!("left out: {what}");
        }
    }
    code
}

/// Runs cargo at the repository's root.
pub fn cargo(arguments: &[&str]) -> ExitCode {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    match Command::new(cargo).args(arguments).current_dir(fixtures::root()).status() {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: cargo could not be started: {error}");
            ExitCode::FAILURE
        }
    }
}
