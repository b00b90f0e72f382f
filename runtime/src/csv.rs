//! Rows of `text/csv`, each a struct by the names in the first row.

use bytes::Bytes;
use csv::{DeserializeErrorKind, Error as CsvError, ErrorKind as CsvErrorKind, StringRecord};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::DecodeFailure;
use crate::mutation::Mutation;
use crate::query::Query;
use crate::request::Request;
use crate::response::RawResponse;

const ACCEPT_CSV: &str = "text/csv";

impl<R: DeserializeOwned + Send + Sync + 'static> Query<Vec<R>> {
    /// A query whose response is `text/csv` with a row of names first. Each further row is read as an `R` by those names, with
    /// serde. With the feature `csv`.
    pub fn csv(request: Request) -> Query<Vec<R>> {
        Query::reading(request, ACCEPT_CSV, rows)
    }
}

impl<R: DeserializeOwned + Send + Sync + 'static> Mutation<Vec<R>> {
    /// A mutation whose response is `text/csv`. See [`Query::csv`]. With the feature `csv`.
    pub fn csv(request: Request) -> Mutation<Vec<R>> {
        Mutation::reading(request, ACCEPT_CSV, rows)
    }
}

impl<T> Query<T> {
    /// The same query for the response as rows of `text/csv`, where the server offers several media types. What holds for
    /// [`as_text`](Self::as_text) holds for it. With the feature `csv`.
    pub fn as_csv<R: DeserializeOwned + Send + Sync + 'static>(self) -> Query<Vec<R>> {
        self.reread(ACCEPT_CSV, rows)
    }
}

impl<T> Mutation<T> {
    /// As [`Query::as_csv`].
    pub fn as_csv<R: DeserializeOwned + Send + Sync + 'static>(self) -> Mutation<Vec<R>> {
        self.reread(ACCEPT_CSV, rows)
    }
}

impl Request {
    /// Sends these as `text/csv`, with a row of their fields' names first. With the feature `csv`.
    pub fn csv<R: Serialize>(mut self, rows: &[R]) -> Request {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let written = rows.iter().try_for_each(|row| writer.serialize(row));
        match written.map_err(|error| error.to_string()).and_then(|()| writer.into_inner().map_err(|e| e.to_string())) {
            Ok(body) => self.bytes("text/csv; charset=utf-8", Bytes::from(body)),
            Err(problem) => {
                self.fail(format!("the body cannot be written as CSV: {problem}"));
                self
            }
        }
    }
}

/// Reads the rows. What is wrong is told by row and column, never by what stands there.
fn rows<R: DeserializeOwned>(response: &RawResponse) -> Result<Vec<R>, DecodeFailure> {
    const MARK: &[u8] = "\u{feff}".as_bytes();
    let body = response.body();
    let text = body.strip_prefix(MARK).unwrap_or(body);
    let mut reader = csv::Reader::from_reader(text);
    let names = reader.headers().cloned().map_err(|error| failure(&error, &StringRecord::new()))?;
    reader.deserialize().map(|row| row.map_err(|error| failure(&error, &names))).collect()
}

fn failure(error: &CsvError, names: &StringRecord) -> DecodeFailure {
    let line = error.position().map_or_else(String::new, |at| format!("line {}", at.line()));
    let detail = match error.kind() {
        CsvErrorKind::Utf8 { .. } => format!("{line}: it is not UTF-8"),
        CsvErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("{line}: the row has {len} fields instead of {expected_len}")
        }
        CsvErrorKind::Deserialize { err, .. } => {
            let column = err.field().and_then(|at| names.get(usize::try_from(at).ok()?));
            let column = column.map_or_else(String::new, |name| format!(", column {name:?}"));
            let what = match err.kind() {
                DeserializeErrorKind::ParseInt(_) => "it is no integer that fits",
                DeserializeErrorKind::ParseFloat(_) => "it is no number",
                DeserializeErrorKind::ParseBool(_) => "it is neither true nor false",
                DeserializeErrorKind::UnexpectedEndOfRow => "the row is too short",
                DeserializeErrorKind::Message(said) if said.starts_with("missing field") => said,
                _ => "it is not what was expected",
            };
            format!("{line}{column}: {what}")
        }
        _ => format!("{line}: it is no CSV"),
    };
    DecodeFailure { detail, json_path: None }
}
