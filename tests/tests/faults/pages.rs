//! Lists of which one page meets a fault.

use std::sync::Arc;
use std::time::Duration;

use larder::{Client, Json, Pages, Paging, Query, Retry};
use larder_tests::social::posts::get_post;
use larder_tests::social::types::Post;

use super::cases::Told;
use super::fault::{act, ignore, say};
use super::modes::{About, check, each, leaves_nothing};
use super::script::{get, ok, tells};
use super::server::FaultServer;

const FIRST: &str = "GET /posts/2";
const FEED: &str = "GET /feed";

/// A post is a page; the first of two says so.
fn posts() -> Query<Pages<Post>> {
    get_post(2).paged(Paging::cursor("after").next_at("/next")).pages()
}

impl About for Arc<Pages<Post>> {
    fn about(&self) -> i64 {
        self.first().map_or(0, |page| page.id)
    }
}

/// From now on the second page meets this once.
fn two_pages(server: &FaultServer, fault: Option<super::fault::Fault>) {
    let mut fault = fault;
    server.choose(move |request| {
        let is_second = request.target.contains("after=b");
        Some(if !is_second {
            act().within(r#""next":"b","#).all()
        } else {
            fault.take().unwrap_or_else(|| act().all())
        })
    });
}

#[test]
fn b31_whatever_becomes_of_a_page_the_list_stays_and_the_next_refetch_has_all_of_it() {
    each(|case, server| async move {
        let client: Client = server.builder().max_response_bytes(1 << 20).build().expect("the address is valid");
        two_pages(&server, None);
        let mut watcher = client.watch(posts());
        watcher.ready().await.expect("the first page");
        let before = watcher.fetch_next().await.expect("the second page");
        server.take();
        two_pages(&server, Some(case.fault.clone()));
        let again = server.through(client.refetch(&posts())).await;
        let is_error = again.is_err();
        check(&case, case.query, again);
        let state = watcher.snapshot();
        let shown = state.data.expect("it stays");
        assert_eq!((shown.len(), state.error.is_some(), state.is_fetching), (2, is_error, false), "{}", case.name);
        assert!(!is_error || Arc::ptr_eq(&shown, &before), "{}: the list stays", case.name);
        let lines: Vec<_> = server.take().iter().map(|met| met.request.line()).collect();
        assert_eq!(lines, [FIRST, FIRST], "{}", case.name);
        let now = client.refetch(&posts()).await.unwrap_or_else(|error| panic!("{}: {error}", case.name));
        assert_eq!((now.len(), watcher.snapshot().error.is_none()), (2, true), "{}", case.name);
        drop(watcher);
        leaves_nothing(&case, &server, client).await;
    });
}

#[test]
fn b25_a_list_of_which_a_page_failed_goes_on_with_that_page() {
    each(|case, server| async move {
        let client = server.patient(3).build().expect("the address is valid");
        two_pages(&server, Some(case.fault.clone()));
        let pages =
            server.through(client.fetch_pages(get_post(2).paged(Paging::cursor("after").next_at("/next")), 2)).await;
        let tries: Vec<_> = server.asked().iter().map(|line| line.contains("after=b")).collect();
        if super::retried::is_worth_another_try(&case) {
            assert_eq!(pages.map(|pages| pages.len()).map_err(|error| error.to_string()), Ok(2), "{}", case.name);
            assert_eq!(tries, [false, true, true], "{}", case.name);
        } else {
            assert_eq!((pages.is_ok(), tries), (matches!(case.query, Told::Data), vec![false, true]), "{}", case.name);
        }
    });
}

fn feed() -> Query<Json> {
    get("/feed").paged(Paging::cursor("after").next_at("/next"))
}

#[tokio::test]
async fn b31_a_list_that_is_asked_to_wait_in_the_middle_waits_and_goes_on() {
    let server = FaultServer::start().await;
    let client = server.patient(3).build().expect("the address is valid");
    let busy = || say("429 Too Many Requests", "").header("retry-after", "20").all();
    server.script([
        (FEED, ok(r#"{"next":"a"}"#)),
        (FEED, ok(r#"{"next":"b"}"#)),
        (FEED, busy()),
        (FEED, busy()),
        (FEED, ok("{}")),
    ]);
    let before = tokio::time::Instant::now();
    let pages = client.fetch_pages(feed(), 9).await.expect("it is there in the end");
    assert_eq!(pages.len(), 3);
    assert!(before.elapsed() >= Duration::from_secs(40), "it was asked for so much");
    let asked = [FEED, "GET /feed?after=a", "GET /feed?after=b", "GET /feed?after=b", "GET /feed?after=b"];
    assert_eq!(server.asked(), asked);
}

/// A walk that could go on for ever is the reader's to end, page by page, and ends where the server repeats itself.
#[tokio::test]
async fn b31_cursors_that_lie_bring_no_walk_without_end() {
    let server = FaultServer::start().await;
    let client = server.plain().build().expect("the address is valid");
    let cursors = [
        ("the same again", vec![r#"{"next":"a"}"#; 3], 2),
        ("in a circle", vec![r#"{"next":"a"}"#, r#"{"next":"b"}"#, r#"{"next":"a"}"#, r#"{"next":"b"}"#], 3),
        ("a list", vec![r#"{"next":["a"]}"#], 1),
        ("an object", vec![r#"{"next":{"a":1}}"#], 1),
        ("a truth", vec![r#"{"next":false}"#], 1),
    ];
    for (name, bodies, pages) in cursors {
        let mut bodies = bodies.into_iter();
        server.choose(move |_| Some(bodies.next().map_or_else(|| say("404 Not Found", "").all(), ok)));
        let mut walk = client.pages(feed());
        let mut count = 0;
        while let Some(page) =
            std::future::poll_fn(|context| futures_core::Stream::poll_next(std::pin::Pin::new(&mut walk), context))
                .await
        {
            page.unwrap_or_else(|error| panic!("{name}: {error}"));
            count += 1;
        }
        assert_eq!((count, server.take().len()), (pages, pages), "{name}");
        client.remove(larder::Target::everything());
    }
}

#[tokio::test]
async fn b31_what_no_list_goes_on_with_is_told_with_its_page() {
    let server = FaultServer::start().await;
    let client = server.plain().build().expect("the address is valid");
    let by_link = || get("/feed").paged(Paging::link());
    let elsewhere = "<http://127.0.0.2:1/feed?page=2&key=s3cret>; rel=\"next\"";
    server.script([(FEED, say("200 OK", "[1]").header("link", elsewhere).all())]);
    let error = client.fetch_pages(by_link(), 2).await.expect_err("it leads away");
    assert!(error.to_string().starts_with("GET /feed (getIt"), "{error}");
    super::script::keeps_secrets(&error);
    assert_eq!(server.asked(), [FEED], "nobody else is asked");

    for (fault, words) in [
        (ok("<html>"), "expected value"),
        (ok(r#"{"next":"#), "EOF"),
        (say("404 Not Found", "").all(), "404 Not Found"),
        (ignore().close(), "the connection was lost"),
    ] {
        client.remove(larder::Target::everything());
        server.script([(FEED, ok(r#"{"next":"s3cret"}"#)), (FEED, fault)]);
        let error = client.fetch_pages(feed().retry(Retry::none()), 2).await.expect_err(words);
        tells(&error, "GET /feed (getIt", &[words]);
    }
}
