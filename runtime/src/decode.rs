//! Turns a response's body into a value.

use bytes::Bytes;
use serde::de::DeserializeOwned;

use crate::error::DecodeFailure;
use crate::json_path::json_path;

/// How an operation's body becomes a value.
pub(crate) type Decode<T> = fn(&Bytes) -> Result<T, DecodeFailure>;

pub(crate) const ACCEPT_JSON: &str = "application/json";
pub(crate) const ACCEPT_TEXT: &str = "text/plain, */*;q=0.5";
pub(crate) const ACCEPT_ANY: &str = "*/*";

/// JSON. An empty body is read as `null`, so that an optional result can be a `204`.
pub(crate) fn json<T: DeserializeOwned>(body: &Bytes) -> Result<T, DecodeFailure> {
    let text = body_or_null(body);
    serde_json::from_slice(text).map_err(|error| json_failure(body, &error))
}

/// Text, in UTF-8.
pub(crate) fn text(body: &Bytes) -> Result<String, DecodeFailure> {
    match std::str::from_utf8(body) {
        Ok(text) => Ok(text.to_owned()),
        Err(error) => Err(DecodeFailure { detail: format!("the text is not UTF-8: {error}"), json_path: None }),
    }
}

/// The body as it is.
#[expect(clippy::unnecessary_wraps, reason = "all decoders have one shape")]
pub(crate) fn bytes(body: &Bytes) -> Result<Bytes, DecodeFailure> {
    Ok(body.clone())
}

/// Nothing: whatever the body holds is left unread.
#[expect(clippy::unnecessary_wraps, reason = "all decoders have one shape")]
pub(crate) fn empty(_body: &Bytes) -> Result<(), DecodeFailure> {
    Ok(())
}

fn body_or_null(body: &Bytes) -> &[u8] {
    if body.iter().all(u8::is_ascii_whitespace) { b"null" } else { body }
}

fn json_failure(body: &Bytes, error: &serde_json::Error) -> DecodeFailure {
    if body.iter().all(u8::is_ascii_whitespace) {
        return DecodeFailure { detail: "the body is empty".to_owned(), json_path: None };
    }
    DecodeFailure { detail: error.to_string(), json_path: json_path(body, error.line(), error.column()) }
}
