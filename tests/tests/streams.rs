//! Streams, downloads and uploads of generated functions over real connections that are slow, cut off or reset.

use std::io;
use std::time::Duration;

use larder::{Bytes, Client, ErrorKind, FilePart, Growing, Query, Request, RequestBody};
use larder_tests::requests::bodies::{send_bytes, send_files};
use larder_tests::requests::jobs::{follow_job, read_log, run_job};
use larder_tests::requests::types::{Filter, Pending, Upload};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A server whose connections the test writes by hand.
struct Server(TcpListener);

/// One request and its connection.
struct Asked {
    head: String,
    body: Vec<u8>,
    connection: TcpStream,
}

async fn start() -> (Client, Server) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("the port has a number");
    (Client::new(format!("http://{address}")).expect("the address is valid"), Server(listener))
}

impl Server {
    /// The next request with its body, whole or in chunks as it was sent.
    async fn next(&self) -> Asked {
        let (mut connection, _) = self.0.accept().await.expect("a connection");
        let mut read = Vec::new();
        let end = loop {
            if let Some(at) = read.windows(4).position(|end| end == b"\r\n\r\n") {
                break at + 4;
            }
            assert_ne!(connection.read_buf(&mut read).await.expect("it arrives"), 0, "it was cut off");
        };
        let body = read.split_off(end);
        let head = String::from_utf8(read).expect("a head").to_lowercase();
        let mut asked = Asked { head, body, connection };
        asked.rest().await;
        asked
    }
}

impl Asked {
    async fn rest(&mut self) {
        let length = self.head.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next());
        let length: Option<usize> = length.map(|length| length.parse().expect("a number"));
        let chunked = self.head.contains("transfer-encoding: chunked");
        while length.is_some_and(|length| self.body.len() < length) || chunked && !self.body.ends_with(b"0\r\n\r\n") {
            if self.connection.read_buf(&mut self.body).await.expect("it arrives") == 0 {
                break;
            }
        }
    }

    fn path(&self) -> &str {
        self.head.split(' ').nth(1).unwrap_or_default()
    }

    async fn write(&mut self, text: &str) {
        self.connection.write_all(text.as_bytes()).await.expect("it is written");
    }

    /// Begins to answer; the body is chunked unless it has a length.
    async fn begin(&mut self, content_type: &str, length: Option<usize>) {
        let framing =
            length.map_or("transfer-encoding: chunked".to_owned(), |length| format!("content-length: {length}"));
        self.write(&format!(
            "HTTP/1.1 200 OK\r\ncontent-type: {content_type}\r\nx-limit: 9\r\nconnection: close\r\n{framing}\r\n\r\n"
        ))
        .await;
    }

    async fn chunk(&mut self, text: &str) {
        self.write(&format!("{:x}\r\n{text}\r\n", text.len())).await;
    }

    async fn end(mut self) {
        self.write("0\r\n\r\n").await;
    }
}

// B30
#[tokio::test]
async fn b30_generated_functions_read_events_as_they_come() {
    let (client, server) = start().await;
    let mut items = client.stream(follow_job(7));
    let mut asked = server.next().await;
    assert_eq!(asked.path(), "/jobs/7/events");
    assert!(asked.head.contains("accept: text/event-stream\r\n"), "{}", asked.head);
    asked.begin("text/event-stream; charset=utf-8", None).await;
    assert_eq!(items.opened().await.and_then(|head| head.header("x-limit")), Some("9"));
    asked.chunk("event: step\ndata: {\"perc").await;
    asked.chunk("ent\": 50}\n\n").await;
    let item = items.next().await.expect("an item").expect("a good one");
    assert_eq!((item.event.as_deref(), item.data.percent), (Some("step"), 50));
    asked.chunk("data: {\"percent\": 100}\n\n").await;
    assert_eq!(items.next().await.expect("an item").expect("a good one").data.percent, 100);
    asked.end().await;
    assert!(items.next().await.is_none());

    let mut log = client.stream(read_log(7));
    let mut asked = server.next().await;
    asked.begin("text/event-stream", None).await;
    asked.chunk("data: plain text\n\n").await;
    assert_eq!(log.next().await.expect("an item").expect("a good one").data, "plain text");
}

