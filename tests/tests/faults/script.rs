//! Servers that say what a test says, one answer after the other, in place of the API's.

use std::collections::VecDeque;
use std::time::Duration;

use larder::{Client, ClientBuilder, Error, Event, Json, Query, Request, Retry};

use super::fault::{Fault, say};
use super::server::{FaultServer, SECRET};

impl FaultServer {
    /// Answers each of these lines, such as `GET /feed`, in this order; whatever is asked beyond them is answered 418.
    pub fn script<const N: usize>(&self, answers: [(&'static str, Fault); N]) {
        let mut answers = VecDeque::from(answers);
        self.choose(move |request| {
            let at = answers.iter().position(|(line, _)| request.line() == *line);
            let answer = at.and_then(|at| answers.remove(at)).map(|(_, fault)| fault);
            Some(answer.unwrap_or_else(|| say("418 Nobody Said What", request.line()).all()))
        });
    }

    /// A client without credentials that tries so often more; the time between tries is skipped.
    pub fn patient(&self, times: u32) -> ClientBuilder {
        let clock = self.clock.clone();
        let between = move |event: &Event| match event {
            Event::Retrying { .. } => clock.skip(),
            Event::Requested { .. } => clock.run(),
            _ => {}
        };
        self.plain().retry(Retry::times(times)).on_event(between)
    }

    /// A client without credentials that tries once.
    pub fn plain(&self) -> ClientBuilder {
        let builder = Client::builder(self.url()).keep_unused(Duration::ZERO).retry(Retry::none());
        builder.max_response_bytes(1 << 20).stream_idle_timeout(Duration::from_secs(20))
    }

    /// What was asked since this was called last, such as `GET /feed?page=2`.
    pub fn asked(&self) -> Vec<String> {
        let of = |request: super::wire::Request| {
            format!("{} {}", request.method, request.target.strip_prefix("/api").unwrap_or(&request.target))
        };
        self.take().into_iter().map(|met| of(met.request)).collect()
    }
}

/// A query for the JSON at this path.
pub fn get(path: &'static str) -> Query<Json> {
    Query::new(Request::get("getIt", path))
}

/// JSON as an answer.
pub fn ok(body: impl Into<Vec<u8>>) -> Fault {
    say("200 OK", body).all()
}

/// The error says what it is of, and all of these words; it holds nothing that nobody may read.
pub fn tells(error: &Error, line: &str, words: &[&str]) {
    let text = error.to_string();
    assert!(text.starts_with(line) && text.contains(", request "), "{text}");
    for word in words {
        assert!(text.contains(word), "no {word:?} in {text}");
    }
    keeps_secrets(error);
}

/// Neither the error nor what is behind it holds what was sent in secret.
pub fn keeps_secrets(error: &Error) {
    let mut next: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = next {
        let text = format!("{error} {error:?}");
        assert!(!text.contains(SECRET) && !text.contains("s3cret"), "{text}");
        next = error.source();
    }
}

/// Lets the client's clock go on without waiting for it.
pub async fn later(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}
