//! `cargo xtask bench`: what Larder costs beside its peers.

mod cache;
mod code;

use std::process::ExitCode;

use clap::Subcommand;

/// What is measured.
#[derive(Subcommand)]
pub enum Bench {
    /// Measure what generated code costs to check, beside that of other generators
    Code(code::Code),
    /// Measure what the cache costs, beside other caches and beside plain maps
    Cache(cache::Cache),
}

impl Bench {
    pub fn run(self) -> ExitCode {
        match self {
            Bench::Code(code) => code.run(),
            Bench::Cache(cache) => cache.run(),
        }
    }
}
