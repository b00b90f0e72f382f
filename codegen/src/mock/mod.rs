//! An example response for each operation: the document's own where the generated types can read it, else one made up.

mod compose;
mod fits;

use serde_json::Value;

use self::compose::Composer;
use crate::load::Document;
use crate::model::{Api, Decoding, Operation, Sample};

/// Examples of more values than this are not taken: whole dumps are of no use in code.
const MAX_VALUES: usize = 2_000;

/// What an operation answers.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) body: String,
}

/// An answer for each operation, in the order of the document. An operation whose answer cannot be made up has none.
pub(crate) fn answers(document: &Document, api: &Api) -> Vec<Answer> {
    let composer = Composer::new(document, api);
    api.operations.iter().filter_map(|operation| answer(document, &composer, operation)).collect()
}

/// The JSON of each answer that is JSON, with the operation's id and the status: for tests.
pub(crate) fn values(document: &Document, api: &Api) -> Vec<(String, u16, Value)> {
    let composer = Composer::new(document, api);
    let value = |operation: &Operation| {
        let sample = operation.sample.as_ref()?;
        let is_json = matches!(sample.decoding, Decoding::Json | Decoding::JsonLines);
        let value = if is_json { composer.of_sample(sample)? } else { return None };
        Some((operation.id.clone(), sample.status, value))
    };
    api.operations.iter().filter_map(value).collect()
}

fn answer(document: &Document, composer: &Composer<'_>, operation: &Operation) -> Option<Answer> {
    let sample = operation.sample.as_ref()?;
    let value = || composer.of_sample(sample);
    let body = match sample.decoding {
        Decoding::Empty | Decoding::Undescribed | Decoding::ByStatus => String::new(),
        Decoding::Json => text(&value()?),
        Decoding::JsonLines => lines(&value()?)?,
        // A stream without events is one, too.
        Decoding::Text if sample.content_type.starts_with("text/event-stream") => {
            given_text(document, sample).unwrap_or_default()
        }
        Decoding::Text | Decoding::Events => given_text(document, sample).unwrap_or_else(|| "text".to_owned()),
        Decoding::Bytes => given_text(document, sample).unwrap_or_default(),
    };
    Some(Answer {
        method: operation.method.clone(),
        path: operation.path.clone(),
        status: sample.status,
        content_type: sample.content_type.clone(),
        body,
    })
}

/// JSON as people read it: short values on one line.
fn text(value: &Value) -> String {
    const SHORT: usize = 60;
    let line = value.to_string();
    if line.len() <= SHORT { line } else { serde_json::to_string_pretty(value).unwrap_or(line) }
}

/// The document's example, if it is text.
fn given_text(document: &Document, sample: &Sample) -> Option<String> {
    sample.examples.iter().find_map(|node| document.str(*node)).map(str::to_owned)
}

/// JSON texts, one a line.
fn lines(value: &Value) -> Option<String> {
    Some(value.as_array()?.iter().map(|line| format!("{line}\n")).collect())
}
