//! B30: streams of items, read as they come.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::*;
use crate::{ErrorKind, Growing, Item};

/// A body that the test writes piece by piece. Dropping it ends the body.
pub(super) struct Pieces(UnboundedSender<Result<Bytes, TransportError>>);

impl Pieces {
    /// A body, and what writes it.
    pub(super) fn body() -> (Pieces, ResponseBody) {
        let (pieces, body) = unbounded_channel();
        (Pieces(pieces), ResponseBody::stream(Body(body)))
    }

    pub(super) fn send(&self, text: &'static str) {
        drop(self.0.send(Ok(json(text))));
    }

    pub(super) fn lose(self) {
        drop(self.0.send(Err(TransportError::lost("reset by the server"))));
    }

    pub(super) fn is_read(&self) -> bool {
        !self.0.is_closed()
    }
}

impl Asked {
    /// Answers with a body that is still to come.
    pub(super) fn begin(self) -> Pieces {
        let (pieces, body) = Pieces::body();
        self.ok(body);
        pieces
    }
}

/// The end of the body that is read.
struct Body(UnboundedReceiver<Result<Bytes, TransportError>>);

impl Stream for Body {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(context)
    }
}

pub(super) const FEED: TagType = TagType::new("Feed");

pub(super) fn feed() -> Query<Growing<Json>> {
    Query::events(Request::get("feed", "/feed")).provides(FEED.all())
}

pub(super) fn shown(growing: &Growing<Json>) -> Vec<i64> {
    growing.data().map(|data| data.as_i64().unwrap()).collect()
}

fn data(item: Option<Result<Item<Json>, crate::Error>>) -> Json {
    item.expect("an item").expect("a good one").data
}

// B30
#[tokio::test(start_paused = true)]
async fn b30_items_come_as_the_server_sends_them() {
    let (client, server) = setup();
    let mut items = client.stream(feed());
    let asked = server.next().await;
    assert_eq!(asked.request.headers()["accept"], "text/event-stream");
    let pieces = asked.begin();
    assert_eq!(items.opened().await.map(|head| head.status().as_u16()), Some(200));
    pieces.send("event: add\nid: 7\nda");
    pieces.send("ta: {\"a\":1}\n\ndata: 2\n\n");
    let item = items.next().await.unwrap().unwrap();
    assert_eq!((item.event.as_deref(), item.id.as_deref(), &item.data["a"]), (Some("add"), Some("7"), &Json::from(1)));
    assert_eq!(data(items.next().await), 2);
    pieces.send("data: [DONE]\n\ndata: never\n\n");
    assert!(items.next().await.is_none());
    assert!(!pieces.is_read(), "what comes behind the end is not read");
}

// B30
#[tokio::test(start_paused = true)]
async fn b30_lines_can_be_read_as_they_come_and_as_a_whole() {
    let (client, server) = setup();
    let lines = || Query::<Vec<Json>>::json_lines(Request::get("lines", "/lines"));
    let mut items = client.stream(lines().growing());
    let pieces = server.next().await.begin();
    pieces.send("1\n2");
    assert_eq!(data(items.next().await), 1);
    drop(pieces);
    assert_eq!(data(items.next().await), 2);
    assert!(items.next().await.is_none());
    // Where the document does not tell of lines, the call does.
    let untold = Query::<Json>::new(Request::get("untold", "/lines")).as_json_lines::<u8>();
    let mut items = client.stream(untold);
    let pieces = server.next().await.begin();
    pieces.send("3\n");
    assert_eq!(items.next().await.unwrap().unwrap().data, 3);
    drop(pieces);
    assert!(items.next().await.is_none());
    let whole = tokio::spawn(client.fetch(lines()));
    server.next().await.ok("1\n2");
    assert_eq!(whole.await.unwrap().unwrap().len(), 2);
}

// B30
#[tokio::test(start_paused = true)]
async fn b30_an_item_that_cannot_be_read_is_an_error_and_the_stream_goes_on() {
    let (client, server) = setup();
    let mut items = client.stream(feed());
    server.next().await.begin().send("data: {\"a\":}\n\ndata: 2\n\n");
    let error = items.next().await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.body_bytes().map(|body| &body[..])), (ErrorKind::Decode, Some(&b"{\"a\":}"[..])));
    assert_eq!(data(items.next().await), 2);
    assert!(items.next().await.is_none());
}

