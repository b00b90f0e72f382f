//! The chores of this repository, as `cargo xtask`.

#![forbid(unsafe_code)]

mod bench;
mod corpus;
mod fixtures;
mod gen_command;
mod mutants;
mod replay;
mod run;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use larder_codegen::cli;

/// The chores of this repository
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
struct Xtask {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Show the cache at work: bindings from a document, a live server, an application
    Demo,
    /// Run all tests
    Test,
    /// Try schedules of threads on the runtime
    Shuttle,
    /// Make ten million calls on one client from eight tasks, and look what is left
    Soak,
    /// Try the runtime on a page, in a Chromium without a window
    Browser {
        /// Parts of the names of the trials that are to be run: all, unless there are some
        names: Vec<String>,
    },
    /// Write the code for a document, or compare every fixture with `--check`
    Gen(gen_command::Gen),
    /// Generate from real documents, and say what came of each
    Corpus(corpus::Corpus),
    /// Send recorded calls through generated code, and compare with the plan
    Replay(replay::Replaying),
    /// Measure what Larder costs beside its peers
    #[command(subcommand)]
    Bench(bench::Bench),
    /// Plant bugs in the cache's core, and fail if the simulation misses one
    Mutants(mutants::Mutants),
    /// Rewrite the golden code of every fixture
    Bless,
    /// Fail with a diff when committed code is not what its document gives
    Check(cli::Check),
    /// Show which tags every operation provides or invalidates, and why
    Explain(cli::Explain),
}

fn main() -> ExitCode {
    match Xtask::parse().chore {
        Chore::Demo => run::demo(),
        Chore::Test => run::test(),
        Chore::Shuttle => run::shuttle(),
        Chore::Soak => run::soak(),
        Chore::Browser { names } => run::browser(&names),
        Chore::Gen(gen_command) => gen_command.run(),
        Chore::Corpus(corpus) => corpus.run(),
        Chore::Replay(replaying) => replaying.run(),
        Chore::Bench(bench) => bench.run(),
        Chore::Mutants(mutants) => mutants.run(),
        Chore::Bless => fixtures::bless(),
        Chore::Check(check) => cli::run(cli::Command::Check(check)),
        Chore::Explain(explain) => cli::run(cli::Command::Explain(explain)),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_grammar_of_every_chore_is_sound() {
        super::Xtask::command().debug_assert();
    }
}
