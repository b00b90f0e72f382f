//! `cargo xtask mutants`: plants bugs in a copy of the cache's core, and fails if the simulation does not find one of them.

mod copy;
mod planted;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use clap::Args;
use serde_json::Value;

use self::planted::{Planted, planted};

/// Longer than any run of the simulation takes. A bug that makes the core run in circles is found so, too.
const LIMIT: Duration = Duration::from_secs(120);

/// The tests that look for orders of which nobody thought: of all of the core, and of lanes.
const SIMULATIONS: [&str; 2] = ["simulation", "core::tests::lanes"];

/// How the crate names the tests of its shell.
const SHELL_TESTS: &str = "#[cfg(all(test, not(target_arch = \"wasm32\"), not(larder_shuttle)))]\nmod tests;\n";

/// Arguments of `mutants`.
#[derive(Args)]
pub struct Mutants {
    /// How many schedules the simulation tries for each bug
    #[arg(long, default_value_t = 2000)]
    schedules: u64,
    /// Only the bugs in whose description this text is
    #[arg(long)]
    only: Option<String>,
    /// Only one part of the bugs, such as 2/4 for the second quarter: every fourth bug, beginning with the second
    #[arg(long, value_parser = part, default_value = "1/1")]
    part: (usize, usize),
}

/// Reads which part of how many is meant.
fn part(text: &str) -> Result<(usize, usize), String> {
    let numbers = text.split_once('/').and_then(|(part, parts)| Some((part.parse().ok()?, parts.parse().ok()?)));
    numbers.filter(|(part, parts)| (1..=*parts).contains(part)).ok_or_else(|| "it is to be such as 2/4".to_owned())
}

/// What became of a bug.
enum Fate {
    Found(String),
    Survived,
    /// The edit does not apply, or what it makes does not compile.
    Unusable(String),
}

impl Mutants {
    /// Plants each bug and runs the simulation, and prints what it said.
    pub fn run(self) -> ExitCode {
        match self.try_all() {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::FAILURE,
            Err(problem) => {
                eprintln!("error: {problem}");
                ExitCode::FAILURE
            }
        }
    }

    fn try_all(&self) -> Result<bool, String> {
        let scratch = Scratch::new().map_err(|error| format!("the core could not be copied: {error}"))?;
        let (program, started) = (scratch.build()?, Instant::now());
        if let Some(found) = self.simulate(&program)? {
            return Err(format!("the simulation fails without any bug planted: {found}"));
        }
        println!("without a bug: passes, {} schedules in {:.0?}", self.schedules, started.elapsed());
        let is_meant = |bug: &&Planted| self.only.as_ref().is_none_or(|text| bug.breaks.contains(text.as_str()));
        let (mut tried, mut bad) = (0, 0);
        let (part, parts) = self.part;
        for bug in planted().filter(is_meant).skip(part - 1).step_by(parts) {
            tried += 1;
            let line = match self.try_one(&scratch, bug)? {
                Fate::Found(how) => format!("found     {} ({how})", bug.breaks),
                Fate::Survived => {
                    bad += 1;
                    format!("SURVIVED  {}", bug.breaks)
                }
                Fate::Unusable(why) => {
                    bad += 1;
                    format!("UNUSABLE  {}: {why}", bug.breaks)
                }
            };
            println!("{line}");
        }
        println!("{} of {tried} planted bugs found", tried - bad);
        Ok(bad == 0)
    }

    fn try_one(&self, scratch: &Scratch, bug: &Planted) -> Result<Fate, String> {
        let file = scratch.sources().join(bug.file);
        let text = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", bug.file))?;
        let times = text.matches(bug.find).count();
        if times != 1 {
            return Ok(Fate::Unusable(format!("{} has its text {times} times, not once", bug.file)));
        }
        let write = |text: &str| fs::write(&file, text).map_err(|error| format!("{}: {error}", bug.file));
        write(&text.replace(bug.find, bug.replace))?;
        let fate = match scratch.build() {
            Err(problem) => Fate::Unusable(problem),
            Ok(program) => self.simulate(&program)?.map_or(Fate::Survived, Fate::Found),
        };
        write(&text)?;
        Ok(fate)
    }

