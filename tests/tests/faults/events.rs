//! Streams that are cut, endless, mangled, or no streams at all.

use std::time::Duration;

use larder::{Error, ErrorKind, Items, Json, Query, Request};

use super::fault::{Fault, ignore, say};
use super::script::{keeps_secrets, ok, tells};
use super::server::FaultServer;

const FEED: &str = "GET /feed";

fn events(body: impl Into<Vec<u8>>) -> Fault {
    say("200 OK", body).header("content-type", "text/event-stream")
}

fn lines(body: impl Into<Vec<u8>>) -> Fault {
    say("200 OK", body).header("content-type", "application/x-ndjson")
}

/// A chunk that is a piece of a line without an end.
fn endless() -> Vec<u8> {
    format!("10000\r\n{}\r\n", "x".repeat(1 << 16)).into_bytes()
}

/// All that a stream tells, each item as text.
async fn read(mut items: Items<Json>) -> (Vec<String>, Vec<Error>) {
    let (mut texts, mut errors) = (Vec::new(), Vec::new());
    while let Some(item) = items.next().await {
        assert!(texts.len() + errors.len() < 100, "it never ends");
        match item {
            Ok(item) => texts.push(item.data.to_string()),
            Err(error) => errors.push(error),
        }
    }
    (texts, errors)
}

/// A fault, what came before it, and what is told of it.
type Case = (&'static str, Fault, &'static [&'static str], Option<(ErrorKind, &'static str)>);

async fn each(cases: Vec<Case>, query: impl Fn() -> Query<larder::Growing<Json>>) {
    for (name, fault, items, told) in cases {
        let server = FaultServer::start().await;
        let client = server.plain().build().expect("the address is valid");
        server.script([(FEED, fault)]);
        let (texts, errors) = server.through(read(client.stream(query()))).await;
        assert_eq!(texts, items, "{name}: {errors:?}");
        let found: Vec<_> = errors.iter().map(Error::kind).collect();
        assert_eq!(found, told.iter().map(|(kind, _)| *kind).collect::<Vec<_>>(), "{name}: {errors:?}");
        for (error, (_, words)) in errors.iter().zip(told) {
            tells(error, "GET /feed (follow", &[words]);
        }
        assert_eq!(server.take().len(), 1, "{name}: asked once");
        assert!(client.inspect().entries.is_empty(), "{name}");
        drop(client);
        server.deserted().await;
    }
}

