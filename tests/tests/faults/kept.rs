//! What is kept, and must be neither lost nor done twice: mutations that wait, keys that say what is the same, and data that the
//! server confirms.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use larder::{Client, ErrorKind, Event, FileOutbox, Json, Mutation, OAuth2, Request, Retry, WhenOffline};

use super::fault::{act, ignore, say};
use super::script::{get, ok, tells};
use super::server::FaultServer;

const WRITE: &str = "POST /notes";
const TOKEN: &str = "POST /token";

fn note(text: &str) -> Mutation<Json> {
    Mutation::new(Request::post("write", "/notes").json(text))
}

/// A client of one run of a program, and what it tells of its outbox.
fn program(url: &str, folder: &std::path::Path, with_token: bool) -> (Client, Arc<Mutex<Vec<String>>>) {
    let told = Arc::new(Mutex::new(Vec::new()));
    let heard = told.clone();
    let builder = Client::builder(url).retry(Retry::none()).when_offline(WhenOffline::Wait);
    let builder = builder.idempotency_key("Idempotency-Key").expect("it is a header").outbox(FileOutbox::new(folder));
    let builder = if with_token {
        builder.credential(OAuth2::client_credentials("oauth", "/api/token", "app", "s3cret"))
    } else {
        builder
    };
    let builder = builder.on_event(move |event: &Event| match event {
        Event::OutboxFailed { detail, .. } => heard.lock().expect("nobody panicked").push(detail.clone()),
        Event::MutationSettled { outcome, .. } => heard.lock().expect("nobody panicked").push(format!("{outcome:?}")),
        _ => {}
    });
    (builder.build().expect("the address is valid"), told)
}

fn records(folder: &std::path::Path, ending: &str) -> usize {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    files.filter(|file| file.path().extension().is_some_and(|found| found == ending)).count()
}

/// Two notes that were written offline, before the program ended.
async fn leave_two(folder: &std::path::Path) {
    let (client, _) = program("http://127.0.0.1:1/api", folder, false);
    client.online(false);
    drop(client.mutate(note("first")));
    drop(client.mutate(note("second")));
    client.outbox_written().await;
    assert_eq!(records(folder, "json"), 2);
}

fn said(told: &Mutex<Vec<String>>) -> Vec<String> {
    told.lock().expect("nobody panicked").clone()
}

/// Waits until so many mutations are through.
async fn until(told: &Mutex<Vec<String>>, count: usize) {
    while said(told).len() < count {
        tokio::task::yield_now().await;
    }
}

fn bodies(server: &FaultServer) -> Vec<String> {
    let met = server.take().into_iter().filter(|met| met.request.line() == WRITE);
    met.map(|met| String::from_utf8_lossy(&met.request.body).into_owned()).collect()
}

#[tokio::test]
async fn b24_what_was_kept_outlives_a_server_that_is_down_and_is_sent_once() {
    let folder = tempfile::tempdir().expect("a folder");
    leave_two(folder.path()).await;
    // Nobody is there in the next life.
    let mut gone = FaultServer::start().await;
    let nobody = gone.url();
    gone.stop().await;
    let (client, told) = program(&nobody, folder.path(), false);
    while client.waiting().len() < 2 {
        tokio::task::yield_now().await;
    }
    client.outbox_written().await;
    assert_eq!((records(folder.path(), "json"), said(&told)), (2, vec![]));
    drop(client);

    let server = FaultServer::start().await;
    server.script([(WRITE, ok("1")), (WRITE, ok("2"))]);
    let (client, told) = program(&server.url(), folder.path(), false);
    until(&told, 2).await;
    client.outbox_written().await;
    assert_eq!(
        (bodies(&server), said(&told)),
        (vec!["\"first\"".to_owned(), "\"second\"".to_owned()], vec!["Succeeded".to_owned(); 2])
    );
    assert_eq!(records(folder.path(), "json"), 0);
}

