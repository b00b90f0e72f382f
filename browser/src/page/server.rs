//! A trial's own part of the server: how it answers, what arrived, the gates at which answers wait.
//!
//! It is told through its other origin, so that answers which wait do not use up the connections.

use larder::Json;
use serde::Deserialize;
use serde_json::json;

/// A request that arrived.
#[derive(Deserialize)]
pub struct Arrived {
    /// Method, path and query string.
    pub call: String,
    headers: Json,
    pub body: String,
}

impl Arrived {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers[name].as_str()
    }
}

pub struct Server {
    control: String,
}

impl Server {
    pub fn new(origin: &str, trial: &str) -> Server {
        Server { control: format!("{origin}/control/{trial}") }
    }

    /// Has a call answered with this: `status`, `headers`, `body`, and the `gate` at which the answer waits. Several answers are
    /// given one after the other, and the last again and again. A body can be an array of pieces and gates. What it `refuses` is a
    /// token: 401 is the answer to that.
    pub async fn answers(&self, on: &str, mut answer: Json) {
        answer["on"] = on.into();
        self.tell("answer", &answer).await;
    }

    pub async fn answers_json(&self, on: &str, body: &Json) {
        let headers = json!({ "content-type": "application/json" });
        self.answers(on, json!({ "headers": headers, "body": body.to_string() })).await;
    }

    /// What arrived, once there is that much.
    pub async fn arrived(&self, least: usize) -> Vec<Arrived> {
        serde_json::from_str(&self.tell("arrived", &least.into()).await).expect("requests")
    }

    /// The calls that arrived, once there are so many.
    pub async fn calls(&self, least: usize) -> Vec<String> {
        self.arrived(least).await.into_iter().map(|arrived| arrived.call).collect()
    }

    pub async fn open(&self, gate: &str) {
        self.tell("open", &gate.into()).await;
    }

    /// Returns once the page has given up so many answers.
    pub async fn given_up(&self, least: usize) {
        self.tell("given-up", &least.into()).await;
    }

    async fn tell(&self, what: &str, said: &Json) -> String {
        let sent = reqwest::Client::new().post(format!("{}/{what}", self.control)).body(said.to_string()).send().await;
        let answer = sent.and_then(reqwest::Response::error_for_status).expect("the server listens");
        answer.text().await.expect("an answer")
    }
}
