//! What a watcher shows: read without asking the cache.

use larder_bench::dioxus::Dioxus;
use larder_bench::host::Host;
use larder_bench::larder::{Ours, get_post};
use larder_bench::leptos::Leptos;
use larder_bench::rounds::{Candidate, interleave, scattered};
use larder_bench::swr::Swr;
use larder_bench::table::{median, rows, verdict};

use super::{Cost, Found, Outcome};

const ENTRIES: u64 = 1_000;

const OURS: &str = "larder `watcher.snapshot()`";

pub fn measure(cost: &Cost, host: &Host) -> Outcome {
    let times = |round| scattered(ENTRIES, cost.calls, round);
    let ours = Ours::filled(host, false, ENTRIES, get_post)?;
    let watcher = ours.watch(7)?;
    let (swr, leptos, dioxus) = (Swr::filled(host, ENTRIES), Leptos::filled(host, ENTRIES), Dioxus::filled(ENTRIES));
    let (handle, signal, reader) = (swr.watch(7), leptos.watch(7), dioxus.watch(7));
    let mut all = vec![Candidate::new(OURS, ENTRIES, |round| Ours::read(&watcher, &times(round)))];
    if !cost.alone {
        all.extend([
            Candidate::new("swr-core `handle.snapshot()`", ENTRIES, |round| Swr::read(&handle, &times(round))),
            Candidate::new("leptos-fetch `subscribe_value`", ENTRIES, |round| Leptos::read(&signal, &times(round))),
            Candidate::new("dioxus-query `reader.state()`", ENTRIES, |round| Dioxus::read(&reader, &times(round))),
        ]);
    }
    interleave(host, &mut all, cost.rounds);
    let taken = median(&all, OURS, ENTRIES);
    let verdicts = vec![verdict("a watcher's read", taken, 50.0, " ns")];
    Ok(Found { rows: rows("a watcher's read", &all), verdicts })
}
