//! Operations that take long, whose status leads astray, fails, or never ends.

use std::time::Duration;

use larder::http::Method;
use larder::{Error, ErrorKind, Json, Mutation, Polling, Query, Request, TagType};

use super::fault::{Fault, ignore, say};
use super::script::{keeps_secrets, ok};
use super::server::{FaultServer, SECRET};

const JOB: TagType = TagType::new("Job");
const START: &str = "POST /jobs";
const STATUS: &str = "GET /jobs/7";

fn start() -> Mutation<Json> {
    Mutation::new(Request::post("startJob", "/jobs")).invalidates(JOB.all())
}

fn accepted(header: &'static str, url: impl Into<String>) -> Fault {
    say("202 Accepted", "").header(header, url).header("retry-after", "0").all()
}

/// The status says so, and may be asked for again at once.
fn status(body: &str) -> Fault {
    say("200 OK", body).header("retry-after", "0").all()
}

async fn run(server: &FaultServer, polling: Polling) -> Result<Json, Error> {
    let client = server.builder().build().expect("the address is valid");
    let list = Query::<Json>::new(Request::get("listJobs", "/list")).provides(JOB.list());
    let mut watcher = client.watch(list.clone());
    watcher.ready().await.expect("the list");
    let ended = server.through(client.run(start(), polling)).await;
    // However it ended, the list was asked for when it was accepted and at its end.
    while watcher.snapshot().is_fetching {
        watcher.changed().await;
    }
    assert!(!watcher.snapshot().is_stale, "what shows it is as new as its end");
    ended
}

#[tokio::test]
async fn b29_a_status_that_leads_nowhere_is_the_end_and_says_why() {
    use ErrorKind::{Connect, Decode, Failed, Status, Timeout};
    let other = FaultServer::start().await;
    let elsewhere = format!("{}/jobs/7", other.url());
    let here = || accepted("location", "/api/jobs/7");
    let goes_on = r#"{"status":"running"}"#;
    let moved = |status: &str, to: &str| say(status, "").header("location", to).all();
    type Case = (&'static str, Vec<Fault>, ErrorKind, &'static str);
    let secret = format!(r#"{{"status":"failed","error":{{"message":"no disk, {SECRET}"}}}}"#);
    let cases: Vec<(Fault, Case)> = vec![
        (
            accepted("location", elsewhere.clone()),
            ("another origin", vec![], Failed, "another origin; see Polling::allow_origin"),
        ),
        (
            accepted("operation-location", elsewhere.clone()),
            ("another origin's operation", vec![], Failed, "another origin"),
        ),
        (accepted("location", "file:///etc/passwd"), ("no HTTP", vec![], Failed, "none that can be asked")),
        (accepted("location", ""), ("no place", vec![], Failed, "none that can be asked")),
        (say("202 Accepted", "").all(), ("no word of it", vec![], Failed, "does not say where the status is")),
        (
            here(),
            (
                "a redirect to another origin",
                vec![moved("302 Found", &elsewhere)],
                Status,
                "another origin, where this may not be asked",
            ),
        ),
        (
            here(),
            (
                "a result at another origin",
                vec![moved("303 See Other", &elsewhere)],
                Failed,
                "another origin; see Polling",
            ),
        ),
        (here(), ("no such status", vec![say("404 Not Found", "").all()], Status, "404 Not Found")),
        (here(), ("no such status any more", vec![status(goes_on), say("410 Gone", "").all()], Status, "410 Gone")),
        (here(), ("a circle", vec![moved("302 Found", "/api/jobs/7"); 11], Status, "more than 10 redirects")),
        (here(), ("a failure", vec![status(goes_on), status(&secret)], Failed, "no disk")),
        (here(), ("lost too often", vec![ignore().reset(); 9], Connect, "the connection was lost")),
        (here(), ("a result that is none", vec![say("200 OK", "<p>").all()], Decode, "expected value")),
        (here(), ("no answer", vec![ignore().hang(); 9], Timeout, "no complete answer within")),
    ];
    for (first, (name, statuses, kind, words)) in cases {
        let server = FaultServer::start().await;
        let mut statuses = statuses.into_iter();
        let mut first = Some(first);
        server.choose(move |request| {
            Some(match request.line().as_str() {
                START => first.take().unwrap_or_else(|| say("400 Bad Request", "").all()),
                STATUS => statuses.next().unwrap_or_else(|| say("400 Bad Request", "").all()),
                _ => ok("[]"),
            })
        });
        let soon = Duration::from_millis(1);
        let polling = Polling::new().interval(soon).longest_interval(soon).limit(Duration::from_secs(100));
        let error = run(&server, polling).await.expect_err(name);
        assert_eq!(error.kind(), kind, "{name}: {error}");
        assert!(error.to_string().contains(" /jobs (startJob"), "{name}: {error}");
        assert!(error.to_string().contains(words), "{name}: {error}");
        keeps_secrets(&error);
        assert!(other.take().is_empty(), "{name}: nobody else is asked");
    }
}

#[tokio::test]
async fn b29_a_status_that_stumbles_is_asked_again_and_one_that_never_ends_is_left() {
    let server = FaultServer::start().await;
    let here = || accepted("location", "/api/jobs/7");
    let busy = || say("503 Service Unavailable", "").header("retry-after", "0").all();
    server.script([
        ("GET /list", ok("[]")),
        (START, here()),
        ("GET /list", ok("[]")),
        (STATUS, busy()),
        (STATUS, ignore().close()),
        (STATUS, status(r#"{"status":"running","percentComplete":"many"}"#)),
        (STATUS, say("202 Accepted", "<not json").header("retry-after", "0").all()),
        (STATUS, busy()),
        (STATUS, ok(r#"{"status":"done","size":7}"#)),
        ("GET /list", ok("[7]")),
    ]);
    let done = run(&server, Polling::new().interval(Duration::from_millis(1))).await.expect("it is done");
    assert_eq!(done["size"], 7);

    // Nobody waits for ever, whatever the server asks for.
    let server = FaultServer::start().await;
    server.choose(|request| {
        Some(match request.line().as_str() {
            START => accepted("location", "/api/jobs/7"),
            STATUS => say("200 OK", r#"{"status":"running"}"#).header("retry-after", "99999999999999999999").all(),
            "DELETE /jobs/7" => ignore().hang(),
            _ => ok("[]"),
        })
    });
    let client = server.builder().build().expect("the address is valid");
    let running =
        client.run::<Json, Json>(start(), Polling::new().limit(Duration::from_secs(50)).cancel_by(Method::DELETE, ""));
    let mut control = running.control();
    while control.progress().polls == 0 {
        control.changed().await;
    }
    server.clock.skip();
    let error =
        tokio::time::timeout(Duration::from_secs(120), running).await.expect("it ends").expect_err("it goes on");
    server.clock.run();
    keeps_secrets(&error);
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");

    // To cancel it ends it, also where the server does not answer to that.
    let running = client.run::<Json, Json>(start(), Polling::new().cancel_by(Method::DELETE, ""));
    let mut control = running.control();
    while control.progress().polls == 0 {
        control.changed().await;
    }
    control.cancel();
    let error = server.through(running).await.expect_err("it was cancelled");
    assert_eq!(error.kind(), ErrorKind::Aborted, "{error}");
    assert!(server.asked().contains(&"DELETE /jobs/7".to_owned()));
}
