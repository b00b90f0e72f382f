//! The ways in which servers page, forwards and backwards.

use futures_core::Stream;

use super::*;
use crate::ErrorKind;

/// All ways in which the server pages, with what is asked for to go through five numbers.
fn kinds() -> Vec<(Query<Json>, Vec<&'static str>)> {
    vec![
        (by_cursor(), vec!["/cursor", "/cursor?after=2", "/cursor?after=4"]),
        (
            list("/cursor", Paging::cursor("after").items("/items").next_after("").more_at("/more")),
            vec!["/cursor", "/cursor?after=2", "/cursor?after=4"],
        ),
        (
            list("/cursor", Paging::cursor("after").next(|page: &Json, _| Some(page["next"].as_i64()?.to_string()))),
            vec!["/cursor", "/cursor?after=2", "/cursor?after=4"],
        ),
        (
            list("/page", Paging::page("page").items("/items").total_at("/total")),
            vec!["/page", "/page?page=2", "/page?page=3"],
        ),
        (
            list("/page", Paging::page("page").items("/items").more_at("/more")),
            vec!["/page", "/page?page=2", "/page?page=3"],
        ),
        (list("/bare", Paging::page("page").items("")), vec!["/bare", "/bare?page=2", "/bare?page=3", "/bare?page=4"]),
        // The header `Link` ends it, although nobody told of it.
        (list("/link", Paging::page("page").items("")), vec!["/link", "/link?page=2", "/link?page=3"]),
        (
            list("/offset", Paging::offset("offset").items("/items").total_at("/total")),
            vec!["/offset", "/offset?offset=2", "/offset?offset=4"],
        ),
        (
            list("/offset", Paging::offset("offset").items("/items")),
            vec!["/offset", "/offset?offset=2", "/offset?offset=4", "/offset?offset=5"],
        ),
        (list("/link", Paging::link()), vec!["/link", "/link?page=2&q=a", "/link?page=3&q=a"]),
        (
            list("/url", Paging::url().next_at("/next").previous_at("/previous")),
            vec!["/url", "/url?page=2&q=a", "/url?page=3&q=a"],
        ),
    ]
}

// B31
#[tokio::test(start_paused = true)]
async fn b31_every_kind_of_paging_goes_to_the_end_of_the_list_and_no_further() {
    for (query, asked) in kinds() {
        let book = Book::of(1..=5);
        let client = book.client();
        let pages = client.fetch_pages(query.clone(), 100).await.unwrap();
        assert_eq!(pages.iter().flat_map(on).collect::<Vec<_>>(), [1, 2, 3, 4, 5], "{asked:?}");
        assert!(!pages.has_next());
        assert_eq!(book.asked(), asked);
        // At the end nothing more is sent, and it is no error.
        let watcher = client.watch_pages(query.clone());
        assert_eq!(watcher.fetch_next().await.unwrap().len(), asked.len());
        assert!(watcher.snapshot().error.is_none() && book.asked().is_empty());
        // A refetch goes through the same pages.
        client.refetch(&query.pages()).await.unwrap();
        assert_eq!(book.asked(), asked);
    }
}

// B31
#[tokio::test(start_paused = true)]
async fn b31_a_stream_goes_through_the_pages_without_holding_them() {
    for (query, asked) in kinds() {
        let book = Book::of(1..=5);
        let client = book.client();
        let mut stream = client.pages(query);
        let (mut items, mut pages) = (Vec::new(), 0);
        while let Some(page) = std::future::poll_fn(|context| std::pin::Pin::new(&mut stream).poll_next(context)).await
        {
            items.extend(on(&page.unwrap()));
            pages += 1;
            // The next one is asked for when it is wanted.
            assert_eq!(book.change(|shelf| shelf.asked.len()), pages);
        }
        assert_eq!((items, book.asked()), (vec![1, 2, 3, 4, 5], asked.iter().map(ToString::to_string).collect()));
    }
}

// B31
#[tokio::test(start_paused = true)]
async fn b31_a_list_that_begins_in_the_middle_goes_on_in_both_directions() {
    let cursor = |request: Request| {
        Query::<Json>::new(request)
            .paged(Paging::cursor("after").next_at("/next").previous_param("before").previous_at("/previous"))
    };
    let page = |paging: Paging<Json>, path, name, value: i64| {
        Query::<Json>::new(Request::get("list", path).query_param(name, &value)).paged(paging)
    };
    let queries = [
        cursor(Request::get("list", "/cursor").query_param("after", &2)),
        page(Paging::page("page").items("/items"), "/page", "page", 2),
        page(Paging::offset("offset").items("/items"), "/offset", "offset", 2),
        page(Paging::link(), "/link", "page", 2),
    ];
    for query in queries {
        let book = Book::of(1..=6);
        let client = book.client();
        let watcher = watched(&client, query, 1).await;
        assert_eq!(seen(&watcher), [[3, 4]]);
        assert!(watcher.snapshot().has_next() && watcher.snapshot().has_previous());
        let (next, previous) = (watcher.fetch_next(), watcher.fetch_previous());
        assert!(watcher.snapshot().is_fetching_next() && watcher.snapshot().is_fetching_previous());
        next.await.unwrap();
        previous.await.unwrap();
        assert_eq!(seen(&watcher), [[1, 2], [3, 4], [5, 6]]);
        assert!(!watcher.snapshot().has_previous(), "{:?}", book.asked());
    }
}

