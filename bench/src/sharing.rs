//! What a refetch costs whose list holds parts, beside the same list without: processor time from `refetch` to the answer.

#![forbid(unsafe_code)]

use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use cpu_time::ThreadTime;
use larder::http::{Request as HttpRequest, Response};
use larder::{
    BoxFuture, Bytes, Client, Error, Nullable, Part, Query, Request, ResponseBody, Transport, TransportError,
};
use serde::de::DeserializeOwned;

/// As many refetches of each kind; the best of them counts.
const ROUNDS: usize = 30;

/// A thing as APIs have them: texts, numbers, a list.
#[expect(dead_code, reason = "it is read, and not looked at")]
struct Post {
    id: i64,
    author_id: i64,
    author: String,
    content: String,
    visibility: String,
    favourited: bool,
    favourites_count: i32,
    comments_count: i32,
    tags: Vec<String>,
    created_at: String,
    edited_at: Nullable<String>,
}

larder::object! {
    read Post {
        id = "id" required, author_id = "author_id" required, author = "author" required,
        content = "content" required, visibility = "visibility" required, favourited = "favourited" required,
        favourites_count = "favourites_count" required, comments_count = "comments_count" required,
        tags = "tags" required, created_at = "created_at" required, edited_at = "edited_at" nullable,
    }
}

/// The least that an object can be.
#[expect(dead_code, reason = "it is read, and not looked at")]
struct Point {
    at: i64,
    value: f64,
}

larder::object! { read Point { at = "at" required, value = "value" required } }

fn post(id: usize, version: usize) -> String {
    let (author, second) = (id % 50, id % 60);
    format!(
        r#"{{"id":{id},"author_id":{author},"author":"User number {author}","content":"Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do \"eiusmod\" tempor incididunt ut labore et dolore magna aliqua {version}.","visibility":"public","favourited":false,"favourites_count":{},"comments_count":{},"tags":["one","two","three"],"created_at":"2026-01-01T12:00:{second:02}Z","edited_at":null}}"#,
        id % 7,
        id % 11,
    )
}

fn point(id: usize, version: usize) -> String {
    format!(r#"{{"at":{},"value":{}.5}}"#, 1_700_000_000 + id, id * 7919 % 1000 + version)
}

/// What the server answers, which changes between two requests.
#[derive(Clone, Default)]
struct Changing(Arc<Mutex<Bytes>>);

impl Changing {
    fn set(&self, body: &Bytes) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = body.clone();
    }
}

impl Transport for Changing {
    fn send(&self, _: HttpRequest<Bytes>) -> BoxFuture<Result<Response<ResponseBody>, TransportError>> {
        let body = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Box::pin(async { Ok(Response::new(body.into())) })
    }
}

/// Two lists that follow one another again and again.
struct Case {
    name: &'static str,
    bodies: [Bytes; 2],
}

fn cases(count: usize, one: fn(usize, usize) -> String) -> Vec<Case> {
    let list = |items: Vec<String>| Bytes::from(format!("[{}]", items.join(",")));
    let all = |version: &dyn Fn(usize) -> usize| (0..count).map(|id| one(id, version(id))).collect::<Vec<_>>();
    let changed = |at: usize| list(all(&|id| if id == at { at + 12_345 } else { 0 }));
    let base = all(&|_| 0);
    let (mut more, mut reversed) = (base.clone(), base.clone());
    more.insert(0, one(count, 0));
    reversed.reverse();
    vec![
        Case { name: "one changed", bodies: [changed(count / 100), changed(count / 2)] },
        Case { name: "one put in front", bodies: [list(base.clone()), list(more)] },
        Case { name: "reversed", bodies: [list(base), list(reversed)] },
        Case { name: "all changed", bodies: [list(all(&|_| 1)), list(all(&|_| 2))] },
    ]
}

/// The best of the first answer and of each case, in microseconds.
async fn times<T: DeserializeOwned + Send + Sync + 'static>(cases: &[Case]) -> Result<Vec<f64>, Error> {
    let server = Changing::default();
    let client = Client::builder("https://api.example.com").transport(server.clone()).build()?;
    let query = |number: usize| Query::<T>::new(Request::get("list", "/list").query_param("number", &number));
    let mut first = f64::INFINITY;
    for (round, body) in cases.iter().flat_map(|case| &case.bodies).cycle().take(ROUNDS).enumerate() {
        server.set(body);
        let started = ThreadTime::now();
        drop(client.fetch(query(round)).await?);
        first = first.min(started.elapsed().as_secs_f64());
    }
    let mut found = vec![first * 1e6];
    for case in cases {
        let mut best = f64::INFINITY;
        for round in 0..ROUNDS {
            server.set(&case.bodies[round % 2]);
            let started = ThreadTime::now();
            drop(client.refetch(&query(ROUNDS)).await?);
            // The first two meet what another case left.
            best = if round < 2 { best } else { best.min(started.elapsed().as_secs_f64()) };
        }
        found.push(best * 1e6);
    }
    Ok(found)
}

async fn table() -> Result<(), Error> {
    let (posts, points) = (cases(1_000, post), cases(10_000, point));
    let rows = [
        ("1,000 posts", times::<Vec<Post>>(&posts).await?),
        ("1,000 posts, parts", times::<Vec<Part<Post>>>(&posts).await?),
        ("10,000 points", times::<Vec<Point>>(&points).await?),
        ("10,000 points, parts", times::<Vec<Part<Point>>>(&points).await?),
    ];
    let names: Vec<&str> = posts.iter().map(|case| case.name).collect();
    println!("| µs | first | {} |\n|---|---:|{}", names.join(" | "), "---:|".repeat(names.len()));
    for (name, times) in rows {
        let times: Vec<String> = times.iter().map(|time| format!("{time:.0}")).collect();
        println!("| {name} | {} |", times.join(" | "));
    }
    Ok(())
}

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    let done = runtime.map_err(|error| error.to_string());
    match done.and_then(|runtime| runtime.block_on(table()).map_err(|error| error.to_string())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
