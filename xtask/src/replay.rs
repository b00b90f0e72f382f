//! `cargo xtask replay`: recorded calls through generated code, and how well the plan foretells the recording.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use larder_codegen::Generator;
use larder_codegen::recording::{self, Score};
use larder_corpus::{Replay, Scratch, calls, name, replay};

use crate::fixtures;

/// Differences and reasons are shown so many times.
const SHOWN: usize = 10;

/// Arguments of `replay`.
#[derive(Args)]
pub struct Replaying {
    /// The server's document
    document: PathBuf,
    /// What was recorded of it: JSON, or JSON that is gzipped
    recording: PathBuf,
    /// Where the code is compiled
    #[arg(long, value_name = "DIR")]
    scratch: Option<PathBuf>,
}

impl Replaying {
    /// Replays, scores, and prints both.
    pub fn run(self) -> ExitCode {
        match self.replay() {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::FAILURE,
            Err(error) => {
                eprintln!("error: {error}");
                ExitCode::FAILURE
            }
        }
    }

    fn replay(&self) -> io::Result<bool> {
        let steps = recording::read(&self.recording)?;
        let generator = Generator::new(&self.document);
        let plan = generator.generate().map_err(io::Error::other)?.plan;
        scored(&recording::score(&plan, &steps));
        let scratch = self.scratch.clone().unwrap_or_else(|| fixtures::root().join("target/replay"));
        fs::create_dir_all(&scratch)?;
        let scratch = Scratch::new(fs::canonicalize(scratch)?, fs::canonicalize(fixtures::root())?);
        let folder = self.document.parent().map(name).unwrap_or_default();
        let replayed = replay(&generator, &calls(&steps), &scratch, &format!("{folder}-{}", name(&self.document)))?;
        told(&replayed);
        Ok(replayed.differences.is_empty())
    }
}

fn scored(score: &Score) {
    println!("the plan: {score}");
    for operation in &score.unknown {
        println!("the plan does not have {operation}");
    }
}

fn told(replayed: &Replay) {
    let unfit: usize = replayed.unfit.values().sum();
    println!(
        "the code: {} different calls, {} agree with the plan, {} differ, {unfit} do not fit their types",
        replayed.calls,
        replayed.agreed,
        replayed.differences.len()
    );
    for ((operation, why), count) in replayed.unfit.iter().take(SHOWN) {
        println!("unfit   {count:4}  {operation}: {why}");
    }
    for difference in replayed.differences.iter().take(SHOWN) {
        println!("differs {}\n  of the call {}", difference.operation, difference.call);
        println!(
            "  only the plan: {}\n  only the code: {}",
            difference.planned.join("  "),
            difference.coded.join("  ")
        );
    }
}
