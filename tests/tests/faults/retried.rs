//! Which faults a query is tried again after, and which end it; a mutation is never sent twice.

use std::time::Duration;

use larder::{Client, ErrorKind, Event, Retry};
use larder_tests::social::comments::create_comment;
use larder_tests::social::posts::get_post;
use larder_tests::social::types::NewComment;
use tokio::time::Instant;

use super::cases::{Case, Told};
use super::clock::Clock;
use super::fault::{act, say};
use super::modes::each;
use super::server::FaultServer;

const READ: &str = "GET /posts/2";

/// A client with the usual retries. Time is skipped between tries.
fn client(server: &FaultServer) -> Client {
    let clock: Clock = server.clock.clone();
    let between = move |event: &Event| match event {
        Event::Retrying { .. } => clock.skip(),
        Event::Requested { .. } => clock.run(),
        _ => {}
    };
    let builder = server.builder().retry(Retry::times(3)).max_response_bytes(1 << 20).on_event(between);
    builder.build().expect("the address is valid")
}

/// What may go better the next time, unless the server asks for more time than anybody has.
pub fn is_worth_another_try(case: &Case) -> bool {
    match case.query {
        Told::Data => false,
        Told::Error(ErrorKind::Connect | ErrorKind::Timeout, ..) => true,
        Told::Error(ErrorKind::Status, Some(408 | 425 | 429 | 500 | 502 | 503 | 504), _) => {
            !case.name.contains("a million years")
        }
        Told::Error(..) => false,
    }
}

#[test]
fn b25_what_may_go_better_is_tried_again_and_the_rest_is_told() {
    each(|case, server| async move {
        let client = client(&server);
        server.once(READ, case.fault.clone());
        let result = server.through(client.fetch(get_post(2))).await;
        let tries = server.take().len();
        if is_worth_another_try(&case) {
            let post = result.unwrap_or_else(|error| panic!("{}: {error}", case.name));
            assert_eq!((post.id, tries), (2, 2), "{}", case.name);
        } else {
            assert_eq!((result.is_ok(), tries), (matches!(case.query, Told::Data), 1), "{}", case.name);
        }
    });
}

#[test]
fn b25_a_mutation_is_sent_once_whatever_comes() {
    each(|case, server| async move {
        let client = client(&server);
        server.once("POST /posts/2/comments", case.fault.clone());
        let comment = NewComment { author_id: 1, content: "Indeed".to_owned() };
        drop(server.through(client.mutate(create_comment(2, &comment))).await);
        assert_eq!(server.take().len(), 1, "{}", case.name);
    });
}

#[tokio::test]
async fn b25_a_burst_that_is_shorter_than_the_patience_is_not_noticed_and_a_longer_one_is_told() {
    let server = FaultServer::start().await;
    let client = client(&server);
    let broken = say("503 Service Unavailable", r#"{"detail":"in maintenance"}"#).all();
    server.times(3, READ, broken.clone());
    assert_eq!(server.through(client.fetch(get_post(2))).await.expect("the fourth try is answered").id, 2);
    assert_eq!(server.take().len(), 4);

    server.times(9, READ, broken);
    let error = server.through(client.refetch(&get_post(2))).await.expect_err("none of four tries is answered");
    assert_eq!(error.status().map(|status| status.as_u16()), Some(503), "{error}");
    assert_eq!(server.take().len(), 4);
}

#[tokio::test]
async fn b25_a_server_that_asks_for_time_is_given_it() {
    let server = FaultServer::start().await;
    let client = client(&server);
    // In seconds, and up to a minute: a date would be of the real clock, which is not skipped.
    for (asked, least) in [("7", 7), ("60", 60), ("0", 0)] {
        let busy = say("429 Too Many Requests", "").header("retry-after", asked).all();
        server.once(READ, busy);
        let before = Instant::now();
        server.through(client.refetch(&get_post(2))).await.expect("the second try is answered");
        assert!(before.elapsed() >= Duration::from_secs(least), "asked for {asked} s");
        assert_eq!(server.take().len(), 2);
    }
}

#[tokio::test]
async fn b25_whoever_goes_between_two_tries_ends_them() {
    let server = FaultServer::start().await;
    let client = server.builder().retry(Retry::times(3).delay(Duration::from_secs(3_600))).build();
    let client = client.expect("the address is valid");
    server.times(9, READ, act().reset());
    let mut events = client.events();
    let watcher = client.watch(get_post(2));
    while !matches!(events.next().await, Some(Event::Retrying { .. })) {}
    drop(watcher);
    assert!(client.inspect().entries.is_empty());
    assert_eq!(server.take().len(), 1);
    drop(client);
    server.deserted().await;
}
