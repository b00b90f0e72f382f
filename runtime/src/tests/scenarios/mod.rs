//! Scenarios against the public API in virtual time, many of them after tests of other projects: see `docs/behaviour.md`.

mod arriving;
mod by_hand;
mod conditional;
mod events;
mod freshness;
mod groups;
mod hosts;
mod invalidation;
mod layers;
mod lifetime;
mod moving;
mod mutations;
mod polling;
mod races;
mod retrying;
mod retrying_mutations;
mod settings;
mod sharing;
mod states;
mod targets;
mod waiting;

use std::sync::atomic::{AtomicBool, Ordering};

use super::*;
use crate::{Cause, Prefetch, State, Watcher};

const USER: TagType = TagType::new("User");

/// A server that answers at once: each path with how often it was asked for so far, and what changes data with nothing.
#[derive(Clone, Default)]
struct Counter {
    asked: Arc<Mutex<Vec<String>>>,
    fails: Arc<AtomicBool>,
}

impl Transport for Counter {
    fn send(&self, request: ::http::Request<Bytes>) -> BoxFuture<Answer> {
        let path = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
        let path = path.trim_start_matches("/v1").to_owned();
        lock(&self.asked).push(path.clone());
        let body = if request.method() == "GET" { self.of(&path).to_string() } else { "{}".to_owned() };
        let status = if self.fails.load(Ordering::SeqCst) { 500 } else { 200 };
        Box::pin(async move { Ok(Response::builder().status(status).body(body.into()).unwrap()) })
    }
}

impl Counter {
    /// How often a path was asked for.
    fn of(&self, path: &str) -> usize {
        lock(&self.asked).iter().filter(|asked| *asked == path).count()
    }

    /// How often anything was asked for.
    fn all(&self) -> usize {
        lock(&self.asked).len()
    }

    /// From now on, answers are errors, or no longer.
    fn fail(&self, on: bool) {
        self.fails.store(on, Ordering::SeqCst);
    }
}

/// A client of a server that counts.
fn counting() -> (Client, Counter) {
    counting_with(|builder| builder)
}

fn counting_with(set_up: impl FnOnce(ClientBuilder) -> ClientBuilder) -> (Client, Counter) {
    let server = Counter::default();
    let builder = Client::builder("https://api.example.com/v1").transport(server.clone()).retry(Retry::none());
    (set_up(builder).build().unwrap(), server)
}

/// A client that was set up so, with a server that is answered by hand.
fn setup_with(set_up: impl FnOnce(ClientBuilder) -> ClientBuilder) -> (Client, Server) {
    let server = Server::default();
    (set_up(builder(&server)).build().unwrap(), server)
}

/// What the watcher sees now.
fn seen<T: Send + Sync + 'static>(watcher: &Watcher<T>) -> State<T> {
    watcher.snapshot()
}

/// The number that the watcher sees, `-1` for none.
fn number(watcher: &Watcher<Json>) -> i64 {
    seen(watcher).data.and_then(|data| data.as_i64()).unwrap_or(-1)
}

/// A query of a path that provides one tag.
fn of(path: &'static str, tag: impl Into<crate::Tags>) -> Query<Json> {
    Query::new(Request::get("of", path)).provides(tag)
}

/// A mutation that invalidates tags.
fn changing(tags: impl Into<crate::Tags>) -> Mutation<Json> {
    Mutation::new(Request::post("change", "/change")).invalidates(tags)
}

/// Watches, and waits for the first answer of a server that counts.
async fn watched(client: &Client, query: Query<Json>) -> Watcher<Json> {
    let watcher = client.watch(query);
    yield_often().await;
    watcher
}

/// Answers what was asked so far, and what that leads to.
async fn answer_all(server: &Server, body: &'static str) {
    loop {
        server.settled().await;
        let next = lock(&server.asked).pop_front();
        let Some(asked) = next else { return };
        asked.ok(json(body));
    }
}

/// Lets virtual time pass, and everything that is due by then happen.
async fn after(time: Duration) {
    tokio::time::sleep(time).await;
    yield_often().await;
}
