//! A request and its response, as a line of a recording has them.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::formats::Format as _;
use crate::recorded;
use crate::transport::{OperationInfo, SecretParams};

/// The headers of a response that are kept: those that speak of its body.
const KEPT_HEADERS: [&str; 8] =
    ["cache-control", "content-type", "date", "etag", "last-modified", "link", "location", "retry-after"];

/// Larger bodies of requests are left out: they are files.
const MAX_REQUEST_BODY: usize = 1 << 20;

/// A request and its response.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Exchange {
    pub(crate) operation_id: String,
    /// `query` or `mutation`.
    pub(crate) kind: String,
    pub(crate) method: String,
    pub(crate) path_template: String,
    #[serde(default)]
    pub(crate) path_params: Map<String, Json>,
    #[serde(default)]
    pub(crate) query: Map<String, Json>,
    #[serde(default)]
    pub(crate) body: Json,
    /// In microseconds since the recording's start.
    #[serde(default)]
    pub(crate) began_at: u64,
    #[serde(default)]
    pub(crate) ended_at: u64,
    /// `not_sent` or `lost`, where there was no response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) failed: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<u16>,
    #[serde(default)]
    pub(crate) response_headers: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) response_body: Json,
    /// In place of the body, where it is no JSON: text, or else base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) response_text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) response_base64: Option<String>,
    /// There was a body, which was too large, or not read to its end.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) response_left_out: bool,
}

impl Exchange {
    /// What a request asks, without headers and without the credentials of the client.
    pub(crate) fn of(request: &http::Request<Bytes>) -> Exchange {
        let operation = request.extensions().get::<OperationInfo>();
        let secrets = request.extensions().get::<SecretParams>();
        let template = operation.map_or("", OperationInfo::path_template);
        let mut query = recorded::pairs(request.uri().query().unwrap_or_default());
        for name in secrets.into_iter().flat_map(|secrets| secrets.0.iter()) {
            query.remove(&**name);
        }
        // What is in the template is in every request.
        for fixed in recorded::pairs(template.split_once('?').map_or("", |(_, query)| query)).keys() {
            query.remove(fixed);
        }
        let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let body = request.body();
        let small = body.len() <= MAX_REQUEST_BODY;
        let body = if small { recorded::body(body, content_type.unwrap_or_default()) } else { Json::Null };
        Exchange {
            operation_id: operation.map_or("", OperationInfo::id).to_owned(),
            kind: if operation.is_some_and(OperationInfo::is_query) { "query" } else { "mutation" }.to_owned(),
            method: request.method().as_str().to_owned(),
            path_template: template.to_owned(),
            path_params: path_params(request.uri().path(), template),
            query,
            body,
            ..Exchange::default()
        }
    }

    pub(super) fn answered(&mut self, parts: &http::response::Parts) {
        self.status = Some(parts.status.as_u16());
        for name in KEPT_HEADERS {
            let value = parts.headers.get(HeaderName::from_static(name)).and_then(|value| value.to_str().ok());
            self.response_headers.extend(value.map(|value| (name.to_owned(), value.to_owned())));
        }
    }

    pub(super) fn read(&mut self, body: Option<Bytes>) {
        let Some(body) = body else {
            self.response_left_out = true;
            return;
        };
        match (serde_json::from_slice(&body), std::str::from_utf8(&body)) {
            _ if body.is_empty() => {}
            (Ok(json), _) => self.response_body = json,
            (_, Ok(text)) => self.response_text = Some(text.to_owned()),
            _ => self.response_base64 = Some(body.to_vec().write()),
        }
    }

    /// The exchange without what is secret by its name.
    pub(super) fn hidden(self, names: &[String]) -> Exchange {
        let hide = |json| recorded::without(json, names);
        let hide_all = |members: Map<String, Json>| match hide(Json::Object(members)) {
            Json::Object(members) => members,
            _ => Map::new(),
        };
        Exchange {
            path_params: hide_all(self.path_params),
            query: hide_all(self.query),
            body: hide(self.body),
            response_body: hide(self.response_body),
            ..self
        }
    }
}

/// What the parameters of a template are in a path that ends as the template says.
fn path_params(path: &str, template: &str) -> Map<String, Json> {
    let template = template.split('?').next().unwrap_or_default();
    let mut params = Map::new();
    let segments = template.trim_matches('/').rsplit('/').zip(path.trim_matches('/').rsplit('/'));
    for (wanted, segment) in segments.filter(|(wanted, _)| wanted.contains('{')) {
        params.extend(segment_params(segment, wanted).unwrap_or_default());
    }
    params
}

/// What the parameters are in one segment; nothing where the two do not agree.
fn segment_params(segment: &str, wanted: &str) -> Option<Vec<(String, Json)>> {
    let mut found = Vec::new();
    let (mut wanted, mut rest) = (wanted, segment);
    while let Some((before, after)) = wanted.split_once('{') {
        let (name, after) = after.split_once('}')?;
        rest = rest.strip_prefix(before)?;
        // The text up to the next parameter, or to the end of the segment.
        let next = after.split('{').next().unwrap_or_default();
        let end = if next.is_empty() { rest.len() } else { rest.rfind(next)? };
        let value = percent_encoding::percent_decode_str(rest.get(..end)?).decode_utf8_lossy();
        found.push((name.to_owned(), Json::String(value.into_owned())));
        (wanted, rest) = (after, rest.get(end..)?);
    }
    (wanted == rest).then_some(found)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn args_are_found_in_the_path_below_any_base() {
        let table = [
            ("/v1/posts/7", "/posts/{id}", json!({ "id": "7" })),
            ("/v1/a%2Fb/x:copy", "/{owner}/{name}:copy", json!({ "owner": "a/b", "name": "x" })),
            ("/f/a.b.json", "/f/{name}.{kind}", json!({ "name": "a.b", "kind": "json" })),
            ("/posts", "/posts", json!({})),
            ("/posts/x", "/posts/{id}:copy", json!({})),
        ];
        for (path, template, params) in table {
            assert_eq!(Json::Object(path_params(path, template)), params, "{path} {template}");
        }
    }
}
