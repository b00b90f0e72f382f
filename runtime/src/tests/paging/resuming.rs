//! Pages that came are not asked for again because another one failed.

use super::*;
use crate::Target;

fn patient(book: &Book) -> Client {
    let retry = Retry::times(3).delay(SECOND);
    Client::builder("https://api.example.com/v1").transport(book.clone()).retry(retry).build().unwrap()
}

/// A list of four pages that is asked for again, of which the third page fails.
async fn failing(book: &Book, client: &Client) -> (Watcher<Pages<Json>>, tokio::task::JoinHandle<()>) {
    let watcher = watched(client, by_cursor(), 4).await;
    book.asked();
    book.change(|shelf| shelf.failing = [false, false, true].into());
    let refetch = client.refetch(&by_cursor().pages());
    let refetching = tokio::spawn(async move { drop(refetch.await.unwrap()) });
    after(100).await;
    assert_eq!(book.asked(), ["/cursor", "/cursor?after=2", "/cursor?after=4"]);
    let state = watcher.snapshot();
    assert!(state.is_fetching && state.failures == 1 && seen(&watcher).len() == 4, "{state:?}");
    (watcher, refetching)
}

// B25, B31
#[tokio::test(start_paused = true)]
async fn b31_a_list_goes_on_from_the_page_that_failed() {
    let book = Book::of(1..=8);
    let client = patient(&book);
    let (watcher, refetching) = failing(&book, &client).await;
    refetching.await.unwrap();
    assert_eq!(book.asked(), ["/cursor?after=4", "/cursor?after=6"]);
    assert_eq!(seen(&watcher), [[1, 2], [3, 4], [5, 6], [7, 8]]);

    // As often as it has to, each page in its turn.
    book.change(|shelf| shelf.failing = [false, true, true, false, true].into());
    client.refetch(&by_cursor().pages()).await.unwrap();
    let asked = ["/cursor", "/cursor?after=2", "/cursor?after=2", "/cursor?after=2", "/cursor?after=4"];
    assert_eq!(book.asked(), [&asked[..], &["/cursor?after=4", "/cursor?after=6"]].concat());
}

// B13, B31
#[tokio::test(start_paused = true)]
async fn b13_pages_that_came_before_an_invalidation_are_asked_for_again() {
    for what in [Target::from(POST.id(1)), Target::from(POST.id(99)), Target::everything()] {
        let book = Book::of(1..=8);
        let client = patient(&book);
        let (watcher, refetching) = failing(&book, &client).await;
        // It stands on the first page, which came before.
        book.change(|shelf| shelf.items.retain(|item| *item != 1));
        drop(client.invalidate(what));
        refetching.await.unwrap();
        after(2_000).await;
        assert_eq!(seen(&watcher), [vec![2, 3], vec![4, 5], vec![6, 7], vec![8]]);
        assert_eq!(book.asked(), ["/cursor", "/cursor?after=3", "/cursor?after=5", "/cursor?after=7"]);
    }
}

// B23, B31
#[tokio::test(start_paused = true)]
async fn b23_what_is_written_by_hand_between_two_tries_is_not_taken_back() {
    let book = Book::of(1..=8);
    let client = patient(&book);
    let (watcher, refetching) = failing(&book, &client).await;
    assert!(client.update(&by_cursor().pages(), |_| ()).unwrap());
    refetching.await.unwrap();
    assert_eq!(book.asked(), ["/cursor", "/cursor?after=2", "/cursor?after=4", "/cursor?after=6"]);
    assert_eq!(seen(&watcher).len(), 4);
}

// B25
#[tokio::test(start_paused = true)]
async fn b25_whoever_goes_takes_along_the_pages_that_came() {
    let book = Book::of(1..=8);
    let client = patient(&book);
    let (watcher, refetching) = failing(&book, &client).await;
    refetching.abort();
    drop(watcher);
    client.remove(Target::everything());
    after(10_000).await;
    assert_eq!(book.asked(), [""; 0]);
    let watcher = watched(&client, by_cursor(), 1).await;
    assert_eq!((book.asked(), seen(&watcher)), (vec!["/cursor".to_owned()], vec![vec![1, 2]]));
}
