//! Servers that send their clients elsewhere, and elsewhere again.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use larder::{Credential, Error, ErrorKind, Event, Json, Mutation, Outcome, Request};

use super::fault::{Fault, act, ignore, say};
use super::script::{get, ok, tells};
use super::server::{FaultServer, SECRET};

fn to(status: &str, location: impl Into<String>) -> Fault {
    say(status, "").header("location", location).all()
}

fn write() -> Mutation<Json> {
    Mutation::new(Request::post("write", "/notes").json(&"a note"))
}

/// A redirect is a step of the one request that was asked for: its method and its body are as browsers have them.
#[tokio::test]
async fn b28_a_mutation_is_redirected_as_browsers_do() {
    let cases = [
        ("301 Moved Permanently", "GET", ""),
        ("302 Found", "GET", ""),
        ("303 See Other", "GET", ""),
        ("307 Temporary Redirect", "POST", "\"a note\""),
        ("308 Permanent Redirect", "POST", "\"a note\""),
    ];
    for (status, method, body) in cases {
        let server = FaultServer::start().await;
        let client = server.builder().build().expect("the address is valid");
        let next = if method == "GET" { "GET /notes/7" } else { "POST /notes/7" };
        server.script([("POST /notes", to(status, "notes/../notes/7?a=b#c")), (next, ok("7"))]);
        assert_eq!(client.mutate(write()).await.unwrap_or_else(|error| panic!("{status}: {error}")), 7);
        let met = server.take();
        assert_eq!(met.len(), 2, "{status}");
        let last = &met[1].request;
        assert_eq!((last.method.as_str(), last.target.as_str()), (method, "/api/notes/7?a=b"), "{status}");
        assert_eq!(String::from_utf8_lossy(&last.body), body, "{status}");
        assert_eq!(last.header("content-type").is_some(), method == "POST", "{status}");
        assert!(last.header("authorization").is_some(), "{status}: it is the same origin");
    }
}

#[tokio::test]
async fn b36_redirects_without_end_come_to_one_and_are_no_lost_connection() {
    let server = FaultServer::start().await;
    let count = AtomicUsize::new(0);
    server.choose(move |request| {
        let number = count.fetch_add(1, Relaxed);
        let status = if request.method == "GET" { "302 Found" } else { "307 Temporary Redirect" };
        Some(to(status, format!("/api/notes/{}", number % 3)))
    });
    let client = server.patient(3).build().expect("the address is valid");
    let error = client.fetch(get("/notes")).await.expect_err("it goes in a circle");
    tells(&error, "GET /notes (getIt", &["302 Found", "more than 10", "circle"]);
    assert_eq!((error.kind(), error.was_sent()), (ErrorKind::Status, true));
    assert_eq!(server.take().len(), 11, "once through is enough");

    let error = client.mutate(write()).await.expect_err("it goes in a circle");
    tells(&error, "POST /notes (write", &["307 Temporary Redirect", "more than 10"]);
    assert_eq!(server.take().len(), 11);
}

