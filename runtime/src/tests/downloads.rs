//! B30: bodies that are read as they come, with progress, to files.

use std::path::PathBuf;

use super::streams::Pieces;
use super::*;
use crate::{Error, ErrorKind, Progress};

fn picture() -> Query<Bytes> {
    Query::bytes(Request::get("getPicture", "/picture"))
}

/// Answers with a body of this length that is still to come.
fn begin(asked: Asked, length: Option<u64>) -> Pieces {
    let (pieces, body) = Pieces::body();
    let mut response = Response::new(body);
    response.headers_mut().extend(length.map(|length| (::http::header::CONTENT_LENGTH, length.into())));
    asked.send(Ok(response));
    pieces
}

/// A folder of this test's own that is removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("larder-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    /// The files in it, with what is in them.
    fn files(&self) -> Vec<(String, String)> {
        let files = std::fs::read_dir(&self.0).unwrap().map(|file| file.unwrap().path());
        let mut files: Vec<_> = files
            .map(|path| {
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                (name, std::fs::read_to_string(&path).unwrap())
            })
            .collect();
        files.sort();
        files
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

async fn error(download: &mut crate::Download) -> Error {
    download.next().await.unwrap().unwrap_err()
}

// B30
#[tokio::test(start_paused = true)]
async fn b30_a_download_tells_its_head_and_how_far_it_is() {
    let (client, server) = setup();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let told = seen.clone();
    let opening = tokio::spawn(client.download(picture()));
    let pieces = begin(server.next().await, Some(8));
    let mut download = opening.await.unwrap().unwrap().on_progress(move |progress: Progress| {
        lock(&told).push((progress.bytes, progress.fraction()));
    });
    assert_eq!((download.head().status().as_u16(), download.head().header("content-length")), (200, Some("8")));
    assert_eq!((download.progress().bytes, download.progress().total), (0, Some(8)));
    for text in ["ab", "cdef", "gh"] {
        pieces.send(text);
        assert_eq!(download.next().await.unwrap().unwrap(), text);
    }
    drop(pieces);
    assert!(download.next().await.is_none() && download.next().await.is_none());
    assert_eq!(*lock(&seen), [(2, Some(0.25)), (6, Some(0.75)), (8, Some(1.0))]);
}

// B36
#[tokio::test(start_paused = true)]
async fn b36_what_is_too_large_silent_lost_or_cut_off_ends_as_an_error() {
    let (client, server) = setup();
    let open = || tokio::spawn(client.download(picture()));
    let opening = open();
    let pieces = begin(server.next().await, Some(9));
    let mut download = opening.await.unwrap().unwrap().max_bytes(8);
    assert_eq!(error(&mut download).await.kind(), ErrorKind::TooLarge);
    assert!(!pieces.is_read() && download.next().await.is_none());

    let opening = open();
    let pieces = begin(server.next().await, None);
    let mut download = opening.await.unwrap().unwrap().max_bytes(3);
    pieces.send("ab");
    assert!(download.next().await.unwrap().is_ok());
    pieces.send("cd");
    assert_eq!(error(&mut download).await.kind(), ErrorKind::TooLarge);

    let opening = open();
    let pieces = begin(server.next().await, None);
    let mut download = opening.await.unwrap().unwrap().idle_timeout(SECOND);
    tokio::time::sleep(SECOND * 5).await;
    pieces.send("a");
    assert!(download.next().await.unwrap().is_ok(), "only the time in which somebody waits counts");
    assert_eq!(error(&mut download).await.kind(), ErrorKind::Timeout);
    assert!(!pieces.is_read());

    let opening = open();
    let pieces = begin(server.next().await, None);
    let mut download = opening.await.unwrap().unwrap();
    pieces.lose();
    assert_eq!(error(&mut download).await.kind(), ErrorKind::Connect);

    let opening = open();
    let pieces = begin(server.next().await, Some(3));
    let mut download = opening.await.unwrap().unwrap();
    pieces.send("a");
    drop(pieces);
    assert!(download.next().await.unwrap().is_ok());
    let cut_off = error(&mut download).await;
    assert!(cut_off.to_string().contains("after 1 of 3 bytes"), "{cut_off}");

    let opening = open();
    server.next().await.with(404, "no such picture");
    let refused = opening.await.unwrap().unwrap_err();
    assert!(refused.to_string().ends_with("the server answered 404 Not Found: no such picture"), "{refused}");
}

// B30
#[tokio::test]
async fn b30_a_file_is_there_as_a_whole_or_not_at_all() {
    let (client, server) = setup();
    let folder = Folder::new("whole");
    let path = folder.0.join("cat.txt");
    std::fs::write(&path, "old").unwrap();
    let whole = || vec![("cat.txt".to_owned(), "old".to_owned())];

    let opening = tokio::spawn(client.download(picture()));
    let pieces = begin(server.next().await, None);
    let writing = tokio::spawn(opening.await.unwrap().unwrap().to_file(path.clone()));
    pieces.send("half");
    pieces.lose();
    assert_eq!(writing.await.unwrap().unwrap_err().kind(), ErrorKind::Connect);
    assert_eq!(folder.files(), whole());

    let opening = tokio::spawn(client.download(picture()));
    let pieces = begin(server.next().await, None);
    let writing = tokio::spawn(opening.await.unwrap().unwrap().to_file(path.clone()));
    while folder.files() == whole() {
        tokio::task::yield_now().await;
    }
    writing.abort();
    assert!(writing.await.unwrap_err().is_cancelled());
    assert_eq!(folder.files(), whole(), "what was begun is removed");
    assert!(!pieces.is_read());

    let opening = tokio::spawn(client.download(picture()));
    let pieces = begin(server.next().await, Some(6));
    let writing = tokio::spawn(opening.await.unwrap().unwrap().to_file(path.clone()));
    pieces.send("a new ");
    drop(pieces);
    assert_eq!(writing.await.unwrap().unwrap(), 6);
    assert_eq!(folder.files(), [("cat.txt".to_owned(), "a new ".to_owned())]);

    let opening = tokio::spawn(client.download(picture()));
    server.next().await.ok("more");
    let unwritable = opening.await.unwrap().unwrap().to_file(folder.0.join("no/such/folder")).await.unwrap_err();
    assert!(unwritable.kind() == ErrorKind::Request && unwritable.to_string().contains("getPicture"), "{unwritable}");
}

// B30
#[tokio::test(start_paused = true)]
async fn b30_a_download_goes_to_whatever_can_be_written_to() {
    let (client, server) = setup();
    let opening = tokio::spawn(client.download(picture()));
    server.next().await.ok("a whole body");
    let mut written = Vec::new();
    assert_eq!(opening.await.unwrap().unwrap().write_to(&mut written).await.unwrap(), 12);
    assert_eq!(written, b"a whole body");
}

// B15
#[tokio::test(start_paused = true)]
async fn b15_a_mutation_that_is_downloaded_invalidates_at_its_end_and_when_it_is_dropped() {
    let (client, server) = setup();
    let export = || Mutation::bytes(Request::post("export", "/exports")).invalidates(POST.id(1));
    let mut post = client.watch(get_post(1));
    server.next().await.ok("1");
    post.ready().await.unwrap();
    let opening = tokio::spawn(client.download(export()));
    let pieces = begin(server.next().await, None);
    let mut download = opening.await.unwrap().unwrap();
    assert!(!post.snapshot().is_stale);
    drop(pieces);
    assert!(download.next().await.is_none() && post.snapshot().is_fetching);
    server.next().await.ok("2");
    server.settled().await;
    let opening = tokio::spawn(client.download(export()));
    let _pieces = begin(server.next().await, None);
    drop(opening.await.unwrap().unwrap());
    assert!(post.snapshot().is_fetching);
}