/// Without a token nothing was sent, so what was kept is kept on.
#[tokio::test]
async fn b24_what_was_kept_is_not_lost_for_want_of_a_token() {
    let folder = tempfile::tempdir().expect("a folder");
    leave_two(folder.path()).await;
    let server = FaultServer::start().await;
    server.choose(|request| {
        Some(if request.line() == TOKEN {
            say("503 Service Unavailable", "").all()
        } else {
            say("401 Unauthorized", "").all()
        })
    });
    let (client, told) = program(&server.url(), folder.path(), true);
    let mut asked = 0;
    while asked == 0 || client.waiting().len() < 2 {
        asked += server.take().len();
        tokio::task::yield_now().await;
    }
    client.outbox_written().await;
    assert_eq!((records(folder.path(), "json"), said(&told)), (2, vec![]));
    drop(client);

    server.script([(TOKEN, ok(r#"{"access_token": "s3cret-t"}"#)), (WRITE, ok("1")), (WRITE, ok("2"))]);
    let (client, told) = program(&server.url(), folder.path(), true);
    until(&told, 2).await;
    client.outbox_written().await;
    assert_eq!(bodies(&server), ["\"first\"", "\"second\""]);
    assert_eq!(records(folder.path(), "json"), 0);
}

#[tokio::test]
async fn b24_half_a_record_is_put_aside_and_the_others_are_sent() {
    let folder = tempfile::tempdir().expect("a folder");
    leave_two(folder.path()).await;
    let whole = std::fs::read_dir(folder.path()).expect("it is there").flatten().map(|file| file.path());
    let whole = whole.filter(|path| path.extension().is_some_and(|ending| ending == "json")).collect::<Vec<_>>();
    let record = std::fs::read(&whole[0]).expect("a record");
    for (name, bytes) in [
        ("half.json", &record[..record.len() / 2]),
        ("none.json", &b""[..]),
        ("other.json", &b"{\"larder\":99}"[..]),
        ("bytes.json", &b"\xff\xfe\x00"[..]),
        ("left.tmp", &record[..9]),
    ] {
        std::fs::write(folder.path().join(name), bytes).expect("it is written");
    }
    let server = FaultServer::start().await;
    server.script([(WRITE, ok("1")), (WRITE, ok("2"))]);
    let (client, told) = program(&server.url(), folder.path(), false);
    until(&told, 6).await;
    client.outbox_written().await;
    assert_eq!(bodies(&server), ["\"first\"", "\"second\""]);
    let unread = said(&told).iter().filter(|text| text.contains("cannot be read")).count();
    let left = ["json", "unreadable", "tmp"].map(|ending| records(folder.path(), ending));
    assert_eq!((unread, left), (4, [0, 4, 0]), "{told:?}");
}

/// A folder in which nothing can be kept: what waits does so in this run alone, and says so.
#[tokio::test]
async fn b24_a_folder_that_is_none_is_told_and_holds_up_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("file");
    std::fs::write(&file, "").expect("it is written");
    let server = FaultServer::start().await;
    server.script([(WRITE, ok("1"))]);
    let (client, told) = program(&server.url(), &file, false);
    client.online(false);
    let writing = tokio::spawn(client.mutate(note("first")));
    until(&told, 2).await;
    let texts = said(&told);
    assert!(texts.iter().any(|text| text.starts_with("it waits in this run alone: ")), "{texts:?}");
    client.online(true);
    assert_eq!(writing.await.expect("no panic").expect("it is sent"), 1);
}

/// A server that knows by its key what it has done already.
#[tokio::test]
async fn b24_a_key_has_what_is_sent_again_done_once() {
    let server = FaultServer::start().await;
    let client = server.plain().idempotency_key("Idempotency-Key").expect("it is a header").build();
    let client = client.expect("the address is valid");
    let done: Arc<Mutex<BTreeMap<String, usize>>> = Arc::default();
    let known = done.clone();
    let (mut count, faults) =
        (0_usize, [ignore().close(), say("200 OK", "1").part(0).reset(), say("504 Gateway Timeout", "").all()]);
    server.choose(move |request| {
        let key = request.header("idempotency-key").unwrap_or("none").to_owned();
        *known.lock().expect("nobody panicked").entry(key).or_default() += 1;
        count += 1;
        Some(faults.get((count - 1) % 4).cloned().unwrap_or_else(|| ok("1")))
    });
    for round in 1..=3 {
        let retry = Retry::times(3).delay(Duration::ZERO);
        client.mutate(note("once").retry(retry)).await.unwrap_or_else(|error| panic!("{round}: {error}"));
    }
    let keys = done.lock().expect("nobody panicked").clone();
    assert_eq!(keys.values().collect::<Vec<_>>(), [&4, &4, &4], "each is one, and four times the same: {keys:?}");
    assert!(!keys.contains_key("none"));

    // Without a key it may have been done, and is not sent again.
    let client = server.plain().build().expect("the address is valid");
    server.take();
    server.script([(WRITE, ignore().close())]);
    let error = client.mutate(note("once").retry(Retry::times(3).delay(Duration::ZERO))).await.expect_err("it is lost");
    tells(&error, "POST /notes (write", &["the connection was lost"]);
    assert_eq!(server.take().len(), 1);
}

#[tokio::test]
async fn b28_what_a_server_confirms_is_what_it_was_asked_about() {
    let server = FaultServer::start().await;
    let client = server.plain().keep_unused(Duration::from_secs(60)).build().expect("the address is valid");
    let tagged = |body: &str, etag: &str| say("200 OK", body).header("etag", etag).all();
    let same = || say("304 Not Modified", "");
    let feed = "GET /feed";
    let asked = |server: &FaultServer| -> Vec<String> {
        server.take().iter().map(|met| met.request.header("if-none-match").unwrap_or("-").to_owned()).collect()
    };
    let refetch = async || client.refetch(&get("/feed")).await;

    // Without a tag of its own, with the same in the weak form, with a new body under the same tag, and the same body under another.
    server.script([
        (feed, tagged("[1]", "\"a\"")),
        (feed, same().all()),
        (feed, same().header("etag", "W/\"a\"").all()),
        (feed, tagged("[2]", "\"a\"")),
        (feed, tagged("[2]", "\"b\"")),
        (feed, same().header("etag", "\"b\"").all()),
    ]);
    let mut data = Vec::new();
    for _ in 0..6 {
        data.push(refetch().await.expect("it is there"));
    }
    let numbers: Vec<_> = data.iter().map(|data| data[0].as_i64().unwrap_or_default()).collect();
    assert_eq!(numbers, [1, 1, 1, 2, 2, 2]);
    assert!(Arc::ptr_eq(&data[0], &data[2]) && Arc::ptr_eq(&data[3], &data[5]));
    let tags = asked(&server);
    assert_eq!((tags[0].as_str(), tags[1].as_str(), tags[5].as_str()), ("-", "\"a\"", "\"b\""), "{tags:?}");

    // One that speaks of something else is no answer; one that speaks of it again is asked no more.
    server.script([(feed, same().header("etag", "\"z\"").all()), (feed, tagged("[3]", "\"c\""))]);
    assert_eq!(refetch().await.expect("the whole")[0], 3);
    assert_eq!(asked(&server), ["\"b\"", "-"]);
    server.script([(feed, same().header("etag", "\"z\"").all()), (feed, same().header("etag", "\"z\"").all())]);
    let error = refetch().await.expect_err("nobody asked whether");
    tells(&error, "GET /feed (getIt", &["304 Not Modified"]);
    assert_eq!((error.kind(), asked(&server).len()), (ErrorKind::Status, 2));

    // What is no tag is not sent back, and a refusal of the condition is one.
    for etag in ["*", "a", "\"a", "\"a\", \"b\"", ""] {
        server.script([(feed, tagged("[4]", etag)), (feed, ok("[4]"))]);
        refetch().await.expect("it is there");
        refetch().await.expect("it is there");
        assert_eq!(asked(&server).last().map(String::as_str), Some("-"), "{etag:?}");
    }
    server.script([
        (feed, tagged("[5]", "\"d\"")),
        (feed, say("412 Precondition Failed", "").all()),
        (feed, act().status("304 Not Modified").all()),
    ]);
    refetch().await.expect("it is there");
    tells(&refetch().await.expect_err("it is refused"), "GET /feed", &["412 Precondition Failed"]);
    refetch().await.expect("and it is what it was");
    let shown = client.peek(&get("/feed")).expect("it stays");
    assert_eq!(shown[0], 5);
}