// B36
#[tokio::test(start_paused = true)]
async fn b36_silence_a_lost_connection_half_an_event_and_an_endless_one_end_the_stream_as_errors() {
    let (client, server) = setup();
    let mut items = client.stream(feed().idle_timeout(SECOND));
    let pieces = server.next().await.begin();
    pieces.send("data: 1\n\n");
    assert_eq!(data(items.next().await), 1);
    tokio::time::sleep(SECOND / 2).await;
    pieces.send(": still there\n");
    tokio::time::sleep(SECOND * 3 / 4).await;
    pieces.send("data: 2\n\n");
    assert_eq!(data(items.next().await), 2);
    let silent = items.next().await.unwrap().unwrap_err();
    assert_eq!(silent.kind(), ErrorKind::Timeout);
    assert!(items.next().await.is_none() && !pieces.is_read());

    let mut items = client.stream(feed());
    let pieces = server.next().await.begin();
    pieces.send("data: 1\n\ndata: 2");
    pieces.lose();
    assert_eq!(data(items.next().await), 1);
    assert_eq!(items.next().await.unwrap().unwrap_err().kind(), ErrorKind::Connect);

    let mut items = client.stream(feed());
    server.next().await.begin().send("data: 1\n\ndata: 2\n");
    assert_eq!(data(items.next().await), 1);
    let half = items.next().await.unwrap().unwrap_err();
    assert!(half.kind() == ErrorKind::Decode && half.to_string().contains("ended within an event"), "{half}");

    let mut items = client.stream(feed().max_item_bytes(8));
    let pieces = server.next().await.begin();
    pieces.send("data: 1\n\ndata: ");
    (0..9).for_each(|_| pieces.send("0"));
    assert_eq!(data(items.next().await), 1);
    assert_eq!(items.next().await.unwrap().unwrap_err().kind(), ErrorKind::TooLarge);
    assert!(items.next().await.is_none());

    let mut items = client.stream(feed());
    let never = tokio::spawn(async move { items.next().await.unwrap().unwrap_err().kind() });
    let _unanswered = server.next().await;
    assert_eq!(never.await.unwrap(), ErrorKind::Timeout, "the answer itself has to come in time");
}