// B30
#[tokio::test]
async fn b30_a_mutation_can_be_asked_for_as_a_stream() {
    let (client, server) = start().await;
    let filter = Filter { from: Some("a".to_owned()), to: None };
    let mut items = client.stream(run_job(7, &filter).as_events::<Pending>());
    let mut asked = server.next().await;
    assert!(
        asked.head.contains("accept: text/event-stream\r\n") && asked.body == b"{\"from\":\"a\"}",
        "{}",
        asked.head
    );
    asked.begin("text/event-stream", None).await;
    asked.chunk("data: {\"percent\": 1}\n\ndata: [DONE]\n\n").await;
    assert_eq!(items.next().await.expect("an item").expect("a good one").data.percent, 1);
    assert!(items.next().await.is_none());
}

// B36
#[tokio::test]
async fn b36_cut_off_reset_and_silent_streams_end_as_errors_and_keep_what_came() {
    let (client, server) = start().await;
    let mut watcher = client.watch(follow_job(7));
    let mut asked = server.next().await;
    asked.begin("text/event-stream", None).await;
    asked.chunk("data: {\"percent\": 1}\n\ndata: {\"per").await;
    let state = watcher.data_changed().await;
    assert!(state.is_fetching && state.is_stale);
    drop(asked);
    let state = loop {
        let state = watcher.changed().await;
        if !state.is_fetching {
            break state;
        }
    };
    assert_eq!(state.error.map(|error| error.kind()), Some(ErrorKind::Connect));
    let data = state.data.expect("what came");
    assert_eq!(data.data().map(|pending| pending.percent).collect::<Vec<_>>(), [1]);
    drop(watcher);

    let mut items = client.stream(follow_job(7).idle_timeout(Duration::from_millis(20)));
    let mut asked = server.next().await;
    asked.begin("text/event-stream", None).await;
    assert_eq!(items.next().await.expect("an item").expect_err("it is silent").kind(), ErrorKind::Timeout);
    let closed = asked.connection.read(&mut [0]).await;
    assert!(matches!(closed, Ok(0) | Err(_)), "the connection is given up");
}

// B30
#[tokio::test]
async fn b30_a_lost_event_source_goes_on_where_it_broke_off() {
    let (client, server) = start().await;
    let mut items = client.stream(follow_job(7).reconnect(1));
    let mut asked = server.next().await;
    asked.begin("text/event-stream", None).await;
    asked.chunk("retry: 1\nid: a\ndata: {\"percent\": 1}\n\nid: b\ndata: {").await;
    assert_eq!(items.next().await.expect("an item").expect("a good one").data.percent, 1);
    drop(asked);
    let mut asked = server.next().await;
    assert!(asked.head.contains("last-event-id: a\r\n"), "{}", asked.head);
    asked.begin("text/event-stream", None).await;
    asked.chunk("id: b\ndata: {\"percent\": 2}\n\n").await;
    let item = items.next().await.expect("an item").expect("a good one");
    assert_eq!((item.id.as_deref(), item.data.percent), (Some("b"), 2));
}

// B30
#[tokio::test]
async fn b30_a_download_is_a_file_or_nothing() {
    let (client, server) = start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("picture.png");
    let picture = || Query::bytes(Request::get("getPicture", "/picture"));
    for is_cut_off in [true, false] {
        let opening = tokio::spawn(client.download(picture()));
        let mut asked = server.next().await;
        asked.begin("image/png", Some(6)).await;
        let download = opening.await.expect("it runs").expect("it is there");
        assert_eq!((download.progress().total, download.head().header("x-limit")), (Some(6), Some("9")));
        let writing = tokio::spawn(download.to_file(path.clone()));
        asked.write("abc").await;
        if is_cut_off {
            drop(asked);
            assert_eq!(writing.await.expect("it runs").expect_err("half of it").kind(), ErrorKind::Connect);
            assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0);
        } else {
            asked.write("def").await;
            assert_eq!(writing.await.expect("it runs").expect("all of it"), 6);
            assert_eq!(std::fs::read(&path).expect("it is there"), b"abcdef");
        }
    }
}

