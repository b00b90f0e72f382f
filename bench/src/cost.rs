//! Takes the times of all candidates, and prints one table and a line for each goal.

#![forbid(unsafe_code)]

use std::env;
use std::error::Error;
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

type Outcome = Result<Found, Box<dyn Error>>;

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
    fn report(&self) -> Result<(), Box<dyn Error>> {
        let wanted = |part: &&Part| self.only.is_empty() || self.only.contains(part);
        let mut verdicts = Vec::new();
        println!("{HEAD}");
        for part in Part::value_variants().iter().filter(wanted) {
            // What a part leaves behind in memory would slow down the next, so each is a process of its own.
            let found = if self.only.len() == 1 { self.measure(*part)? } else { self.apart(*part)? };
            found.rows.iter().for_each(|row| println!("{row}"));
            verdicts.extend(found.verdicts);
        }
        println!();
        verdicts.iter().for_each(|verdict| println!("{verdict}"));
        Ok(())
    }

    fn measure(&self, part: Part) -> Outcome {
        match part {
            Part::Hit => hit::measure(self, &Host::new()?),
            Part::Read => read::measure(self, &Host::new()?),
            Part::Id => invalidate::unwatched(self, &Host::new()?),
            Part::Watched => invalidate::watched(self, &Host::new()?),
            Part::List => list::measure(self, &Host::new()?),
            Part::Held => held(),
        }
    }

    /// Measures in a process of its own, which gets the same arguments.
    fn apart(&self, part: Part) -> Outcome {
        let mut arguments = vec!["--only".to_owned()];
        arguments.extend(part.to_possible_value().map(|value| value.get_name().to_owned()));
        let numbers =
            [("--rounds", self.rounds), ("--calls", self.calls), ("--entries", self.entries), ("--most", self.most)];
        for (name, number) in numbers {
            arguments.extend([name.to_owned(), number.to_string()]);
        }
        arguments.extend(self.alone.then(|| "--alone".to_owned()));
        said(Command::new(env::current_exe()?).args(arguments))
    }
}

/// What the program says that counts: it stands beside this one once all were built.
fn held() -> Outcome {
    let program = env::current_exe()?.with_file_name(format!("held{}", env::consts::EXE_SUFFIX));
    if !program.is_file() {
        let verdict =
            "not measured: bytes and allocations; `cargo build --release --bins` makes the program that counts";
        return Ok(Found { rows: Vec::new(), verdicts: vec![verdict.to_owned()] });
    }
    said(&mut Command::new(program))
}

/// The lines of another process.
fn said(command: &mut Command) -> Outcome {
    let output = command.output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let text = String::from_utf8(output.stdout)?;
    let lines = text.lines().filter(|line| !line.is_empty() && !HEAD.contains(line)).map(str::to_owned);
    let (rows, verdicts) = lines.partition(|line| line.starts_with('|'));
    Ok(Found { rows, verdicts })
}
