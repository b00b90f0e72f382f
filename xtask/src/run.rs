//! Chores that are other commands.

use std::env;
use std::process::{Command, ExitCode};

use crate::fixtures;

/// What tests need that not every machine has: the variable that names it, and what is left out without it.
const OPTIONAL: [(&str, &str); 3] = [
    ("LARDER_KINTO", "a real application: set LARDER_KINTO to the program `kinto` (docs/testing.md)"),
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

/// Tries schedules of threads: ten thousand by chance for each test, and as many that let a thread wait for long.
/// `LARDER_SCHEDULES` is another number.
pub fn shuttle() -> ExitCode {
    let test =
        ["test", "--package", "larder", "--lib", "--no-default-features", "--features", "uuid", "schedule_tests"];
    // What is compiled for it is of no use to anything else.
    let target = fixtures::root().join("target/shuttle");
    let target = target.to_string_lossy();
    let settings =
        [("RUSTFLAGS", "--cfg larder_shuttle"), ("CARGO_TARGET_DIR", &*target), ("CARGO_PROFILE_TEST_OPT_LEVEL", "1")];
    cargo_with(&test, &settings)
}

/// Makes ten million calls on one client from eight tasks.
pub fn soak() -> ExitCode {
    cargo(&["run", "--release", "--locked", "--manifest-path", "soak/Cargo.toml"])
}

/// Opens a page in a browser that tries the runtime there.
pub fn browser(names: &[String]) -> ExitCode {
    let run = ["run", "--quiet", "--locked", "--manifest-path", "browser/Cargo.toml", "--bin", "larder-browser", "--"];
    let arguments: Vec<&str> = run.into_iter().chain(names.iter().map(String::as_str)).collect();
    cargo(&arguments)
}

/// Runs cargo at the repository's root.
pub fn cargo(arguments: &[&str]) -> ExitCode {
    cargo_with(arguments, &[])
}

fn cargo_with(arguments: &[&str], settings: &[(&str, &str)]) -> ExitCode {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(arguments).envs(settings.iter().copied()).current_dir(fixtures::root());
    match command.status() {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: cargo could not be started: {error}");
            ExitCode::FAILURE
        }
    }
}
