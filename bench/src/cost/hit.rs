//! Finding what is cached among many entries, in random order.

use larder_bench::dioxus::Dioxus;
use larder_bench::host::Host;
use larder_bench::larder::{Ours, get_post};
use larder_bench::leptos::Leptos;
use larder_bench::maps::{Plain, Quick};
use larder_bench::rounds::{Candidate, interleave, scattered};
use larder_bench::swr::Swr;
use larder_bench::table::{beside, median, rows, verdict};

use super::{Cost, Found, Outcome};

const READY: &str = "key or query made ahead";
const BUILT: &str = "key or query made for it";

pub fn measure(cost: &Cost, host: &Host) -> Outcome {
    let entries = cost.entries;
    let ids = |round| scattered(entries, cost.calls, round);
    let ours = Ours::filled(host, false, entries, get_post)?;
    let peek_ready = Candidate::new("larder `peek(&query)`", entries, |round| ours.peek_ready(&ids(round)));
    let peek_built = Candidate::new("larder `peek(&get_post(id))`", entries, |round| ours.peek_built(&ids(round)));
    let fetch = Candidate::new("larder `fetch(get_post(id))`", entries, |round| ours.fetch(&ids(round)));
    let mut found = Found::default();
    if cost.alone {
        for candidate in [peek_ready, peek_built, fetch] {
            let mut alone = [candidate];
            interleave(host, &mut alone, cost.rounds);
            found.rows.extend(rows("a hit", &alone));
        }
        return Ok(found);
    }

    let (plain, quick) = (Plain::filled(entries), Quick::filled(entries));
    let (swr, leptos, dioxus) = (Swr::filled(host, entries), Leptos::filled(host, entries), Dioxus::filled(entries));
    let mut all = [
        Candidate::new("`RwLock<HashMap>`, ready", entries, |round| plain.get_ready(&ids(round))),
        Candidate::new("quick_cache, ready", entries, |round| quick.get_ready(&ids(round))),
        peek_ready,
        Candidate::new("`RwLock<HashMap>`", entries, |round| plain.get_built(&ids(round))),
        Candidate::new("quick_cache", entries, |round| quick.get_built(&ids(round))),
        peek_built,
        fetch,
        Candidate::new("leptos-fetch `get_cached_query`", entries, |round| leptos.peek(&ids(round))),
        Candidate::new("leptos-fetch `fetch_query`", entries, |round| leptos.fetch(&ids(round))),
        Candidate::new("swr-core `fetch`", entries, |round| swr.fetch(&ids(round))),
        Candidate::new("dioxus-query `get`", entries, |round| dioxus.fetch(&ids(round))),
    ];
    interleave(host, &mut all, cost.rounds);
    found.rows.extend(rows(&format!("a hit, {READY}"), &all[..3]));
    found.rows.extend(rows(&format!("a hit, {BUILT}"), &all[3..]));

    let of = |name| median(&all, name, entries);
    let ratio = |ours, other| Some(of(ours)? / of(other)?);
    let fetches = ["leptos-fetch `fetch_query`", "swr-core `fetch`", "dioxus-query `get`"];
    let best = fetches.into_iter().filter_map(of).reduce(f64::min);
    let fetch = of("larder `fetch(get_post(id))`");
    found.verdicts = vec![
        verdict(
            "`peek(&query)` beside the plain map, both with what is made ahead",
            ratio("larder `peek(&query)`", "`RwLock<HashMap>`, ready"),
            2.0,
            "×",
        ),
        verdict(
            "`peek(&get_post(id))` beside the plain map, making query and key included",
            ratio("larder `peek(&get_post(id))`", "`RwLock<HashMap>`"),
            2.0,
            "×",
        ),
        verdict(
            "`fetch(get_post(id))` beside the plain map, making query and key included",
            ratio("larder `fetch(get_post(id))`", "`RwLock<HashMap>`"),
            2.0,
            "×",
        ),
        verdict(
            "`fetch(get_post(id))` beside the best of the three peers",
            fetch.zip(best).map(|(ours, best)| ours / best),
            0.5,
            "×",
        ),
        // It finds by a hash of the id alone, which it never compares, so it is no measure for a cache that does.
        beside(
            "`peek(&get_post(id))` beside leptos-fetch `get_cached_query`",
            ratio("larder `peek(&get_post(id))`", "leptos-fetch `get_cached_query`"),
        ),
    ];
    Ok(found)
}
