//! B30: bodies that are sent as they come, with progress.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::*;
use crate::{ErrorKind, FilePart, Progress, RequestBody};

/// What the test sends piece by piece.
struct Pieces(UnboundedReceiver<io::Result<Bytes>>);

impl Stream for Pieces {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(context)
    }
}

fn body(length: Option<u64>) -> (UnboundedSender<io::Result<Bytes>>, RequestBody) {
    let (pieces, receiver) = unbounded_channel();
    (pieces, RequestBody::stream(length, Pieces(receiver)))
}

fn put() -> Mutation<()> {
    Mutation::empty(Request::put("putVideo", "/video").bytes("video/mp4", Bytes::new()))
}

/// The server, as one that takes bodies as they come.
struct Streaming(Server);

impl Transport for Streaming {
    fn send(&self, request: ::http::Request<Bytes>) -> BoxFuture<Answer> {
        self.0.send(request)
    }

    fn streams(&self, _request: &::http::Request<Bytes>) -> bool {
        true
    }
}

fn streaming() -> (Client, Server) {
    let server = Server::default();
    let client = Client::builder("https://api.example.com/v1").transport(Streaming(server.clone()));
    (client.timeout(SECOND * 5).build().unwrap(), server)
}

/// What is to be sent with a request.
fn upload(asked: &Asked) -> Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>> {
    Box::pin(asked.request.extensions().get::<RequestBody>().unwrap().open().unwrap())
}

async fn next(stream: &mut Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>) -> Option<io::Result<Bytes>> {
    poll_fn(|context| stream.as_mut().poll_next(context)).await
}

// B30
#[tokio::test(start_paused = true)]
async fn b30_a_body_is_sent_as_it_comes_and_its_progress_is_told() {
    let (client, server) = streaming();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let told = seen.clone();
    let (pieces, video) = body(Some(5));
    let sending = client
        .mutate(put().with_body(video).on_upload_progress(move |progress: Progress| lock(&told).push(progress.bytes)));
    let sending = tokio::spawn(sending);
    let asked = server.next().await;
    assert_eq!(asked.request.headers()["content-type"], "video/mp4");
    let mut sent = upload(&asked);
    for text in ["ab", "cde"] {
        pieces.send(Ok(json(text))).unwrap();
        assert_eq!(next(&mut sent).await.unwrap().unwrap(), text);
        // Longer in all than the client's timeout, which counts while nothing moves.
        tokio::time::sleep(SECOND * 4).await;
    }
    drop(pieces);
    assert!(next(&mut sent).await.is_none());
    assert_eq!(*lock(&seen), [2, 5]);
    asked.ok("");
    sending.await.unwrap().unwrap();

    let stuck = tokio::spawn(client.mutate(put().with_body(body(None).1)));
    let _asked = server.next().await;
    assert_eq!(stuck.await.unwrap().unwrap_err().kind(), ErrorKind::Timeout);
}

// B30
#[tokio::test(start_paused = true)]
async fn b30_a_transport_that_sends_no_streams_is_given_the_whole() {
    let (client, server) = setup();
    let (pieces, video) = body(None);
    let sending = tokio::spawn(client.mutate(put().with_body(video)));
    server.settled().await;
    pieces.send(Ok(json("ab"))).unwrap();
    pieces.send(Ok(json("cd"))).unwrap();
    drop(pieces);
    let asked = server.next().await;
    assert_eq!(asked.request.body(), "abcd");
    asked.ok("");
    sending.await.unwrap().unwrap();

    let known = RequestBody::bytes("abc");
    assert!(known.length() == Some(3) && known.is_replayable());
    let sending = tokio::spawn(client.mutate(put().with_body(known).content_type("text/plain")));
    let asked = server.next().await;
    assert_eq!(asked.request.body(), "abc");
    assert_eq!(asked.request.headers()["content-type"], "text/plain");
    asked.ok("");
    sending.await.unwrap().unwrap();

    let (pieces, video) = body(None);
    let failing = tokio::spawn(client.mutate(put().with_body(video)));
    pieces.send(Err(io::Error::other("the disk is gone"))).unwrap();
    let error = failing.await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.was_sent()), (ErrorKind::Request, false));
    assert!(error.to_string().ends_with("the request's body could not be read: the disk is gone"), "{error}");
    assert_eq!(server.settled().await, 2);
}

// B36
#[tokio::test(start_paused = true)]
async fn b36_a_body_of_another_length_is_an_error_and_a_stream_is_sent_once() {
    for (length, text) in [(3, "ab"), (1, "ab")] {
        let (pieces, video) = body(Some(length));
        pieces.send(Ok(json(text))).unwrap();
        drop(pieces);
        let error = video.collect(100).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{length}");
        assert!(!video.is_replayable() && video.open().is_err());
    }
    assert!(body(Some(101)).1.collect(100).await.is_err(), "nothing is read of what is too large");
    let whole = RequestBody::bytes(json("abc"));
    for _ in 0..2 {
        assert_eq!(whole.collect(3).await.unwrap(), "abc");
    }
    assert!(whole.is_replayable());
}

// B30
#[tokio::test]
async fn b30_a_multipart_body_reads_its_files_while_it_is_sent() {
    let (client, server) = streaming();
    let path = std::env::temp_dir().join(format!("larder-upload-{}.txt", std::process::id()));
    std::fs::write(&path, "x".repeat(100_000)).unwrap();
    let (pieces, unknown) = body(None);
    pieces.send(Ok(json("streamed"))).unwrap();
    drop(pieces);
    let form = |part: FilePart| {
        let parts = std::collections::BTreeMap::from([("file", part)]);
        Mutation::<()>::empty(Request::post("upload", "/files").multipart(&parts))
    };
    let on_disk = FilePart::open(&path).await.unwrap();
    let sending = tokio::spawn(client.mutate(form(on_disk)));
    let asked = server.next().await;
    let sent = asked.request.extensions().get::<RequestBody>().unwrap().clone();
    for _ in 0..2 {
        let whole = String::from_utf8(sent.collect(usize::MAX).await.unwrap().to_vec()).unwrap();
        assert_eq!(Some(whole.len() as u64), sent.length());
        let name = path.file_name().unwrap().to_string_lossy();
        assert!(whole.contains(&format!("filename=\"{name}\"")) && whole.contains(&"x".repeat(100_000)));
        let boundary = asked.request.headers()["content-type"].to_str().unwrap().split("boundary=").nth(1).unwrap();
        assert!(whole.starts_with(&format!("--{boundary}\r\n")) && whole.ends_with(&format!("\r\n--{boundary}--\r\n")));
    }
    asked.ok("");
    sending.await.unwrap().unwrap();

    let sending = tokio::spawn(client.mutate(form(FilePart::stream("a.txt", unknown))));
    let asked = server.next().await;
    let sent = asked.request.extensions().get::<RequestBody>().unwrap().clone();
    assert!(sent.length().is_none() && !sent.is_replayable());
    assert!(sent.collect(usize::MAX).await.unwrap().windows(8).any(|text| text == b"streamed"));
    assert!(sent.open().is_err(), "it was sent");
    asked.ok("");
    sending.await.unwrap().unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(FilePart::open(&path).await.unwrap_err().kind(), io::ErrorKind::NotFound);
}

// B1
#[test]
fn b1_bodies_that_are_still_to_come_are_never_the_same() {
    let query = |body: &RequestBody| Query::<Json>::new(Request::post("find", "/find").stream("a/b", body.clone()));
    let (one, other) = (body(None).1, body(None).1);
    assert!(query(&one).key() == query(&one).key() && query(&one).key() != query(&other).key());
}
