//! Files that come, and files that go, as far as the network lets them.

use std::io;
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use larder::{Bytes, ErrorKind, Mutation, Outcome, Request, RequestBody};
use larder_tests::social::posts::get_post;

use super::cases::Told;
use super::fault::{Fault, act, say};
use super::modes::each;
use super::script::{get, ok, tells};
use super::server::{FaultServer, SECRET};

fn names(folder: &Path) -> Vec<String> {
    let files = std::fs::read_dir(folder).expect("the folder is there");
    files.map(|file| file.expect("a file").file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn b30_whatever_comes_a_file_is_the_old_one_or_the_new_one() {
    each(|case, server| async move {
        if case.name == "a body without end, slowly" {
            // It goes on, and that is all that a download asks for.
            return;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("post.json");
        std::fs::write(&path, "old").expect("it is written");
        let client = server.plain().bearer_token(SECRET).build().expect("the address is valid");
        server.once("GET /posts/2", case.fault.clone());
        let whole = get_post(2).as_bytes("application/json");
        let written =
            server.through(async { client.download(whole).await?.max_bytes(1 << 20).to_file(&path).await }).await;
        let now = std::fs::read(&path).expect("there is one");
        assert_eq!(names(folder.path()), ["post.json"], "{}: nothing is left beside it", case.name);
        match written {
            Ok(bytes) => {
                let fits = matches!(case.query, Told::Data | Told::Error(ErrorKind::Decode, ..));
                assert!(fits && now.len() as u64 == bytes && now != b"old", "{}: {bytes}", case.name);
            }
            Err(error) => {
                assert!(!matches!(case.query, Told::Data), "{}: {error}", case.name);
                assert_eq!(now, b"old", "{}: {error}", case.name);
                tells(&error, "GET /posts/{post_id} (getPost", &[]);
            }
        }
        drop(client);
        server.deserted().await;
    });
}

/// A disk that is full after some bytes.
struct Full(usize);

impl tokio::io::AsyncWrite for Full {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let room = self.0.min(bytes.len());
        self.0 -= room;
        Poll::Ready(if room == 0 { Err(io::ErrorKind::StorageFull.into()) } else { Ok(room) })
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn b29_what_cannot_be_written_says_so_and_what_it_is_of() {
    let server = FaultServer::start().await;
    let client = server.plain().build().expect("the address is valid");
    let download = async || {
        server.script([("GET /file", ok(vec![b'x'; 100_000]))]);
        client.download(get("/file")).await.expect("it begins")
    };
    let folder = tempfile::tempdir().expect("a folder");
    let full = download().await.write_to(&mut Full(1_000)).await.expect_err("the disk is full");
    let nowhere = download().await.to_file(folder.path().join("none/file")).await.expect_err("there is no folder");
    let folder_itself = download().await.to_file(folder.path()).await.expect_err("it is a folder");
    let dots = download().await.to_file(folder.path().join("..")).await.expect_err("it is no name");
    for error in [full, nowhere, folder_itself, dots] {
        tells(&error, "GET /file (getIt", &["the answer could not be written: "]);
        assert_eq!((error.kind(), error.was_sent()), (ErrorKind::Request, true));
    }
    assert!(names(folder.path()).is_empty());
}

/// The pieces of a body, and then what is behind them.
struct Pieces(usize, Option<&'static str>);

impl futures_core::Stream for Pieces {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        if self.0 == 0 {
            return Poll::Ready(self.1.take().map(|problem| Err(io::Error::other(problem))));
        }
        self.0 -= 1;
        Poll::Ready(Some(Ok(Bytes::from(vec![b'x'; 1 << 16]))))
    }
}

#[tokio::test]
async fn b30_an_upload_that_nobody_wants_or_can_send_ends_at_once() {
    use ErrorKind::{Connect, Request as Own, Status, Timeout};
    let too_large = || say("413 Content Too Large", r#"{"detail":"at most a megabyte"}"#);
    let second = Duration::from_secs(1);
    type Case = (&'static str, Fault, Option<&'static str>, &'static [ErrorKind], Outcome, &'static str);
    let cases: Vec<Case> = vec![
        (
            "refused before it was read",
            too_large().all().unread().hang(),
            None,
            &[Status],
            Outcome::Refused,
            "at most a megabyte",
        ),
        // What was refused may be lost with the connection, if that is reset.
        ("refused and closed", too_large().all().unread().reset(), None, &[Status, Connect], Outcome::Unknown, ""),
        ("reset meanwhile", act().unread().reset(), None, &[Connect], Outcome::Unknown, "the connection was lost"),
        (
            "never read",
            say("200 OK", "").unread().endless("HTTP/1.1 100 Continue\r\n\r\n", second),
            None,
            &[Timeout],
            Outcome::Unknown,
            "",
        ),
        (
            "a disk that fails",
            say("200 OK", "").all(),
            Some("the disk is gone"),
            &[Own],
            Outcome::Unknown,
            "the request's body could not be read: ",
        ),
        ("done before it was read", say("200 OK", "").all().unread().hang(), None, &[], Outcome::Succeeded, ""),
    ];
    for (name, fault, problem, kinds, outcome, words) in cases {
        let server = FaultServer::start().await;
        let outcomes = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
        let heard = outcomes.clone();
        let client = server.plain().on_event(move |event: &larder::Event| {
            if let larder::Event::MutationSettled { outcome, .. } = event {
                heard.lock().expect("nobody panicked").push(*outcome);
            }
        });
        let client = client.build().expect("the address is valid");
        server.script([("PUT /file", fault)]);
        // Of a known length, since the server reads no chunks.
        let length = (problem.is_none()).then_some(256 << 16);
        let length = length.or(Some((256 << 16) + 1));
        let body = RequestBody::stream(length, Pieces(256, problem));
        let put = Mutation::empty(Request::put("putFile", "/file").stream("video/mp4", body));
        let result = server.through(client.mutate(put)).await;
        let known = outcomes.lock().expect("nobody panicked").clone();
        match result {
            Ok(()) => assert!(kinds.is_empty(), "{name}"),
            Err(error) => {
                assert!(kinds.contains(&error.kind()) && error.was_sent(), "{name}: {error}");
                tells(&error, "PUT /file (putFile", &[words]);
            }
        }
        let may_be = [outcome, if kinds.len() > 1 { Outcome::Refused } else { outcome }];
        assert!(known.len() == 1 && may_be.contains(&known[0]), "{name}: {known:?}");
        drop(client);
        server.deserted().await;
    }
}
