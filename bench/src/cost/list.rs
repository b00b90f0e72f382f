//! Invalidating a list that many entries provide: it should cost as much for each, however many there are.

use larder_bench::dioxus::Dioxus;
use larder_bench::host::Host;
use larder_bench::larder::{Ours, list_of, list_page};
use larder_bench::leptos::Leptos;
use larder_bench::rounds::{Candidate, interleave};
use larder_bench::swr::Swr;
use larder_bench::table::{median, rows, verdict};

use super::{Cost, Found, Outcome};

const FEW: u64 = 1_000;
const MANY: u64 = 10_000;

/// More would take minutes, because of those that cost the square.
const ROUNDS: u64 = 5;

const PAGES: &str = "larder, pages of one list";
const LISTS: &str = "larder, lists by author";

pub fn measure(cost: &Cost, host: &Host) -> Outcome {
    let sizes = [FEW, MANY];
    let ids = |entries: u64| (0..entries).collect::<Vec<u64>>();
    let each = |taken: f64, entries: u64| taken / entries as f64;
    let mut ours = Vec::new();
    for (name, query) in [(PAGES, list_page as fn(u64) -> _), (LISTS, list_of)] {
        for entries in sizes {
            ours.push((name, entries, query, Ours::filled(host, false, entries, query)?));
        }
    }
    let peers = sizes
        .into_iter()
        .filter(|_| !cost.alone)
        .map(|entries| (entries, Leptos::filled(host, entries), Swr::filled(host, entries), Dioxus::filled(entries)));
    let peers: Vec<_> = peers.collect();
    let mut all = Vec::new();
    for (name, entries, query, ours) in &ours {
        all.push(Candidate::new(name, *entries, move |_| {
            let taken = ours.invalidate_list();
            match ours.refresh(&ids(*entries), *query) {
                Ok(()) => each(taken, *entries),
                Err(_) => f64::NAN,
            }
        }));
    }
    for (entries, leptos, swr, dioxus) in &peers {
        all.extend([
            Candidate::new("leptos-fetch, all of a function", *entries, move |_| {
                let taken = leptos.invalidate_all();
                leptos.refresh(&ids(*entries));
                each(taken, *entries)
            }),
            Candidate::new("swr-core, all under a prefix", *entries, move |_| {
                let taken = swr.invalidate_all();
                swr.refresh(&ids(*entries));
                each(taken, *entries)
            }),
            Candidate::new("dioxus-query, which fetches again", *entries, move |_| {
                each(dioxus.invalidate_all(), *entries)
            }),
        ]);
    }
    interleave(host, &mut all, cost.rounds.min(ROUNDS));
    let mut verdicts = Vec::new();
    for name in [PAGES, LISTS] {
        let (few, many) = (median(&all, name, FEW), median(&all, name, MANY));
        verdicts.push(verdict(&format!("{name}: each of 10,000 matches"), many, 1_000.0, " ns"));
        let goal = format!("{name}: each of 10,000 beside each of 1,000");
        verdicts.push(verdict(&goal, many.zip(few).map(|(many, few)| many / few), 1.5, "×"));
    }
    Ok(Found { rows: rows("invalidating a list, for each match", &all), verdicts })
}