#[tokio::test]
async fn b30_events_are_read_however_they_are_cut_and_what_is_none_is_told() {
    use ErrorKind::{Connect, Decode, Status, Timeout, TooLarge};
    let two: &[&str] = &["1", "2"];
    let text = "data: 1\n\ndata: 2\n\n";
    let cases: Vec<Case> = vec![
        ("line feeds", events(text).all(), two, None),
        ("carriage returns", events("data: 1\r\rdata: 2\r\r").all(), two, None),
        ("both, byte by byte", events("data: 1\r\n\r\ndata: 2\r\n\r\n").drip(), two, None),
        ("all of them", events("data: 1\r\n\ndata:2\n\r\n").chunked().drip(), two, None),
        ("a byte order mark", events("\u{feff}data: 1\n\ndata: 2\n\n").all(), two, None),
        ("comments and empty events", events(": a\n\n:\n\nevent: x\n\ndata: 1\n\n\n\ndata: 2\n\n").all(), two, None),
        ("an id with a zero in it", events("id: a\0b\ndata: 1\n\ndata: 2\n\n").all(), two, None),
        ("a retry beyond counting", events(format!("retry: 9{}\n{text}", "9".repeat(40))).all(), two, None),
        ("a retry that is none", events(format!("retry: -1\nretry: soon\nretry\n{text}")).all(), two, None),
        ("gzip", events(text).gzipped().all(), two, None),
        ("gzip, byte by byte", events(text).gzipped().chunked().drip(), two, None),
        ("no content type", say("200 OK", text).without("content-type").all(), two, None),
        (
            "a content type in capitals",
            say("200 OK", text).header("content-type", "TEXT/Event-Stream;x=y").all(),
            two,
            None,
        ),
        ("nothing", events("").all(), &[], None),
        ("204", say("204 No Content", "").all(), &[], None),
        (
            "cut in an event",
            events("data: 1\n\ndata: 2\n").all(),
            &["1"],
            Some((Decode, "the stream ended within an event")),
        ),
        ("cut in a line", events("data: 1\n\ndat").all(), &["1"], Some((Decode, "the stream ended within an event"))),
        (
            "closed before its end",
            events(text).longer(9).all().close(),
            two,
            Some((Connect, "the connection was lost")),
        ),
        (
            "reset in a chunk",
            events(text).chunked().part(80).reset(),
            &["1"],
            Some((Connect, "the connection was lost")),
        ),
        ("silence", events(text).longer(9).all().hang(), two, Some((Timeout, "no complete answer within"))),
        ("no answer", ignore().hang(), &[], Some((Timeout, "no complete answer within 30s"))),
        (
            "a line without end",
            events("").chunked().head().endless(endless(), Duration::ZERO),
            &[],
            Some((TooLarge, "larger than 1048576 bytes")),
        ),
        (
            "an event without end",
            events("")
                .chunked()
                .head()
                .endless("400\r\ndata: ".to_owned() + &"x".repeat(1017) + "\n\r\n", Duration::ZERO),
            &[],
            Some((TooLarge, "larger than 1048576 bytes")),
        ),
        (
            "bytes that are no text",
            events(b"data: \xff\n\ndata: 1\n\ndata: 2\n\n").all(),
            &[],
            Some((Decode, "an event is not UTF-8")),
        ),
        ("an item that is none", events("data: {\n\ndata: 1\n\ndata: 2\n\n").all(), two, Some((Decode, "EOF"))),
        ("another content type", ok("[1]"), &[], Some((Decode, "it is application/json, and no stream of events"))),
        (
            "a page",
            say("200 OK", "<p>").header("content-type", "text/html").all(),
            &[],
            Some((Decode, "it is text/html")),
        ),
        (
            "gzip that is damaged",
            events(text.repeat(9)).gzipped().damaged_at_end().all(),
            &["1", "2", "1", "2", "1", "2", "1", "2", "1", "2", "1", "2", "1", "2", "1", "2", "1", "2"],
            Some((Decode, "cannot be decompressed")),
        ),
        ("a refusal", say("403 Forbidden", r#"{"detail":"not you"}"#).all(), &[], Some((Status, "not you"))),
        ("503", say("503 Service Unavailable", "").all(), &[], Some((Status, "503"))),
        (
            "a part of it",
            events(text).status("206 Partial Content").header("content-range", "bytes 0-9/100").all(),
            &[],
            Some((Decode, "a part (206)")),
        ),
    ];
    each(cases, || Query::events(Request::get("follow", "/feed")).max_item_bytes(1 << 20)).await;
}

#[tokio::test]
async fn b30_lines_are_read_however_they_are_cut() {
    use ErrorKind::{Connect, Decode, TooLarge};
    let two: &[&str] = &["1", "2"];
    let cases: Vec<Case> = vec![
        ("lines", lines("1\n2\n").all(), two, None),
        ("the last without an end", lines("1\n2").all(), two, None),
        ("with carriage returns, byte by byte", lines("1\r\n2\r\n").drip(), two, None),
        ("empty lines", lines("\n\n1\n \r\n\n2\n\n\n").all(), two, None),
        ("records", lines("\u{1e}1\n\u{1e}2\n").all(), two, None),
        ("half a line at the end", lines("1\n2\n{\"a\":").all(), two, Some((Decode, "EOF"))),
        ("a number that is none", lines("1\nNaN\n2\n").all(), two, Some((Decode, "expected"))),
        (
            "closed in a line",
            lines("1\n2\n{\"a\":").longer(9).all().close(),
            two,
            Some((Connect, "the connection was lost")),
        ),
        (
            "a line without end",
            lines("").chunked().head().endless(endless(), Duration::ZERO),
            &[],
            Some((TooLarge, "larger than 1048576 bytes")),
        ),
        ("gzip in chunks", lines("1\n2\n").gzipped().chunked().drip(), two, None),
    ];
    let query = || Query::<Vec<Json>>::json_lines(Request::get("follow", "/feed")).growing().max_item_bytes(1 << 20);
    each(cases, query).await;
}

/// A connection that is lost is made anew where it broke off, as often as it was said, and not once the server says that it is over.
#[tokio::test]
async fn b30_a_stream_that_goes_on_names_the_last_event_that_was_whole() {
    let server = FaultServer::start().await;
    let client = server.plain().build().expect("the address is valid");
    server.script([
        (FEED, events("retry: 0\nid: a\ndata: 1\n\nid: b\ndata: 0\n").longer(9).all().close()),
        (FEED, ignore().reset()),
        (FEED, events("data: 2\n\nid\ndata: 3\n\n").longer(9).all().reset()),
        (FEED, say("204 No Content", "").all()),
    ]);
    let stream = client.stream(Query::<larder::Growing<Json>>::events(Request::get("follow", "/feed")).reconnect(2));
    let (texts, errors) = read(stream).await;
    assert_eq!((texts, errors.len()), (vec!["1".to_owned(), "2".to_owned(), "3".to_owned()], 0), "{errors:?}");
    let ids: Vec<_> =
        server.take().iter().map(|met| met.request.header("last-event-id").unwrap_or("-").to_owned()).collect();
    assert_eq!(ids, ["-", "a", "a", ""], "an id without a value takes the last one back");

    server.choose(|_| Some(events("retry: 0\n").longer(9).all().close()));
    let stream = client.stream(Query::<larder::Growing<Json>>::events(Request::get("follow", "/feed")).reconnect(2));
    let (texts, errors) = read(stream).await;
    assert_eq!((texts.len(), errors.len(), server.take().len()), (0, 1, 3), "twice anew, and no more: {errors:?}");
    errors.iter().for_each(keeps_secrets);
}

/// A server that only says that it is there keeps a stream open, and nobody who waits for data.
#[tokio::test]
async fn b36_comments_without_end_hold_up_no_fetch() {
    let server = FaultServer::start().await;
    let client = server.plain().build().expect("the address is valid");
    let comment = events("").chunked().head().endless("5\r\n: x\n\n\r\n", Duration::from_secs(1));
    server.script([(FEED, comment)]);
    let query = Query::<larder::Growing<Json>>::events(Request::get("follow", "/feed"));
    let error = server.through(client.fetch(query)).await.expect_err("there is no end");
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    drop(client);
    server.deserted().await;
}
