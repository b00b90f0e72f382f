//! Recorded traffic of a server: each mutation, and every query before and after it.

mod score;

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use serde::Deserialize;
use serde_json::Value;

use crate::plan::evaluate::Call;
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
    /// The answer after it.
    #[serde(default)]
    pub response_after: Value,
    /// Whether the two differ in what matters.
    pub changed: bool,
    /// Whether there was data before the mutation, which could go stale.
    #[serde(default = "yes")]
    pub cached: bool,
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
    serde_json::from_slice(&bytes).map_err(no_recording)
}

impl RecordedMutation {
    /// Whether the server did it.
    pub fn succeeded(&self) -> bool {
        self.ok.unwrap_or_else(|| self.status.is_some_and(|status| (200..300).contains(&status)))
    }
}

fn yes() -> bool {
    true
}
