//! The code of `fixtures/overrides`: what its calls provide and invalidate, and what is asked of a server then.

mod echo;

use larder::inspect::{effect, provides};
use larder::{Bytes, Json, Mutation, Part, Query};
use larder_tests::overrides::books::{
    burn_book, create_book, lend_book, list_books, overdue_books, set_cover, touch_book, update_book,
};
use larder_tests::overrides::branches::{note_shelf, order_shelf, return_books, scan_shelf, show_desk};
use larder_tests::overrides::notices::list_notices;
use larder_tests::overrides::tags::{BADGE, NOTICE};
use larder_tests::overrides::types::{
    Book, LendBookBody, ListBooks, NewBook, NoteShelfKind, OrderShelfKind, OverdueBooksBody, ScanShelfKind,
    SetCoverSide, ShowDesk,
};

fn provided<T: Send + Sync + 'static>(query: Query<T>, body: &str) -> Vec<String> {
    provides(query, 200, body.as_bytes()).expect("it can be read").iter().map(ToString::to_string).collect()
}

fn invalidated<T: Send + 'static>(mutation: Mutation<T>, body: &str) -> Vec<String> {
    let effect = effect(mutation, 200, body.as_bytes()).expect("it can be read");
    assert!(effect.writes.is_empty());
    effect.invalidates.iter().map(ToString::to_string).collect()
}

