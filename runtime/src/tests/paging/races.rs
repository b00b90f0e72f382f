//! Further pages beside refetches, failures, removals and each other.

use super::*;
use crate::{ErrorKind, Target};

// B31
#[tokio::test(start_paused = true)]
async fn b31_asking_for_the_next_page_twice_sends_one_request() {
    let book = Book::of(1..=10);
    let client = book.client();
    let watcher = watched(&client, by_cursor(), 1).await;
    book.asked();
    let (one, two) = (watcher.fetch_next(), watcher.fetch_next());
    let other = client.watch_pages(by_cursor());
    let three = other.fetch_next();
    for further in [one, two, three] {
        assert_eq!(further.await.unwrap().len(), 2);
    }
    assert_eq!(book.asked(), ["/cursor?after=2"]);
    assert!(!watcher.snapshot().is_fetching_next());
}

// B31
#[tokio::test(start_paused = true)]
async fn b31_a_page_that_is_asked_for_during_a_refetch_follows_it() {
    let book = Book::of(1..=10);
    let client = book.client();
    let watcher = watched(&client, by_cursor(), 2).await;
    book.asked();
    book.change(|shelf| shelf.items.insert(0, 0));
    client.invalidate(POST.list());
    let further = watcher.fetch_next();
    assert!(watcher.snapshot().is_fetching_next() && !watcher.snapshot().is_fetching_previous());
    assert_eq!(shown(&further.await.unwrap()), [[0, 1], [2, 3], [4, 5]]);
    assert_eq!(book.asked(), ["/cursor", "/cursor?after=1", "/cursor?after=3"]);
}

// B31
#[tokio::test(start_paused = true)]
async fn b31_before_there_is_a_list_the_next_page_is_the_one_after_the_first_that_is_under_way() {
    let book = Book::of(1..=10);
    let watcher = book.client().watch_pages(by_cursor());
    assert_eq!(watcher.fetch_next().await.unwrap().len(), 2);
}

// B31, B14
#[tokio::test(start_paused = true)]
async fn b31_an_invalidation_during_a_further_page_has_all_of_them_asked_for_again() {
    let book = Book::of(1..=10);
    let client = book.client();
    let watcher = watched(&client, by_cursor(), 1).await;
    book.asked();
    let further = watcher.fetch_next();
    book.change(|shelf| shelf.items.insert(0, 0));
    let refetches = client.invalidate(POST.list());
    further.await.unwrap();
    assert!(refetches.await.is_empty());
    assert_eq!(seen(&watcher), [[0, 1], [2, 3]]);
    assert_eq!(book.asked(), ["/cursor?after=2", "/cursor", "/cursor?after=1"]);
}

// B31, B19
#[tokio::test(start_paused = true)]
async fn b31_a_refetch_does_not_take_one_more_page_for_an_answer() {
    let book = Book::of(1..=10);
    let client = book.client();
    let watcher = watched(&client, by_cursor(), 1).await;
    book.asked();
    let further = watcher.fetch_next();
    client.refetch(&by_cursor().pages()).await.unwrap();
    further.await.unwrap();
    assert_eq!(book.asked(), ["/cursor?after=2", "/cursor", "/cursor?after=2"]);
}

// B31
#[tokio::test(start_paused = true)]
async fn b31_a_further_page_that_fails_leaves_the_list_and_can_be_asked_for_again() {
    let book = Book::of(1..=10);
    let watcher = watched(&book.client(), by_cursor(), 1).await;
    book.change(|shelf| shelf.failing.push_back(true));
    assert_eq!(watcher.fetch_next().await.unwrap_err().kind(), ErrorKind::Status);
    let state = watcher.snapshot();
    assert!(state.error.is_some() && !state.is_fetching_next() && !state.is_stale && state.has_next());
    assert_eq!(watcher.fetch_next().await.unwrap().len(), 2);
    assert!(watcher.snapshot().error.is_none());
}

