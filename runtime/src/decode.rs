//! Turns a response into a value.

use bytes::Bytes;
use serde::de::DeserializeOwned;

use crate::Json;
use crate::by_status::ByStatus;
use crate::coding::media_type;
use crate::decode_message::decode_message;
use crate::error::DecodeFailure;
use crate::json_path::json_path;
use crate::response::RawResponse;

/// How an operation's response becomes a value.
pub(crate) type Decode<T> = fn(&RawResponse) -> Result<T, DecodeFailure>;

pub(crate) const ACCEPT_JSON: &str = "application/json";
pub(crate) const ACCEPT_JSON_LINES: &str = "application/jsonl, application/x-ndjson;q=0.9, */*;q=0.5";
pub(crate) const ACCEPT_TEXT: &str = "text/plain, */*;q=0.5";
/// A status may stand for something else than JSON.
pub(crate) const ACCEPT_BY_STATUS: &str = "application/json, */*;q=0.5";
pub(crate) const ACCEPT_ANY: &str = "*/*";

/// JSON. An empty body is read as `null`, so that an optional result can be a `204`.
pub fn json<T: DeserializeOwned>(response: &RawResponse) -> Result<T, DecodeFailure> {
    let body = &response.body;
    let text = body_or_null(body);
    serde_json::from_slice(text).map_err(|error| {
        let failure = json_failure(body, &error);
        match other_media_type(response).filter(|_| error.is_syntax()) {
            Some(other) => DecodeFailure {
                detail: format!("it is `{other}` and no JSON; `as_text` and `as_bytes` read such ({})", failure.detail),
                ..failure
            },
            None => failure,
        }
    })
}

/// What the server calls its answer, if that is not JSON.
fn other_media_type(response: &RawResponse) -> Option<&str> {
    let media = media_type(&response.headers)?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || "/+-._*".contains(c);
    let plain = media.contains('/') && media.len() <= 100 && media.chars().all(is_name);
    (plain && !media.to_ascii_lowercase().contains("json")).then_some(media)
}

/// One JSON text.
pub(crate) fn json_text<T: DeserializeOwned>(text: &[u8]) -> Result<T, DecodeFailure> {
    serde_json::from_slice(text).map_err(|error| json_failure(text, &error))
}

/// Many JSON texts, one after the other: lines, or records of a JSON text sequence (RFC 7464).
pub fn json_lines<T: DeserializeOwned>(response: &RawResponse) -> Result<Vec<T>, DecodeFailure> {
    const RECORD_SEPARATOR: u8 = 0x1e;
    let mut items = Vec::new();
    for (at, line) in response.body.split(|byte| matches!(*byte, b'\n' | RECORD_SEPARATOR)).enumerate() {
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let item = serde_json::from_slice(line).map_err(|error| DecodeFailure {
            detail: format!("line {}: {}", at + 1, decode_message(&error)),
            json_path: json_path(line, error.line(), error.column()),
        })?;
        items.push(item);
    }
    Ok(items)
}

/// Text, in UTF-8.
pub fn text(response: &RawResponse) -> Result<String, DecodeFailure> {
    text_of(&response.body)
}

/// Text, in UTF-8.
pub(crate) fn text_of(body: &[u8]) -> Result<String, DecodeFailure> {
    match std::str::from_utf8(body) {
        Ok(text) => Ok(text.to_owned()),
        Err(error) => Err(DecodeFailure { detail: format!("the text is not UTF-8: {error}"), json_path: None }),
    }
}

/// The body as it is.
pub fn bytes(response: &RawResponse) -> Result<Bytes, DecodeFailure> {
    Ok(response.body.clone())
}

/// The response as it came.
#[expect(clippy::unnecessary_wraps, reason = "all decoders have one shape")]
pub(crate) fn raw(response: &RawResponse) -> Result<RawResponse, DecodeFailure> {
    Ok(response.clone())
}

/// What no document describes: JSON, or a text as such; an empty body is `null`.
pub(crate) fn undescribed(response: &RawResponse) -> Result<Json, DecodeFailure> {
    let said = media_type(&response.headers).unwrap_or_default().to_ascii_lowercase();
    if said.starts_with("text/") {
        return text(response).map(Json::String);
    }
    let failure = match json(response) {
        Ok(value) => return Ok(value),
        Err(failure) => failure,
    };
    if said.contains("json") {
        return Err(failure);
    }
    let detail = "nothing describes it, and it is neither JSON nor text: ask for it by `as_bytes`".to_owned();
    text(response).map(Json::String).map_err(|_| DecodeFailure { detail, json_path: None })
}

/// Nothing: whatever the body holds is left unread.
#[expect(clippy::unnecessary_wraps, reason = "all decoders have one shape")]
pub(crate) fn empty(_response: &RawResponse) -> Result<(), DecodeFailure> {
    Ok(())
}

/// What the status says it is.
pub(crate) fn by_status<T: ByStatus>(response: &RawResponse) -> Result<T, DecodeFailure> {
    let undocumented = || {
        let detail = format!("the status {} is not documented", response.status.as_u16());
        Err(DecodeFailure { detail, json_path: None })
    };
    T::by_status(response).unwrap_or_else(undocumented)
}

fn body_or_null(body: &Bytes) -> &[u8] {
    if body.iter().all(u8::is_ascii_whitespace) { b"null" } else { body }
}

fn json_failure(body: &[u8], error: &serde_json::Error) -> DecodeFailure {
    if body.iter().all(u8::is_ascii_whitespace) {
        return DecodeFailure { detail: "the body is empty".to_owned(), json_path: None };
    }
    DecodeFailure { detail: decode_message(error), json_path: json_path(body, error.line(), error.column()) }
}