// B31
#[tokio::test(start_paused = true)]
async fn b31_where_a_list_begins_does_not_tell_it_from_another() {
    let book = Book::of(1..=6);
    let client = book.client();
    let from = |page: i64| {
        let request = Request::get("list", "/page").query_param("page", &page).query_param("q", "a");
        Query::<Json>::new(request).paged(Paging::page("page").items("/items"))
    };
    let one = watched(&client, from(1), 1).await;
    let other = client.watch_pages(from(2));
    one.fetch_next().await.unwrap();
    assert_eq!((seen(&one), seen(&other)), (vec![vec![1, 2], vec![3, 4]], vec![vec![1, 2], vec![3, 4]]));
    assert_eq!(book.asked(), ["/page?q=a&page=1", "/page?q=a&page=2"]);
    // A page alone is an entry of its own.
    assert_eq!(numbers(&client.fetch(from(2)).await.unwrap()), [3, 4]);
    assert_eq!(book.asked(), ["/page?page=2&q=a"]);
}

/// A server that answers with these bodies, one after the other.
fn bodies(texts: &'static [&'static str], paging: Paging<Json>) -> (Server, Watcher<Pages<Json>>) {
    let (client, server) = setup();
    let watcher = client.watch_pages(Query::new(Request::get("list", "/list")).paged(paging));
    let answering = server.clone();
    tokio::spawn(async move {
        for text in texts {
            answering.next().await.ok(json(text));
        }
    });
    (server, watcher)
}

// B31
#[tokio::test(start_paused = true)]
async fn b31_zero_and_the_empty_text_are_cursors_and_null_and_nothing_are_the_end() {
    for (texts, count) in [
        (&[r#"{"next":0}"#, r#"{"next":null}"#][..], 2),
        (&[r#"{"next":""}"#, r#"{}"#], 2),
        (&[r#"{"next":"0"}"#, r#"{"next":false}"#], 2),
        (&[r#"{"next":{"a":1}}"#], 1),
    ] {
        let (server, watcher) = bodies(texts, Paging::cursor("after").next_at("/next"));
        for _ in 0..4 {
            watcher.fetch_next().await.unwrap();
        }
        let pages = watcher.snapshot().data.unwrap();
        assert_eq!((pages.len(), pages.has_next(), server.settled().await), (count, false, count), "{texts:?}");
    }
    let (_, watcher) = bodies(&[r#"{"next":""}"#], Paging::cursor("after").next_at("/next").until_empty());
    assert!(!watcher.fetch_next().await.unwrap().has_next());
}

// B31
#[tokio::test(start_paused = true)]
async fn b31_cursors_that_go_in_a_circle_end_the_list() {
    let circle = &[r#"{"next":"a"}"#, r#"{"next":"b"}"#, r#"{"next":"a"}"#];
    let (server, watcher) = bodies(circle, Paging::cursor("after").next_at("/next"));
    for _ in 0..5 {
        watcher.fetch_next().await.unwrap();
    }
    let pages = watcher.snapshot().data.unwrap();
    assert_eq!((pages.len(), pages.has_next(), server.settled().await), (3, false, 3));
    let params: Vec<Option<&str>> = pages.iter().map(Page::param).collect();
    assert_eq!(params, [None, Some("a"), Some("b")]);
}

// B31
#[tokio::test(start_paused = true)]
async fn b31_a_page_on_another_host_is_an_error_and_is_not_asked_for() {
    let (server, watcher) = bodies(&[r#"{"next":"https://evil.example/list?page=2"}"#], Paging::url().next_at("/next"));
    server.settled().await;
    assert!(watcher.snapshot().has_next());
    let error = watcher.fetch_next().await.unwrap_err();
    assert_eq!((error.kind(), server.settled().await), (ErrorKind::Request, 1));
    assert!(error.to_string().contains("evil.example"), "{error}");
    assert_eq!(watcher.snapshot().data.unwrap().len(), 1);
}

// B31
#[tokio::test(start_paused = true)]
async fn b31_credentials_in_the_urls_of_a_server_are_neither_held_nor_sent_twice() {
    let server = Server::default();
    let key = crate::Credential::in_query("key", "api_key", "secret");
    let client = builder(&server).credential(key).build().unwrap();
    let watcher = client.watch_pages(Query::<Json>::new(Request::get("list", "/list")).paged(Paging::link()));
    let first = server.next().await;
    let link = "<https://api.example.com/v1/list?api_key=secret&page=2>; rel=next";
    first.send(Ok(Response::builder().header("link", link).body(json("[]").into()).unwrap()));
    server.settled().await;
    let _coming = watcher.fetch_next();
    let second = server.next().await;
    assert_eq!(second.url(), "https://api.example.com/v1/list?page=2&api_key=secret");
    second.ok(json("[]"));
    server.settled().await;
    let pages = watcher.snapshot().data.unwrap();
    assert_eq!(pages.last().unwrap().param(), Some("page=2"));
}

// B31
#[tokio::test(start_paused = true)]
async fn b31_a_query_of_which_nobody_said_how_it_pages_is_not_sent() {
    let (client, server) = setup();
    let error = client.fetch(Query::<Json>::new(Request::get("list", "/list")).pages()).await.unwrap_err();
    assert!(error.kind() == ErrorKind::Request && error.to_string().contains("Query::paged"), "{error}");
    assert_eq!(server.settled().await, 0);
}
