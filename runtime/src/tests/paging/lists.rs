//! Lists of pages as entries: refetches, tags, freshness, changes by hand.

use super::*;
use crate::{Cause, Part, RefetchOf, Target};

// B31
#[tokio::test(start_paused = true)]
async fn b31_a_refetch_goes_through_the_pages_in_order_and_each_next_is_that_of_the_new_page() {
    let book = Book::of([10, 20, 30, 40, 50]);
    let client = book.client();
    let watcher = watched(&client, by_cursor(), 3).await;
    book.asked();
    book.change(|shelf| shelf.items.insert(0, 5));
    client.invalidate(POST.list());
    // What is old stays until all is new.
    after(1).await;
    assert_eq!(seen(&watcher), [vec![10, 20], vec![30, 40], vec![50]]);
    after(5).await;
    assert_eq!(seen(&watcher), [[5, 10], [20, 30], [40, 50]]);
    assert_eq!(book.asked(), ["/cursor", "/cursor?after=10", "/cursor?after=30"]);
}

// B31
#[tokio::test(start_paused = true)]
async fn b31_a_list_shrinks_when_there_is_less() {
    let book = Book::of(1..=6);
    let client = book.client();
    let watcher = watched(&client, by_cursor(), 3).await;
    book.change(|shelf| shelf.items.truncate(3));
    client.refetch(&by_cursor().pages()).await.unwrap();
    assert_eq!(seen(&watcher), [vec![1, 2], vec![3]]);
    assert!(!watcher.snapshot().has_next());
    book.change(|shelf| shelf.items.clear());
    client.refetch(&by_cursor().pages()).await.unwrap();
    assert_eq!(seen(&watcher), [Vec::<i64>::new()]);
}

// B31
#[tokio::test(start_paused = true)]
async fn b31_an_error_at_any_page_keeps_the_old_list() {
    for failing in 0..3 {
        let book = Book::of(1..=6);
        let client = book.client();
        let watcher = watched(&client, by_cursor(), 3).await;
        let before = watcher.snapshot().data.unwrap();
        book.change(|shelf| shelf.items.insert(0, 0));
        book.change(|shelf| shelf.failing = (0..3).map(|page| page == failing).collect());
        assert!(client.refetch(&by_cursor().pages()).await.is_err());
        let state = watcher.snapshot();
        assert!(Arc::ptr_eq(&before, &state.data.unwrap()) && state.error.is_some(), "{failing}");
        // What came before the error is asked for again with the rest.
        client.refetch(&by_cursor().pages()).await.unwrap();
        assert_eq!(seen(&watcher), [[0, 1], [2, 3], [4, 5]]);
    }
}

// B31, B4
#[tokio::test(start_paused = true)]
async fn b31_a_page_that_is_what_it_was_keeps_its_identity_and_so_does_the_list() {
    let book = Book::of(1..=6);
    let client = book.client();
    let watcher = watched(&client, by_cursor(), 3).await;
    let before = watcher.snapshot().data.unwrap();
    client.refetch(&by_cursor().pages()).await.unwrap();
    assert!(Arc::ptr_eq(&before, &watcher.snapshot().data.unwrap()), "all is the same");
    book.change(|shelf| shelf.items[3] = 40);
    client.refetch(&by_cursor().pages()).await.unwrap();
    let now = watcher.snapshot().data.unwrap();
    let kept: Vec<bool> =
        before.iter().zip(now.iter()).map(|(one, other)| Arc::ptr_eq(one.data(), other.data())).collect();
    assert_eq!((kept, seen(&watcher)), (vec![true, false, false], vec![vec![1, 2], vec![3, 40], vec![]]));
}

