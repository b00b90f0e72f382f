//! Invalidating one id: it should cost the same however much is cached.

use larder::Error;
use larder_bench::dioxus::Dioxus;
use larder_bench::host::Host;
use larder_bench::larder::{Ours, get_post};
use larder_bench::leptos::Leptos;
use larder_bench::rounds::{Candidate, interleave, scattered};
use larder_bench::swr::Swr;
use larder_bench::table::{median, rows, verdict};

use super::{Cost, Found, Outcome};

const FEW: u64 = 1_000;
const MANY: u64 = 100_000;

/// How many ids are invalidated in a round, and then fetched again outside of the time taken.
const IDS: u64 = 256;

/// How many of them are invalidated together where they were just used.
const AT_ONCE: usize = 16;

const OURS: &str = "larder";
const SAME: &str = "larder, ids just used";

pub fn unwatched(cost: &Cost, host: &Host) -> Outcome {
    let ours = ours(cost, host)?;
    let peers = sizes(cost)
        .map(|entries| (entries, Leptos::filled(host, entries), Swr::filled(host, entries), Dioxus::filled(entries)));
    let peers: Vec<_> = peers.collect();
    let mut all = Vec::new();
    for (entries, ours) in &ours {
        all.extend([
            Candidate::new(OURS, *entries, |round| ours.invalidate_fresh(&scattered(*entries, IDS, round))),
            Candidate::new(SAME, *entries, |_| {
                // So few at a time that nothing else runs in between.
                let taken = scattered(*entries, IDS, 0)
                    .chunks_exact(AT_ONCE)
                    .map(|ids| {
                        ours.invalidate_fresh(ids);
                        ours.invalidate_fresh(ids)
                    })
                    .sum::<f64>();
                taken / (IDS as usize / AT_ONCE) as f64
            }),
        ]);
    }
    for (entries, leptos, swr, dioxus) in &peers {
        // Those that go through all of their entries would take minutes for 256 ids.
        let scans = if *entries == FEW { IDS } else { 8 };
        all.extend([
            Candidate::new("leptos-fetch", *entries, |round| {
                let ids = scattered(*entries, IDS, round);
                let taken = leptos.invalidate(&ids);
                leptos.refresh(&ids);
                taken
            }),
            Candidate::new("swr-core", *entries, move |round| {
                let ids = scattered(*entries, scans, round);
                let taken = swr.invalidate(&ids);
                swr.refresh(&ids);
                taken
            }),
            Candidate::new("dioxus-query, which fetches again", *entries, move |round| {
                dioxus.invalidate(&scattered(*entries, scans, round))
            }),
        ]);
    }
    interleave(host, &mut all, cost.rounds);
    let ratio = |name| Some(median(&all, name, cost.most)? / median(&all, name, FEW)?);
    let verdicts = vec![
        verdict("invalidating one id, unwatched, among the most beside among 1,000, any id", ratio(OURS), 1.5, "×"),
        verdict(
            "invalidating one id, unwatched, among the most beside among 1,000, ids just used",
            ratio(SAME),
            1.5,
            "×",
        ),
    ];
    Ok(Found { rows: rows("invalidating one id, unwatched", &all), verdicts })
}

/// Caches of ours: a small one and the largest, of which a profiler is shown the largest.
fn ours<'a>(cost: &Cost, host: &'a Host) -> Result<Vec<(u64, Ours<'a>)>, Error> {
    let sizes = [FEW, cost.most].into_iter().skip(usize::from(cost.alone));
    sizes.map(|entries| Ok((entries, Ours::filled(host, false, entries, get_post)?))).collect()
}

/// How many entries the peers hold.
fn sizes(cost: &Cost) -> impl Iterator<Item = u64> {
    [FEW, MANY].into_iter().filter(|_| !cost.alone)
}

pub fn watched(cost: &Cost, host: &Host) -> Outcome {
    const TIMES: usize = 200;
    const ID: u64 = 7;
    let ours = ours(cost, host)?;
    let peers: Vec<_> = sizes(cost).map(|entries| (entries, Swr::filled(host, entries))).collect();
    let mut all = Vec::new();
    for (entries, ours) in &ours {
        let mut watcher = ours.watch(ID)?;
        all.push(Candidate::new(OURS, *entries, move |_| ours.invalidate_watched(ID, &mut watcher, TIMES)));
    }
    for (entries, swr) in &peers {
        let mut handle = swr.watch(ID);
        let times = if *entries == FEW { TIMES } else { 8 };
        all.push(Candidate::new("swr-core", *entries, move |_| swr.invalidate_watched(ID, &mut handle, times)));
    }
    interleave(host, &mut all, cost.rounds);
    let ratio = median(&all, OURS, cost.most).zip(median(&all, OURS, FEW)).map(|(most, few)| most / few);
    let goal = "invalidating one watched id until its new data is shown, among the most beside among 1,000";
    let verdicts = vec![verdict(goal, ratio, 1.5, "×")];
    Ok(Found { rows: rows("invalidating one watched id, until its new data is shown", &all), verdicts })
}
