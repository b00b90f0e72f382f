//! Bounds on how many pages are held, and on what the cache holds.

use super::*;

fn bounded() -> Query<Json> {
    let paging = Paging::cursor("after").next_at("/next").previous_param("before").previous_at("/previous");
    list("/cursor", paging.max_pages(2))
}

// B31
#[tokio::test(start_paused = true)]
async fn b31_a_bound_on_pages_drops_the_far_end_in_both_directions() {
    let book = Book::of(1..=8);
    let client = book.client();
    let watcher = watched(&client, bounded(), 2).await;
    watcher.fetch_next().await.unwrap();
    assert_eq!(seen(&watcher), [[3, 4], [5, 6]]);
    watcher.fetch_previous().await.unwrap();
    assert_eq!(seen(&watcher), [[1, 2], [3, 4]]);
    assert!(watcher.snapshot().has_next() && !watcher.snapshot().has_previous());
    watcher.fetch_next().await.unwrap();
    watcher.fetch_next().await.unwrap();
    assert_eq!(seen(&watcher), [[5, 6], [7, 8]]);
    // A refetch begins with the first page that is held.
    book.asked();
    client.refetch(&bounded().pages()).await.unwrap();
    assert_eq!(book.asked(), ["/cursor?after=4", "/cursor?after=6"]);
    // What went is no longer provided.
    assert!(client.would_reach(POST.id(1)).is_empty() && client.would_reach(POST.id(8)).len() == 1);
}

// B31, B10
#[tokio::test(start_paused = true)]
async fn b31_the_bodies_of_all_pages_count_for_a_bound_in_bytes() {
    let book = Book::of(1..=40);
    let client = book.client();
    let bytes = || client.inspect().entries.iter().map(|entry| entry.bytes).sum::<usize>();
    let watcher = watched(&client, by_cursor(), 1).await;
    let one = bytes() - 400;
    for _ in 0..9 {
        watcher.fetch_next().await.unwrap();
    }
    let ten = bytes() - 400;
    assert!(one > 100 && 9 * one < ten && ten < 12 * one, "{one} {ten}");
}

// B31, B9
#[tokio::test(start_paused = true)]
async fn b31_enough_pages_are_fetched_also_of_what_is_not_kept() {
    let book = Book::of(1..=10);
    let client = book.client();
    let query = || by_cursor().keep_unused(Duration::ZERO);
    assert_eq!(client.fetch_pages(query(), 3).await.unwrap().len(), 3);
    assert!(client.inspect().entries.is_empty());
    assert_eq!(client.fetch_pages(query(), 0).await.unwrap().len(), 1);
    assert_eq!(book.asked().len(), 4);
    // What is there is used.
    client.fetch_pages(by_cursor(), 2).await.unwrap();
    client.fetch_pages(by_cursor(), 3).await.unwrap();
    assert_eq!(book.asked().len(), 3);
}

// B31, B36
#[tokio::test(start_paused = true)]
async fn b31_a_panic_in_a_function_that_selects_is_an_error_and_the_list_stays() {
    let book = Book::of(1..=4);
    let client = book.client();
    let select = |page: &Json, _: &::http::HeaderMap| {
        let next = page["next"].as_i64();
        assert!(next.is_some(), "no next");
        next.map(|next| next.to_string())
    };
    let watcher = watched(&client, list("/cursor", Paging::cursor("after").next(select)), 1).await;
    let error = watcher.fetch_next().await.unwrap_err();
    assert_eq!((error.kind(), seen(&watcher)), (crate::ErrorKind::Panicked, vec![vec![1, 2]]));
}
