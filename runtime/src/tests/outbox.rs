//! Mutations that survive the end of the program.

use std::collections::{BTreeMap, HashMap};
use std::io;

use super::*;
use crate::{ClientHooks, FileOutbox, Outbox, Outcome, WhenOffline};

/// An outbox in memory, which outlives clients.
#[derive(Clone, Default)]
pub(super) struct Memory {
    pub(super) records: Arc<Mutex<BTreeMap<String, Bytes>>>,
    aside: Arc<Mutex<Vec<String>>>,
}

impl Outbox for Memory {
    fn put(&self, id: &str, record: Bytes) -> BoxFuture<io::Result<()>> {
        drop(lock(&self.records).insert(id.to_owned(), record));
        Box::pin(async { Ok(()) })
    }

    fn remove(&self, id: &str) -> BoxFuture<io::Result<()>> {
        drop(lock(&self.records).remove(id));
        Box::pin(async { Ok(()) })
    }

    fn load(&self) -> BoxFuture<io::Result<Vec<(String, Bytes)>>> {
        let records = lock(&self.records).iter().map(|(id, record)| (id.clone(), record.clone())).collect();
        Box::pin(async { Ok(records) })
    }

    fn set_aside(&self, id: &str) -> BoxFuture<io::Result<()>> {
        lock(&self.aside).push(id.to_owned());
        self.remove(id)
    }
}

/// Runs one life of a program: at its end all tasks are gone.
pub(super) fn life<R>(work: impl Future<Output = R>) -> R {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(work)
}

pub(super) fn client(server: &Server, outbox: &Memory) -> Client {
    let builder = builder(server).when_offline(WhenOffline::Wait).outbox(outbox.clone());
    builder.idempotency_key("Idempotency-Key").unwrap().build().unwrap()
}

