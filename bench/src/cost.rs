//! Takes the times of all candidates, and prints one table and a line for each goal.

#![forbid(unsafe_code)]

use std::env;
use std::process::{Command, ExitCode};

use clap::{Parser, ValueEnum};
use larder_bench::host::Host;
use larder_bench::table::HEAD;

#[path = "cost/hit.rs"]
mod hit;
#[path = "cost/invalidate.rs"]
mod invalidate;
#[path = "cost/list.rs"]
mod list;
#[path = "cost/read.rs"]
mod read;

/// What the cache costs, beside its peers and beside plain maps
#[derive(Parser)]
struct Cost {
    /// Measure only this; may be given more than once
    #[arg(long, value_enum)]
    only: Vec<Part>,
    /// How many rounds count
    #[arg(long, default_value_t = 15)]
    rounds: u64,
    /// How many calls make a round, where a round may have any number
    #[arg(long, default_value_t = 20_000)]
    calls: u64,
    /// How many entries there are to find a hit among
    #[arg(long, default_value_t = 100_000)]
    entries: u64,
    /// How many entries the largest cache of ours holds
    #[arg(long, default_value_t = 1_000_000)]
    most: u64,
    /// Leave out the peers and the plain maps, for a profiler
    #[arg(long)]
    alone: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Finding what is cached, by a query
    Hit,
    /// What a watcher shows
    Read,
    /// Invalidating one id
    Id,
    /// Invalidating one id that is watched, until the new data is shown
    Watched,
    /// Invalidating a list that many entries provide
    List,
    /// Bytes and allocations, by the program `held`
    Held,
}

/// What a part found: lines of the table, and verdicts.
#[derive(Default)]
struct Found {
    rows: Vec<String>,
    verdicts: Vec<String>,
}

type Outcome = Result<Found, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let cost = Cost::parse();
    match cost.report() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

impl Cost {
    fn report(&self) -> Result<(), Box<dyn std::error::Error>> {
        let host = Host::new()?;
        let mut verdicts = Vec::new();
        println!("{HEAD}");
        for part in Part::value_variants() {
            if !self.only.is_empty() && !self.only.contains(part) {
                continue;
            }
            let found = match part {
                Part::Hit => hit::measure(self, &host)?,
                Part::Read => read::measure(self, &host)?,
                Part::Id => invalidate::unwatched(self, &host)?,
                Part::Watched => invalidate::watched(self, &host)?,
                Part::List => list::measure(self, &host)?,
                Part::Held => held()?,
            };
            found.rows.iter().for_each(|row| println!("{row}"));
            verdicts.extend(found.verdicts);
        }
        println!();
        verdicts.iter().for_each(|verdict| println!("{verdict}"));
        Ok(())
    }
}

/// What the other program says: it stands beside this one once all were built.
fn held() -> Outcome {
    let program = env::current_exe()?.with_file_name(format!("held{}", env::consts::EXE_SUFFIX));
    if !program.is_file() {
        let verdict = "left out: bytes and allocations (`cargo build --release --bins` makes the program that counts)";
        return Ok(Found { rows: Vec::new(), verdicts: vec![verdict.to_owned()] });
    }
    let output = Command::new(program).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let text = String::from_utf8(output.stdout)?;
    let (rows, verdicts) = text.lines().map(str::to_owned).partition(|line| line.starts_with('|'));
    Ok(Found { rows, verdicts })
}
