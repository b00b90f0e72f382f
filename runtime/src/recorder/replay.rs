//! A transport that answers from a recording.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderName, HeaderValue};

use super::Exchange;
use crate::formats::Format as _;
use crate::guard::lock;
use crate::mock::{MockAnswer, unknown};
use crate::platform::BoxFuture;
use crate::recorded;
use crate::sync::Mutex;
use crate::transport::{ResponseBody, Transport, TransportError};

/// A transport that answers as a server did when a [`Recorder`](crate::Recorder) listened. Cheap to clone; clones are at the same
/// place of the recording.
///
/// A call is found by its operation, its args and its body; credentials and headers do not count. What was asked several times is
/// answered in the order of the recording, and at its end with the last answer again. What was never asked is answered with 404
/// and a text that says so. What is hidden in the recording is `null` in its answers.
///
/// ```no_run
/// # fn build() -> Result<larder::Client, Box<dyn std::error::Error>> {
/// use larder::{Client, Replay};
///
/// let client = Client::builder("https://api.example.com").transport(Replay::open("recording.jsonl")?).build()?;
/// # Ok(client)
/// # }
/// ```
#[derive(Clone)]
pub struct Replay {
    hidden: Vec<String>,
    /// By call.
    answers: Arc<Mutex<HashMap<String, Answers>>>,
}

/// What a call is answered, one after the other.
#[derive(Default)]
struct Answers {
    all: Vec<MockAnswer>,
    given: usize,
}

/// Why a text is no recording that can be given back.
#[derive(Debug)]
pub struct NoRecording(String);

impl fmt::Display for NoRecording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "this is no recording: {}", self.0)
    }
}

impl std::error::Error for NoRecording {}

impl Replay {
    /// Reads a recording from a file.
    ///
    /// # Errors
    /// When the file cannot be read, or is no recording.
    pub fn open(path: impl AsRef<Path>) -> Result<Replay, NoRecording> {
        let text = std::fs::read_to_string(path).map_err(|error| NoRecording(error.to_string()))?;
        Replay::from_text(&text)
    }

    /// Reads a recording: an exchange a line.
    ///
    /// # Errors
    /// When it is none; the error says in which line, and quotes nothing.
    pub fn from_text(text: &str) -> Result<Replay, NoRecording> {
        let mut answers: HashMap<String, Answers> = HashMap::new();
        let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        for (at, line) in lines {
            let exchange: Exchange = serde_json::from_str(line).map_err(|error| {
                let what = if error.is_data() { "is no exchange" } else { "is no JSON" };
                NoRecording(format!("line {} {what}, at column {}", at + 1, error.column()))
            })?;
            let answer = answer(&exchange);
            answers.entry(key(exchange)).or_default().all.push(answer);
        }
        Ok(Replay { hidden: Vec::new(), answers: Arc::new(Mutex::new(answers)) })
    }

    /// Finds calls without these members and parameters, which the recorder was told to [hide](crate::Recorder::hide).
    #[must_use]
    pub fn hide<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Replay {
        self.hidden.extend(names.into_iter().map(Into::into));
        self
    }
}

impl Transport for Replay {
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<Result<http::Response<ResponseBody>, TransportError>> {
        let key = key(Exchange::of(&request).hidden(&self.hidden));
        let answer = lock(&self.answers).get_mut(&key).and_then(|answers| {
            let answer = answers.all.get(answers.given).or(answers.all.last()).cloned();
            answers.given += 1;
            answer
        });
        answer.unwrap_or_else(|| unknown(&request)).send()
    }
}

/// What tells one call from another. Members are sorted, so that the order in which they were set does not count.
fn key(exchange: Exchange) -> String {
    let Exchange { operation_id, method, path_template, path_params, query, body, .. } = exchange;
    let args = recorded::sorted(serde_json::json!([path_params, query, body]));
    format!("{operation_id} {method} {path_template} {args}")
}

fn answer(exchange: &Exchange) -> MockAnswer {
    let Some(status) = exchange.status.filter(|_| !exchange.response_left_out) else {
        return if exchange.failed.as_deref() == Some("not_sent") {
            MockAnswer::not_sent()
        } else {
            MockAnswer::lost()
        };
    };
    let body = match (&exchange.response_text, &exchange.response_base64, &exchange.response_body) {
        (Some(text), _, _) => Bytes::from(text.clone()),
        (_, Some(base64), _) => Vec::<u8>::read(base64).map(Bytes::from).unwrap_or_default(),
        (_, _, serde_json::Value::Null) => Bytes::new(),
        (_, _, json) => Bytes::from(json.to_string()),
    };
    let named = exchange.response_headers.iter().filter_map(|(name, value)| {
        Some((HeaderName::try_from(name.as_str()).ok()?, HeaderValue::from_str(value).ok()?))
    });
    named.fold(MockAnswer::empty(status).body(body), |answer, (name, value)| answer.header(name, value))
}

impl fmt::Debug for Replay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replay").field("calls", &lock(&self.answers).len()).finish_non_exhaustive()
    }
}
