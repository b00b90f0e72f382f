//! Long-running operations in virtual time, and one against a server on this machine.

mod ending;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{Method, Request as HttpRequest, Response};
use serde_json::json;

use super::*;
use crate::guard::lock;
use crate::{BoxFuture, Bytes, ClientBuilder, Json, Query, Request, ResponseBody, TagType, Transport, TransportError};

const JOB: TagType = TagType::new("Job");

/// An answer: a status, headers and a body; status 0 is a lost connection.
type Said = (u16, Vec<(&'static str, String)>, Json);

/// A request, and how many milliseconds after the start it came.
type Asked = (u64, HttpRequest<Bytes>);

/// What is run, how, what the server says to it, what it is asked after the first request, and what comes of it.
type Protocol = (&'static str, Mutation<Json>, Polling, Vec<Said>, Vec<&'static str>, Json);

/// Gives these answers in their order, and writes down what was asked and when.
#[derive(Clone)]
struct Script {
    answers: Arc<Mutex<VecDeque<Said>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
    started: tokio::time::Instant,
}

impl Script {
    fn new(answers: Vec<Said>) -> Script {
        let (answers, asked) = (Arc::new(Mutex::new(answers.into())), Arc::default());
        Script { answers, asked, started: tokio::time::Instant::now() }
    }

    fn client(&self) -> Client {
        self.builder().build().unwrap()
    }

    fn builder(&self) -> ClientBuilder {
        Client::builder("https://api.example.com/v1").transport(self.clone()).retry(crate::Retry::none())
    }

    /// What was asked, with the milliseconds since the start.
    fn asked(&self) -> Vec<String> {
        let shown = |(at, request): &Asked| {
            let url = request.uri().to_string().replace("https://api.example.com", "");
            format!("{at} {} {url}", request.method())
        };
        lock(&self.asked).iter().map(shown).collect()
    }

    fn left(&self) -> usize {
        lock(&self.answers).len()
    }
}

impl Transport for Script {
    fn send(&self, request: HttpRequest<Bytes>) -> BoxFuture<Result<Response<ResponseBody>, TransportError>> {
        let at = u64::try_from(self.started.elapsed().as_millis()).unwrap();
        lock(&self.asked).push((at, request));
        let said = lock(&self.answers).pop_front();
        Box::pin(async move {
            let Some((status, headers, body)) = said.filter(|(status, ..)| *status != 0) else {
                return Err(TransportError::lost("reset"));
            };
            let body = if body.is_null() { String::new() } else { body.to_string() };
            let mut response = Response::new(body.into());
            *response.status_mut() = status.try_into().unwrap();
            for (name, value) in headers {
                response.headers_mut().insert(name, value.parse().unwrap());
            }
            Ok(response)
        })
    }
}

fn said(status: u16, body: Json) -> Said {
    (status, Vec::new(), body)
}

fn accepted(header: &'static str, url: &str) -> Said {
    (202, vec![(header, url.to_owned())], Json::Null)
}

fn start() -> Mutation<Json> {
    Mutation::new(Request::post("startJob", "/jobs").json(&json!({ "rows": 7 }))).invalidates(JOB.list())
}

fn list_jobs() -> Query<Json> {
    Query::new(Request::get("listJobs", "/jobs")).provides(JOB.list())
}

// B29
#[tokio::test(start_paused = true)]
async fn b29_an_accepted_operation_is_followed_to_its_end() {
    let script = Script::new(vec![
        accepted("location", "/v1/jobs/7/status"),
        said(200, json!({ "status": "running", "percentComplete": 10, "message": "reading" })),
        (202, vec![("retry-after", "5".to_owned())], json!({ "status": "running", "percentComplete": 60 })),
        said(200, json!({ "rows": 7 })),
    ]);
    let running = script.client().run::<_, Json>(start(), Polling::new());
    let mut control = running.control();
    let seen = tokio::spawn(async move {
        let mut seen = Vec::new();
        while let Some(progress) = control.changed().await {
            seen.push((progress.fraction, progress.message, progress.is_over));
        }
        seen
    });
    assert_eq!(running.await.unwrap(), json!({ "rows": 7 }));
    let status = "GET /v1/jobs/7/status";
    let expected =
        ["0 POST /v1/jobs".to_owned(), format!("1000 {status}"), format!("3000 {status}"), format!("8000 {status}")];
    assert_eq!(script.asked(), expected);
    let seen = seen.await.unwrap();
    assert_eq!(seen[0], (Some(0.1), Some("reading".to_owned()), false));
    assert_eq!(seen[1], (Some(0.6), None, false));
    assert!(seen.last().unwrap().2);
}

// B29
#[tokio::test(start_paused = true)]
async fn b29_each_protocol_says_in_its_way_what_an_operation_brings() {
    let result = json!({ "id": "r" });
    let running = || said(200, json!({ "status": "Running" }));
    let done = || said(200, json!({ "status": "Succeeded" }));
    let both = |status, operation: &'static str| {
        (
            status,
            vec![(operation, "https://api.example.com/op/1".to_owned()), ("location", "../r/1".to_owned())],
            Json::Null,
        )
    };
    let post = start;
    let put = || Mutation::<Json>::new(Request::put("putJob", "/jobs/7").json(&json!(1)));
    let delete = || Mutation::<Json>::new(Request::delete("deleteJob", "/jobs/7"));
    let table: Vec<Protocol> = vec![
        (
            "Azure, a POST",
            post(),
            Polling::new(),
            vec![both(202, "azure-asyncoperation"), running(), done(), said(200, result.clone())],
            vec!["GET /op/1", "GET /op/1", "GET /r/1"],
            result.clone(),
        ),
        (
            "Azure, a PUT that was answered 201",
            put(),
            Polling::new(),
            vec![both(201, "azure-asyncoperation"), done(), said(200, result.clone())],
            vec!["GET /op/1", "GET /v1/jobs/7"],
            result.clone(),
        ),
        (
            "Microsoft's guidelines",
            post(),
            Polling::new(),
            vec![
                accepted("operation-location", "/op/1"),
                said(200, json!({"status": "Succeeded", "resourceLocation": "/r/2"})),
                said(200, result.clone()),
            ],
            vec!["GET /op/1", "GET /r/2"],
            result.clone(),
        ),
        (
            "Google",
            post(),
            Polling::new().status_url_at("/name"),
            vec![
                (200, vec![], json!({"name": "/op/1"})),
                said(200, json!({"done": false})),
                said(200, json!({"done": true, "response": result})),
            ],
            vec!["GET /op/1", "GET /op/1"],
            result.clone(),
        ),
        (
            "a 303 at the end",
            post(),
            Polling::new(),
            vec![
                accepted("location", "/op/1"),
                (303, vec![("location", "/r/3".to_owned())], Json::Null),
                said(200, result.clone()),
            ],
            vec!["GET /op/1", "GET /r/3"],
            result.clone(),
        ),
        (
            "a result in the status",
            post(),
            Polling::new().result_at("/output"),
            vec![accepted("operation-location", "/op/1"), said(200, json!({"state": "COMPLETED", "output": result}))],
            vec!["GET /op/1"],
            result.clone(),
        ),
        (
            "no final request",
            post(),
            Polling::new().without_final_request(),
            vec![both(202, "operation-location"), said(200, json!({"status": "done", "n": 1}))],
            vec!["GET /op/1"],
            json!({"status": "done", "n": 1}),
        ),
        (
            "a deletion",
            delete(),
            Polling::new(),
            vec![accepted("location", "/op/1"), said(202, Json::Null), said(204, Json::Null)],
            vec!["GET /op/1", "GET /op/1"],
            Json::Null,
        ),
        ("no operation at all", post(), Polling::new(), vec![said(201, result.clone())], vec![], result.clone()),
        (
            "a status that moves",
            post(),
            Polling::new(),
            vec![accepted("location", "/op/1"), accepted("location", "2"), said(200, result.clone())],
            vec!["GET /op/1", "GET /op/2"],
            result.clone(),
        ),
    ];
    for (what, mutation, polling, answers, asked, brings) in table {
        let script = Script::new(answers);
        let brought = script.client().run::<_, Json>(mutation, polling).await;
        assert_eq!(brought.unwrap(), brings, "{what}");
        let lines: Vec<String> =
            script.asked().iter().skip(1).map(|line| line.split_once(' ').unwrap().1.to_owned()).collect();
        assert_eq!(lines, asked, "{what}");
        assert_eq!(script.left(), 0, "{what}");
    }
}

// B29
#[tokio::test(start_paused = true)]
async fn b29_the_interval_grows_as_it_is_told() {
    let starts = [accepted("location", "/op")];
    for (polling, times) in [
        (Polling::new().backoff(Backoff::None), [1000, 2000, 3000, 4000]),
        (Polling::new().backoff(Backoff::Linear), [1000, 3000, 6000, 10_000]),
        (Polling::new().longest_interval(Duration::from_secs(3)), [1000, 3000, 6000, 9000]),
    ] {
        let answers = starts.iter().cloned().chain((0..3).map(|_| said(202, Json::Null))).chain([said(200, json!(1))]);
        let script = Script::new(answers.collect());
        assert_eq!(script.client().run::<_, u8>(start(), polling).await.unwrap(), 1);
        let at: Vec<u64> =
            script.asked().iter().skip(1).map(|line| line.split(' ').next().unwrap().parse().unwrap()).collect();
        assert_eq!(at, times);
    }
    assert_eq!(Polling::new().interval(Duration::MAX).wait(u32::MAX), Duration::MAX);
    assert_eq!(Polling::new().wait(u32::MAX), Duration::from_secs(30));
}

// B29 B15
#[tokio::test(start_paused = true)]
async fn b29_what_it_touches_is_asked_for_at_its_start_and_at_its_end() {
    for (end, is_good) in [(json!({ "status": "done" }), true), (json!({ "status": "failed" }), false)] {
        let script = Script::new(vec![
            said(200, json!(["before"])),
            accepted("operation-location", "/op"),
            said(200, json!(["under way"])),
            said(200, end),
            said(200, json!(["after"])),
        ]);
        let client = script.client();
        let mut jobs = client.watch(list_jobs());
        assert_eq!(*jobs.ready().await.unwrap(), json!(["before"]));
        let running = client.run::<_, Json>(start(), Polling::new());
        assert_eq!(*jobs.data_changed().await.data.unwrap(), json!(["under way"]));
        assert_eq!(running.await.is_ok(), is_good);
        assert_eq!(*jobs.data_changed().await.data.unwrap(), json!(["after"]));
        assert_eq!(script.left(), 0);
    }
    // A call that makes nothing stale makes nothing stale at its end.
    let script = Script::new(vec![said(200, json!(1)), accepted("location", "/op"), said(200, json!(2))]);
    let client = script.client();
    let mut jobs = client.watch(list_jobs());
    jobs.ready().await.unwrap();
    client.run::<_, Json>(start().without_invalidation(), Polling::new()).await.unwrap();
    assert_eq!(script.left(), 0);
    assert!(!jobs.snapshot().is_stale);
}

// B29 B14
#[tokio::test(start_paused = true)]
async fn b29_what_is_deleted_is_gone_at_the_end_and_not_before() {
    let get = Query::<Json>::new(Request::get("getJob", "/jobs/7")).provides(JOB.id(7));
    let delete = || Mutation::<()>::empty(Request::delete("deleteJob", "/jobs/7")).invalidates(JOB.id(7).gone());
    let script = Script::new(vec![
        said(200, json!(1)),
        accepted("location", "/op"),
        said(200, json!("deleting")),
        said(204, Json::Null),
    ]);
    let client = script.client();
    let mut watched = client.watch(get.clone());
    watched.ready().await.unwrap();
    let running = client.run::<_, ()>(delete(), Polling::new());
    assert_eq!(*watched.data_changed().await.data.unwrap(), json!("deleting"));
    running.await.unwrap();
    assert_eq!(script.left(), 0, "what is gone is not asked for");
    // A deletion that is done at once is gone at once.
    drop(watched);
    let script = Script::new(vec![said(200, json!(1)), said(204, Json::Null)]);
    let client = script.client();
    client.fetch(get.clone()).await.unwrap();
    client.run::<_, ()>(delete(), Polling::new()).await.unwrap();
    assert!(client.peek(&get).is_none());
}