#[test]
fn a_query_provides_what_was_said_and_what_a_function_says_of_result_and_args() {
    let params = ListBooks { shelf: Some(3), x_branch: Some("north".to_owned()) };
    let page = r#"{ "items": [{ "id": 1, "title": "a", "holders": [{ "badge": "x" }, { "badge": "y" }] }] }"#;
    let tags = provided(list_books(&params), page);
    for tag in ["Book:1", "Badge:x reference", "Badge:y reference", "Notice:LIST{branch=north}", "Notice:LIST{shelf=3}"]
    {
        assert!(tags.iter().any(|other| other == tag), "{tag} of {tags:?}");
    }
    let empty = provided(list_books(&params), r#"{ "items": [] }"#);
    assert!(!empty.iter().any(|tag| tag == "Notice:LIST{shelf=3}"), "the function saw the result: {empty:?}");

    let desk = r#"{ "desks": [{ "number": 1, "books": [7, 8] }], "librarian": "ann" }"#;
    let day = "2026-01-02".parse().ok();
    let tags = provided(show_desk("north", &ShowDesk { day }), desk);
    let expected = [
        "Notice:LIST{branch=north, kind=desk}",
        "Desk:LIST{branch=north, day=2026-01-02}",
        "Badge:ann",
        "Desk:north/1",
        "Book:7",
        "Book:8",
    ];
    assert_eq!(tags.len(), expected.len(), "{tags:?}");
    for tag in expected {
        assert!(tags.iter().any(|other| other == tag), "{tag} of {tags:?}");
    }
}

#[test]
fn a_mutation_invalidates_what_was_said_and_what_a_function_says_of_result_and_args() {
    let body = NewBook { shelf: Some(3), title: None };
    assert_eq!(
        invalidated(update_book(1, &body), r#"{ "id": 1, "title": "a" }"#),
        ["Book:1", "Book:LIST{shelf=3} filtered"]
    );
    assert_eq!(invalidated(burn_book(7), ""), ["Book:7 gone reference", "Book:LIST{}", "Notice:7", "Badge:burnt"]);
    let tags = invalidated(return_books("north", "slip 5"), r#"{ "books": [1, 2] }"#);
    for tag in
        ["Notice:LIST{branch=north}", "Book:1", "Book:2", "Desk", "Notice:LIST{branch=north, count=2, slip=slip 5}"]
    {
        assert!(tags.iter().any(|other| other == tag), "{tag} of {tags:?}");
    }
    let tags = invalidated(lend_book(1, &LendBookBody { reader_id: "r".to_owned(), days: None }), "");
    assert!(tags.iter().any(|tag| tag == "Notice") && tags.iter().any(|tag| tag == "Badge:r reference"), "{tags:?}");
}

#[test]
fn a_function_is_given_every_kind_of_argument() {
    let last = |mutation: Mutation<()>| invalidated(mutation, "").pop().unwrap_or_default();
    let sizes = ["s".to_owned(), "l".to_owned()];
    let cover = set_cover(1, &SetCoverSide::N2, &sizes, Bytes::from_static(b"png"));
    assert_eq!(last(cover), "Notice:LIST{book=1, bytes=3, side=2, size=l|s}");
    let since = "2026-01-02".parse().expect("a date");
    let order = order_shelf(&OrderShelfKind::Poetry, &since, Some(&[1, 2]));
    assert_eq!(last(order), "Notice:LIST{book=1|2, kind=poetry, since=2026-01-02}");
    let book = NewBook { shelf: Some(3), title: None };
    let note = note_shelf(&NoteShelfKind::Fiction, true, Some(&book));
    assert_eq!(last(note), "Notice:LIST{kind=fiction, result=true, shelf=3}");
    assert_eq!(last(scan_shelf(&ScanShelfKind::Fiction, None)), "Notice:LIST{kind=fiction}");
}

#[test]
fn a_post_that_reads_is_a_query_and_a_get_that_writes_a_mutation() {
    let overdue: Query<Vec<Part<Book>>> = overdue_books(&OverdueBooksBody { days: Some(3) });
    assert_eq!(provided(overdue, r#"[{ "id": 4, "title": "a" }]"#), ["Book:LIST{}", "Book:4"]);
    let touch: Mutation<()> = touch_book(4);
    assert_eq!(invalidated(touch, ""), ["Book:4"]);
}

/// The lines that arrived since the last time; what has a body sends JSON.
fn asked(arrived: &mut tokio::sync::mpsc::UnboundedReceiver<echo::Arrived>) -> Vec<String> {
    let arrived = std::iter::from_fn(|| arrived.try_recv().ok());
    arrived
        .map(|arrived| {
            assert_eq!(arrived.body.is_empty(), arrived.header("content-type").is_none(), "{arrived:?}");
            arrived.line
        })
        .collect()
}

// B13
#[tokio::test]
async fn b13_what_was_said_is_refetched_and_nothing_else() {
    let (client, mut arrived) = echo::server().await;
    let mut notices = client.watch(list_notices().as_text("text/plain"));
    let mut desk = client.watch(show_desk("north", &ShowDesk::default()).as_text("text/plain"));
    notices.ready().await.expect("notices");
    desk.ready().await.expect("a desk");
    asked(&mut arrived);
    let lend = lend_book(1, &LendBookBody { reader_id: "r".to_owned(), days: None });
    client.mutate(lend.as_text("text/plain")).refetched().await.expect("it is lent");
    let mut lines = asked(&mut arrived);
    lines.sort();
    // Every notice is stale, so is the list of those of a desk.
    assert_eq!(lines, ["GET /base/branches/north/desk", "GET /base/notices", "POST /base/books/1/lend"]);
    let touch = touch_book(1).as_text("text/plain");
    client.mutate(touch).refetched().await.expect("it is touched");
    assert_eq!(asked(&mut arrived), ["GET /base/books/1/touch"]);
}

// B18
#[tokio::test]
async fn b18_code_counts_over_what_was_said() {
    let (builder, mut arrived) = echo::builder().await;
    let client = builder
        .enhance_mutation("createBook", |create: Mutation<String>| create.invalidates(NOTICE.all()))
        .enhance_query("listNotices", |notices: Query<String>| notices.provides(BADGE.all()))
        .build()
        .expect("the address is valid");
    let mut notices = client.watch(list_notices().as_text("text/plain"));
    notices.ready().await.expect("notices");
    asked(&mut arrived);
    let new = NewBook { shelf: None, title: None };
    client.mutate(create_book(&new).as_text("text/plain")).refetched().await.expect("created");
    assert_eq!(asked(&mut arrived), ["POST /base/books", "GET /base/notices"], "the client says so");
    let only = create_book(&new).as_text("text/plain").invalidates_only(BADGE.id(1));
    client.mutate(only).refetched().await.expect("created");
    assert_eq!(asked(&mut arrived), ["POST /base/books"], "the call says so, and counts more");
    client
        .mutate(create_book(&new).as_text("text/plain").invalidates_only(BADGE.all()))
        .refetched()
        .await
        .expect("created");
    assert_eq!(asked(&mut arrived), ["POST /base/books", "GET /base/notices"]);
    let json: Query<Json> = Query::new(list_notices().request().clone());
    assert!(client.fetch(json).await.is_err(), "a change for another type of result is an error");
}