// B24
#[test]
fn b24_what_waits_survives_a_restart_and_makes_stale_what_it_changes() {
    let outbox = Memory::default();
    life(async {
        let client = client(&Server::default(), &outbox);
        client.online(false);
        let create =
            Mutation::<Json>::new(Request::post("createPost", "/posts").json(&serde_json::json!({ "a": "ü" })))
                .invalidates_from(|post: &Json| POST.id(&post["id"]).into())
                .invalidates_when_lost(POST.all());
        drop((client.mutate(update_post(1)), client.mutate(create)));
        client.outbox_written().await;
    });
    assert_eq!(lock(&outbox.records).len(), 2);
    life(async {
        let (server, ends) = (Server::default(), Arc::new(Mutex::new(Vec::new())));
        let told = ends.clone();
        let hooks = ClientHooks::new(|call| call.to_string())
            .on_settled(move |end, call| lock(&told).push((call.clone(), end.outcome)));
        let client = builder(&server).outbox(outbox.clone()).mutation_hooks(hooks).build().unwrap();
        let watchers = [client.watch(get_post(1)), client.watch(get_post(2))];
        let mut asked: HashMap<String, Asked> = HashMap::new();
        for _ in 0..3 {
            let next = server.next().await;
            asked.insert(format!("{} {}", next.request.method(), next.request.uri().path()), next);
        }
        assert_eq!(client.waiting().len(), 1, "one after the other");
        asked.remove("GET /v1/posts/1").unwrap().ok(json("1"));
        asked.remove("GET /v1/posts/2").unwrap().ok(json("2"));
        asked.remove("PATCH /v1/posts/1").unwrap().ok(json("{}"));
        let (refetched, created) = (server.next().await, server.next().await);
        assert_eq!(created.request.body(), r#"{"a":"ü"}"#.as_bytes());
        assert_eq!(created.request.headers()["content-type"], "application/json");
        assert!(refetched.url().ends_with("/posts/1"));
        refetched.ok(json("10"));
        server.settled().await;
        created.with(201, json(r#"{"id": 3}"#));
        server.settled().await;
        let expected =
            [("PATCH /posts/1 (updatePost)", Outcome::Succeeded), ("POST /posts (createPost)", Outcome::Succeeded)];
        assert_eq!(*lock(&ends), expected.map(|(call, outcome)| (call.to_owned(), outcome)));
        assert!(watchers.iter().all(|watcher| watcher.snapshot().is_stale), "nobody could read which post it was");
        client.outbox_written().await;
    });
    assert!(lock(&outbox.records).is_empty());
}

// B24
#[test]
fn b24_what_an_earlier_run_left_comes_before_what_is_started_meanwhile() {
    let outbox = Memory::default();
    for first in [1, 10] {
        life(async {
            let client = client(&Server::default(), &outbox);
            client.online(false);
            for id in first..first + 5 {
                drop(client.mutate(update_post(id)));
            }
            drop(client.mutate(update_post(first + 5).scope("a")));
            client.outbox_written().await;
        });
    }
    life(async {
        let server = Server::default();
        let client = client(&server, &outbox);
        let _new = [client.mutate(update_post(20)), client.mutate(update_post(21).scope("a"))];
        let (mut unscoped, mut scoped) = (Vec::new(), Vec::new());
        for _ in 0..14 {
            let asked = server.next().await;
            let id: i64 = asked.url().rsplit('/').next().unwrap().parse().unwrap();
            if [6, 15, 21].contains(&id) {
                scoped.push(id)
            } else {
                unscoped.push(id)
            }
            asked.ok(json("{}"));
        }
        assert_eq!((unscoped, scoped), (vec![1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 20], vec![6, 15, 21]));
        server.settled().await;
        client.outbox_written().await;
    });
    assert!(lock(&outbox.records).is_empty());
}

// B24
#[test]
fn b24_without_a_connection_what_was_left_is_not_given_up_though_nobody_said_so() {
    let outbox = Memory::default();
    life(async {
        let client = client(&Server::default(), &outbox);
        client.online(false);
        drop(client.mutate(update_post(1)));
        client.outbox_written().await;
    });
    life(async {
        let server = Server::default();
        let client = client(&server, &outbox);
        server.next().await.send(Err(TransportError::not_sent("no route")));
        server.settled().await;
        assert_eq!((client.waiting().len(), lock(&outbox.records).len()), (1, 1));
        client.online(false);
        client.online(true);
        server.next().await.ok(json("{}"));
        server.settled().await;
        client.outbox_written().await;
    });
    assert!(lock(&outbox.records).is_empty());
}

// B24, B36
#[test]
fn b24_what_cannot_be_read_is_told_and_put_aside_and_the_rest_is_sent() {
    let outbox = Memory::default();
    life(async {
        let client = client(&Server::default(), &outbox);
        client.online(false);
        drop(client.mutate(update_post(1)));
        client.outbox_written().await;
    });
    let good = lock(&outbox.records).values().next().unwrap().clone();
    let good: Json = serde_json::from_slice(&good).unwrap();
    let with = |name: &str, value: Json| {
        let mut record = good.clone();
        record[name] = value;
        Bytes::from(record.to_string())
    };
    let odd = [
        Bytes::new(),
        json("{"),
        json("[]"),
        json(r#"{"larder": 2}"#),
        with("request", Json::Null),
        with("invalidates", 1.into()),
        with("place", "first".into()),
        with("started_at", (-1).into()),
    ];
    let count = odd.len();
    lock(&outbox.records).extend(odd.into_iter().enumerate().map(|(at, record)| (format!("odd-{at}"), record)));
    life(async {
        let (server, told) = (Server::default(), Arc::new(Mutex::new(Vec::new())));
        let heard = told.clone();
        let client = builder(&server)
            .outbox(outbox.clone())
            .on_event(move |event| {
                if let Event::OutboxFailed { detail, .. } = event {
                    lock(&heard).push(detail.clone());
                }
            })
            .build()
            .unwrap();
        server.next().await.ok(json("{}"));
        server.settled().await;
        client.outbox_written().await;
        assert_eq!(lock(&told).len(), count, "{told:?}");
        assert!(lock(&told).iter().any(|detail| detail.contains("version 2")), "{told:?}");
    });
    assert_eq!((lock(&outbox.records).len(), lock(&outbox.aside).len()), (0, count));
}

// B24
#[tokio::test(start_paused = true)]
async fn b24_what_may_be_secret_is_not_written_and_waits_in_this_run_alone() {
    let (server, outbox, told) = (Server::default(), Memory::default(), Arc::new(Mutex::new(Vec::new())));
    let heard = told.clone();
    let client = builder(&server)
        .bearer_token("s3cret")
        .outbox(outbox.clone())
        .on_event(move |event| {
            if let Event::OutboxFailed { call: Some(call), detail } = event {
                lock(&heard).push(format!("{call:?} {detail}"));
            }
        })
        .build()
        .unwrap();
    client.online(false);
    let own = Request::post("act", "/act").header_param("X-Auth-Token", "s3cret").json(&1);
    let waits = client.mutate(Mutation::<Json>::new(own).when_offline(WhenOffline::Wait));
    drop(client.mutate(update_post(1).when_offline(WhenOffline::Wait)));
    client.outbox_written().await;
    let records: Vec<Bytes> = lock(&outbox.records).values().cloned().collect();
    assert_eq!((records.len(), lock(&told).len()), (1, 1));
    assert!(records.iter().all(|record| !String::from_utf8_lossy(record).contains("s3cret")));
    assert!(lock(&told)[0].contains("x-auth-token") && !lock(&told)[0].contains("s3cret"), "{told:?}");
    client.online(true);
    let asked = server.next().await;
    assert_eq!(asked.request.headers()["x-auth-token"], "s3cret");
    asked.ok(json("1"));
    waits.await.unwrap();
    let asked = server.next().await;
    assert_eq!(asked.request.headers()["authorization"], "Bearer s3cret", "it is added when it is sent");
}

/// A store that fails, panics, or never answers.
struct Broken(u8);

impl Broken {
    fn fail<R: Send + 'static>(&self) -> BoxFuture<io::Result<R>> {
        match self.0 {
            0 => Box::pin(async { Err(io::Error::other("full")) }),
            1 => panic!("the outbox"),
            _ => Box::pin(std::future::pending()),
        }
    }
}

impl Outbox for Broken {
    fn put(&self, _: &str, _: Bytes) -> BoxFuture<io::Result<()>> {
        self.fail()
    }

    fn remove(&self, _: &str) -> BoxFuture<io::Result<()>> {
        self.fail()
    }

    fn load(&self) -> BoxFuture<io::Result<Vec<(String, Bytes)>>> {
        self.fail()
    }
}

// B24, B36
#[tokio::test(start_paused = true)]
async fn b24_an_outbox_that_fails_panics_or_hangs_holds_no_mutation_up_for_ever() {
    for way in 0..3 {
        let (server, failures) = (Server::default(), Arc::new(Mutex::new(0)));
        let heard = failures.clone();
        let client = builder(&server)
            .when_offline(WhenOffline::Wait)
            .outbox(Broken(way))
            .on_event(move |event| {
                if let Event::OutboxFailed { .. } = event {
                    *lock(&heard) += 1;
                }
            })
            .build()
            .unwrap();
        let mutating = client.mutate(update_post(1));
        if way == 2 {
            tokio::time::sleep(SECOND * 31).await;
        }
        server.next().await.ok(json("1"));
        assert_eq!(mutating.await.unwrap(), 1, "{way}");
        client.outbox_written().await;
        assert_eq!(*lock(&failures), 3, "{way}: to load, to put, to remove");
    }
}

// B24
#[tokio::test]
async fn b24_the_outbox_in_a_folder_keeps_what_it_is_given() {
    let folder = std::env::temp_dir().join(format!("larder-outbox-{:032x}", crate::platform::random()));
    let outbox = FileOutbox::new(folder.join("below"));
    assert!(outbox.load().await.unwrap().is_empty());
    outbox.put("a-1", json("one")).await.unwrap();
    outbox.put("b2", json("two")).await.unwrap();
    outbox.put("a-1", json("three")).await.unwrap();
    std::fs::write(folder.join("below/c.tmp"), "half").unwrap();
    let all = || async {
        let mut all = outbox.load().await.unwrap();
        all.sort();
        all
    };
    assert_eq!(all().await, [("a-1".to_owned(), json("three")), ("b2".to_owned(), json("two"))]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &str| std::fs::metadata(folder.join(path)).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode("below"), mode("below/a-1.json")), (0o700, 0o600));
    }
    outbox.remove("a-1").await.unwrap();
    outbox.remove("a-1").await.unwrap();
    outbox.set_aside("b2").await.unwrap();
    assert!(all().await.is_empty());
    let mut left: Vec<_> =
        std::fs::read_dir(folder.join("below")).unwrap().map(|file| file.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["b2.unreadable", "in-use.lock"]);
    for id in ["", "../a", "a/b", "a.b"] {
        assert!(outbox.put(id, json("one")).await.is_err(), "{id}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}
