//! `cargo xtask bench cache`: builds and runs the crate in `bench/`, which has the peers and so a lock file of its own.

use std::process::ExitCode;

use clap::Args;

use crate::run::cargo;

/// Arguments of `bench cache`.
#[derive(Args)]
pub struct Cache {
    /// What the benchmark is told: `-- --help` shows it
    #[arg(last = true)]
    arguments: Vec<String>,
}

impl Cache {
    /// Builds both programs, then runs the one that prints the table.
    pub fn run(self) -> ExitCode {
        let manifest = ["--release", "--locked", "--manifest-path", "bench/Cargo.toml"];
        let built = cargo(&[&["build"], &manifest[..], &["--bins"]].concat());
        if built != ExitCode::SUCCESS {
            return built;
        }
        let arguments: Vec<&str> = self.arguments.iter().map(String::as_str).collect();
        cargo(&[&["run"], &manifest[..], &["--quiet", "--"], &arguments].concat())
    }
}
