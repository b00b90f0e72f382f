//! Counts what the candidates hold in memory, and how often they allocate. `cost` runs it.

#![forbid(unsafe_code)]

use std::process::ExitCode;

use clap::Parser;
use dhat::{HeapStats, Profiler};
use larder_bench::dioxus::Dioxus;
use larder_bench::host::Host;
use larder_bench::larder::{Ours, get_post};
use larder_bench::leptos::Leptos;
use larder_bench::maps::{Plain, Quick};
use larder_bench::post::{Post, body_bytes};
use larder_bench::rounds::scattered;
use larder_bench::swr::Swr;
use larder_bench::table::{row, verdict};

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

/// Bytes that an entry holds beyond its data, and allocations of a call
#[derive(Parser)]
struct Held {
    /// How many entries are held
    #[arg(long, default_value_t = 100_000)]
    entries: u64,
    /// Hold entries of ours alone, and write into this file who holds what, for dhat's viewer
    #[arg(long, value_name = "FILE")]
    profile: Option<String>,
}

fn main() -> ExitCode {
    let held = Held::parse();
    let done = match &held.profile {
        Some(file) => held.profile(file),
        None => held.count(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

type Outcome = Result<(), Box<dyn std::error::Error>>;

impl Held {
    fn profile(&self, file: &str) -> Outcome {
        let host = Host::new()?;
        let profiler = Profiler::builder().file_name(file).trim_backtraces(Some(40)).build();
        let ours = Ours::filled(&host, false, self.entries, get_post)?;
        host.settle();
        drop(profiler);
        drop(ours);
        Ok(())
    }

    fn count(&self) -> Outcome {
        let profiler = Profiler::builder().testing().build();
        let host = Host::new()?;
        let entries = self.entries;
        let bodies: usize = (0..entries).map(body_bytes).sum();
        let bytes = |name: &str, bytes: f64| {
            println!("{}", row("bytes held by an entry, beyond its data", name, entries, bytes, bytes, "B"));
            bytes
        };
        let beyond = |held: usize, data: usize| held.saturating_sub(data) as f64 / entries as f64;
        let posts = entries as usize * size_of::<Post>();

        let mut calls = Vec::new();
        let (ours, held) = holding(&host, || Ours::filled(&host, false, entries, get_post));
        let (ours, of_ours) = (ours?, bytes("larder", beyond(held, posts + bodies)));
        self.allocations(&mut calls, "larder `fetch(get_post(id))`", |ids| ours.fetch(ids));
        self.allocations(&mut calls, "larder `peek(&get_post(id))`", |ids| ours.peek_built(ids));
        let watcher = ours.watch(7)?;
        let reading = self.allocations(&mut calls, "larder `watcher.snapshot()`", |ids| Ours::read(&watcher, ids));
        drop((watcher, ours));
        host.settle();
        let (with_headers, held) = holding(&host, || Ours::filled(&host, true, entries, get_post));
        bytes("larder, with six headers a response", beyond(held, posts + bodies));
        drop(with_headers?);

        let (plain, held) = holding(&host, || Plain::filled(entries));
        bytes("`RwLock<HashMap>`", beyond(held, posts));
        drop(plain);
        let (quick, held) = holding(&host, || Quick::filled(entries));
        bytes("quick_cache", beyond(held, posts));
        drop(quick);
        let (leptos, held) = holding(&host, || Leptos::filled(&host, entries));
        bytes("leptos-fetch", beyond(held, posts));
        self.allocations(&mut calls, "leptos-fetch `fetch_query`", |ids| leptos.fetch(ids));
        leptos.clear();
        let (swr, held) = holding(&host, || Swr::filled(&host, entries));
        bytes("swr-core", beyond(held, posts));
        self.allocations(&mut calls, "swr-core `fetch`", |ids| swr.fetch(ids));
        drop(swr);
        let (dioxus, held) = holding(&host, || Dioxus::filled(entries));
        bytes("dioxus-query", beyond(held, posts));
        self.allocations(&mut calls, "dioxus-query `get`", |ids| dioxus.fetch(ids));
        drop((dioxus, profiler));

        calls.iter().for_each(|row| println!("{row}"));
        println!("{}", verdict("bytes held by an entry beyond its data", Some(of_ours), 400.0, " B"));
        println!("{}", verdict("allocations of a watcher's read", Some(reading), 0.0, ""));
        Ok(())
    }

    /// How often a call allocates, as a row too.
    fn allocations(&self, rows: &mut Vec<String>, name: &str, calls: impl Fn(&[u64]) -> f64) -> f64 {
        let ids = scattered(self.entries, 10_000, 0);
        let before = HeapStats::get().total_blocks;
        calls(&ids);
        let allocations = (HeapStats::get().total_blocks - before) as f64 / ids.len() as f64;
        rows.push(row("allocations of a call", name, self.entries, allocations, allocations, ""));
        allocations
    }
}

/// What was made, and how many bytes it holds when all is quiet.
fn holding<T>(host: &Host, make: impl FnOnce() -> T) -> (T, usize) {
    let before = HeapStats::get().curr_bytes;
    let made = make();
    host.settle();
    (made, HeapStats::get().curr_bytes.saturating_sub(before))
}