// B29
#[tokio::test(start_paused = true)]
async fn b29_refusals_and_other_answers_are_told() {
    let (client, server) = setup();
    let mut items = client.stream(feed());
    server.next().await.with(403, r#"{"message": "not for you"}"#);
    let error = items.next().await.unwrap().unwrap_err();
    assert_eq!((error.status().map(|status| status.as_u16()), items.opened().await.is_none()), (Some(403), true));
    let mut items = client.stream(feed());
    let mut response = Response::new("{}".into());
    response.headers_mut().insert("content-type", "application/json; a=b".parse().unwrap());
    server.next().await.send(Ok(response));
    let error = items.next().await.unwrap().unwrap_err();
    assert!(error.to_string().contains("it is application/json, and no stream of events"), "{error}");
}

// B25
#[tokio::test(start_paused = true)]
async fn b25_dropping_a_stream_gives_its_request_up() {
    let (client, server) = setup();
    let items = client.stream(feed());
    let pieces = server.next().await.begin();
    server.settled().await;
    assert!(pieces.is_read());
    drop(items);
    server.settled().await;
    assert!(!pieces.is_read());
}

// B30
#[tokio::test(start_paused = true)]
async fn b30_a_stream_is_read_no_faster_than_its_items_are_taken() {
    let (client, server) = setup();
    let mut items = client.stream(feed());
    let pieces = server.next().await.begin();
    // A batch in the channel, one on its way to it, and the rest is not taken from the server.
    let large: &'static str = Box::leak(format!("data: \"{}\"\n\n", "x".repeat(300 << 10)).into_boxed_str());
    for _ in 0..20 {
        pieces.send(large);
    }
    server.settled().await;
    let mut count = 0;
    drop(pieces);
    while let Some(item) = items.next().await {
        item.unwrap();
        count += 1;
    }
    assert_eq!(count, 20, "and nothing is lost");
}

// B30
#[tokio::test(start_paused = true)]
async fn b30_a_lost_connection_is_made_anew_where_it_broke_off() {
    let (client, server) = setup();
    let mut items = client.stream(feed().reconnect(2));
    let pieces = server.next().await.begin();
    pieces.send("retry: 500\nid: 1\ndata: 1\n\nid: 2\ndata: half");
    assert_eq!(data(items.next().await), 1);
    let before = tokio::time::Instant::now();
    pieces.lose();
    let reading = tokio::spawn(async move { (data(items.next().await), items) });
    server.settled().await;
    tokio::time::sleep(SECOND / 2).await;
    let asked = server.next().await;
    assert_eq!(asked.request.headers()["last-event-id"], "1");
    // Once more without an item, and twice as long.
    asked.send(Err(TransportError::not_sent("no way")));
    server.settled().await;
    tokio::time::sleep(SECOND).await;
    let asked = server.next().await;
    assert_eq!(before.elapsed(), SECOND * 3 / 2);
    asked.begin().send("id: 2\ndata: 2\n\n");
    let (second, mut items) = reading.await.unwrap();
    assert_eq!(second, 2);
    // The item started the count anew; a status of 204 says that nothing more will come.
    let end = tokio::spawn(async move { items.next().await.is_none() });
    server.settled().await;
    tokio::time::sleep(SECOND / 2).await;
    let asked = server.next().await;
    assert_eq!(asked.request.headers()["last-event-id"], "2");
    asked.with(204, "");
    assert!(end.await.unwrap());
}

// B30
#[tokio::test(start_paused = true)]
async fn b30_connections_are_made_anew_so_often_and_not_after_refusals() {
    let (client, server) = setup();
    let mut items = client.stream(feed().reconnect(2));
    let failed = tokio::spawn(async move { items.next().await.unwrap().unwrap_err().kind() });
    for _ in 0..3 {
        server.settled().await;
        tokio::time::sleep(SECOND * 10).await;
        server.next().await.send(Err(TransportError::not_sent("no way")));
    }
    assert_eq!(failed.await.unwrap(), ErrorKind::Connect);
    let mut items = client.stream(feed().reconnect(u32::MAX));
    server.next().await.with(500, "");
    assert_eq!(items.next().await.unwrap().unwrap_err().kind(), ErrorKind::Status);
    assert!(items.next().await.is_none());
    assert_eq!(server.settled().await, 4);
}

// B15
#[tokio::test(start_paused = true)]
async fn b15_a_mutation_that_streams_invalidates_at_its_end_and_when_it_is_dropped() {
    let (client, server) = setup();
    let run = || {
        let request = Request::post("run", "/runs").json(&serde_json::json!({ "stream": true }));
        Mutation::<Json>::new(request).invalidates(POST.id(1)).as_events::<Json>()
    };
    let mut post = client.watch(get_post(1));
    server.next().await.ok("1");
    post.ready().await.unwrap();
    let mut items = client.stream(run());
    let pieces = server.next().await.begin();
    pieces.send("data: 1\n\n");
    assert_eq!(data(items.next().await), 1);
    assert!(!post.snapshot().is_stale, "it is not through");
    drop(pieces);
    assert!(items.next().await.is_none());
    assert!(post.snapshot().is_fetching);
    server.next().await.ok("2");
    server.settled().await;

    let items = client.stream(run());
    let pieces = server.next().await.begin();
    server.settled().await;
    drop(items);
    server.settled().await;
    assert!(post.snapshot().is_fetching && !pieces.is_read(), "the server may have done it");
    server.next().await.ok("3");
    server.settled().await;

    let mut items = client.stream(run());
    server.next().await.with(422, "");
    assert!(items.next().await.unwrap().is_err());
    assert!(!post.snapshot().is_fetching, "a refusal changed nothing");

    let whole = tokio::spawn(client.mutate(run()));
    server.next().await.ok("data: 1\n\ndata: 2\n\ndata: [DONE]\n\n");
    assert_eq!(shown(&whole.await.unwrap().unwrap()), [1, 2]);
}
