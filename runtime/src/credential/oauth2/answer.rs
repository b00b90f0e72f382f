//! What a token server answers. Its text is never told, because it may hold what was sent.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use http::{HeaderMap, StatusCode};
use serde_json::Value as Json;

use super::{Failed, Token};
use crate::retry::{is_passing, retry_after};

/// The token server gives none now, and may later.
#[derive(Debug)]
pub(in crate::credential) struct PutOff {
    said: String,
    pub(in crate::credential) after: Duration,
}

impl fmt::Display for PutOff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.said)
    }
}

impl StdError for PutOff {}

/// The token, and the new refresh token if there is one.
pub(super) fn read(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Result<(Token, Option<String>), Failed> {
    let json: Json = serde_json::from_slice(body).unwrap_or_default();
    let text = |name: &str| json.get(name).and_then(Json::as_str).filter(|text| !text.is_empty());
    if !status.is_success() {
        let code = text("error").filter(|code| is_code(code)).map(|code| format!(": {code}")).unwrap_or_default();
        let said = format!("the token server answered {status}{code}");
        if is_passing(status) {
            return Err(PutOff { said, after: retry_after(headers).unwrap_or_default() }.into());
        }
        return Err(said.into());
    }
    let Some(access_token) = text("access_token") else {
        return Err("the token server's answer holds no access_token".into());
    };
    if !text("token_type").is_none_or(|kind| kind.eq_ignore_ascii_case("bearer")) {
        return Err("the token server gave a token that is no bearer token".into());
    }
    let token = Token::new(access_token);
    let token = match json.get("expires_in").and_then(seconds) {
        Some(lifetime) => token.expires_in(lifetime),
        None => token,
    };
    Ok((token, text("refresh_token").map(str::to_owned)))
}

/// Seconds as a number or, as some servers write them, as text.
fn seconds(value: &Json) -> Option<Duration> {
    let seconds = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
    Duration::try_from_secs_f64(seconds.max(0.0)).ok()
}

/// Whether a text is a code such as `invalid_grant`, which can be shown.
fn is_code(text: &str) -> bool {
    text.len() <= 40 && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(status: StatusCode, body: &str) -> String {
        read(status, &HeaderMap::new(), body.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn errors_tell_the_code_and_nothing_else() {
        let refused = r#"{"error": "invalid_grant", "error_description": "the token s3cret is unknown"}"#;
        let texts = [
            problem(StatusCode::BAD_REQUEST, refused),
            problem(StatusCode::BAD_REQUEST, r#"{"error": "S3cret is bad"}"#),
            problem(StatusCode::OK, r#"{"token": "s3cret"}"#),
            problem(StatusCode::OK, r#"{"access_token": "s3cret", "token_type": "mac"}"#),
            problem(StatusCode::BAD_GATEWAY, "s3cret"),
        ];
        assert_eq!(texts[0], "the token server answered 400 Bad Request: invalid_grant");
        assert_eq!(texts[1], "the token server answered 400 Bad Request");
        assert!(texts.iter().all(|text| !text.to_lowercase().contains("s3cret")), "{texts:?}");
    }

    #[test]
    fn times_are_read_however_they_are_written() {
        for (written, lifetime) in
            [("3600", Some(3600)), ("\"60\"", Some(60)), ("-1", Some(0)), ("null", None), ("1e300", None)]
        {
            let body = format!(r#"{{"access_token": "a", "token_type": "Bearer", "expires_in": {written}}}"#);
            let (token, refresh) = read(StatusCode::OK, &HeaderMap::new(), body.as_bytes()).unwrap();
            assert_eq!((token.lifetime, refresh), (lifetime.map(Duration::from_secs), None), "{written}");
        }
    }
}
