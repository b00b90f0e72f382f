//! B24: a folder of mutations that wait is one client's.

use std::path::PathBuf;

use super::*;
use crate::outbox::Outbox as _;
use crate::{Event, FileOutbox, WhenOffline};

/// A folder that is removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        Folder(std::env::temp_dir().join(format!("larder-in-use-{:032x}", crate::platform::random())))
    }

    fn files(&self, ending: &str) -> usize {
        let files = std::fs::read_dir(&self.0).into_iter().flatten();
        files.filter(|file| file.as_ref().unwrap().path().extension().is_some_and(|found| found == ending)).count()
    }

    /// A client of its own, offline, with what it tells of its outbox.
    fn client(&self) -> (Client, Server, Arc<Mutex<Vec<String>>>) {
        let server = Server::default();
        let told = Arc::new(Mutex::new(Vec::new()));
        let heard = told.clone();
        let client = builder(&server).outbox(FileOutbox::new(&self.0)).when_offline(WhenOffline::Wait).on_event(
            move |event: &Event| {
                if let Event::OutboxFailed { detail, .. } = event {
                    lock(&heard).push(detail.clone());
                }
            },
        );
        let client = client.build().unwrap();
        client.online(false);
        (client, server, told)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

// B24
#[tokio::test(start_paused = true)]
async fn b24_two_clients_on_one_folder_send_nothing_twice() {
    let folder = Folder::new();
    let (first, server, told) = folder.client();
    for id in 1..=3 {
        drop(first.mutate(update_post(id)));
    }
    first.outbox_written().await;
    assert_eq!((folder.files("json"), lock(&told).len()), (3, 0));

    let (second, other, told) = folder.client();
    drop(second.mutate(update_post(4)));
    second.outbox_written().await;
    assert_eq!(folder.files("json"), 3, "what is kept by one is nobody else's");
    let said = lock(&told).clone();
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].starts_with("what was kept cannot be loaded: the folder is in use by another client"), "{said:?}");
    assert!(said[1].starts_with("it waits in this run alone: the folder is in use by another client"), "{said:?}");
    second.online(true);
    other.next().await.ok("4");
    assert_eq!(other.settled().await, 1, "its own, and none of the other's");
    first.online(true);
    for id in 1..=3 {
        let asked = server.next().await;
        assert!(asked.url().ends_with(&format!("/{id}")), "{}", asked.url());
        asked.ok("1");
    }
    yield_often().await;
    first.outbox_written().await;
    assert_eq!(folder.files("json"), 0);
}

// B24
#[tokio::test(start_paused = true)]
async fn b24_the_folder_of_a_client_that_has_gone_is_the_next_ones() {
    let folder = Folder::new();
    let (first, _server, _) = folder.client();
    drop(first.mutate(update_post(1)));
    first.outbox_written().await;
    // The next one begins while the one before is about to go, as programs do that start themselves anew.
    let (second, server, told) = folder.client();
    tokio::time::sleep(SECOND).await;
    assert!(second.waiting().is_empty(), "it waits for the folder");
    drop(first);
    tokio::time::sleep(SECOND).await;
    second.outbox_written().await;
    assert_eq!((second.waiting().len(), lock(&told).clone()), (1, vec![]));
    second.online(true);
    server.next().await.ok("1");
    yield_often().await;
    second.outbox_written().await;
    assert_eq!(folder.files("json"), 0);
}

// B24
#[tokio::test(start_paused = true)]
async fn b24_a_clone_of_an_outbox_is_another_one() {
    let folder = Folder::new();
    let outbox = FileOutbox::new(&folder.0);
    outbox.put("a", json("one")).await.unwrap();
    let error = outbox.clone().put("b", json("two")).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
    drop(outbox);
    FileOutbox::new(&folder.0).put("b", json("two")).await.unwrap();
}

// B24
#[cfg(unix)]
#[tokio::test(start_paused = true)]
async fn b24_what_stands_in_a_folder_and_is_no_file_holds_nothing_up() {
    let folder = Folder::new();
    let outbox = FileOutbox::new(&folder.0);
    outbox.put("a", json("one")).await.unwrap();
    std::fs::create_dir(folder.0.join("b.json")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", folder.0.join("c.json")).unwrap();
    let mut all = outbox.load().await.unwrap();
    all.sort();
    let of = |id: &str, text: &'static str| (id.to_owned(), json(text));
    assert_eq!(all, [of("a", "one"), of("b", ""), of("c", "")]);
}