// B31
#[tokio::test(start_paused = true)]
async fn b31_a_page_that_waited_for_a_refetch_that_fails_hears_of_the_error_or_goes_on() {
    let book = Book::of(1..=10);
    let client = book.client();
    let watcher = watched(&client, by_cursor(), 1).await;
    // The list is as valid as before: one more page can follow it.
    book.change(|shelf| shelf.failing.push_back(true));
    let refetch = client.refetch(&by_cursor().pages());
    let (refetched, further) = tokio::join!(refetch, async { watcher.fetch_next().await });
    assert!(refetched.is_err() && further.is_ok());
    // The list is invalid, and nothing brings a better one.
    book.change(|shelf| shelf.failing.push_back(true));
    client.invalidate(POST.list());
    assert!(watcher.fetch_next().await.is_err());
    book.asked();
    after(100).await;
    assert!(book.asked().is_empty(), "it is not tried in a loop");
}

// B31, B25
#[tokio::test(start_paused = true)]
async fn b31_a_refetch_that_is_given_up_in_the_middle_keeps_the_pages_and_asks_for_no_more() {
    let book = Book::of(1..=10);
    let client = book.client();
    let pages = client.fetch_pages(by_cursor(), 3).await.unwrap();
    book.asked();
    book.change(|shelf| shelf.delays = [Duration::from_millis(1), SECOND].into());
    let refetch = tokio::spawn(client.refetch(&by_cursor().pages()));
    after(10).await;
    refetch.abort();
    after(5_000).await;
    assert_eq!(book.asked(), ["/cursor", "/cursor?after=2"]);
    assert!(book.change(|shelf| shelf.under_way.is_empty()));
    assert!(Arc::ptr_eq(&pages, &client.peek(&by_cursor().pages()).unwrap()));
}

// B31, B18
#[tokio::test(start_paused = true)]
async fn b31_a_reset_ends_what_is_asked_for_and_begins_with_the_first_page() {
    let book = Book::of(1..=10);
    let client = book.client();
    let watcher = watched(&client, by_cursor(), 2).await;
    book.asked();
    let further = watcher.fetch_next();
    client.reset(Target::everything()).await;
    assert_eq!(further.await.unwrap_err().kind(), ErrorKind::Aborted);
    assert_eq!((seen(&watcher), book.asked().last().unwrap().as_str()), (vec![vec![1, 2]], "/cursor"));
    assert!(!watcher.snapshot().is_fetching_next());
}

// B31, B9
#[tokio::test(start_paused = true)]
async fn b31_a_list_that_nobody_watches_is_kept_until_the_page_that_was_asked_for_is_there() {
    let book = Book::of(1..=10);
    let client = book.client();
    let watcher = watched(&client, by_cursor().keep_unused(Duration::ZERO), 1).await;
    let further = watcher.fetch_next();
    drop(watcher);
    assert_eq!(further.await.unwrap().len(), 2);
    yield_often().await;
    assert!(client.inspect().entries.is_empty());
}

// B31, B7
#[tokio::test(start_paused = true)]
async fn b31_a_watcher_that_is_off_asks_for_no_page() {
    let book = Book::of(1..=10);
    let watcher = book.client().watch(by_cursor().pages().when(false));
    assert_eq!(watcher.fetch_next().await.unwrap_err().kind(), ErrorKind::Aborted);
    assert!(book.asked().is_empty());
}

// B31, B23
#[tokio::test(start_paused = true)]
async fn b31_a_change_by_hand_does_not_lose_the_page_that_is_on_its_way() {
    let book = Book::of(1..=10);
    let client = book.client();
    let watcher = watched(&client, by_cursor(), 1).await;
    let further = watcher.fetch_next();
    yield_often().await;
    client.update(&by_cursor().pages(), |pages| pages.for_each_mut(|page| page["items"][0] = 100.into())).unwrap();
    assert_eq!(shown(&further.await.unwrap()), [[100, 2], [3, 4]]);
}

// B31, B25
#[tokio::test(start_paused = true)]
async fn b31_a_further_page_is_tried_again_as_the_page_that_it_is() {
    let book = Book::of(1..=10);
    let client = Client::builder("https://api.example.com/v1").transport(book.clone()).build().unwrap();
    let watcher = watched(&client, by_cursor(), 2).await;
    book.asked();
    book.change(|shelf| shelf.failing = [true, true].into());
    assert_eq!(watcher.fetch_next().await.unwrap().len(), 3);
    assert_eq!(book.asked(), ["/cursor?after=4"; 3]);
}
