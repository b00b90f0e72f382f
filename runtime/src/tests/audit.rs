//! The auditor, against a server whose answers are data that a test changes.

use std::collections::HashMap;

use super::*;
use crate::audit::Audit;
use crate::{Prefetch, Watcher};

/// Answers `GET` with what is there under the path, and anything else with what that path is to answer.
#[derive(Clone, Default)]
struct Data {
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    bodies: HashMap<String, String>,
    /// What happens to `bodies` when somebody writes.
    on_write: Vec<(String, Option<String>)>,
    /// These paths never give the same answer twice.
    counting: Vec<String>,
    asked: Vec<String>,
    held: HashMap<String, oneshot::Receiver<()>>,
}

impl Data {
    fn put(&self, path: &str, body: &str) {
        lock(&self.state).bodies.insert(path.to_owned(), body.to_owned());
    }

    /// The next write changes this.
    fn on_write(&self, path: &str, body: Option<&str>) {
        lock(&self.state).on_write.push((path.to_owned(), body.map(str::to_owned)));
    }

    fn take_asked(&self) -> Vec<String> {
        std::mem::take(&mut lock(&self.state).asked)
    }

    fn hold(&self, path: &str) -> oneshot::Sender<()> {
        let (release, released) = oneshot::channel();
        lock(&self.state).held.insert(path.to_owned(), released);
        release
    }
}

