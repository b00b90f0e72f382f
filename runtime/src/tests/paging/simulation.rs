//! Random interleavings of everything that happens to a list, on a server whose list changes.

use super::*;
use crate::Target;

struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}

/// What happened, for a seed that fails.
type Story = Vec<String>;

async fn run(seed: u64) -> Story {
    let mut random = Random(seed);
    let mut story = Story::new();
    let book = Book::of((0..random.below(30) as i64).map(|number| number * 10));
    book.change(|shelf| shelf.size = 1 + seed as usize % 4);
    let most = [usize::MAX, 3][seed as usize / 4 % 2];
    let paging = || Paging::cursor("after").next_at("/next").previous_param("before").previous_at("/previous");
    let query = || list("/cursor", paging().max_pages(most)).keep_unused(SECOND);
    let retry = [Retry::none(), Retry::times(2).backoff(Duration::from_millis(3), SECOND)][seed as usize / 8 % 2];
    let client = Client::builder("https://api.example.com/v1").transport(book.clone()).retry(retry).build().unwrap();
    let mut watchers: Vec<Watcher<Pages<Json>>> = vec![client.watch_pages(query())];
    let mut asked_for = Vec::new();
    for _ in 0..40 {
        let step = random.below(13);
        story.push(format!("{step}"));
        let watcher = watchers.last();
        match step {
            0..=2 => asked_for.extend(watcher.map(Watcher::fetch_next)),
            3 => asked_for.extend(watcher.map(Watcher::fetch_previous)),
            4 => drop(tokio::spawn(client.refetch(&query().pages()))),
            5 => {
                let refetch = tokio::spawn(client.refetch(&query().pages()));
                after(random.below(5)).await;
                refetch.abort();
            }
            6..=7 => {
                let number = random.below(300) as i64;
                book.change(|shelf| match shelf.items.binary_search(&number) {
                    Ok(at) => drop(shelf.items.remove(at)),
                    Err(at) => shelf.items.insert(at, number),
                });
                client.invalidate([POST.list(), POST.id(number)]);
            }
            8 => book.change(|shelf| shelf.failing = (0..3).map(|_| random.below(2) == 0).collect()),
            9 => watchers.push(client.watch_pages(query())),
            10 if watchers.len() > 1 => drop(watchers.swap_remove(0)),
            10 => client.remove(Target::everything()),
            11 if random.below(4) == 0 => drop(client.reset(Target::everything())),
            _ => {}
        }
        let delay = Duration::from_millis(random.below(6));
        book.change(|shelf| shelf.delays.push_back(delay));
        after(random.below(6)).await;
    }
    // Whoever asked has an answer, whatever it is.
    for further in asked_for {
        let answer = tokio::time::timeout(60 * SECOND, further).await;
        assert!(answer.is_ok(), "seed {seed}: a page was never answered, {story:?}");
    }
    book.change(|shelf| shelf.failing.clear());
    // Whatever changed was told: what is shown as fresh is what there is.
    after(10_000).await;
    check(&book, &watchers, false, (seed, &story));
    assert!(client.invalidate(Target::everything()).await.is_empty(), "seed {seed}");
    after(1_000).await;
    check(&book, &watchers, true, (seed, &story));
    story
}

/// All that are fresh, or all there are, see the same list, and it is a piece of the server's: in order, nothing missing, nothing twice.
fn check(book: &Book, watchers: &[Watcher<Pages<Json>>], are_fresh: bool, (seed, story): (u64, &Story)) {
    let (all, size) = book.change(|shelf| (shelf.items.clone(), shelf.size));
    for watcher in watchers {
        let state = watcher.snapshot();
        if !are_fresh && (state.is_stale || state.is_fetching || state.error.is_some()) {
            continue;
        }
        let pages = state.data.expect("there is a list");
        let items: Vec<i64> = pages.iter().flat_map(on).collect();
        let context = format!("seed {seed}: {items:?} of {all:?}, {story:?}");
        assert!(!state.is_fetching && !state.is_stale && state.error.is_none(), "{context}");
        assert!(
            items.is_empty() && pages.len() == 1 || all.windows(items.len()).any(|part| part == items),
            "{context}"
        );
        let is_full = |page: &Page<Json>| on(page).len() == size;
        let is_last = |at: usize| at + 1 == pages.len();
        // A page that was asked for backwards may be short of what came before it.
        let is_back = |page: &Page<Json>| page.param() == pages.first().and_then(Page::param);
        assert!(pages.iter().enumerate().all(|(at, page)| is_last(at) || is_full(page) || is_back(page)), "{context}");
        assert_eq!(pages.has_next(), items.last().is_some_and(|last| Some(last) != all.last()), "{context}");
        assert_eq!(book.change(|shelf| shelf.under_way.len()), 0, "{context}");
    }
}

// B31
#[tokio::test(start_paused = true)]
async fn b31_whatever_happens_the_list_is_the_servers_in_order_without_gaps_and_without_doubles() {
    let seeds = std::env::var("LARDER_PAGING_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(200);
    for seed in 0..seeds {
        run(seed).await;
    }
}
