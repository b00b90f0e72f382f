//! Crates of generated code, in a folder of their own, and what cargo says of them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::measure::{self, Cost};

/// A folder for crates that share one target folder, so that dependencies are compiled once.
pub struct Scratch {
    root: PathBuf,
    repository: PathBuf,
}

/// What came of a crate.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// What cargo used; dependencies were compiled before.
    pub cost: Cost,
    /// Warnings of the compiler or of clippy.
    pub warnings: usize,
    /// The first error, if there is one.
    pub error: Option<String>,
}

impl Scratch {
    /// Crates below `root`, on the runtime of the repository at `repository`.
    pub fn new(root: impl Into<PathBuf>, repository: impl Into<PathBuf>) -> Scratch {
        Scratch { root: root.into(), repository: repository.into() }
    }

    /// The folder of the crate `name`, with a manifest and nothing else of ours; `main` also makes it a program.
    ///
    /// # Errors
    /// When something cannot be written.
    pub fn make(&self, name: &str, lib: &str, main: Option<&str>) -> io::Result<PathBuf> {
        let folder = self.root.join("crates").join(name);
        let source = folder.join("src");
        fs::create_dir_all(&source)?;
        let runtime = self.repository.join("runtime");
        let package = package(name);
        // What a debugger needs is most of what a debug build writes.
        let manifest = format!(
            "[package]\nname = \"{package}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
             [dependencies]\nlarder = {{ path = {runtime:?}, default-features = false, features = [\"chrono\", \"uuid\"] }}\n\
             serde_json = \"1\"\n\n[profile.dev]\ndebug = false\nincremental = false\n"
        );
        fs::write(folder.join("Cargo.toml"), manifest)?;
        // The versions that the workspace uses are on the machine already.
        fs::copy(self.repository.join("Cargo.lock"), folder.join("Cargo.lock"))?;
        fs::write(source.join("lib.rs"), lib)?;
        match main {
            Some(main) => fs::write(source.join("main.rs"), main)?,
            None => drop(fs::remove_file(source.join("main.rs"))),
        }
        Ok(folder)
    }

    /// Runs cargo in the crate at `folder`. What it depends on is compiled by a first run, and the crate's own cost is
    /// measured in a second: `subcommand` is one of `check`, `clippy`, `doc`.
    ///
    /// # Errors
    /// When cargo cannot be started.
    pub fn check(&self, folder: &Path, subcommand: &str) -> io::Result<Checked> {
        let arguments: &[&str] = match subcommand {
            "doc" => &["doc", "--no-deps", "--lib"],
            "clippy" => &["clippy", "--lib"],
            _ => &["check", "--lib"],
        };
        let quiet = ["--quiet", "--message-format", "short"];
        let mut warm = self.cargo(folder);
        if subcommand == "check" && !self.root.join("warm").exists() {
            let empty = self.make("warm", "", None)?;
            self.cargo(&empty).args(arguments).args(quiet).output()?;
            fs::write(self.root.join("warm"), "")?;
        }
        let (output, cost) = measure::run(warm.args(arguments).args(quiet))?;
        Ok(checked(&output, cost))
    }

    /// Checks the crate at `folder` with whatever it depends on, and then it alone, which is what is measured.
    ///
    /// # Errors
    /// When cargo cannot be started.
    pub fn check_twice(&self, folder: &Path) -> io::Result<Checked> {
        let arguments = ["check", "--lib", "--quiet", "--message-format", "short"];
        let (output, cost) = measure::run(self.cargo(folder).args(arguments))?;
        if !output.status.success() {
            return Ok(checked(&output, cost));
        }
        fs::File::options().append(true).open(folder.join("src/lib.rs"))?.set_modified(std::time::SystemTime::now())?;
        let (output, cost) = measure::run(self.cargo(folder).args(arguments))?;
        Ok(checked(&output, cost))
    }

    /// Builds the program of the crate at `folder` and returns where it is.
    ///
    /// # Errors
    /// When cargo cannot be started, or with the first error of the compiler.
    pub fn build(&self, folder: &Path, name: &str) -> io::Result<(PathBuf, Cost)> {
        let (output, cost) = measure::run(self.cargo(folder).args(["build", "--quiet", "--message-format", "short"]))?;
        match checked(&output, cost).error {
            Some(error) => Err(io::Error::other(error)),
            None => Ok((self.target().join("debug").join(package(name)), cost)),
        }
    }

    fn target(&self) -> PathBuf {
        self.root.join("target")
    }

    fn cargo(&self, folder: &Path) -> Command {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.current_dir(folder).env("CARGO_TARGET_DIR", self.target()).env("CARGO_INCREMENTAL", "0");
        cargo.env("RUSTDOCFLAGS", "-D warnings").env_remove("RUSTFLAGS");
        cargo
    }
}

/// A crate's name for a document's.
fn package(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
    format!("api_{}", name.chars().map(plain).collect::<String>())
}

fn checked(output: &Output, cost: Cost) -> Checked {
    let text = String::from_utf8_lossy(&output.stderr);
    let warnings = text.lines().filter(|line| line.contains(": warning: ") || line.starts_with("warning: ")).count();
    let error = (!output.status.success()).then(|| {
        let found = text.lines().find(|line| line.contains(": error") || line.starts_with("error"));
        found.or_else(|| text.lines().next()).unwrap_or("cargo failed and said nothing").to_owned()
    });
    Checked { cost, warnings, error }
}