impl Transport for Data {
    fn send(&self, request: ::http::Request<Bytes>) -> BoxFuture<Answer> {
        let path = request.uri().path().trim_start_matches("/v1").to_owned();
        let mut state = lock(&self.state);
        state.asked.push(format!("{} {path}", request.method()));
        if request.method() != "GET" {
            for (path, body) in std::mem::take(&mut state.on_write) {
                match body {
                    Some(body) => drop(state.bodies.insert(path, body)),
                    None => drop(state.bodies.remove(&path)),
                }
            }
        }
        let turn = state.asked.len();
        let body = match state.bodies.get(&path) {
            Some(_) if state.counting.contains(&path) => Some(format!(r#"{{"n": {turn}, "name": "x"}}"#)),
            Some(body) => Some(body.clone()),
            None if request.method() == "GET" => None,
            None => Some("{}".to_owned()),
        };
        let held = state.held.remove(&path);
        drop(state);
        Box::pin(async move {
            if let Some(held) = held {
                let _ = held.await;
            }
            let status = if body.is_some() { 200 } else { 404 };
            let mut response = Response::new(ResponseBody::from(body.unwrap_or_default()));
            *response.status_mut() = status.try_into().unwrap();
            Ok(response)
        })
    }
}

fn audited(audit: &Audit) -> (Client, Data) {
    let data = Data::default();
    let client = Client::builder("https://api.example.com/v1").transport(data.clone()).audit(audit).build().unwrap();
    (client, data)
}

async fn shown(client: &Client, query: Query<Json>) -> Watcher<Json> {
    let mut watcher = client.watch(query);
    watcher.ready().await.unwrap();
    watcher
}

fn list() -> Query<Json> {
    Query::new(Request::get("listPosts", "/posts"))
        .provides(POST.list())
        .provides_from(|posts: &Json| posts.as_array().into_iter().flatten().map(|post| POST.id(&post["id"])).collect())
}

fn stats() -> Query<Json> {
    Query::new(Request::get("getStats", "/stats")).provides(TagType::new("Stats").all())
}

const LINES: &str = "[api.operations.updatePost]\ninvalidates_also = [\"Stats\"]";

#[tokio::test(start_paused = true)]
async fn b37_a_stale_entry_is_reported_with_the_lines_that_mend_it_and_watchers_see_nothing_of_it() {
    let audit = Audit::new();
    let (client, data) = audited(&audit);
    data.put("/posts/1", r#"{"a": 0}"#);
    data.put("/stats", r#"{"edits": {"today": 0}, "posts": 1}"#);
    let (_post, mut watched) = (shown(&client, get_post(1)).await, shown(&client, stats()).await);
    data.on_write("/posts/1", Some(r#"{"a": 1}"#));
    data.on_write("/stats", Some(r#"{"edits": {"today": 1}, "posts": 1}"#));
    data.take_asked();
    client.mutate(update_post(1)).await.unwrap();
    audit.finished().await;

    let misses = audit.misses();
    assert_eq!(misses.len(), 1, "{audit}");
    assert_eq!(misses[0].mutation.to_string(), "PATCH /posts/1 (updatePost)");
    assert_eq!(misses[0].mutation.body, serde_json::json!({ "a": 1 }));
    assert_eq!(misses[0].query.operation_id, "getStats");
    assert_eq!(misses[0].places, ["/edits/today"]);
    assert_eq!(misses[0].mend, LINES);
    assert!(!misses[0].gone && !misses[0].timestamps_only && misses[0].also_possible.is_empty());
    assert!(audit.needless().is_empty() && audit.volatile().is_empty());
    // The mutation, its refetch, the audit of what was left alone, and a control for each change.
    let asked = ["PATCH /posts/1", "GET /posts/1", "GET /stats", "GET /stats", "GET /posts/1"];
    assert_eq!(data.take_asked(), asked);
    let state = watched.snapshot();
    assert_eq!(state.data.unwrap()["edits"]["today"], 0, "the cache holds what it held");
    assert!(!state.is_stale && !state.is_fetching);
    assert!(futures_now(watched.changed()).await.is_none(), "nobody was woken");
}

/// What a future gives without waiting, if it gives anything.
async fn futures_now<F: Future>(future: F) -> Option<F::Output> {
    tokio::select! { biased; output = future => Some(output), () = yield_often() => None }
}

#[tokio::test(start_paused = true)]
async fn b37_a_needless_refetch_is_reported() {
    let audit = Audit::new();
    let (client, data) = audited(&audit);
    data.put("/posts/1", r#"{"a": 0}"#);
    data.put("/posts", r#"[{"id": 1}]"#);
    let _watched = (shown(&client, get_post(1)).await, shown(&client, list()).await);
    data.on_write("/posts/1", Some(r#"{"a": 1}"#));
    client.mutate(update_post(1)).await.unwrap();
    audit.finished().await;
    let needless = audit.needless();
    assert_eq!(needless.iter().map(|one| one.query.operation_id.as_str()).collect::<Vec<_>>(), ["listPosts"]);
    assert!(audit.misses().is_empty(), "{audit}");
}

#[tokio::test(start_paused = true)]
async fn b37_what_is_gone_is_a_miss_once() {
    let audit = Audit::new();
    let (client, data) = audited(&audit);
    data.put("/stats", "1");
    let _watched = shown(&client, stats()).await;
    data.on_write("/stats", None);
    for _ in 0..2 {
        client.mutate(update_post(1)).await.unwrap();
        audit.finished().await;
    }
    let misses = audit.misses();
    assert_eq!((misses.len(), misses[0].gone), (1, true), "{audit}");
}

#[tokio::test(start_paused = true)]
async fn b37_a_miss_is_told_of_the_mutation_that_caused_it_and_of_no_later_one() {
    let audit = Audit::new();
    let (client, data) = audited(&audit);
    data.put("/stats", "1");
    let _watched = shown(&client, stats()).await;
    data.on_write("/stats", Some("2"));
    for _ in 0..3 {
        client.mutate(update_post(1)).await.unwrap();
        audit.finished().await;
    }
    let misses: Vec<usize> = audit.reports().iter().map(|report| report.misses.len()).collect();
    assert_eq!(misses, [1, 0, 0], "{audit}");
}

#[tokio::test(start_paused = true)]
async fn b37_what_changes_by_itself_is_volatile_and_told_once() {
    let audit = Audit::new();
    let (client, data) = audited(&audit);
    data.put("/stats", "1");
    lock(&data.state).counting.push("/stats".to_owned());
    let _watched = shown(&client, stats()).await;
    for _ in 0..2 {
        client.mutate(update_post(1)).await.unwrap();
        audit.finished().await;
    }
    assert!(audit.misses().is_empty(), "{audit}");
    let volatile = audit.volatile();
    assert_eq!((volatile.len(), volatile[0].places.as_slice()), (1, &["/n".to_owned()][..]));
}

#[tokio::test(start_paused = true)]
async fn b37_a_change_of_nothing_but_times_is_named_as_such() {
    let audit = Audit::new();
    let (client, data) = audited(&audit);
    data.put("/stats", r#"{"updated_at": "2026-01-01T00:00:00Z"}"#);
    let _watched = shown(&client, stats()).await;
    data.on_write("/stats", Some(r#"{"updated_at": "2026-01-01T00:00:01Z"}"#));
    client.mutate(update_post(1)).await.unwrap();
    audit.finished().await;
    assert!(audit.misses()[0].timestamps_only, "{audit}");
}

#[tokio::test(start_paused = true)]
async fn b37_the_budget_is_kept_and_what_was_left_out_is_told_and_has_its_turn_later() {
    let audit = Audit::new().requests_per_mutation(2).requests_in_total(5);
    let (client, data) = audited(&audit);
    let mut watched = Vec::new();
    for id in 1..=4 {
        data.put(&format!("/posts/{id}"), "1");
        watched.push(shown(&client, get_post(id)).await);
    }
    data.take_asked();
    for _ in 0..3 {
        client.mutate(update_post(9)).await.unwrap();
        audit.finished().await;
    }
    let asked: Vec<String> = data.take_asked().into_iter().filter(|line| line.starts_with("GET")).collect();
    let turns = ["GET /posts/1", "GET /posts/2", "GET /posts/3", "GET /posts/4", "GET /posts/1"];
    assert_eq!(asked, turns);
    let left_out: Vec<usize> = audit.reports().iter().map(|report| report.over_budget).collect();
    assert_eq!(left_out, [2, 2, 3]);
}

#[tokio::test(start_paused = true)]
async fn b37_a_mutation_that_comes_in_between_ends_the_audit_and_shares_the_blame() {
    let audit = Audit::new();
    let (client, data) = audited(&audit);
    data.put("/stats", "1");
    let _watched = shown(&client, stats()).await;
    let audit_of_first = data.hold("/stats");
    data.on_write("/stats", Some("2"));
    client.mutate(update_post(1)).await.unwrap();
    yield_often().await;
    let second = Mutation::<()>::empty(Request::post("reset", "/reset"));
    client.mutate(second).await.unwrap();
    audit_of_first.send(()).unwrap();
    audit.finished().await;
    let reports = audit.reports();
    assert_eq!((reports[0].overtaken, reports[0].misses.len()), (1, 0), "{audit}");
    assert_eq!(reports[1].misses.len(), 1, "{audit}");
    assert_eq!(reports[1].misses[0].also_possible, ["updatePost"]);
}

#[tokio::test(start_paused = true)]
async fn b37_nothing_is_sent_that_the_application_did_not_ask_for() {
    let audit = Audit::new();
    let (client, data) = audited(&audit);
    // This entry came from a mutation's response; nobody ever asked for it.
    client.mutate(update_post(1).writes(get_post(1))).await.unwrap();
    client.mutate(update_post(2)).await.unwrap();
    audit.finished().await;
    assert_eq!(data.take_asked(), ["PATCH /posts/1", "PATCH /posts/2"]);
    assert_eq!(audit.reports().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn b37_a_response_that_was_written_and_is_not_what_the_server_says_is_a_miss() {
    let audit = Audit::new();
    let (client, data) = audited(&audit);
    data.put("/posts/1", r#"{"a": 0}"#);
    let _watched = shown(&client, get_post(1)).await;
    client.mutate(update_post(1).writes(get_post(1))).await.unwrap();
    audit.finished().await;
    assert!(audit.misses().is_empty(), "{audit}");
    data.on_write("/posts/1", Some(r#"{"a": 0, "more": true}"#));
    lock(&data.state).bodies.insert("/other".to_owned(), r#"{"a": 1}"#.to_owned());
    let wrong = Mutation::<Json>::new(Request::put("putOther", "/other")).writes(get_post(1));
    client.mutate(wrong).await.unwrap();
    audit.finished().await;
    let misses = audit.misses();
    assert!(misses.len() == 1 && misses[0].written, "{audit}");
}

#[tokio::test(start_paused = true)]
async fn b37_entries_that_wait_for_a_reader_are_compared_too_and_stay_as_they_are() {
    let audit = Audit::new();
    let (client, data) = audited(&audit);
    data.put("/posts/1", "1");
    client.prefetch(get_post(1), Prefetch::IfMissing);
    client.fetch(get_post(1)).await.unwrap();
    client.mutate(update_post(1)).await.unwrap();
    audit.finished().await;
    assert_eq!(audit.needless().len(), 1, "{audit}");
    data.take_asked();
    client.fetch(get_post(1)).await.unwrap();
    assert_eq!(data.take_asked(), ["GET /posts/1"], "it is still stale");
}

#[tokio::test(start_paused = true)]
async fn b37_a_refused_mutation_is_not_audited_and_nothing_waits_for_it() {
    let audit = Audit::new();
    let server = Server::default();
    let client = builder(&server).audit(&audit).build().unwrap();
    let mutating = client.mutate(update_post(1));
    server.next().await.with(422, json("{}"));
    mutating.await.unwrap_err();
    audit.finished().await;
    assert!(audit.reports().is_empty());
}

#[tokio::test(start_paused = true)]
async fn b37_a_line_holds_what_learning_needs_and_no_secret() {
    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);
    impl std::io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            lock(&self.0).extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let lines = Lines::default();
    let heard = Arc::new(Mutex::new(0));
    let count = heard.clone();
    let audit = Audit::new().lines(lines.clone()).on_report(move |_| *lock(&count) += 1);
    let data = Data::default();
    let client = Client::builder("https://api.example.com/v1").bearer_token("hidden").transport(data.clone());
    let client = client.audit(&audit).build().unwrap();
    data.put("/posts/1", r#"{"a": 0, "api_token": "hidden"}"#);
    data.put("/stats", "7");
    let _watched = (shown(&client, get_post(1)).await, shown(&client, stats()).await);
    data.on_write("/posts/1", Some(r#"{"a": 1, "api_token": "hidden"}"#));
    client.mutate(update_post(1)).await.unwrap();
    audit.finished().await;
    let text = String::from_utf8(lock(&lines.0).clone()).unwrap();
    assert!(text.ends_with('\n') && text.lines().count() == 1 && !text.contains("hidden"), "{text}");
    let line: Json = serde_json::from_str(&text).unwrap();
    let mutation = serde_json::json!({
        "operation_id": "updatePost", "method": "PATCH", "path_template": "/posts/{id}", "url": "/posts/1",
        "path_params": { "id": 1 }, "query": {}, "body": { "a": 1 },
        "status": 200, "ok": true, "response_body": { "a": 1, "api_token": null },
    });
    assert_eq!(line["mutation"], mutation);
    let query = |at: usize, name: &str| line["queries"][at][name].clone();
    assert_eq!(
        (query(0, "operation_id"), query(0, "changed"), query(0, "invalidated")),
        ("getStats".into(), false.into(), false.into())
    );
    assert_eq!((query(0, "response_before"), query(0, "response_after")), (7.into(), Json::Null));
    assert_eq!((query(1, "changed"), query(1, "invalidated")), (true.into(), true.into()));
    assert_eq!(
        (query(1, "response_after"), query(1, "changed_paths")),
        (serde_json::json!({ "a": 1, "api_token": null }), serde_json::json!(["/a"]))
    );
    assert_eq!(*lock(&heard), 1);
}

#[tokio::test(start_paused = true)]
async fn b37_a_client_without_an_audit_sends_nothing_more() {
    let data = Data::default();
    let client = Client::builder("https://api.example.com/v1").transport(data.clone()).build().unwrap();
    data.put("/stats", "1");
    let _watched = shown(&client, stats()).await;
    client.mutate(update_post(1)).refetched().await.unwrap();
    yield_often().await;
    assert_eq!(data.take_asked(), ["GET /stats", "PATCH /posts/1"]);
}
