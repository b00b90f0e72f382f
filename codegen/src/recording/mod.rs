//! Recorded traffic of a server: each mutation, and every query before and after it.

mod exchanges;
mod score;

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::plan::evaluate::Call;
use exchanges::Exchange;
pub use score::{Pair, Score, score};

/// A mutation that was sent, and what became of the queries.
#[derive(Clone, Debug, Deserialize)]
pub struct Step {
    /// The mutation.
    pub mutation: RecordedMutation,
    /// Every query that was asked before and after it.
    pub queries: Vec<RecordedQuery>,
}

/// A mutation with the server's answer.
#[derive(Clone, Debug, Deserialize)]
pub struct RecordedMutation {
    /// The call.
    #[serde(flatten)]
    pub call: Call,
    /// The status of the answer.
    #[serde(default)]
    pub status: Option<u16>,
    /// The answer's body; `null` without one.
    #[serde(default)]
    pub response_body: Value,
    /// Whether it succeeded, where the status does not say.
    #[serde(default)]
    pub ok: Option<bool>,
}

/// A query with the server's answers before and after a mutation.
#[derive(Clone, Debug, Deserialize)]
pub struct RecordedQuery {
    /// The call.
    #[serde(flatten)]
    pub call: Call,
    /// As it was sent, for people.
    #[serde(default)]
    pub url: Option<String>,
    /// The status of the answer before the mutation.
    #[serde(default)]
    pub status_before: Option<u16>,
    /// The answer before the mutation.
    #[serde(default)]
    pub response_before: Value,
    /// The answer after it; left out, it is the one before.
    #[serde(default, deserialize_with = "given")]
    pub response_after: Option<Value>,
    /// Whether the two differ in what matters.
    pub changed: bool,
    /// Whether there was data before the mutation, which could go stale.
    #[serde(default = "yes")]
    pub cached: bool,
    /// Other mutations that may have changed it.
    #[serde(default)]
    pub also_possible: Vec<String>,
}

/// Reads a recording: JSON, or JSON that gzip made smaller.
///
/// # Errors
/// When the file cannot be read, or is no recording.
pub fn read(path: &Path) -> io::Result<Vec<Step>> {
    let mut bytes = Vec::new();
    BufReader::new(File::open(path)?).read_to_end(&mut bytes)?;
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut text = Vec::new();
        MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut text)?;
        bytes = text;
    }
    let no_recording = |error| io::Error::other(format!("{}: this is no recording: {error}", path.display()));
    // What `larder::Recorder` keeps has exchanges for lines.
    let mut values = serde_json::Deserializer::from_slice(&bytes).into_iter::<Exchange>();
    if values.next().is_some_and(|first| first.is_ok()) {
        let exchanges = serde_json::Deserializer::from_slice(&bytes).into_iter().collect::<Result<Vec<_>, _>>();
        return Ok(exchanges::steps(&exchanges.map_err(no_recording)?));
    }
    // A list of steps, or a step a line.
    let is_list = bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[');
    if is_list {
        return serde_json::from_slice(&bytes).map_err(no_recording);
    }
    serde_json::Deserializer::from_slice(&bytes).into_iter().collect::<Result<_, _>>().map_err(no_recording)
}

impl RecordedQuery {
    /// The answer after the mutation.
    pub fn after(&self) -> &Value {
        self.response_after.as_ref().unwrap_or(&self.response_before)
    }

    /// Whether what became of it is the mutation's doing, as far as anybody can tell.
    pub fn teaches(&self) -> bool {
        self.cached && self.also_possible.is_empty()
    }
}

impl RecordedMutation {
    /// Whether the server did it.
    pub fn succeeded(&self) -> bool {
        self.ok.unwrap_or_else(|| self.status.is_some_and(|status| (200..300).contains(&status)))
    }
}

/// `null` is an answer, too.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

fn yes() -> bool {
    true
}