// B31, B4
#[tokio::test(start_paused = true)]
async fn b31_parts_of_a_page_that_changed_keep_their_identity() {
    let (client, server) = setup();
    let query = || Query::<Vec<Part<Json>>>::new(Request::get("list", "/list")).paged(Paging::page("page").items(""));
    let watcher = client.watch_pages(query());
    server.next().await.ok(json(r#"[{"id":1},{"id":2}]"#));
    server.settled().await;
    let before = watcher.snapshot().data.unwrap();
    client.invalidate(Target::everything());
    server.next().await.ok(json(r#"[{"id":0},{"id":1},{"id":2}]"#));
    server.settled().await;
    let now = watcher.snapshot().data.unwrap();
    let (old, new) = (before.first().unwrap().data(), now.first().unwrap().data());
    assert!(Part::ptr_eq(&old[0], &new[1]) && Part::ptr_eq(&old[1], &new[2]));
}

// B31, B13
#[tokio::test(start_paused = true)]
async fn b31_a_list_provides_what_all_of_its_pages_provide() {
    let book = Book::of(1..=6);
    let client = book.client();
    let watcher = watched(&client, by_cursor(), 2).await;
    let reached = |id: i64| client.would_reach(POST.id(id)).len();
    assert_eq!([1, 2, 3, 4, 5].map(reached), [1, 1, 1, 1, 0]);
    watcher.fetch_next().await.unwrap();
    assert_eq!([1, 5, 6, 7].map(reached), [1, 1, 1, 0]);
    book.change(|shelf| shelf.items.remove(0));
    client.refetch(&by_cursor().pages()).await.unwrap();
    assert_eq!([1, 2, 6].map(reached), [0, 1, 1]);
}

// B31, B13
#[tokio::test(start_paused = true)]
async fn b31_an_invalidation_of_what_only_a_page_under_way_tells_is_noticed() {
    let book = Book::of(1..=4);
    let client = book.client();
    let watcher = watched(&client, by_cursor(), 1).await;
    book.asked();
    book.change(|shelf| shelf.delays.push_back(SECOND));
    let further = watcher.fetch_next();
    yield_often().await;
    // Nobody knows yet that 3 is on it.
    assert!(client.would_reach(POST.id(3)).is_empty());
    client.invalidate(POST.id(3));
    further.await.unwrap();
    after(10).await;
    assert_eq!(book.asked(), ["/cursor?after=2", "/cursor", "/cursor?after=2"]);
    assert!(!watcher.snapshot().is_stale);
}

// B31, B8, B13
#[tokio::test(start_paused = true)]
async fn b31_a_list_is_as_old_as_its_oldest_page() {
    let book = Book::of(1..=6);
    let client = book.client();
    let query = || by_cursor().stale_time(10 * SECOND);
    let watcher = watched(&client, query(), 1).await;
    after(9_000).await;
    watcher.fetch_next().await.unwrap();
    assert!(!watcher.snapshot().is_stale);
    after(1_500).await;
    assert!(watcher.snapshot().is_stale, "the first page is older than that");
    // What is stale by time alone can be gone on with.
    book.asked();
    watcher.fetch_next().await.unwrap();
    assert_eq!((book.asked(), watcher.snapshot().is_stale), (vec!["/cursor?after=4".to_owned()], true));
}

// B31, B8
#[tokio::test(start_paused = true)]
async fn b31_the_page_that_the_server_says_is_stale_first_counts() {
    let (client, server) = setup();
    let query = || {
        let paging = Paging::cursor("after").next_at("/next");
        Query::<Json>::new(Request::get("list", "/list")).paged(paging).stale_time_from_server(true)
    };
    let watcher = client.watch_pages(query());
    let answer = |seconds: u32, body: &'static str| {
        Ok(Response::builder().header("cache-control", format!("max-age={seconds}")).body(json(body).into()).unwrap())
    };
    server.next().await.send(answer(60, r#"{"next":1}"#));
    server.settled().await;
    let further = watcher.fetch_next();
    server.next().await.send(answer(5, "{}"));
    further.await.unwrap();
    after(6_000).await;
    assert!(watcher.snapshot().is_stale);
}

// B31, B14
#[tokio::test(start_paused = true)]
async fn b31_an_invalid_list_that_nobody_asked_for_is_refetched_before_it_goes_on() {
    let book = Book::of(1..=6);
    let client = book.client();
    let watcher = watched(&client, by_cursor(), 2).await;
    book.asked();
    book.change(|shelf| shelf.items.insert(0, 0));
    drop(client.invalidate_and(POST.list(), RefetchOf::Nothing));
    watcher.fetch_next().await.unwrap();
    assert_eq!(seen(&watcher), [vec![0, 1], vec![2, 3], vec![4, 5]]);
    assert_eq!(book.asked(), ["/cursor", "/cursor?after=1", "/cursor?after=3"]);
}

// B31, B23
#[tokio::test(start_paused = true)]
async fn b31_a_change_by_hand_is_gone_with_the_next_response_also_if_that_is_what_was_before() {
    let book = Book::of(1..=4);
    let client = book.client();
    let watcher = watched(&client, by_cursor(), 2).await;
    let change = |page: &mut Json| page["items"][0] = 100.into();
    assert!(client.update(&by_cursor().pages(), |pages| pages.for_each_mut(change)).unwrap());
    assert_eq!(seen(&watcher), [[100, 2], [100, 4]]);
    assert_eq!((client.would_reach(POST.id(100)).len(), client.would_reach(POST.id(1)).len()), (1, 0));
    client.refetch(&by_cursor().pages()).await.unwrap();
    assert_eq!(seen(&watcher), [[1, 2], [3, 4]]);
}

// B31, B28
#[tokio::test(start_paused = true)]
async fn b31_what_a_client_says_of_an_operation_holds_for_its_lists_and_their_pages() {
    let book = Book::of(1..=4);
    let client = Client::builder("https://api.example.com/v1")
        .transport(book.clone())
        .enhance_query("list", |query: Query<Json>| {
            query.paged(Paging::page("page").items("/items").max_pages(1)).provides("Other").stale_time(SECOND)
        })
        .build()
        .unwrap();
    let plain = || Query::<Json>::new(Request::get("list", "/page"));
    let watcher = client.watch_pages(plain().paged(Paging::cursor("none")));
    watcher.fetch_next().await.unwrap();
    assert_eq!((seen(&watcher), book.asked()), (vec![vec![3, 4]], vec!["/page".to_owned(), "/page?page=2".to_owned()]));
    assert_eq!(client.would_reach("Other").len(), 1);
    // Bounded, it ends all the same.
    assert_eq!(client.fetch_pages(plain().paged(Paging::cursor("none")), 5).await.unwrap().len(), 1);
}

// B31, B35
#[tokio::test(start_paused = true)]
async fn b31_a_further_page_is_told_of_with_its_cause() {
    let book = Book::of(1..=4);
    let heard = Arc::new(Mutex::new(Vec::new()));
    let causes = heard.clone();
    let listen = move |event: &Event| {
        if let Event::Requested { cause, .. } = event {
            lock(&causes).push(*cause);
        }
    };
    let client = Client::builder("https://api.example.com/v1").transport(book).on_event(listen).build().unwrap();
    let _watcher = watched(&client, by_cursor(), 2).await;
    assert_eq!(*lock(&heard), [Cause::Watch, Cause::Page]);
}

// B31, B28
#[tokio::test(start_paused = true)]
async fn b31_pages_that_are_there_are_asked_for_on_condition_where_the_body_tells_the_next() {
    let (client, server) = setup();
    let query = |paging| Query::<Json>::new(Request::get("list", "/list")).paged(paging);
    for (paging, is_asked) in [(Paging::cursor("after").next_at("/next"), true), (Paging::link(), false)] {
        let list = query(paging).pages();
        let watcher = client.watch(list.clone());
        let answer = Response::builder().header("etag", "\"a\"").body(json(r#"{"next":1}"#).into()).unwrap();
        server.next().await.send(Ok(answer));
        server.settled().await;
        drop(client.invalidate(&list));
        let asked = server.next().await;
        assert_eq!(asked.request.headers().contains_key("if-none-match"), is_asked);
        if is_asked {
            asked.with(304, Bytes::new());
            server.settled().await;
            let state = watcher.snapshot();
            assert!(!state.is_stale && state.error.is_none() && state.has_next(), "{state:?}");
        }
        client.remove(Target::everything());
        drop(watcher);
        client.remove(Target::everything());
    }
}