// B30
#[tokio::test]
async fn b30_files_and_streams_are_uploaded_as_they_come() {
    let (client, server) = start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("cat.png");
    std::fs::write(&path, "x".repeat(300_000)).expect("a file");

    let file = RequestBody::file(&path).await.expect("it is there");
    let sending = tokio::spawn(client.mutate(send_bytes(Bytes::new()).with_body(file)));
    let mut asked = server.next().await;
    assert!(asked.head.contains("content-type: image/png\r\n") && asked.head.contains("content-length: 300000\r\n"));
    assert_eq!(asked.body.len(), 300_000);
    asked.begin("image/png", Some(0)).await;
    sending.await.expect("it runs").expect("it is taken");

    let photo = FilePart::open(&path).await.expect("it is there").content_type("image/png");
    let upload =
        Upload { title: "A cat".to_owned(), photo, note: None, more: None, labels: None, place: None, count: None };
    let sending = tokio::spawn(client.mutate(send_files(&upload)));
    let mut asked = server.next().await;
    let text = String::from_utf8(asked.body.clone()).expect("text");
    assert!(asked.head.contains(&format!("content-length: {}\r\n", text.len())), "{}", asked.head);
    assert!(text.contains("name=\"title\"\r\n\r\nA cat\r\n") && text.contains("filename=\"cat.png\""));
    asked.write("HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").await;
    sending.await.expect("it runs").expect("it is taken");

    let pieces = Once(vec![Ok(Bytes::from_static(b"ab")), Ok(Bytes::from_static(b"cd"))]);
    let sending = tokio::spawn(client.mutate(send_bytes(Bytes::new()).with_body(RequestBody::stream(None, pieces))));
    let mut asked = server.next().await;
    assert!(asked.head.contains("transfer-encoding: chunked\r\n"), "{}", asked.head);
    let text = String::from_utf8(asked.body.clone()).expect("text");
    assert_eq!(text.split("\r\n").filter(|line| line.len() == 2 && line.is_ascii()).collect::<String>(), "abcd");
    asked.begin("image/png", Some(0)).await;
    sending.await.expect("it runs").expect("it is taken");

    let broken = Once(vec![Ok(Bytes::from_static(b"ab")), Err(io::Error::other("the disk is gone"))]);
    let sending = tokio::spawn(client.mutate(send_bytes(Bytes::new()).with_body(RequestBody::stream(None, broken))));
    let error = sending.await.expect("it runs").expect_err("it broke off");
    assert!(error.kind() == ErrorKind::Request && error.to_string().contains("the disk is gone"), "{error}");
}

// B30
#[tokio::test]
async fn b30_a_stream_is_not_sent_twice_by_a_redirect() {
    let (client, server) = start().await;
    let pieces = RequestBody::stream(None, Once(vec![Ok(Bytes::from_static(b"ab"))]));
    let sending = tokio::spawn(client.mutate(send_bytes(Bytes::new()).with_body(pieces)));
    let mut asked = server.next().await;
    asked.write("HTTP/1.1 307 Temporary Redirect\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n").await;
    let error = sending.await.expect("it runs").expect_err("it was sent");
    assert!(error.was_sent() && error.to_string().contains("cannot be sent again"), "{error}");
}

/// These pieces, from the first to the last.
struct Once(Vec<io::Result<Bytes>>);

impl futures_core::Stream for Once {
    type Item = io::Result<Bytes>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        _context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        std::task::Poll::Ready((!self.0.is_empty()).then(|| self.0.remove(0)))
    }
}

/// That the functions are what they are said to be.
#[test]
fn event_streams_of_the_document_are_queries_that_grow() {
    let events: Query<Growing<Pending>> = follow_job(7);
    let log: Query<Growing<String>> = read_log(7);
    assert_eq!((events.request().operation(), log.request().operation()), ("followJob", "readLog"));
}