/// What leads nowhere is told, and ends where it is; what was sent on the way may have been done.
#[tokio::test]
async fn b15_after_a_redirect_nobody_knows_what_was_done() {
    let gone = FaultServer::start().await;
    let mut gone_away = FaultServer::start().await;
    let nobody = gone_away.url();
    gone_away.stop().await;
    type Check = fn(&Error) -> bool;
    let cases: [(&str, Fault, Check); 5] = [
        ("to nobody", to("307 Temporary Redirect", format!("{nobody}/x")), |error| error.kind() == ErrorKind::Connect),
        ("to who hangs up", to("307 Temporary Redirect", format!("{}/lost", gone.url())), |error| {
            error.kind() == ErrorKind::Connect
        }),
        ("to who says nothing", to("308 Permanent Redirect", format!("{}/late", gone.url())), |error| {
            error.kind() == ErrorKind::Timeout
        }),
        ("to a Location of a megabyte", to("302 Found", "x".repeat(1 << 20)), |error| {
            error.kind() == ErrorKind::Connect
        }),
        ("to where it came from", to("303 See Other", "/api/notes/gone"), |error| {
            error.status().is_some_and(|status| status.as_u16() == 410)
        }),
    ];
    for (name, fault, fits) in cases {
        let server = FaultServer::start().await;
        gone.choose(|request| Some(if request.line() == "POST /lost" { ignore().reset() } else { ignore().hang() }));
        server.script([("POST /notes", fault), ("GET /notes/gone", say("410 Gone", "").all())]);
        let outcomes = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
        let heard = outcomes.clone();
        let client = server.builder().on_event(move |event: &Event| {
            if let Event::MutationSettled { outcome, .. } = event {
                heard.lock().expect("nobody panicked").push(*outcome);
            }
        });
        let client = client.build().expect("the address is valid");
        // Whichever of the servers lets the client wait.
        let error = server.through_too(&gone, client.mutate(write())).await.expect_err(name);
        assert!(fits(&error) && error.was_sent(), "{name}: {error}");
        tells(&error, "POST /notes (write", &[]);
        let known = if error.status().is_some() { Outcome::Refused } else { Outcome::Unknown };
        assert_eq!(*outcomes.lock().expect("nobody panicked"), [known], "{name}");
    }
}

/// Nothing that says who asks goes to another origin, in whatever place it was.
#[tokio::test]
async fn b28_another_origin_hears_nothing_of_who_asks() {
    let (server, other) = (FaultServer::start().await, FaultServer::start().await);
    let builder = server.plain().header("x-tenant", SECRET).expect("it is a header");
    let client = builder
        .credential(Credential::in_header("header", "x-key", SECRET))
        .credential(Credential::in_cookie("cookie", "sid", SECRET))
        .credential(Credential::in_query("query", "key", SECRET))
        .credential(Credential::bearer("bearer", SECRET))
        .idempotency_key("Idempotency-Key")
        .expect("it is a header");
    let client = client.build().expect("the address is valid");
    for status in ["301 Moved Permanently", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let kept = status.starts_with("307") || status.starts_with("308");
        let back = format!("{}/back", server.url());
        server.script([
            ("POST /notes", to(status, format!("{}/there", other.url()))),
            ("GET /back", ok("1")),
            ("POST /back", ok("1")),
        ]);
        other.script([("GET /there", to(status, back.clone())), ("POST /there", to(status, back))]);
        client.mutate(write()).await.unwrap_or_else(|error| panic!("{status}: {error}"));
        let there = other.take().remove(0).request;
        assert!(!format!("{there:?}").contains(SECRET), "{status}: {there:?}");
        assert_eq!((there.header("idempotency-key"), there.body.is_empty()), (None, !kept), "{status}: {there:?}");
        // Who was elsewhere may have been sent back by anybody.
        let back = server.take().pop().expect("it came back").request;
        assert!(!format!("{back:?}").contains(SECRET), "{status}: {back:?}");
    }
}

#[tokio::test]
async fn b36_a_redirect_is_followed_whatever_becomes_of_its_body() {
    let server = FaultServer::start().await;
    let found = || say("302 Found", "x".repeat(5_000)).header("location", "/api/posts/2");
    let bodies = [
        ("all of it", found().all()),
        ("half of it", found().part(50).hang()),
        ("none of it", found().head().hang()),
        ("cut off", found().part(50).reset()),
        ("without end", found().chunked().head().endless("1\r\nx\r\n", Duration::from_millis(1))),
        ("too much of it", found().header("content-length", "99999999999").part(1).hang()),
        ("compressed, and not", found().header("content-encoding", "gzip").all()),
    ];
    for (name, fault) in bodies {
        let client = server.plain().build().expect("the address is valid");
        let fault = fault.clone();
        server.choose(move |request| Some(if request.line() == "GET /found" { fault.clone() } else { act().all() }));
        let post = client.fetch(get("/found")).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(post["id"], 2, "{name}");
        drop(client);
        server.deserted().await;
    }
}