    /// Runs the simulation, and says how it failed, if it did.
    fn simulate(&self, program: &Path) -> Result<Option<String>, String> {
        let child = Command::new(program)
            .args(SIMULATIONS)
            .env("LARDER_SCHEDULES", self.schedules.to_string())
            .env_remove("LARDER_SEED")
            .env("RUST_BACKTRACE", "0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("the simulation could not be started: {error}"))?;
        Ok(match finish(child) {
            None => Some(format!("no end within {LIMIT:?}")),
            Some((true, _)) => None,
            Some((false, output)) => Some(told(&output)),
        })
    }
}

/// Whether the program succeeded, and what it said. `None` if it had to be ended.
fn finish(mut child: Child) -> Option<(bool, String)> {
    let mut stdout = child.stdout.take()?;
    let (sender, receiver) = mpsc::channel();
    let reader = thread::spawn(move || {
        let mut output = Vec::new();
        let _ = std::io::Read::read_to_end(&mut stdout, &mut output);
        let _ = sender.send(output);
    });
    let output = receiver.recv_timeout(LIMIT);
    if output.is_err() {
        let _ = child.kill();
    }
    let status = child.wait();
    let _ = reader.join();
    let output = output.ok()?;
    Some((status.is_ok_and(|status| status.success()), String::from_utf8_lossy(&output).into_owned()))
}

/// In a word, how the simulation failed, or that of layers.
fn told(output: &str) -> String {
    let mut lines = output.lines();
    let seed = lines.find_map(|line| {
        let of_layers = || line.strip_prefix("LARDER_LAYERS_SEED=");
        line.strip_prefix("the schedule of seed ").or_else(of_layers)?.split([' ', ',']).next()
    });
    let why = lines.skip_while(|line| *line != "fails with").nth(1).map(str::trim);
    match (seed, why) {
        (Some(seed), Some(why)) => format!("seed {seed}: {why}"),
        // The name of the test, where it is one that tells no seed.
        _ => {
            let failed = |line: &str| Some(line.strip_prefix("test ")?.strip_suffix(" ... FAILED")?.to_owned());
            let name = output.lines().find_map(failed);
            name.unwrap_or_else(|| "the same seed gave two runs, or nothing could be told".to_owned())
        }
    }
}

/// A copy of the runtime, as a workspace of its own, and what is built of it.
struct Scratch {
    folder: PathBuf,
}

impl Scratch {
    fn new() -> std::io::Result<Scratch> {
        let scratch = Scratch { folder: copy::target().join("mutants") };
        copy::runtime_to(&scratch.folder)?;
        // The simulation is in the core. The tests of the shell are most of what would have to be built for each bug.
        let crate_root = scratch.sources().join("lib.rs");
        let text = fs::read_to_string(&crate_root)?;
        fs::write(crate_root, text.replace(SHELL_TESTS, ""))?;
        Ok(scratch)
    }

    fn sources(&self) -> PathBuf {
        self.folder.join("runtime").join("src")
    }

    /// Builds the tests of the runtime, and says which program they are. All builds share what does not change.
    fn build(&self) -> Result<PathBuf, String> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo)
            .args(["test", "--package", "larder", "--lib", "--no-run", "--message-format", "json"])
            // What the core does not need takes long to build. Tests need the types that dates and ids are read as.
            .args(["--no-default-features", "--features", "chrono,uuid"])
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", self.folder.join("target"))
            // Each bug changes a line, so most of the last build is still good.
            .env("CARGO_INCREMENTAL", "1")
            .env("CARGO_PROFILE_TEST_DEBUG", "0")
            .env_remove("RUSTFLAGS")
            .stderr(Stdio::piped())
            .output()
            .map_err(|error| format!("cargo could not be started: {error}"))?;
        let messages = String::from_utf8_lossy(&output.stdout);
        let messages = || messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        if !output.status.success() {
            let is_error = |message: &Value| message["message"]["level"] == "error";
            let first = messages().find(is_error).map(|message| message["message"]["message"].to_string());
            let said = || String::from_utf8_lossy(&output.stderr).trim().to_owned();
            return Err(format!("does not compile: {}", first.unwrap_or_else(said)));
        }
        let program = messages().find_map(|message| message["executable"].as_str().map(PathBuf::from));
        program.ok_or_else(|| "cargo did not say what it built".to_owned())
    }
}
